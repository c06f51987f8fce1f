//! The small form with deadlines: field, value, deadline in turn, the earliest deadline first, fields without one (0) last.
//!
//! ```text
//! HSET h a 1 b 2; HPEXPIREAT h 1767225600123 FIELDS 1 b
//!
//! 81 62 02 | 02 01 | f4 7b 58 .. 01 00 00 09 | 81 61 02 | 01 01 | 00 01 | ff
//! b          2       1767225600123             a          1       none
//! ```

use pack::{Element, Listpack, Position};
use stdx::UnixMs;

use super::entries::Entry;
use super::fields::FieldTtl;
use super::pairs::Pairs;

/// Fields, values and deadlines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Triples(pub(super) Listpack);

/// What stands for no deadline.
const NONE: Element<'static> = Element::Int(0);

impl From<&Pairs> for Triples {
    fn from(pairs: &Pairs) -> Self {
        let mut triples = Listpack::with_capacity(pairs.0.byte_len() + pairs.len() * NONE.encoded_len());
        for (field, value) in pairs.0.pairs() {
            triples.push(field);
            triples.push(value);
            triples.push(NONE);
        }
        Self(triples)
    }
}

impl Triples {
    pub(super) fn len(&self) -> usize {
        self.0.len() / 3
    }

    fn find(&self, field: &[u8]) -> Option<Position> {
        self.0.find(field, 2)
    }

    pub(super) fn get(&self, field: &[u8]) -> Option<(Element<'_>, Option<UnixMs>)> {
        let entry = entry_at(&self.0, self.find(field)?)?;
        Some((entry.value, entry.deadline))
    }

    /// The earliest deadline.
    pub(super) fn wake_at(&self) -> Option<UnixMs> {
        entry_at(&self.0, self.0.start())?.deadline
    }

    /// Returns whether the field is new.
    pub(super) fn set(&mut self, field: &[u8], value: &[u8], ttl: FieldTtl) -> bool {
        let Some(at) = self.find(field) else {
            self.add(field, value, ttl.deadline(None));
            return true;
        };
        let before = entry_at(&self.0, at).and_then(|entry| entry.deadline);
        let after = ttl.deadline(before);
        let stays = matches!(ttl, FieldTtl::Keep) || (before.is_none() && after.is_none());
        match self.0.next(at) {
            Some(value_at) if stays => {
                self.0.replace(value_at, value);
            }
            _ => {
                self.0.remove_from(at, 3);
                self.add(field, value, after);
            }
        }
        false
    }

    /// Returns whether the field is there.
    pub(super) fn set_deadline(&mut self, field: &[u8], deadline: Option<UnixMs>) -> bool {
        let Some(at) = self.find(field) else { return false };
        let Some(entry) = entry_at(&self.0, at) else { return false };
        if deadline.is_some() || entry.deadline.is_some() {
            let value = entry.value.to_vec();
            self.0.remove_from(at, 3);
            self.add(field, &value, deadline);
        }
        true
    }

    pub(super) fn remove(&mut self, field: &[u8]) -> bool {
        let Some(at) = self.find(field) else { return false };
        self.0.remove_from(at, 3);
        true
    }

    /// Removes up to `max` fields whose deadline has passed, `taken` being told each.
    pub(super) fn take_due(&mut self, now: UnixMs, max: usize, taken: &mut dyn FnMut(&[u8])) -> usize {
        let mut count = 0;
        for entry in super::entries::triples(&self.0).take(max).take_while(|entry| !entry.is_live(now)) {
            taken(entry.field.bytes(&mut stdx::num::IntText::new()));
            count += 1;
        }
        self.0.remove_from(self.0.start(), count * 3);
        count
    }

    /// Adds a field that is not there: in front of the first that does not expire earlier.
    fn add(&mut self, field: &[u8], value: &[u8], deadline: Option<UnixMs>) {
        let Some(deadline) = deadline else {
            self.0.push(field);
            self.0.push(value);
            self.0.push(NONE);
            return;
        };
        let mut place = self.0.end();
        let mut at = self.0.start();
        while let Some(entry) = entry_at(&self.0, at) {
            if entry.deadline.is_none_or(|other| other >= deadline) {
                place = at;
                break;
            }
            let next = self.0.next(at).and_then(|value| self.0.next(value)).and_then(|ttl| self.0.next(ttl));
            let Some(next) = next else { break };
            at = next;
        }
        // Back to front, each in front of the one before.
        self.0.insert(place, Element::Int(deadline.0));
        self.0.insert(place, value);
        self.0.insert(place, field);
    }
}

/// The triple that begins at `at`.
fn entry_at(listpack: &Listpack, at: Position) -> Option<Entry<'_>> {
    super::entries::next_triple(&mut listpack.iter_from(at))
}
