//! Indexes and elements on the wire: what the commands of arrays share.
//!
//! An index is unsigned and counts from the start only; the highest is 2^64-2, so that a length fits. Where one is past the
//! signed integers of the protocol it is answered as a big number (a bulk string in RESP2).

use command_api::{Args, CommandError, Reply};
use stdx::num;
use value::{ARRAY_MAX_INDEX, ArrayElement, ElementText};

pub(super) const INVALID_INDEX: CommandError = CommandError::other("ERR invalid array index");
pub(super) const NOT_POSITIVE: CommandError = CommandError::other("ERR value is out of range, must be positive");

/// The next argument as an index.
pub(super) fn next(args: &mut Args<'_>) -> Result<u64, CommandError> {
    parse(args.bytes()?)
}

pub(super) fn parse(text: &[u8]) -> Result<u64, CommandError> {
    num::parse_u64(text).filter(|&index| index <= ARRAY_MAX_INDEX).ok_or(INVALID_INDEX)
}

/// The number behind LIMIT.
pub(super) fn limit(args: &mut Args<'_>) -> Result<usize, CommandError> {
    let limit = args.int()?;
    usize::try_from(limit).ok().filter(|&limit| limit > 0).ok_or(NOT_POSITIVE)
}

/// A range by its bounds as they came: whether it runs backwards, and its lower and its upper end.
pub(super) fn ordered(start: u64, end: u64) -> (bool, u64, u64) {
    (start > end, start.min(end), start.max(end))
}

pub(super) fn answer(reply: &mut Reply<'_>, index: u64) {
    match i64::try_from(index) {
        Ok(int) => reply.int(int),
        Err(_) => reply.big_number(index.to_string()),
    }
}

pub(super) fn answer_element(reply: &mut Reply<'_>, element: Option<ArrayElement<'_>>) {
    match element {
        Some(element) => reply.bulk(element.text(&mut ElementText::new())),
        None => reply.null(),
    }
}
