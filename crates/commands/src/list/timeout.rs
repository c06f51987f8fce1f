//! How long a command waits: seconds with a fraction.

use command_api::{CommandError, Context};
use stdx::{UnixMs, num};

const NOT_FLOAT: CommandError = CommandError::other("ERR timeout is not a float or out of range");
const OUT_OF_RANGE: CommandError = CommandError::other("ERR timeout is out of range");
const NEGATIVE: CommandError = CommandError::other("ERR timeout is negative");

/// Until when `seconds` from now is; `None` for 0, which is for ever. Parts of a millisecond count as a whole one.
pub(super) fn deadline(cx: &Context<'_>, seconds: &[u8]) -> Result<Option<UnixMs>, CommandError> {
    let seconds = num::parse_f64(seconds).ok_or(NOT_FLOAT)?;
    let ms = (seconds * 1000.0).ceil();
    if ms < 0.0 {
        return Err(NEGATIVE);
    }
    // 2^63, the first double that no integer is.
    if ms >= 9_223_372_036_854_775_808.0 {
        return Err(OUT_OF_RANGE);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a whole number within i64")]
    let ms = ms as i64;
    match ms {
        0 => Ok(None),
        ms => cx.now().0.checked_add(ms).map(|at| Some(UnixMs(at))).ok_or(OUT_OF_RANGE),
    }
}
