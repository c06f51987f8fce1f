//! What a configuration parameter is: one row of a table, and all that is done with it.
//!
//! ```text
//! Param::int("timeout", "0", 0, I32_MAX, at!(network.timeout_s))
//! Param::int("cluster-node-timeout", "15000", 0, I64_MAX, None).unused(NO_CLUSTER)
//! Param::bool("replica-lazy-flush", "no", at!(memory.lazyfree_replica_flush)).alias("slave-lazy-flush")
//! ```
//!
//! The kind says which texts are values and how a value is printed; the slot says where the value lives in [`Settings`], as a
//! pair of functions without a capture, so that a row is a constant. A row without a slot keeps its printed value in
//! [`Settings::unused`]: such a parameter is accepted, answered and rewritten, and acts on nothing.
//!
//! The defaults are texts too and stand only here: [`Settings::new`](super::Settings::new) gives every row its default. A
//! default that its own kind would refuse cannot ship, for a test reads them all.

use super::settings::Settings;
pub(super) use super::slot::at;
pub use super::slot::{Pick, Slot};
use super::value::{self, MemoryLimit, Reason};

pub(super) const I32_MAX: i64 = i32::MAX as i64;
pub(super) const I64_MAX: i64 = i64::MAX;
pub(super) const BYTES_MAX: u64 = i64::MAX as u64;

/// A parameter: its name, what its values are, and where the value lives.
#[derive(Debug)]
pub struct Param {
    pub name: &'static str,
    /// An older or an odder name for the same parameter; CONFIG GET answers both.
    pub alias: Option<&'static str>,
    pub default: &'static str,
    pub kind: Kind,
    pub flags: Flags,
    pub effect: Effect,
}

/// Who may see and change a parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent properties of a row, each read alone")]
pub struct Flags {
    /// Only the start sets it.
    pub immutable: bool,
    /// A secret: SLOWLOG, MONITOR and the log must not show its value.
    pub sensitive: bool,
    /// Changes only if `enable-protected-configs` allows it.
    pub protected: bool,
    /// Answered only when asked for by its exact name: a switch for tests.
    pub hidden: bool,
}

/// Whether setting a parameter does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Live,
    /// Accepted so that the files of other servers load; the text says why nothing follows.
    Unused(&'static str),
}

/// Sets a value from its words.
pub(super) type SetWords = fn(&mut Settings, &[&[u8]], Setting) -> Result<(), Reason>;

/// Which texts are values, and where a value lives.
#[derive(Debug)]
pub enum Kind {
    /// `yes` or `no`.
    Bool(Option<Slot<bool>>),
    Int {
        min: i64,
        max: i64,
        slot: Option<Slot<i64>>,
    },
    /// A number of bytes, with a unit on the way in.
    Memory {
        min: u64,
        max: u64,
        slot: Option<Slot<u64>>,
    },
    /// Bytes, or percent of `maxmemory`.
    MemoryOrPercent(Option<Slot<MemoryLimit>>),
    /// A file mode.
    Octal {
        max: u32,
        slot: Option<Slot<u32>>,
    },
    /// One of the names.
    Choice {
        names: &'static [&'static str],
        slot: Option<Slot<Pick>>,
    },
    /// Any of the names but the first, which stands for none.
    Several {
        names: &'static [&'static str],
        check: fn(u32) -> Result<(), Reason>,
    },
    /// One word of any bytes that `check` lets pass.
    Text {
        check: fn(&[u8]) -> Result<(), Reason>,
        slot: Option<Slot<Vec<u8>>>,
    },
    /// Words with a grammar of their own; nobody acts on them, so the printed form is all that is kept.
    Words {
        print: fn(&[&[u8]]) -> Result<String, Reason>,
        /// The words that set it to nothing.
        nothing: &'static [&'static str],
    },
    /// A grammar and a typed field of its own.
    Custom {
        words: Arity,
        get: fn(&Settings) -> Vec<u8>,
        set: SetWords,
    },
}

/// How many words a value of a grammar of its own has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    One,
    /// Any number, on one line.
    Many,
    /// Any number of groups of so many words; a line may hold one or several.
    Groups(usize),
}

