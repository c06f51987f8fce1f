//! Key specs: how to tell which arguments are keys, and what the command does with each.
//!
//! A spec says where keys begin (at an index, or after a keyword) and how to go on from there (a range with a step, or a count
//! that an argument gives). See the command key specifications page of the documentation. The words here are those of
//! COMMAND INFO, so that a spec can be checked against it field by field.

use resp::Argv;

/// What a command does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyFlags(u16);

impl KeyFlags {
    pub const NONE: Self = Self(0);
    pub const RO: Self = Self(1 << 0);
    pub const RW: Self = Self(1 << 1);
    pub const OW: Self = Self(1 << 2);
    pub const RM: Self = Self(1 << 3);
    pub const ACCESS: Self = Self(1 << 4);
    pub const UPDATE: Self = Self(1 << 5);
    pub const INSERT: Self = Self(1 << 6);
    pub const DELETE: Self = Self(1 << 7);
    pub const NOT_KEY: Self = Self(1 << 8);
    pub const INCOMPLETE: Self = Self(1 << 9);
    pub const VARIABLE_FLAGS: Self = Self(1 << 10);

    /// The flags with their names, in COMMAND INFO's order.
    pub const NAMES: &'static [(Self, &'static str)] = &[
        (Self::RO, "RO"),
        (Self::RW, "RW"),
        (Self::OW, "OW"),
        (Self::RM, "RM"),
        (Self::ACCESS, "access"),
        (Self::UPDATE, "update"),
        (Self::INSERT, "insert"),
        (Self::DELETE, "delete"),
        (Self::NOT_KEY, "not_key"),
        (Self::INCOMPLETE, "incomplete"),
        (Self::VARIABLE_FLAGS, "variable_flags"),
    ];

    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags set, in COMMAND INFO's order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(flag, _)| self.contains(*flag)).map(|(_, name)| *name)
    }
}

/// Where keys begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// At this argument.
    Index(u32),
    /// After this word; the search starts at the index, or from the end backwards when it is negative.
    Keyword { word: &'static str, start_from: i32 },
    /// Only an extractor knows.
    Unknown,
}

/// How keys go on from where they begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Find {
    /// To `last` (relative to the first key; negative: from the end) in steps; `limit` n > 1: only the first 1/n of the rest.
    Range { last: i32, step: u32, limit: u32 },
    /// As many as the argument at `count` says, from `first` on; both relative to where keys begin.
    KeyNum { count: u32, first: u32, step: u32 },
    /// Only an extractor knows.
    Unknown,
}

/// One key of a command's arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPosition {
    /// Index into the arguments; 0 is the name.
    pub index: u32,
    pub flags: KeyFlags,
}

/// Why the keys could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeysError {
    /// The arguments break the command's syntax.
    Invalid,
}

/// Finds the keys of a command that no [`KeySpec`] describes.
pub type KeyExtractor = fn(Argv<'_>, &mut Vec<KeyPosition>) -> Result<(), KeysError>;

/// One rule that finds keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySpec {
    pub begin: Begin,
    pub find: Find,
    pub flags: KeyFlags,
    /// A remark that COMMAND INFO shows; empty for none.
    pub notes: &'static str,
}

impl KeySpec {
    /// One key at argument `index`.
    #[must_use]
    pub const fn index(index: u32) -> Self {
        Self {
            begin: Begin::Index(index),
            find: Find::Range { last: 0, step: 1, limit: 0 },
            flags: KeyFlags::NONE,
            notes: "",
        }
    }

    /// One key after `word`, looked for from argument `start_from` on (negative: from the end backwards).
    #[must_use]
    pub const fn keyword(word: &'static str, start_from: i32) -> Self {
        Self { begin: Begin::Keyword { word, start_from }, ..Self::index(0) }
    }

    /// Keys that only an extractor can find.
    #[must_use]
    pub const fn unknown() -> Self {
        Self { begin: Begin::Unknown, find: Find::Unknown, ..Self::index(0) }
    }

