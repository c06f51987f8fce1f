//! Integers of 1 to 64 bits at any bit offset: what BITFIELD reads and writes.
//!
//! An integer's highest bit comes first, so at a byte's edge it is plain big-endian. `u5` with the value 23 at offset 7:
//!
//! ```text
//! bit   0       8
//!       00000001 01110000
//!              ^ ^^^^ 1 0111 = 23
//! ```
//!
//! At most nine bytes hold an integer, and they are handled as one 128-bit number: no loop over bits. Signed arithmetic is done
//! in 128 bits too, where no sum of two 64-bit numbers overflows, and only then fitted to the type.

use command_api::CommandError;
use stdx::num;

const INVALID_TYPE: CommandError = CommandError::other(
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);

/// The type of a field: `i1` to `i64`, `u1` to `u63`. The protocol has no way to say the larger numbers of a `u64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldType {
    Signed { bits: u32 },
    Unsigned { bits: u32 },
}

/// What becomes of a number that its field cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overflow {
    /// Its lowest bits stay.
    Wrap,
    /// The nearest number that the field can hold takes its place.
    Saturate,
    /// The operation is not done.
    Fail,
}

impl FieldType {
    /// Reads `i16`, `u8` and the like. The letter is lower-case and the number in its canonical form.
    pub(super) fn parse(text: &[u8]) -> Result<Self, CommandError> {
        let (kind, bits) = text.split_first().ok_or(INVALID_TYPE)?;
        let bits = num::parse_u64(bits).and_then(|bits| u32::try_from(bits).ok()).ok_or(INVALID_TYPE)?;
        match (kind, bits) {
            (b'i', 1..=64) => Ok(Self::Signed { bits }),
            (b'u', 1..=63) => Ok(Self::Unsigned { bits }),
            _ => Err(INVALID_TYPE),
        }
    }

    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::Signed { bits } | Self::Unsigned { bits } => bits,
        }
    }

    /// The number at bit `offset` of `bytes`, which go on with zeros.
    pub(super) fn read(self, bytes: &[u8], offset: u64) -> i64 {
        let window = Window::load(bytes, offset);
        self.decode(window.get(self.bits()))
    }

    /// Writes `number`, of which the lowest bits are taken, at bit `offset` of `bytes`, which must be long enough.
    pub(super) fn write(self, bytes: &mut [u8], offset: u64, number: i64) {
        let mut window = Window::load(bytes, offset);
        window.set(self.bits(), number.cast_unsigned());
        window.store(bytes);
    }

    /// `number` as it is stored by SET; `None` where that fails. A negative number for an unsigned field is taken for the large
    /// one of the same bits, which is too large. So is, for a signed field, a number that is further below the greatest one than
    /// a signed number of 64 bits can say: it saturates at the wrong end. All servers of the family agree in that, and a replica
    /// must end up with what its primary has.
    pub(super) fn fit(self, number: i64, overflow: Overflow) -> Option<i64> {
        let (_, max) = self.range();
        match self {
            Self::Signed { bits: ..64 } if overflow == Overflow::Saturate && max.checked_sub(number).is_none() => {
                Some(max)
            }
            Self::Signed { .. } => self.fit_wide(i128::from(number), overflow),
            Self::Unsigned { .. } => self.fit_wide(i128::from(number.cast_unsigned()), overflow),
        }
    }

    /// `number` increased by `increment` as INCRBY stores it; `None` where that fails.
    pub(super) fn add(self, number: i64, increment: i64, overflow: Overflow) -> Option<i64> {
        self.fit_wide(i128::from(number) + i128::from(increment), overflow)
    }

    fn fit_wide(self, number: i128, overflow: Overflow) -> Option<i64> {
        let (min, max) = self.range();
        let nearest = number.clamp(i128::from(min), i128::from(max));
        let fitted = match overflow {
            _ if nearest == number => nearest,
            Overflow::Saturate => nearest,
            Overflow::Fail => return None,
            Overflow::Wrap => {
                let low = number & i128::from(u64::MAX);
                return u64::try_from(low).ok().map(|low| self.decode(low & (u64::MAX >> (64 - self.bits()))));
            }
        };
        i64::try_from(fitted).ok()
    }

    /// The least and the greatest number of the type.
    const fn range(self) -> (i64, i64) {
        match self {
            Self::Signed { bits } => (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits)),
            Self::Unsigned { bits } => (0, i64::MAX >> (63 - bits)),
        }
    }

    /// The number that the lowest bits of `raw`, all others being zero, mean.
    const fn decode(self, raw: u64) -> i64 {
        match self {
            Self::Signed { bits } => (raw << (64 - bits)).cast_signed() >> (64 - bits),
            Self::Unsigned { .. } => raw.cast_signed(),
        }
    }
}

