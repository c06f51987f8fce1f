//! Bit offsets as arguments.
//!
//! Bit 0 is the highest bit of the first byte. An offset is refused when its byte could not be part of a string: with the usual
//! `proto-max-bulk-len` of 512 MiB, from 2^32 on. Only the byte that the offset names counts, so BITFIELD may make a string a few
//! bytes longer than that, as in Redis. What comes from a primary or an AOF was accepted there and is not held to the limit here.

use command_api::{CommandError, Context};
use stdx::num;

const INVALID: CommandError = CommandError::NotIntegerOf("bit offset");

/// The offset that `text` says.
///
/// # Errors
/// "bit offset is not an integer or out of range".
pub(super) fn parse(text: &[u8], cx: &Context<'_>) -> Result<u64, CommandError> {
    check(number(text)?, cx)
}

/// As [`parse`], or `#n`: the offset of the n-th field of `width_bits`, counted from 0.
///
/// # Errors
/// "bit offset is not an integer or out of range", also where `#n` is too large to be multiplied.
pub(super) fn parse_of_field(text: &[u8], width_bits: u32, cx: &Context<'_>) -> Result<u64, CommandError> {
    let offset = match text.strip_prefix(b"#") {
        Some(index) => number(index)?.checked_mul(u64::from(width_bits)).ok_or(INVALID)?,
        None => number(text)?,
    };
    check(offset, cx)
}

/// Index of the byte that a bit is in.
///
/// # Errors
/// As [`parse`], where the address space has no such byte.
pub(super) fn byte_index(offset: u64) -> Result<usize, CommandError> {
    usize::try_from(offset / 8).map_err(|_| INVALID)
}

/// The bit of its byte.
pub(super) const fn mask(offset: u64) -> u8 {
    0x80 >> (offset % 8)
}

fn number(text: &[u8]) -> Result<u64, CommandError> {
    let number = num::parse_i64(text).ok_or(INVALID)?;
    u64::try_from(number).map_err(|_| INVALID)
}

fn check(offset: u64, cx: &Context<'_>) -> Result<u64, CommandError> {
    // Anybody's offset is a signed number: beyond that no address space has the byte anyway.
    let allowed = cx.caller.trusted || offset / 8 < cx.tunables.proto_max_bulk_len_bytes;
    if allowed && offset <= i64::MAX.cast_unsigned() { Ok(offset) } else { Err(INVALID) }
}