    /// Keys up to `last`, every `step`th argument.
    #[must_use]
    pub const fn range(mut self, last: i32, step: u32, limit: u32) -> Self {
        self.find = Find::Range { last, step, limit };
        self
    }

    /// As many keys as an argument says.
    #[must_use]
    pub const fn keynum(mut self, count: u32, first: u32, step: u32) -> Self {
        self.find = Find::KeyNum { count, first, step };
        self
    }

    /// A key that begins at a known place but whose end only an extractor can find.
    #[must_use]
    pub const fn find_unknown(mut self) -> Self {
        self.find = Find::Unknown;
        self
    }

    #[must_use]
    pub const fn notes(mut self, notes: &'static str) -> Self {
        self.notes = notes;
        self
    }

    #[must_use]
    pub const fn flag(mut self, flag: KeyFlags) -> Self {
        self.flags = self.flags.union(flag);
        self
    }

    #[must_use]
    pub const fn ro(self) -> Self {
        self.flag(KeyFlags::RO)
    }

    #[must_use]
    pub const fn rw(self) -> Self {
        self.flag(KeyFlags::RW)
    }

    #[must_use]
    pub const fn ow(self) -> Self {
        self.flag(KeyFlags::OW)
    }

    #[must_use]
    pub const fn rm(self) -> Self {
        self.flag(KeyFlags::RM)
    }

    #[must_use]
    pub const fn access(self) -> Self {
        self.flag(KeyFlags::ACCESS)
    }

    #[must_use]
    pub const fn update(self) -> Self {
        self.flag(KeyFlags::UPDATE)
    }

    #[must_use]
    pub const fn insert(self) -> Self {
        self.flag(KeyFlags::INSERT)
    }

    #[must_use]
    pub const fn delete(self) -> Self {
        self.flag(KeyFlags::DELETE)
    }

    #[must_use]
    pub const fn not_key(self) -> Self {
        self.flag(KeyFlags::NOT_KEY)
    }

    #[must_use]
    pub const fn incomplete(self) -> Self {
        self.flag(KeyFlags::INCOMPLETE)
    }

    #[must_use]
    pub const fn variable_flags(self) -> Self {
        self.flag(KeyFlags::VARIABLE_FLAGS)
    }

    /// Whether COMMAND's old first/last/step triple can describe the keys.
    #[must_use]
    pub const fn is_plain_range(&self) -> bool {
        matches!((self.begin, self.find), (Begin::Index(_), Find::Range { .. }))
    }

    /// Appends the positions of this spec's keys.
    ///
    /// # Errors
    /// When a count is no number or promises more keys than there are arguments, or a range does not fit.
    pub fn find(&self, argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
        let Some(first) = self.begins_at(argv)? else { return Ok(()) };
        let (first, end, step) = match self.find {
            Find::Range { last, step, limit } => (first, range_end(argv.len(), first, last, limit), step),
            Find::KeyNum { count, first: offset, step } => {
                let text = argv.get(first + count as usize).ok_or(KeysError::Invalid)?;
                let count = stdx::num::parse_i64(text).and_then(|count| usize::try_from(count).ok());
                let count = count.ok_or(KeysError::Invalid)?;
                let first = first + offset as usize;
                let end = count.checked_mul(step as usize).and_then(|span| span.checked_add(first));
                // The step's last stretch may be cut: what follows the last key is not needed to tell the keys.
                let last = end.map(|end| end.saturating_sub(step as usize));
                match (end, last) {
                    (Some(end), Some(last)) if count == 0 || last < argv.len() => (first, end.min(argv.len()), step),
                    _ => return Err(KeysError::Invalid),
                }
            }
            Find::Unknown => return Ok(()),
        };
        for index in (first..end).step_by(step.max(1) as usize) {
            let index = u32::try_from(index).map_err(|_| KeysError::Invalid)?;
            out.push(KeyPosition { index, flags: self.flags });
        }
        Ok(())
    }