/// The up to nine bytes around a field, as the upper part of a number; bit `shift` is the field's first.
struct Window {
    bits: u128,
    shift: u32,
    at: usize,
}

const WINDOW_BYTES: usize = 9;

impl Window {
    fn load(bytes: &[u8], offset: u64) -> Self {
        let at = usize::try_from(offset / 8).unwrap_or(usize::MAX);
        let there = bytes.get(at..).unwrap_or_default();
        let mut block = [0; 16];
        let count = there.len().min(WINDOW_BYTES);
        block[..count].copy_from_slice(&there[..count]);
        Self { bits: u128::from_be_bytes(block), shift: u32::try_from(offset % 8).unwrap_or(0), at }
    }

    /// The `width` bits of the field.
    fn get(&self, width: u32) -> u64 {
        let field = (self.bits << self.shift) >> (u128::BITS - width);
        u64::try_from(field).unwrap_or(u64::MAX)
    }

    /// Makes the lowest `width` bits of `field` the field.
    fn set(&mut self, width: u32, field: u64) {
        let place = u128::BITS - width - self.shift;
        let mask = (u128::MAX >> (u128::BITS - width)) << place;
        self.bits = (self.bits & !mask) | ((u128::from(field) << place) & mask);
    }

    fn store(&self, bytes: &mut [u8]) {
        let there = bytes.get_mut(self.at..).unwrap_or_default();
        let block = self.bits.to_be_bytes();
        for (byte, new) in there.iter_mut().zip(&block[..WINDOW_BYTES]) {
            *byte = *new;
        }
    }
}

#[cfg(test)]
mod tests {
    use arbtest::arbitrary::{Result, Unstructured};
    use arbtest::arbtest;

    use super::*;

    fn field_type(u: &mut Unstructured<'_>) -> Result<FieldType> {
        Ok(if u.arbitrary()? {
            FieldType::Signed { bits: u.int_in_range(1..=64)? }
        } else {
            FieldType::Unsigned { bits: u.int_in_range(1..=63)? }
        })
    }

    fn bit(bytes: &[u8], offset: u64) -> bool {
        bytes.get(usize::try_from(offset / 8).unwrap()).is_some_and(|byte| byte & (0x80 >> (offset % 8)) != 0)
    }

    /// The model: a field read bit by bit.
    fn read(field: FieldType, bytes: &[u8], offset: u64) -> i128 {
        let ones = |sum: i128, at: u32| sum * 2 + i128::from(bit(bytes, offset + u64::from(at)));
        let raw = (0..field.bits()).fold(0, ones);
        match field {
            FieldType::Signed { bits } if raw >= 1 << (bits - 1) => raw - (1 << bits),
            FieldType::Signed { .. } | FieldType::Unsigned { .. } => raw,
        }
    }

    #[test]
    fn fields_are_read_and_written_where_they_are() {
        arbtest(|u| {
            let field = field_type(u)?;
            let offset: u64 = u.int_in_range(0..=100)?;
            let len =
                usize::try_from((offset + u64::from(field.bits())).div_ceil(8)).unwrap() + u.int_in_range(0..=9)?;
            let mut bytes = vec![u.arbitrary()?; len];
            let before = bytes.clone();
            assert_eq!(i128::from(field.read(&bytes, offset)), read(field, &bytes, offset));
            let (min, max) = field.range();
            let number = u.int_in_range(min..=max)?;
            field.write(&mut bytes, offset, number);
            assert_eq!(read(field, &bytes, offset), i128::from(number), "{field:?} at {offset}");
            assert_eq!(field.read(&bytes, offset), number, "{field:?} at {offset}");
            let outside = (0..len as u64 * 8).filter(|at| !(offset..offset + u64::from(field.bits())).contains(at));
            for at in outside {
                assert_eq!(bit(&bytes, at), bit(&before, at), "{field:?} at {offset} changed bit {at}");
            }
            Ok(())
        });
    }

