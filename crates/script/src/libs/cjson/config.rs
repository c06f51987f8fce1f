//! The settings of one `cjson` instance.

/// What is done with NaN and the infinities, which JSON has no form for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvalidNumbers {
    Refuse,
    Allow,
    Null,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    /// Whether a sparse array is written as an object rather than refused.
    pub(crate) sparse_convert: bool,
    /// An array is sparse with more than this many places for each element; 0 is never.
    pub(crate) sparse_ratio: i32,
    /// No array with fewer places than this is sparse.
    pub(crate) sparse_safe: i32,
    pub(crate) encode_max_depth: i32,
    pub(crate) decode_max_depth: i32,
    /// Significant digits.
    pub(crate) number_precision: i32,
    /// Kept for those who ask. The buffer is always kept, up to a bound.
    pub(crate) keep_buffer: bool,
    pub(crate) encode_invalid_numbers: InvalidNumbers,
    /// Whether hexadecimal, leading zeros, NaN and infinities are read.
    pub(crate) decode_invalid_numbers: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            sparse_convert: false,
            sparse_ratio: 2,
            sparse_safe: 10,
            encode_max_depth: 1000,
            decode_max_depth: 1000,
            number_precision: 14,
            keep_buffer: true,
            encode_invalid_numbers: InvalidNumbers::Refuse,
            decode_invalid_numbers: true,
        }
    }
}
