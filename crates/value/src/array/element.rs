//! What an array's slot holds, as a reader sees it: a value with its text.

use std::io::Write as _;

use stdx::num;

/// An element. Two are equal exactly if their texts are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrayElement<'a> {
    Int(i64),
    Decimal(Decimal),
    Short(ShortText),
    Long(&'a [u8]),
}

/// An element as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    /// Finite.
    Double(f64),
}

impl ArrayElement<'_> {
    /// The text, in `scratch` where it is not kept as such.
    ///
    /// ```
    /// use value::{Array, ElementText, EncodingLimits};
    /// let mut array = Array::default();
    /// array.set(7, b"20.125000", &EncodingLimits::default());
    /// let mut scratch = ElementText::new();
    /// assert_eq!(array.get(7).unwrap().text(&mut scratch), b"20.125000");
    /// ```
    pub fn text<'s>(&'s self, scratch: &'s mut ElementText) -> &'s [u8] {
        match self {
            Self::Int(int) => scratch.print(format_args!("{int}")),
            Self::Decimal(decimal) => decimal.print(scratch),
            Self::Short(short) => short.bytes(),
            Self::Long(text) => text,
        }
    }

    /// The number that the text is, whole; `None` for other texts, for infinities and for NaN.
    #[must_use]
    pub fn number(&self) -> Option<Number> {
        let text = match self {
            Self::Int(int) => return Some(Number::Int(*int)),
            Self::Decimal(decimal) => {
                return num::parse_f64(decimal.print(&mut ElementText::new())).map(Number::Double);
            }
            Self::Short(short) => short.bytes(),
            Self::Long(text) => text,
        };
        num::parse_f64(text).filter(|double| double.is_finite()).map(Number::Double)
    }
}

/// Room for the text of an element that is a number: printing one allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct ElementText {
    bytes: [u8; 40],
}

impl Default for ElementText {
    fn default() -> Self {
        Self::new()
    }
}

impl ElementText {
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: [0; 40] }
    }

    fn print(&mut self, text: std::fmt::Arguments<'_>) -> &[u8] {
        let room = self.bytes.len();
        let mut left = self.bytes.as_mut_slice();
        // A number has at most 34 bytes.
        let written = if left.write_fmt(text).is_ok() { room - left.len() } else { 0 };
        self.bytes.get(..written).unwrap_or_default()
    }
}

/// A decimal number as it was written: `-20.1250` is -201250 at scale 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i64,
    /// Digits behind the point, at least one.
    scale: u8,
}

impl Decimal {
    const MAX_SCALE: usize = 31;
    /// One bit of the 56 is the sign.
    const MAX_DIGITS: i64 = (1 << 55) - 1;

    /// Takes the texts that printing gives back byte by byte.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let unsigned = text.strip_prefix(b"-").unwrap_or(text);
        let point = unsigned.iter().take(20).position(|&byte| byte == b'.')?;
        let (whole, fraction) = (unsigned.get(..point)?, unsigned.get(point + 1..)?);
        let canonical = matches!(whole, [b'0'] | [b'1'..=b'9', ..]);
        if !canonical || fraction.is_empty() || fraction.len() > Self::MAX_SCALE {
            return None;
        }
        let mut digits = 0_i64;
        for &byte in whole.iter().chain(fraction) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            digits = digits * 10 + i64::from(digit);
            if digits > Self::MAX_DIGITS {
                return None;
            }
        }
        let negative = unsigned.len() < text.len();
        if negative && digits == 0 {
            return None;
        }
        let scale = u8::try_from(fraction.len()).ok()?;
        Some(Self { digits: if negative { -digits } else { digits }, scale })
    }

    pub(super) const fn from_parts(digits: i64, scale: u8) -> Self {
        Self { digits, scale }
    }

    pub(super) const fn parts(self) -> (i64, u8) {
        (self.digits, self.scale)
    }

    fn print(self, scratch: &mut ElementText) -> &[u8] {
        let sign = if self.digits < 0 { "-" } else { "" };
        let scale = usize::from(self.scale);
        // 10^17 is more than any digits there can be.
        let unit = 10_u64.pow(u32::from(self.scale.min(18)));
        let (whole, fraction) = (self.digits.unsigned_abs() / unit, self.digits.unsigned_abs() % unit);
        scratch.print(format_args!("{sign}{whole}.{fraction:0scale$}"))
    }
}

/// A text of at most seven bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortText {
    len: u8,
    bytes: [u8; 7],
}

impl ShortText {
    pub(super) const fn from_parts(len: u8, bytes: [u8; 7]) -> Self {
        Self { len, bytes }
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}