    #[test]
    fn reading_past_the_end_reads_zeros() {
        arbtest(|u| {
            let field = field_type(u)?;
            let offset: u64 = u.int_in_range(0..=100)?;
            let bytes: Vec<u8> = u.arbitrary()?;
            let bytes = &bytes[..bytes.len().min(12)];
            assert_eq!(i128::from(field.read(bytes, offset)), read(field, bytes, offset));
            assert_eq!(field.read(bytes, u64::MAX / 2), 0);
            Ok(())
        });
    }

    /// The model: step back into the range by whole turns.
    fn wrapped(field: FieldType, number: i128) -> i128 {
        let (min, _) = field.range();
        (number - i128::from(min)).rem_euclid(1 << field.bits()) + i128::from(min)
    }

    #[test]
    fn overflow_wraps_saturates_or_fails() {
        arbtest(|u| {
            let field = field_type(u)?;
            let (min, max) = field.range();
            let number = u.int_in_range(min..=max)?;
            let (any, small): (i64, i8) = u.arbitrary()?;
            let increment = *u.choose(&[any, small.into(), i64::MIN, i64::MAX])?;
            let sum = i128::from(number) + i128::from(increment);
            let nearest = i64::try_from(sum.clamp(min.into(), max.into())).unwrap();
            assert_eq!(field.add(number, increment, Overflow::Wrap).map(i128::from), Some(wrapped(field, sum)));
            assert_eq!(field.add(number, increment, Overflow::Saturate), Some(nearest));
            let exact = i64::try_from(sum).ok().filter(|sum| *sum == nearest);
            assert_eq!(field.add(number, increment, Overflow::Fail), exact);
            Ok(())
        });
    }

    #[test]
    fn numbers_that_do_not_fit_are_set_as_told() {
        let (i8, u8) = (FieldType::Signed { bits: 8 }, FieldType::Unsigned { bits: 8 });
        for (field, number, wrap, saturate) in [
            (i8, 128, -128, 127),
            (i8, -129, 127, -128),
            (i8, 1000, -24, 127),
            (i8, -9_223_372_036_854_775_680, -128, -128),
            (i8, -9_223_372_036_854_775_681, 127, 127),
            (i8, i64::MIN, 0, 127),
            (
                FieldType::Signed { bits: 63 },
                -4_611_686_018_427_387_905,
                4_611_686_018_427_387_903,
                4_611_686_018_427_387_903,
            ),
            (u8, 256, 0, 255),
            (u8, -1, 255, 255),
            (u8, -256, 0, 255),
            (FieldType::Unsigned { bits: 63 }, -1, i64::MAX, i64::MAX),
            (FieldType::Signed { bits: 1 }, 1, -1, 0),
        ] {
            assert_eq!(field.fit(number, Overflow::Wrap), Some(wrap), "{field:?} {number}");
            assert_eq!(field.fit(number, Overflow::Saturate), Some(saturate), "{field:?} {number}");
            assert_eq!(field.fit(number, Overflow::Fail), None, "{field:?} {number}");
        }
        for overflow in [Overflow::Wrap, Overflow::Saturate, Overflow::Fail] {
            assert_eq!(FieldType::Signed { bits: 64 }.fit(i64::MIN, overflow), Some(i64::MIN));
            assert_eq!(i8.fit(-128, overflow), Some(-128));
            assert_eq!(u8.fit(255, overflow), Some(255));
        }
    }

    #[test]
    fn types_are_a_letter_and_a_canonical_number() {
        assert_eq!(FieldType::parse(b"i1").unwrap(), FieldType::Signed { bits: 1 });
        assert_eq!(FieldType::parse(b"i64").unwrap(), FieldType::Signed { bits: 64 });
        assert_eq!(FieldType::parse(b"u63").unwrap(), FieldType::Unsigned { bits: 63 });
        let wrong: [&[u8]; 14] =
            [b"", b"i", b"u", b"i0", b"u0", b"i65", b"u64", b"I8", b"U8", b"x8", b"8", b"i08", b"i-8", b"u4294967297"];
        for text in wrong {
            assert_eq!(FieldType::parse(text), Err(INVALID_TYPE), "{}", text.escape_ascii());
        }
    }
}
