//! The text forms of values: what is accepted, what CONFIG GET answers, and the words of each refusal.
//!
//! | form | examples | refused |
//! | --- | --- | --- |
//! | bool | `yes` `No` | `1` `true` |
//! | integer | `0` `-2` | `007` `+5` `0x10` `1kb` |
//! | memory | `100` `1k` = 1000, `1kb` = 1024, `1GB`, `k` = 0, `` = 0 | `1.5gb` `1t` `-1` |
//! | percent | `5%` | `007%` `5 %` `101%` |
//! | octal | `700` `0755` | `8` `1777` |
//!
//! A sum that does not fit 64 bits is refused, as Valkey does; Redis up to 8.8 wraps around (`20000000000gb` becomes 2.8 EB).

use std::borrow::Cow;
use std::fmt::Display;

use stdx::num::parse_i64;

/// Why a value was refused; part of the client's error.
pub type Reason = Cow<'static, str>;

pub(super) const WRONG_ARITY: Reason = Cow::Borrowed("wrong number of arguments");
const NOT_BOOL: Reason = Cow::Borrowed("argument must be 'yes' or 'no'");
const NOT_INTEGER: Reason = Cow::Borrowed("argument couldn't be parsed into an integer");
const NOT_OCTAL: Reason = Cow::Borrowed("argument couldn't be parsed as an octal number");
const NOT_MEMORY: Reason = Cow::Borrowed("argument must be a memory value");
const NOT_MEMORY_OR_PERCENT: Reason = Cow::Borrowed("argument must be a memory or percent value");

/// A limit in bytes, or in percent of `maxmemory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryLimit {
    Bytes(u64),
    Percent(u8),
}

/// No limit.
impl Default for MemoryLimit {
    fn default() -> Self {
        Self::Bytes(0)
    }
}

pub(super) fn parse_bool(text: &[u8]) -> Result<bool, Reason> {
    match () {
        () if text.eq_ignore_ascii_case(b"yes") => Ok(true),
        () if text.eq_ignore_ascii_case(b"no") => Ok(false),
        () => Err(NOT_BOOL),
    }
}

pub(super) const fn format_bool(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

pub(super) fn parse_int(text: &[u8], min: i64, max: i64) -> Result<i64, Reason> {
    let int = parse_i64(text).ok_or(NOT_INTEGER)?;
    if int < min || int > max { Err(out_of_range(min, max)) } else { Ok(int) }
}

/// A mode in octal digits; leading zeros are welcome, `` is 0.
pub(super) fn parse_octal(text: &[u8], max: u32) -> Result<u32, Reason> {
    let mut sum: u64 = 0;
    for digit in text.strip_prefix(b"-").unwrap_or(text) {
        let digit = digit.wrapping_sub(b'0');
        if digit > 7 || sum > 1 << 50 {
            return Err(NOT_OCTAL);
        }
        sum = sum << 3 | u64::from(digit);
    }
    match u32::try_from(sum) {
        Ok(mode) if mode <= max && !text.starts_with(b"-") => Ok(mode),
        _ => Err(out_of_range("0", format!("{max:o}"))),
    }
}

pub(super) fn parse_memory(text: &[u8], min: u64, max: u64) -> Result<u64, Reason> {
    let bytes = memory(text).ok_or(NOT_MEMORY)?;
    if bytes < min || bytes > max { Err(out_of_range(min, max)) } else { Ok(bytes) }
}

pub(super) fn parse_memory_or_percent(text: &[u8]) -> Result<MemoryLimit, Reason> {
    let Some(digits) = text.strip_suffix(b"%") else {
        return memory(text).map(MemoryLimit::Bytes).ok_or(NOT_MEMORY_OR_PERCENT);
    };
    match parse_i64(digits) {
        None | Some(i64::MIN..0) => Err(NOT_MEMORY_OR_PERCENT),
        Some(0) => Ok(MemoryLimit::Bytes(0)),
        Some(percent) => match u8::try_from(percent) {
            Ok(percent @ ..=100) => Ok(MemoryLimit::Percent(percent)),
            _ => Err(Cow::Borrowed("percentage argument must be less or equal to 100")),
        },
    }
}

pub(super) fn format_memory_limit(limit: MemoryLimit) -> String {
    match limit {
        MemoryLimit::Bytes(bytes) => bytes.to_string(),
        MemoryLimit::Percent(percent) => format!("{percent}%"),
    }
}

/// The index of the name that `text` is.
pub(super) fn parse_choice(text: &[u8], names: &[&str]) -> Result<usize, Reason> {
    names.iter().position(|name| text.eq_ignore_ascii_case(name.as_bytes())).ok_or_else(|| not_one_of(names))
}

/// The names that stand in `words`, as bits; the first name stands for none of them.
pub(super) fn parse_flags(words: &[&[u8]], names: &[&str]) -> Result<u32, Reason> {
    words.iter().try_fold(0, |bits, word| {
        let index = parse_choice(word, names)?;
        Ok(if index == 0 { bits } else { bits | 1 << index })
    })
}

pub(super) fn format_flags(bits: u32, names: &[&'static str]) -> String {
    let set: Vec<&str> = (1..names.len()).filter(|index| bits & 1 << index != 0).map(|index| names[index]).collect();
    if set.is_empty() { names.first().copied().unwrap_or_default().to_owned() } else { set.join(" ") }
}

/// A number as C's `strtol` reads all of `text` in base 10: leading zeros and a sign are welcome.
pub(super) fn parse_lenient_int(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Digits and a unit; no digits are zero, for Redis has always read them so.
pub(super) fn memory(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, unit) = text.split_at(digits);
    let count = digits.iter().try_fold(0_u64, |sum, byte| sum.checked_mul(10)?.checked_add(u64::from(byte - b'0')))?;
    let factor = match unit.to_ascii_lowercase().as_slice() {
        b"" | b"b" => 1,
        b"k" => 1000,
        b"kb" => 1 << 10,
        b"m" => 1_000_000,
        b"mb" => 1 << 20,
        b"g" => 1_000_000_000,
        b"gb" => 1 << 30,
        _ => return None,
    };
    count.checked_mul(factor)
}

fn out_of_range(min: impl Display, max: impl Display) -> Reason {
    Cow::Owned(format!("argument must be between {min} and {max} inclusive"))
}

pub(super) fn not_one_of(names: &[&str]) -> Reason {
    Cow::Owned(format!("argument(s) must be one of the following: {}", names.join(", ")))
}
