//! One slot of an array: a 64-bit word that is most values itself.
//!
//! ```text
//! low bits   above them                              texts it stands for
//! 000        all zero                                none: the slot is empty
//! 001        61 bits: a signed integer               "-12", canonical integers up to 2^60
//! 010        5 bits scale, 56 bits signed digits     "20.123456" is 20123456 at scale 6
//! 011        3 bits length, then up to 7 bytes       "", "ok", "1.50", "007"
//! 100        61 bits: a place among the long texts   anything else
//! ```
//!
//! Every text has exactly one word that can stand for it, so equal words are equal texts (long ones apart).

use stdx::num;

use super::element::{ArrayElement, Decimal, ShortText};
use super::longs::Longs;

const TAG_BITS: u32 = 3;
const TAG_MASK: u64 = 0b111;
const INT: u64 = 0b001;
const DECIMAL: u64 = 0b010;
const SHORT: u64 = 0b011;
const LONG: u64 = 0b100;

/// The longest text of a short word.
const SHORT_MAX_BYTES: usize = 7;
/// The longest text of an integer: what lies in `longs` and is longer need not be looked at as one.
const INT_TEXT_MAX_BYTES: usize = 20;
const SCALE_BITS: u32 = 5;

/// A slot. `Word::EMPTY` is none of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Word(u64);

impl Word {
    pub(super) const EMPTY: Self = Self(0);

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The word that is `text` itself; `None` when it takes a place among the long ones.
    pub(super) fn inline(text: &[u8]) -> Option<Self> {
        if let Some(int) = num::parse_i64(text) {
            return Self::int(int);
        }
        if text.len() <= SHORT_MAX_BYTES {
            return Some(Self::short(text));
        }
        Decimal::parse(text).map(Self::decimal)
    }

    /// A text of its own: `place` is where `longs` keeps it.
    pub(super) const fn long(place: usize) -> Self {
        Self((place as u64) << TAG_BITS | LONG)
    }

    /// Where the text is kept, if it is not here.
    pub(super) fn place(self) -> Option<usize> {
        if self.0 & TAG_MASK == LONG { usize::try_from(self.0 >> TAG_BITS).ok() } else { None }
    }

    /// What the slot holds; `None` when it is empty.
    pub(super) fn element(self, longs: &Longs) -> Option<ArrayElement<'_>> {
        Some(match self.0 & TAG_MASK {
            INT => ArrayElement::Int(self.0.cast_signed() >> TAG_BITS),
            DECIMAL => {
                let scale = (self.0 >> TAG_BITS).to_le_bytes()[0] & ((1 << SCALE_BITS) - 1);
                ArrayElement::Decimal(Decimal::from_parts(self.0.cast_signed() >> (TAG_BITS + SCALE_BITS), scale))
            }
            SHORT => {
                let [head, bytes @ ..] = self.0.to_le_bytes();
                ArrayElement::Short(ShortText::from_parts(head >> TAG_BITS, bytes))
            }
            LONG => {
                let text = longs.get(self.place()?);
                let int = if text.len() <= INT_TEXT_MAX_BYTES { num::parse_i64(text) } else { None };
                int.map_or(ArrayElement::Long(text), ArrayElement::Int)
            }
            _ => return None,
        })
    }

    fn int(int: i64) -> Option<Self> {
        let shifted = int << TAG_BITS;
        (shifted >> TAG_BITS == int).then(|| Self(shifted.cast_unsigned() | INT))
    }

    fn decimal(decimal: Decimal) -> Self {
        let (digits, scale) = decimal.parts();
        let digits = (digits << (TAG_BITS + SCALE_BITS)).cast_unsigned();
        Self(digits | u64::from(scale) << TAG_BITS | DECIMAL)
    }

    fn short(text: &[u8]) -> Self {
        let mut bytes = [0; 8];
        bytes[1..=text.len()].copy_from_slice(text);
        Self(u64::from_le_bytes(bytes) | (text.len() as u64) << TAG_BITS | SHORT)
    }
}
