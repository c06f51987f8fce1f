//! What a command tells the rest of the server, recorded while it runs and applied once, after it succeeded.
//!
//! The AOF, replicas, keyspace events and the dirty counter are fed from here by one function of the server, so they cannot
//! disagree. Touched keys (WATCH, tracking, blocked clients) are recorded by the keyspace itself, where no handler can forget
//! them. Records are written only when somebody listens ([`Interest`]): a lone cache without an AOF pays two branches.

use std::ops::Range;

use keyspace::{Happened, KeyEvent};
use rdb::Dialect;

/// Classes of keyspace events, as `notify-keyspace-events` letters select them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Generic,
    String,
    List,
    Set,
    Hash,
    SortedSet,
    Stream,
    Array,
    Expired,
    Evicted,
    New,
    KeyMiss,
    Overwritten,
    TypeChanged,
}

/// Who listens; the server sets it when configuration or subscribers change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Keyspace events are published.
    pub events: bool,
    /// And of which fields they tell.
    pub parts: bool,
    /// An AOF or a replica takes the commands.
    pub propagation: bool,
}

/// Who takes a command that is propagated.
///
/// ```
/// use command_api::Targets;
/// assert!(Targets::ALL.intersect(Targets::AOF).meets(Targets::AOF));
/// assert!(!Targets::REPLICAS.meets(Targets::AOF));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets(u8);

impl Targets {
    pub const NONE: Self = Self(0);
    pub const AOF: Self = Self(1);
    pub const REPLICAS: Self = Self(2);
    pub const ALL: Self = Self(3);

    /// Those that are in both.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether some are in both.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// One thing to tell. Names and arguments lie in the arena of its [`Effects`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    Notify {
        class: Event,
        name: &'static str,
        db: usize,
        key: Range<usize>,
    },
    /// Which parts of the key's value an event is about: a hash's fields.
    NotifyParts {
        class: Event,
        name: &'static str,
        db: usize,
        key: Range<usize>,
        parts: Vec<Range<usize>>,
    },
    /// A key that the command counted as missing since its time has passed, and that is not removed yet.
    FoundExpired {
        db: usize,
        key: Range<usize>,
    },
    /// A command to propagate instead of, or after, the one the client sent.
    Command {
        db: usize,
        args: Vec<Range<usize>>,
    },
}

/// What a value lost on its way out of the server, or into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The dialect has no place for it.
    NotWritten { dialect: Dialect, what: &'static str },
    /// What modules noted of the key, so many pieces, was in the payload.
    Metadata { pieces: u64 },
}

/// A key whose value lost something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduced {
    pub db: usize,
    pub key: Box<[u8]>,
    pub loss: Loss,
}

/// The effects of one command.
#[derive(Debug, Default)]
pub struct Effects {
    interest: Interest,
    arena: Vec<u8>,
    records: Vec<Record>,
    verbatim: bool,
    /// Told to the log, whoever listens.
    reduced: Vec<Reduced>,
    /// Who takes the client's own words although nothing changed.
    forced: Targets,
}

impl Effects {
    #[must_use]
    pub fn new() -> Self {
        Self { verbatim: true, ..Self::default() }
    }

    /// Forgets everything and listens for `interest`. Keeps its memory up to a bound, so that a warm server allocates nothing.
    pub fn begin(&mut self, interest: Interest) {
        const KEEP_BYTES: usize = 64 * 1024;
        self.interest = interest;
        self.verbatim = true;
        self.forced = Targets::NONE;
        if !self.records.is_empty() {
            self.records.clear();
            self.arena.clear();
            self.arena.shrink_to(KEEP_BYTES);
            self.records.shrink_to(KEEP_BYTES / size_of::<Record>());
        }
    }

    /// The value of `key` of database `db` lost something: the log tells.
    pub fn reduce(&mut self, db: usize, key: &[u8], loss: Loss) {
        self.reduced.push(Reduced { db, key: key.into(), loss });
    }

    /// What values lost since this was last asked.
    pub fn take_reduced(&mut self) -> Vec<Reduced> {
        std::mem::take(&mut self.reduced)
    }

    /// A keyspace event: `name` happened to `key` of database `db`.
    pub fn notify(&mut self, class: Event, name: &'static str, db: usize, key: &[u8]) {
        if self.interest.events {
            let key = self.keep(key);
            self.records.push(Record::Notify { class, name, db, key });
        }
    }

    /// The parts that an event is about, if there are any.
    pub fn notify_parts<'p>(
        &mut self,
        class: Event,
        name: &'static str,
        db: usize,
        key: &[u8],
        parts: impl IntoIterator<Item = &'p [u8]>,
    ) {
        if self.interest.parts {
            let key = self.keep(key);
            let parts: Vec<_> = parts.into_iter().map(|part| self.keep(part)).collect();
            if !parts.is_empty() {
                self.records.push(Record::NotifyParts { class, name, db, key, parts });
            }
        }
    }

    /// A keyspace event for what happened to a key whatever the command.
    pub fn notify_happened(&mut self, happened: &Happened) {
        let (class, name) = match happened.event {
            KeyEvent::Missed => (Event::KeyMiss, "keymiss"),
            KeyEvent::Created => (Event::New, "new"),
            KeyEvent::Overwritten => (Event::Overwritten, "overwritten"),
            KeyEvent::TypeChanged => (Event::TypeChanged, "type_changed"),
            KeyEvent::FoundExpired => {
                if self.interest.propagation {
                    let key = self.keep(&happened.key);
                    self.records.push(Record::FoundExpired { db: happened.db, key });
                }
                return;
            }
        };
        self.notify(class, name, happened.db, &happened.key);
    }

    /// Propagates `args` instead of the command as the client sent it: relative times made absolute, random choices made fixed.
    /// May be called several times; the commands follow each other.
    pub fn propagate_as(&mut self, db: usize, args: &[&[u8]]) {
        self.verbatim = false;
        self.also_propagate(db, args);
    }

    /// Propagates nothing for this command although it changed something.
    pub const fn propagate_nothing(&mut self) {
        self.verbatim = false;
    }

    /// Propagates the client's own words to `targets` although the command changes no data: PUBLISH.
    pub const fn propagate_message(&mut self, targets: Targets) {
        self.forced = targets;
    }

    /// Propagates `args` besides the command itself.
    pub fn also_propagate(&mut self, db: usize, args: &[&[u8]]) {
        if self.interest.propagation {
            let args = args.iter().map(|arg| self.keep(arg)).collect();
            self.records.push(Record::Command { db, args });
        }
    }

    /// Whether the client's own words are to be propagated, provided that the command changed something.
    #[must_use]
    pub const fn propagates_verbatim(&self) -> bool {
        self.verbatim
    }

    /// Who takes the client's own words although nothing changed.
    #[must_use]
    pub const fn message_targets(&self) -> Targets {
        self.forced
    }

    #[must_use]
    pub const fn interest(&self) -> Interest {
        self.interest
    }

    /// What was recorded, in order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The bytes that a record's range stands for.
    #[must_use]
    pub fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.arena.get(range.clone()).unwrap_or_default()
    }

    fn keep(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.arena.len();
        self.arena.extend_from_slice(bytes);
        start..self.arena.len()
    }
}