    fn begins_at(&self, argv: Argv<'_>) -> Result<Option<usize>, KeysError> {
        match self.begin {
            Begin::Index(index) if (index as usize) < argv.len() => Ok(Some(index as usize)),
            // A range up to the last argument may be empty: PFMERGE without sources.
            Begin::Index(index)
                if index as usize == argv.len() && matches!(self.find, Find::Range { last: ..0, .. }) =>
            {
                Ok(None)
            }
            Begin::Index(_) => Err(KeysError::Invalid),
            Begin::Keyword { word, start_from } => {
                let is_word =
                    |&index: &usize| argv.get(index).is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()));
                let offset = start_from.unsigned_abs() as usize;
                let found = if start_from < 0 {
                    (1..argv.len().saturating_sub(offset - 1)).rev().find(is_word)
                } else {
                    (offset..argv.len()).find(is_word)
                };
                Ok(found.map(|index| index + 1).filter(|index| *index < argv.len()))
            }
            Begin::Unknown => Ok(None),
        }
    }
}

/// One past the last argument that a range covers.
fn range_end(argc: usize, first: usize, last: i32, limit: u32) -> usize {
    let distance = last.unsigned_abs() as usize;
    let end = if last >= 0 {
        first + distance + 1
    } else if limit > 1 {
        first + (argc - first) / limit as usize
    } else {
        (argc + 1).saturating_sub(distance)
    };
    end.min(argc)
}

#[cfg(test)]
mod tests {
    use resp::Span;

    use super::*;

    fn keys_of(spec: KeySpec, line: &str) -> Result<Vec<u32>, KeysError> {
        let mut spans = Vec::new();
        let mut start = 0;
        for word in line.split(' ') {
            let len = u32::try_from(word.len()).unwrap();
            spans.push(Span { start, len });
            start += len + 1;
        }
        let mut out = Vec::new();
        spec.find(Argv::new(line.as_bytes(), &spans), &mut out)?;
        Ok(out.into_iter().map(|key| key.index).collect())
    }

    #[test]
    fn key_specs_find_their_keys() {
        let all = KeySpec::index(1).range(-1, 1, 0);
        let pairs = KeySpec::index(1).range(-1, 2, 0);
        let streams = KeySpec::keyword("STREAMS", 1).range(-1, 1, 2);
        let counted = KeySpec::index(2).keynum(0, 1, 1);
        let store = KeySpec::keyword("STORE", -2);
        type Case = (KeySpec, &'static str, Result<&'static [u32], KeysError>);
        let cases: &[Case] = &[
            (KeySpec::index(1), "get k", Ok(&[1])),
            (KeySpec::index(1), "get", Err(KeysError::Invalid)),
            (all, "del a b c", Ok(&[1, 2, 3])),
            (pairs, "mset a 1 b 2", Ok(&[1, 3])),
            (KeySpec::index(1).range(-2, 1, 0), "blpop a b 0", Ok(&[1, 2])),
            (streams, "xread count 1 streams a b 0 0", Ok(&[4, 5])),
            (streams, "xread count 1", Ok(&[])),
            (counted, "eval s 2 a b x", Ok(&[3, 4])),
            (counted, "eval s 0 x", Ok(&[])),
            (counted, "eval s 3 a b", Err(KeysError::Invalid)),
            (counted, "eval s -1 a b", Err(KeysError::Invalid)),
            (counted, "eval s 9223372036854775807 a b", Err(KeysError::Invalid)),
            (KeySpec::index(1).keynum(0, 1, 2), "msetex 2 a 1 b 2 ex 9", Ok(&[2, 4])),
            (store, "georadius k 0 0 1 m store d", Ok(&[7])),
            (store, "georadius k 0 0 1 m store", Ok(&[])),
        ];
        for (spec, line, expected) in cases {
            assert_eq!(keys_of(*spec, line), expected.map(<[u32]>::to_vec), "{line}");
        }
    }
}
