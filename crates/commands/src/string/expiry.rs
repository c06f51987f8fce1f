//! EX, PX, EXAT, PXAT, KEEPTTL, PERSIST: what an option list says about the key's deadline.
//!
//! SET, GETEX, MSETEX and INCREX share the words and the rules. An option list is read to its end before any time is looked at, so
//! that a syntax error comes before a bad number; the last of several times counts. Times are checked as Redis checks them:
//! above zero, and still a millisecond of the 64-bit calendar once scaled and added to now.

use command_api::{Args, CommandError};
use keyspace::Ttl;
use stdx::{UnixMs, num};

/// What can be said about a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Ex,
    Px,
    ExAt,
    PxAt,
    KeepTtl,
    Persist,
}

/// The words that a time follows.
const TIMED: [(&str, Word); 4] = [("EX", Word::Ex), ("PX", Word::Px), ("EXAT", Word::ExAt), ("PXAT", Word::PxAt)];

/// What an option list says about the deadline, its time unchecked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lifetime<'a> {
    word: Option<Word>,
    time: &'a [u8],
}

impl<'a> Lifetime<'a> {
    /// Takes the next argument, and its time, if it is one of the timed words or `untimed`: KEEPTTL or PERSIST, whichever the
    /// command knows. Returns whether it was.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when the time is missing, or another word was said before. The same word may be said again.
    pub(super) fn accept(&mut self, args: &mut Args<'a>, untimed: (&str, Word)) -> Result<bool, CommandError> {
        let word = if let Some((_, word)) = TIMED.iter().find(|(text, _)| args.accept(text)) {
            self.time = args.bytes()?;
            *word
        } else if args.accept(untimed.0) {
            untimed.1
        } else {
            return Ok(false);
        };
        if self.word.is_some_and(|said| said != word) {
            return Err(CommandError::Syntax);
        }
        self.word = Some(word);
        Ok(true)
    }

    pub(super) const fn word(&self) -> Option<Word> {
        self.word
    }

    /// Whether the list says nothing, or says it in words that mean the same at any time and on any server.
    pub(super) const fn is_absolute(&self) -> bool {
        match self.word {
            None | Some(Word::PxAt | Word::KeepTtl | Word::Persist) => true,
            Some(Word::Ex | Word::Px | Word::ExAt) => false,
        }
    }

    /// What `command` does to the deadline at time `now`; nothing said clears it.
    ///
    /// # Errors
    /// [`CommandError::NotInteger`] or [`CommandError::InvalidExpire`] when the time is none.
    pub(super) fn ttl(&self, command: &'static str, now: UnixMs) -> Result<Ttl, CommandError> {
        match self.word {
            None | Some(Word::Persist) => Ok(Ttl::Clear),
            Some(Word::KeepTtl) => Ok(Ttl::Keep),
            Some(word @ (Word::Ex | Word::Px | Word::ExAt | Word::PxAt)) => {
                let time = num::parse_i64(self.time).ok_or(CommandError::NotInteger)?;
                deadline(word, time, now).map(Ttl::At).ok_or(CommandError::InvalidExpire(command))
            }
        }
    }
}

/// The deadline that `time` means, in the unit and from the origin that `word` says; `None` outside the calendar.
pub(super) fn deadline(word: Word, time: i64, now: UnixMs) -> Option<UnixMs> {
    if time <= 0 {
        return None;
    }
    match word {
        Word::Ex => now.checked_add_ms(time.checked_mul(1000)?),
        Word::Px => now.checked_add_ms(time),
        Word::ExAt => Some(UnixMs(time.checked_mul(1000)?)),
        Word::PxAt => Some(UnixMs(time)),
        Word::KeepTtl | Word::Persist => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_stays_inside_the_calendar() {
        let now = UnixMs(1_000);
        let longest_s = i64::MAX / 1000;
        let cases = [
            (Word::Ex, 1, Some(2_000)),
            (Word::Ex, longest_s - 1, Some((longest_s - 1) * 1000 + 1_000)),
            (Word::Ex, longest_s, None),
            (Word::Ex, longest_s + 1, None),
            (Word::Px, i64::MAX - 1_000, Some(i64::MAX)),
            (Word::Px, i64::MAX - 999, None),
            (Word::ExAt, longest_s, Some(longest_s * 1000)),
            (Word::ExAt, longest_s + 1, None),
            (Word::PxAt, i64::MAX, Some(i64::MAX)),
            (Word::PxAt, 1, Some(1)),
            (Word::PxAt, 0, None),
            (Word::Ex, -1, None),
            (Word::Px, i64::MIN, None),
        ];
        for (word, time, expected) in cases {
            assert_eq!(deadline(word, time, now), expected.map(UnixMs), "{word:?} {time}");
        }
    }
}
