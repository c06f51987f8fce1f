//! How long a command waits: seconds, with a fraction, 0 for ever.

use command_api::CommandError;
use stdx::UnixMs;
use stdx::num;

const NOT_A_TIMEOUT: CommandError = CommandError::other("ERR timeout is not a float or out of range");
const NEGATIVE: CommandError = CommandError::other("ERR timeout is negative");
const TOO_LONG: CommandError = CommandError::other("ERR timeout is out of range");

/// Until when to wait; `None`: for ever.
pub(crate) fn parse_deadline(text: &[u8], now: UnixMs) -> Result<Option<UnixMs>, CommandError> {
    // 2^63 is the first number that is none of milliseconds.
    const TOO_MANY_MS: f64 = 9_223_372_036_854_775_808.0;
    let ms = (num::parse_f64(text).ok_or(NOT_A_TIMEOUT)? * 1000.0).ceil();
    if ms >= TOO_MANY_MS {
        return Err(TOO_LONG);
    }
    if ms < 0.0 {
        return Err(NEGATIVE);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
    let ms = ms as i64;
    if ms == 0 {
        return Ok(None);
    }
    now.checked_add_ms(ms).map(Some).ok_or(TOO_LONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_rounded_up_to_milliseconds() {
        let now = UnixMs(1000);
        for (text, expected) in [
            (&b"0"[..], Ok(None)),
            (b"0.0", Ok(None)),
            (b"1", Ok(Some(UnixMs(2000)))),
            (b"0.0001", Ok(Some(UnixMs(1001)))),
            (b"1e300", Err(TOO_LONG)),
            (b"inf", Err(TOO_LONG)),
            (b"9223372036854775", Err(TOO_LONG)),
            (b"-1", Err(NEGATIVE)),
            (b"-inf", Err(NEGATIVE)),
            (b"nan", Err(NOT_A_TIMEOUT)),
            (b"x", Err(NOT_A_TIMEOUT)),
        ] {
            assert_eq!(parse_deadline(text, now), expected, "{}", text.escape_ascii());
        }
    }
}
