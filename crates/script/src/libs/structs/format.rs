//! The format language of `struct`: one letter an item, some with a number behind it.
//!
//! | letter | what | size |
//! | --- | --- | --- |
//! | `b` `B`, `h` `H`, `l` `L` `T` | integers, capitals unsigned | 1, 2, 8 |
//! | `i` `I`, `i3` `I3` | integers | 4, or what the number says up to 32 |
//! | `f`, `d` | float, double | 4, 8 |
//! | `s` | string up to a zero byte | its own |
//! | `c`, `c5`, `c0` | bytes: one, five, or all there are | as told |
//! | `x` | a zero byte | 1 |
//! | `>` `<` | big and little endian from here on | |
//! | `!`, `!4` | align items to their size, at most to 8 or to the number | |
//! | space | nothing | |

use crate::libs::fault::Fault;

/// The largest integer, in bytes, that a format may ask for. Those past eight are padded with zeros.
const INTEGER_SIZE_LIMIT: u64 = 32;
/// The alignment that a `!` alone asks for: that of C's largest types.
const NATURAL_ALIGNMENT: u64 = 8;

/// One item of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FormatOption {
    pub(super) item: Item,
    /// Bytes of data; 0 where the value decides, or where there is none.
    pub(super) size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item {
    Integer {
        signed: bool,
    },
    Float,
    Double,
    Text,
    Bytes,
    Pad,
    /// Endianness, alignment, a space, or a letter that means nothing: for [`Format::control`].
    Control(u8),
}

/// A format being read, with the endianness and alignment that hold at this point of it.
#[derive(Debug)]
pub(super) struct Format<'a> {
    rest: &'a [u8],
    big_endian: bool,
    alignment: u64,
}

impl<'a> Format<'a> {
    /// A format ends at a zero byte too.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let end = memchr::memchr(0, text).unwrap_or(text.len());
        Self { rest: &text[..end], big_endian: false, alignment: 1 }
    }

    pub(super) const fn is_big_endian(&self) -> bool {
        self.big_endian
    }

    pub(super) fn next(&mut self) -> Result<Option<FormatOption>, Fault> {
        let Some((&letter, rest)) = self.rest.split_first() else { return Ok(None) };
        self.rest = rest;
        let (item, size) = match letter {
            b'b' | b'h' | b'l' | b'i' => (Item::Integer { signed: true }, self.integer_size(letter)?),
            b'B' | b'H' | b'L' | b'T' | b'I' => (Item::Integer { signed: false }, self.integer_size(letter)?),
            b'f' => (Item::Float, 4),
            b'd' => (Item::Double, 8),
            b'x' => (Item::Pad, 1),
            b'c' => (Item::Bytes, self.number(1)?),
            b's' => (Item::Text, 0),
            other => (Item::Control(other), 0),
        };
        Ok(Some(FormatOption { item, size }))
    }

    fn integer_size(&mut self, letter: u8) -> Result<u64, Fault> {
        match letter {
            b'b' | b'B' => Ok(1),
            b'h' | b'H' => Ok(2),
            b'i' | b'I' => {
                let size = self.number(4)?;
                if size > INTEGER_SIZE_LIMIT {
                    let text = format!("integral size {size} is larger than limit of {INTEGER_SIZE_LIMIT}");
                    return Err(Fault::Located(text));
                }
                Ok(size)
            }
            _ => Ok(8),
        }
    }

    /// Acts on what is no data: endianness, alignment, spaces.
    pub(super) fn control(&mut self, letter: u8) -> Result<(), Fault> {
        match letter {
            b' ' => {}
            b'>' => self.big_endian = true,
            b'<' => self.big_endian = false,
            b'!' => {
                let alignment = self.number(NATURAL_ALIGNMENT)?;
                if !alignment.is_power_of_two() {
                    return Err(Fault::Located(format!("alignment {alignment} is not a power of 2")));
                }
                self.alignment = alignment;
            }
            other => {
                let other = String::from_utf8_lossy(std::slice::from_ref(&other));
                return Err(Fault::argument(1, format!("invalid format option '{other}'")));
            }
        }
        Ok(())
    }

    /// The zero bytes in front of an item that begins at `position`. Sizes that are no power of two follow the same arithmetic
    /// as in C, odd as its results are.
    pub(super) fn padding(&self, option: &FormatOption, position: u64) -> u64 {
        if option.size == 0 || option.item == Item::Bytes {
            return 0;
        }
        let size = option.size.min(self.alignment);
        (size.wrapping_sub(position & (size - 1))) & (size - 1)
    }

    /// The digits that come next, or `default` if none do.
    fn number(&mut self, default: u64) -> Result<u64, Fault> {
        let digits = self.rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest.len());
        if digits == 0 {
            return Ok(default);
        }
        let (digits, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number =
            digits.iter().try_fold(0_i32, |number, digit| number.checked_mul(10)?.checked_add(i32::from(digit - b'0')));
        number.map(|number| u64::from(number.unsigned_abs())).ok_or_else(|| Fault::located("integral size overflow"))
    }
}
