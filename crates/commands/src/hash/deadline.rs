//! Deadlines of fields as arguments.

use command_api::{CommandError, Context};
use stdx::UnixMs;
use stdx::num;

/// The last millisecond at which a field may expire: 46 bits, in the year 4199. Redis's limit; it is visible as an error.
const LATEST: UnixMs = UnixMs((1 << 46) - 1);

const NEGATIVE: CommandError = CommandError::other("ERR invalid expire time, must be >= 0");

/// How a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Milliseconds,
}

/// From when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Now,
    Epoch,
}

/// The unit and origin behind EX, PX, EXAT and PXAT.
pub(super) const WORDS: [(&str, Unit, Origin); 4] = [
    ("EX", Unit::Seconds, Origin::Now),
    ("PX", Unit::Milliseconds, Origin::Now),
    ("EXAT", Unit::Seconds, Origin::Epoch),
    ("PXAT", Unit::Milliseconds, Origin::Epoch),
];

pub(super) fn parse(cx: &Context<'_>, number: &[u8], unit: Unit, origin: Origin) -> Result<UnixMs, CommandError> {
    let number = num::parse_i64(number).ok_or(CommandError::NotInteger)?;
    if number < 0 {
        return Err(NEGATIVE);
    }
    let ms = match unit {
        Unit::Seconds => number.checked_mul(1000),
        Unit::Milliseconds => Some(number),
    };
    let at = match origin {
        Origin::Now => ms.and_then(|ms| cx.now().checked_add_ms(ms)),
        Origin::Epoch => ms.map(UnixMs),
    };
    at.filter(|at| *at <= LATEST).ok_or(CommandError::InvalidExpire(cx.name))
}

/// Whether a field with the deadline `at` is gone before it can be seen. What a primary or a file says is taken as it is: the
/// field's end will be said as well.
pub(super) fn has_come(cx: &Context<'_>, at: UnixMs) -> bool {
    at <= cx.now() && !cx.caller.trusted
}
