//! What happens to keys beneath any command: one is missed, created, overwritten. Recorded where it happens, so that no handler can
//! forget it, and told as keyspace events by the server.
//!
//! Measured on Redis 8.0.6: `new` comes before the command's own event, key by key, also for a key that RENAME or COPY puts in the place of
//! another; `keymiss` comes exactly where `keyspace_misses` counts. `overwritten` and `type_changed` (Redis 8.2) come first too, but for
//! what is put in the place of another as a whole entry (RENAME, COPY, RESTORE): then they come last. The latter is said by release
//! notes of a server that was compared with 8.10; Redis's documentation names the events and no order.

use thin_vec::ThinVec;

use crate::Key;
use crate::db::Db;

/// Something that happened to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEvent {
    /// A reader did not find it.
    Missed,
    Created,
    /// Its value was thrown away for another.
    Overwritten,
    /// The other is of another type.
    TypeChanged,
    /// It is there, but for its deadline, and counted as missing. No event of a client's: who repeats the command must find it missing too.
    FoundExpired,
}

/// Which of them somebody listens to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyEvents(u8);

impl KeyEvents {
    pub const NONE: Self = Self(0);
    /// All that are events to clients.
    pub const ALL: Self = Self(0b1111);

    /// These, and `event` if `wanted`.
    #[must_use]
    pub const fn with(self, event: KeyEvent, wanted: bool) -> Self {
        if wanted { Self(self.0 | 1 << event as u8) } else { self }
    }

    #[must_use]
    pub const fn contains(self, event: KeyEvent) -> bool {
        self.0 & 1 << event as u8 != 0
    }
}

/// A key to which something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub event: KeyEvent,
    pub db: usize,
    pub key: Box<[u8]>,
}

impl Db<'_> {
    /// From now on, keeps what happens to keys, of these kinds.
    pub const fn record_key_events(&mut self, events: KeyEvents) {
        self.listens = events;
    }

    /// What has happened since it was asked last, in order.
    pub fn take_happened(&self) -> ThinVec<Happened> {
        self.happened.take()
    }

    /// As [`Self::take_happened`], with what is to be told after everything else.
    pub fn take_all_happened(&mut self) -> ThinVec<Happened> {
        let mut all = self.happened.take();
        all.append(&mut self.happened_last);
        all
    }

    pub(crate) fn happens(&self, event: KeyEvent, key: Key<'_>) {
        if self.listens.contains(event) {
            self.happened.borrow_mut().push(Happened { event, db: self.index, key: Box::from(key.bytes()) });
        }
    }

    /// A value was set: what there was before, if anything, and what there is.
    pub(crate) fn tell_set(&self, key: Key<'_>, before: Option<value::Type>, after: value::Type) {
        match before {
            None => self.happens(KeyEvent::Created, key),
            Some(before) => {
                self.happens(KeyEvent::Overwritten, key);
                if before != after {
                    self.happens(KeyEvent::TypeChanged, key);
                }
            }
        }
    }

    /// An entry was put in the place of what there was before, if anything.
    pub(crate) fn tell_put(&mut self, key: Key<'_>, before: Option<value::Type>, after: value::Type) {
        self.happens(KeyEvent::Created, key);
        let Some(before) = before else { return };
        let changed = (before != after).then_some(KeyEvent::TypeChanged);
        for event in [KeyEvent::Overwritten].into_iter().chain(changed) {
            if self.listens.contains(event) {
                self.happened_last.push(Happened { event, db: self.index, key: Box::from(key.bytes()) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use stdx::UnixMs;
    use value::{List, ListEnd, StringRef};

    use super::*;
    use crate::{AccessClock, Edit, Keyspace, Ttl, WrongType};

    fn told(keyspace: &Keyspace, now_ms: i64, work: impl FnOnce(&mut Db<'_>, Key<'_>, Key<'_>)) -> String {
        let mut turn = keyspace.enter(0);
        let now = UnixMs(now_ms);
        let mut db = Db::new(turn.lock_all(), 0, now, AccessClock::Lru { now }, true, 0);
        db.record_key_events(KeyEvents::ALL);
        let key = |name| Key::with_hash(name, keyspace.hasher().hash(name));
        work(&mut db, key(b"k"), key(b"other"));
        let happened = db.take_all_happened();
        let text = |it: &Happened| format!("{:?}:{}", it.event, String::from_utf8_lossy(&it.key));
        happened.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    fn push(db: &mut Db<'_>, key: Key<'_>) -> Result<(), WrongType> {
        let limits = value::EncodingLimits::default();
        db.upsert(key, |list: &mut Edit<'_, List>| {
            list.push(ListEnd::Left, std::iter::once(&b"x"[..]), &limits);
            list.changed(1);
            Ok(())
        })
        .map(|_| ())
    }

    #[test]
    fn each_way_of_writing_says_whether_the_key_is_new() {
        let keyspace = Keyspace::new(1, 1, [7; 16]);
        let set = |db: &mut Db<'_>, key: Key<'_>| db.set_string(key, StringRef::Int(1), Ttl::At(UnixMs(10)));
        let add = |db: &mut Db<'_>, key: Key<'_>| {
            db.update_string(key, |_| Ok::<_, WrongType>((StringRef::Int(5), ()))).unwrap();
        };
        let edit = |db: &mut Db<'_>, key: Key<'_>| db.edit_string(key, 3, |_| ()).unwrap();
        assert_eq!(told(&keyspace, 0, |db, k, _| set(db, k)), "Created:k");
        assert_eq!(told(&keyspace, 0, |db, k, _| set(db, k)), "Overwritten:k");
        assert_eq!(told(&keyspace, 0, |db, k, _| add(db, k)), "");
        assert_eq!(told(&keyspace, 11, |db, k, _| set(db, k)), "Created:k", "what has expired is not overwritten");
        assert_eq!(told(&keyspace, 11, |db, k, _| add(db, k)), "Created:k");
        assert_eq!(told(&keyspace, 11, |db, k, _| edit(db, k)), "");
        assert_eq!(told(&keyspace, 11, |db, _, other| edit(db, other)), "Created:other");
        assert_eq!(told(&keyspace, 11, |db, k, _| assert!(db.remove(k))), "");
        assert_eq!(told(&keyspace, 11, |db, k, _| push(db, k).unwrap()), "Created:k");
        assert_eq!(told(&keyspace, 11, |db, k, _| push(db, k).unwrap()), "");
        assert_eq!(told(&keyspace, 11, |db, _, other| assert_eq!(push(db, other), Err(WrongType))), "");
        assert_eq!(told(&keyspace, 11, |db, k, _| set(db, k)), "Overwritten:k TypeChanged:k");
    }

    #[test]
    fn what_is_carried_over_another_says_so_last() {
        let keyspace = Keyspace::new(1, 1, [7; 16]);
        told(&keyspace, 0, |db, k, _| db.set_string(k, StringRef::Int(1), Ttl::Clear));
        told(&keyspace, 0, |db, _, other| push(db, other).unwrap());
        let carry = |db: &mut Db<'_>, k: Key<'_>, other: Key<'_>| {
            assert!(db.carry(k, 0, other));
            assert!(db.lookup(k).is_none());
        };
        assert_eq!(told(&keyspace, 0, carry), "Created:other Missed:k Overwritten:other TypeChanged:other");
    }
}
