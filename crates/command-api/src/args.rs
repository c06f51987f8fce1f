//! A command's arguments, read from left to right; every reader answers in Redis's words when the argument does not fit.

use keyspace::{Key, KeyHasher};
use resp::Argv;
use stdx::num;

use crate::CommandError;

/// The arguments after the command's name (and its subcommand's).
///
/// A handler takes what it needs in order and ends with [`Args::finish`], so that a surplus argument is a syntax error.
#[derive(Clone, Debug)]
pub struct Args<'a> {
    argv: Argv<'a>,
    next: usize,
    hasher: &'a KeyHasher,
    /// Index and hash of the command's first key, which dispatch has hashed already.
    hashed: (usize, u64),
}

impl<'a> Args<'a> {
    /// `first` is the index of the first argument that is the handler's: 1, or 2 for a subcommand. `hashed` is the index and hash
    /// of a key hashed before, or index 0 for none.
    #[must_use]
    pub const fn new(argv: Argv<'a>, first: usize, hasher: &'a KeyHasher, hashed: (usize, u64)) -> Self {
        Self { argv, next: first, hasher, hashed }
    }

    /// The next argument as a key.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when there is none.
    pub fn key(&mut self) -> Result<Key<'a>, CommandError> {
        let index = self.next;
        let bytes = self.bytes()?;
        let (hashed_index, hash) = self.hashed;
        let hash = if index == hashed_index { hash } else { self.hasher.hash(bytes) };
        Ok(Key::with_hash(bytes, hash))
    }

    /// The next argument as it came.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when there is none.
    pub fn bytes(&mut self) -> Result<&'a [u8], CommandError> {
        let bytes = self.argv.get(self.next).ok_or(CommandError::Syntax)?;
        self.next += 1;
        Ok(bytes)
    }

    /// The next argument as a signed integer.
    ///
    /// # Errors
    /// [`CommandError::NotInteger`] when it is none, [`CommandError::Syntax`] when there is no argument.
    pub fn int(&mut self) -> Result<i64, CommandError> {
        num::parse_i64(self.bytes()?).ok_or(CommandError::NotInteger)
    }

    /// The next argument as a double.
    ///
    /// # Errors
    /// [`CommandError::NotFloat`] when it is none, [`CommandError::Syntax`] when there is no argument.
    pub fn float(&mut self) -> Result<f64, CommandError> {
        num::parse_f64(self.bytes()?).ok_or(CommandError::NotFloat)
    }

    /// Takes the next argument if it is `word`, in any case.
    pub fn accept(&mut self, word: &str) -> bool {
        let matches = self.peek().is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()));
        self.next += usize::from(matches);
        matches
    }

    /// The next argument, left in place.
    #[must_use]
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.argv.get(self.next)
    }

    /// How many arguments are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.argv.len().saturating_sub(self.next)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    /// Steps over `count` arguments.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when there are fewer.
    pub fn skip(&mut self, count: usize) -> Result<(), CommandError> {
        if count > self.remaining() {
            return Err(CommandError::Syntax);
        }
        self.next += count;
        Ok(())
    }

    /// The remaining arguments, left in place.
    pub fn rest(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        self.argv.iter().skip(self.next)
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when something is.
    pub fn finish(&self) -> Result<(), CommandError> {
        if self.is_empty() { Ok(()) } else { Err(CommandError::Syntax) }
    }

    /// The whole command as it came, the name first.
    #[must_use]
    pub const fn argv(&self) -> Argv<'a> {
        self.argv
    }

    /// `bytes` as a key: for names that are not arguments themselves.
    #[must_use]
    pub fn key_of<'b>(&self, bytes: &'b [u8]) -> Key<'b> {
        Key::with_hash(bytes, self.hasher.hash(bytes))
    }
}