/// On which occasion a value is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The default, before anything is read.
    Default,
    /// A directive at start; `first` of its name, for lists that grow line by line.
    Directive { first: bool },
    /// CONFIG SET.
    Runtime,
}

impl Param {
    const fn new(name: &'static str, default: &'static str, kind: Kind) -> Self {
        let flags = Flags { immutable: false, sensitive: false, protected: false, hidden: false };
        Self { name, alias: None, default, kind, flags, effect: Effect::Live }
    }

    pub(super) const fn bool(name: &'static str, default: &'static str, slot: Option<Slot<bool>>) -> Self {
        Self::new(name, default, Kind::Bool(slot))
    }

    pub(super) const fn int(
        name: &'static str,
        default: &'static str,
        min: i64,
        max: i64,
        slot: Option<Slot<i64>>,
    ) -> Self {
        Self::new(name, default, Kind::Int { min, max, slot })
    }

    pub(super) const fn memory(
        name: &'static str,
        default: &'static str,
        min: u64,
        max: u64,
        slot: Option<Slot<u64>>,
    ) -> Self {
        Self::new(name, default, Kind::Memory { min, max, slot })
    }

    pub(super) const fn choice(
        name: &'static str,
        default: &'static str,
        names: &'static [&'static str],
        slot: Option<Slot<Pick>>,
    ) -> Self {
        Self::new(name, default, Kind::Choice { names, slot })
    }

    pub(super) const fn text(name: &'static str, default: &'static str, slot: Option<Slot<Vec<u8>>>) -> Self {
        Self::checked(name, default, |_| Ok(()), slot)
    }

    pub(super) const fn checked(
        name: &'static str,
        default: &'static str,
        check: fn(&[u8]) -> Result<(), Reason>,
        slot: Option<Slot<Vec<u8>>>,
    ) -> Self {
        Self::new(name, default, Kind::Text { check, slot })
    }

    pub(super) const fn of(name: &'static str, default: &'static str, kind: Kind) -> Self {
        Self::new(name, default, kind)
    }

    pub(super) const fn alias(mut self, alias: &'static str) -> Self {
        self.alias = Some(alias);
        self
    }

    pub(super) const fn immutable(mut self) -> Self {
        self.flags.immutable = true;
        self
    }

    pub(super) const fn sensitive(mut self) -> Self {
        self.flags.sensitive = true;
        self
    }

    pub(super) const fn protected(mut self) -> Self {
        self.flags.protected = true;
        self
    }

    pub(super) const fn hidden(mut self) -> Self {
        self.flags.hidden = true;
        self
    }

    pub(super) const fn unused(mut self, why: &'static str) -> Self {
        self.effect = Effect::Unused(why);
        self
    }

    /// The value in `settings`, as CONFIG GET answers it.
    #[must_use]
    pub fn get(&self, settings: &Settings) -> Vec<u8> {
        let text = match &self.kind {
            Kind::Bool(Some(slot)) => value::format_bool((slot.get)(settings)).to_owned(),
            Kind::Int { slot: Some(slot), .. } => (slot.get)(settings).to_string(),
            Kind::Memory { slot: Some(slot), .. } => (slot.get)(settings).to_string(),
            Kind::MemoryOrPercent(Some(slot)) => value::format_memory_limit((slot.get)(settings)),
            Kind::Octal { slot: Some(slot), .. } => format!("{:o}", (slot.get)(settings)),
            Kind::Choice { names, slot: Some(slot) } => {
                names.get((slot.get)(settings).0).copied().unwrap_or_default().to_owned()
            }
            Kind::Text { slot: Some(slot), .. } => return (slot.get)(settings),
            Kind::Custom { get, .. } => return get(settings),
            Kind::Bool(None)
            | Kind::Int { slot: None, .. }
            | Kind::Memory { slot: None, .. }
            | Kind::MemoryOrPercent(None)
            | Kind::Octal { slot: None, .. }
            | Kind::Choice { slot: None, .. }
            | Kind::Several { .. }
            | Kind::Text { slot: None, .. }
            | Kind::Words { .. } => {
                return settings.unused.get(self.name).cloned().unwrap_or_else(|| self.default.into());
            }
        };
        text.into_bytes()
    }

    /// Sets the value to `words`. A failure changes nothing.
    ///
    /// # Errors
    ///
    /// Why the words are not a value of this parameter.
    pub(super) fn set(&self, settings: &mut Settings, words: &[&[u8]], setting: Setting) -> Result<(), Reason> {
        let split;
        let words = match words {
            // `save "900 1"`, `--save '900 1'` and CONFIG SET: one word holds the list.
            [list] if self.takes_many() => {
                split = list.split(|&byte| byte == b' ').collect::<Vec<_>>();
                split.as_slice()
            }
            words if self.takes_many() => words,
            [_] => words,
            _ => return Err(value::WRONG_ARITY),
        };
        let word = words.first().copied().unwrap_or_default();
        match &self.kind {
            Kind::Bool(slot) => {
                let on = value::parse_bool(word)?;
                self.put(settings, slot.as_ref(), on, |on| value::format_bool(on).into());
            }
            Kind::Int { min, max, slot } => {
                let int = value::parse_int(word, *min, *max)?;
                self.put(settings, slot.as_ref(), int, |int| int.to_string().into());
            }
            Kind::Memory { min, max, slot } => {
                let bytes = value::parse_memory(word, *min, *max)?;
                self.put(settings, slot.as_ref(), bytes, |bytes| bytes.to_string().into());
            }
            Kind::MemoryOrPercent(slot) => {
                let limit = value::parse_memory_or_percent(word)?;
                self.put(settings, slot.as_ref(), limit, |limit| value::format_memory_limit(limit).into());
            }
            Kind::Octal { max, slot } => {
                let mode = value::parse_octal(word, *max)?;
                self.put(settings, slot.as_ref(), mode, |mode| format!("{mode:o}").into());
            }
            Kind::Choice { names, slot } => {
                let pick = Pick(value::parse_choice(word, names)?);
                self.put(settings, slot.as_ref(), pick, |pick| names[pick.0].into());
            }
            Kind::Several { names, check } => {
                let bits = value::parse_flags(words, names)?;
                check(bits)?;
                self.keep(settings, value::format_flags(bits, names).into_bytes());
            }
            Kind::Text { check, slot } => {
                check(word)?;
                self.put(settings, slot.as_ref(), word.to_vec(), |text| text);
            }
            Kind::Words { print, .. } => {
                let text = print(words)?;
                self.keep(settings, text.into_bytes());
            }
            Kind::Custom { set, .. } => set(settings, words, setting)?,
        }
        Ok(())
    }

    fn put<T>(&self, settings: &mut Settings, slot: Option<&Slot<T>>, value: T, print: impl FnOnce(T) -> Vec<u8>) {
        match slot {
            Some(slot) => (slot.set)(settings, value),
            None => self.keep(settings, print(value)),
        }
    }

    fn keep(&self, settings: &mut Settings, text: Vec<u8>) {
        if text == self.default.as_bytes() {
            settings.unused.remove(self.name);
        } else {
            settings.unused.insert(self.name, text);
        }
    }

    /// Whether the value lives in a field, rather than as a text.
    pub(super) const fn has_field(&self) -> bool {
        match &self.kind {
            Kind::Bool(slot) => slot.is_some(),
            Kind::Int { slot, .. } => slot.is_some(),
            Kind::Memory { slot, .. } => slot.is_some(),
            Kind::MemoryOrPercent(slot) => slot.is_some(),
            Kind::Octal { slot, .. } => slot.is_some(),
            Kind::Choice { slot, .. } => slot.is_some(),
            Kind::Text { slot, .. } => slot.is_some(),
            Kind::Several { .. } | Kind::Words { .. } => false,
            Kind::Custom { .. } => true,
        }
    }

    /// Whether the value is a list of words.
    pub(super) const fn takes_many(&self) -> bool {
        matches!(
            self.kind,
            Kind::Custom { words: Arity::Many | Arity::Groups(_), .. } | Kind::Several { .. } | Kind::Words { .. }
        )
    }

    /// How many words a line holds, if the value is written over several lines.
    pub(super) const fn words_per_line(&self) -> Option<usize> {
        if let Kind::Custom { words: Arity::Groups(size), .. } = self.kind { Some(size) } else { None }
    }

    /// Both names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [Some(self.name), self.alias].into_iter().flatten()
    }
}
