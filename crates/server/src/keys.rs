//! The keys that a command names, as locks and waiters want them: hashed, with what is done to each.

use command_api::{KeyFlags, KeyPosition, KeysError};
use keyspace::{KeyHasher, Mode};
use resp::Argv;

use crate::table::Entry;

/// A key that a command names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NamedKey<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) hash: u64,
    pub(crate) mode: Mode,
}

impl NamedKey<'_> {
    /// What is to be locked for it.
    pub(crate) const fn lock(self) -> (u64, Mode) {
        (self.hash, self.mode)
    }
}

impl Entry {
    /// The keys of a command, in the order in which it names them; `positions` is the memory that it takes.
    pub(crate) fn named_keys<'p, 'a: 'p>(
        &self,
        argv: Argv<'a>,
        hasher: &'p KeyHasher,
        positions: &'p mut Vec<KeyPosition>,
    ) -> Result<impl Iterator<Item = NamedKey<'a>> + Clone + use<'p, 'a>, KeysError> {
        positions.clear();
        self.find_keys(argv, positions)?;
        let keys = positions.iter().filter(|position| !position.flags.contains(KeyFlags::NOT_KEY));
        Ok(keys.map(move |position| {
            let key = argv.get(position.index as usize).unwrap_or_default();
            let mode = if position.flags.contains(KeyFlags::RO) { Mode::Read } else { Mode::Write };
            NamedKey { key, hash: hasher.hash(key), mode }
        }))
    }
}
