//! NX, XX, IFEQ, IFNE, IFDEQ, IFDNE: what must hold of the key for SET, MSETEX and DELEX to act.
//!
//! A digest is the XXH3 hash, 64 bits, of the value's text: 16 hexadecimal digits, as DIGEST prints it. A client compares a large
//! value without sending it.

use command_api::{Args, CommandError};
use stdx::num::IntText;
use twox_hash::XxHash3_64;
use value::StringRef;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Nx,
    Xx,
    IfEq,
    IfNe,
    IfDeq,
    IfDne,
}

/// Whether the key is there.
pub(super) const PRESENCE: &[(&str, Word)] = &[("NX", Word::Nx), ("XX", Word::Xx)];
/// What the value is.
pub(super) const COMPARISON: &[(&str, Word)] =
    &[("IFEQ", Word::IfEq), ("IFNE", Word::IfNe), ("IFDEQ", Word::IfDeq), ("IFDNE", Word::IfDne)];

const BAD_DIGEST: CommandError = CommandError::other("ERR must be exactly 16 hexadecimal characters");

/// The condition that an option list states, its operand unchecked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    word: Option<Word>,
    operand: &'a [u8],
}

impl<'a> Said<'a> {
    /// Takes the next argument, and its operand, if it is one of `words`. Returns whether it was.
    ///
    /// # Errors
    /// [`CommandError::Syntax`] when the operand is missing, or another condition was stated before. The same word may be said
    /// again; its last operand counts.
    pub(super) fn accept(&mut self, args: &mut Args<'a>, words: &[(&str, Word)]) -> Result<bool, CommandError> {
        let Some((_, word)) = words.iter().find(|(text, _)| args.accept(text)) else { return Ok(false) };
        if self.word.is_some_and(|said| said != *word) {
            return Err(CommandError::Syntax);
        }
        self.word = Some(*word);
        match word {
            Word::Nx | Word::Xx => {}
            Word::IfEq | Word::IfNe | Word::IfDeq | Word::IfDne => self.operand = args.bytes()?,
        }
        Ok(true)
    }

    /// The condition, if one was stated.
    ///
    /// # Errors
    /// When a digest is not one.
    pub(super) fn check(self) -> Result<Option<Condition<'a>>, CommandError> {
        let Some(word) = self.word else { return Ok(None) };
        Ok(Some(match word {
            Word::Nx => Condition::Missing,
            Word::Xx => Condition::Present,
            Word::IfEq => Condition::Value(Comparison::Equal(self.operand)),
            Word::IfNe => Condition::Value(Comparison::Differs(self.operand)),
            Word::IfDeq => Condition::Value(Comparison::DigestEqual(parse_digest(self.operand)?)),
            Word::IfDne => Condition::Value(Comparison::DigestDiffers(parse_digest(self.operand)?)),
        }))
    }
}

/// What must hold of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition<'a> {
    Missing,
    Present,
    Value(Comparison<'a>),
}

/// What must hold of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison<'a> {
    Equal(&'a [u8]),
    Differs(&'a [u8]),
    DigestEqual(u64),
    DigestDiffers(u64),
}

impl Comparison<'_> {
    /// Whether it holds of `string`. A missing value equals nothing.
    pub(super) fn holds(self, string: Option<StringRef<'_>>) -> bool {
        let equals = |text: &[u8]| string.is_some_and(|string| string.bytes(&mut IntText::new()) == text);
        let hashes_to = |wanted: u64| string.is_some_and(|string| digest(string) == wanted);
        match self {
            Self::Equal(text) => equals(text),
            Self::Differs(text) => !equals(text),
            Self::DigestEqual(wanted) => hashes_to(wanted),
            Self::DigestDiffers(wanted) => !hashes_to(wanted),
        }
    }
}

/// XXH3, 64 bits, seed 0, of the string's text.
pub(super) fn digest(string: StringRef<'_>) -> u64 {
    XxHash3_64::oneshot(string.bytes(&mut IntText::new()))
}

fn parse_digest(text: &[u8]) -> Result<u64, CommandError> {
    if text.len() != 16 {
        return Err(BAD_DIGEST);
    }
    let nibble = |byte: &u8| char::from(*byte).to_digit(16).map(u64::from);
    text.iter().try_fold(0, |bits, byte| Some(bits << 4 | nibble(byte)?)).ok_or(BAD_DIGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_real_server() {
        // The first from the documentation of DIGEST, the second from an issue about its leading zeros.
        assert_eq!(digest(StringRef::new(b"Hello world")), 0xb6ac_b9d8_4a38_ff74);
        let zeros = b"v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd";
        assert_eq!(digest(StringRef::new(zeros)), 0x0000_6c38_adf3_1777);
    }

    #[test]
    fn a_digest_is_16_hexadecimal_digits_of_either_case() {
        assert_eq!(parse_digest(b"b6acb9d84A38FF74"), Ok(0xb6ac_b9d8_4a38_ff74));
        assert_eq!(parse_digest(b"0000000000000000"), Ok(0));
        for bad in [
            &b""[..],
            b"6c38adf31777",
            b"b6acb9d84a38ff740",
            b"+6acb9d84a38ff74",
            b"b6acb9d84a38ffg4",
            b"0x6c38adf3177700",
        ] {
            assert_eq!(parse_digest(bad), Err(BAD_DIGEST), "{bad:?}");
        }
    }

    #[test]
    fn a_missing_value_equals_nothing() {
        for (comparison, holds) in [
            (Comparison::Equal(b""), false),
            (Comparison::Differs(b""), true),
            (Comparison::DigestEqual(0), false),
            (Comparison::DigestDiffers(0), true),
        ] {
            assert_eq!(comparison.holds(None), holds, "{comparison:?}");
        }
    }

    #[test]
    fn an_integer_compares_by_its_text() {
        let seven = Some(StringRef::Int(7));
        assert!(Comparison::Equal(b"7").holds(seven));
        assert!(!Comparison::Equal(b"07").holds(seven));
        assert!(Comparison::DigestEqual(XxHash3_64::oneshot(b"7")).holds(seven));
    }
}
