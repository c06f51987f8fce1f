//! Strings: an integer where the text is the canonical form of one, otherwise bytes.
//!
//! Redis shows three encodings. `int` and the two byte forms differ in memory; `embstr` and `raw` differ only in history: a
//! string of at most 44 bytes is `embstr` until a command edits it in place (APPEND, SETRANGE, SETBIT), which leaves it `raw`
//! for good. Tools look at OBJECT ENCODING, so the difference is kept although nothing here depends on it.

use stdx::num;

use crate::Encoding;

/// The longest string that OBJECT ENCODING calls `embstr`.
pub const EMBSTR_MAX_BYTES: usize = 44;

/// An owned string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StringValue {
    Int(i64),
    /// At most [`EMBSTR_MAX_BYTES`] bytes, never edited in place.
    Embstr(Box<[u8]>),
    Raw(Vec<u8>),
}

impl StringValue {
    /// The form Redis gives to a value that arrives whole (SET, RESTORE).
    ///
    /// ```
    /// # use value::StringValue;
    /// assert_eq!(StringValue::new(b"12"), StringValue::Int(12));
    /// assert_eq!(StringValue::new(b"012"), StringValue::Embstr(Box::from(&b"012"[..])));
    /// ```
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        StringRef::new(bytes).to_value()
    }

    #[must_use]
    pub fn as_ref(&self) -> StringRef<'_> {
        match self {
            Self::Int(int) => StringRef::Int(*int),
            Self::Embstr(bytes) => StringRef::Embstr(bytes),
            Self::Raw(bytes) => StringRef::Raw(bytes),
        }
    }
}

/// A string where it lies, borrowed for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringRef<'a> {
    Int(i64),
    Embstr(&'a [u8]),
    Raw(&'a [u8]),
}

impl<'a> StringRef<'a> {
    /// The form Redis gives to a value that arrives whole. See [`StringValue::new`].
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        match num::parse_i64(bytes) {
            Some(int) => Self::Int(int),
            None if bytes.len() <= EMBSTR_MAX_BYTES => Self::Embstr(bytes),
            None => Self::Raw(bytes),
        }
    }

    #[must_use]
    pub const fn encoding(self) -> Encoding {
        match self {
            Self::Int(_) => Encoding::Int,
            Self::Embstr(_) => Encoding::Embstr,
            Self::Raw(_) => Encoding::Raw,
        }
    }

    /// The string's text; an integer is printed into `scratch`.
    ///
    /// ```
    /// # use value::StringRef;
    /// let mut scratch = stdx::num::IntText::new();
    /// assert_eq!(StringRef::Int(-7).bytes(&mut scratch), b"-7");
    /// ```
    #[must_use]
    pub fn bytes(self, scratch: &'a mut num::IntText) -> &'a [u8] {
        match self {
            Self::Int(int) => scratch.format(int),
            Self::Embstr(bytes) | Self::Raw(bytes) => bytes,
        }
    }

    /// Length of the text in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Int(int) => num::i64_text_len(int),
            Self::Embstr(bytes) | Self::Raw(bytes) => bytes.len(),
        }
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The integer that the text is the canonical form of, if any: what INCR works on.
    #[must_use]
    pub fn to_int(self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(int),
            Self::Embstr(bytes) | Self::Raw(bytes) => num::parse_i64(bytes),
        }
    }

    /// A copy that owns its bytes, in the same encoding.
    #[must_use]
    pub fn to_value(self) -> StringValue {
        match self {
            Self::Int(int) => StringValue::Int(int),
            Self::Embstr(bytes) => StringValue::Embstr(Box::from(bytes)),
            Self::Raw(bytes) => StringValue::Raw(bytes.to_vec()),
        }
    }
}
