//! BITPOS: where the first 1 or the first 0 is.
//!
//! A string is thought to go on with zeros behind its end, unless an end was given: the first 0 of `\xff` is at 8, but
//! there is none from byte 0 to byte -1.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;

use super::range::Unit;
use super::words;

pub(super) const BITPOS: Command = Command::new("bitpos", bitpos)
    .since("2.8.7")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&BITPOS_DOCS);

fn bitpos(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let wanted = match args.int()? {
        0 => false,
        1 => true,
        _ => return Err(CommandError::other("ERR The bit argument must be 1 or 0.")),
    };
    let range = Range::parse(args)?;
    args.finish()?;

    let mut scratch = IntText::new();
    let place = match cx.db.string(key)? {
        Some(string) => range.find(wanted, string.bytes(&mut scratch)),
        None if wanted => None,
        // A missing key is zeros from its first bit on, whatever the range says.
        None => Some(0),
    };
    reply.int(place.map_or(-1, u64::cast_signed));
    Ok(Flow::Done)
}

/// What is searched: `start` to `end`.
struct Range {
    start: i64,
    end: Option<i64>,
    unit: Unit,
}

impl Range {
    /// `[start [end [BYTE|BIT]]]`; a wrong unit is told before a wrong end.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        if args.is_empty() {
            return Ok(Self { start: 0, end: None, unit: Unit::Byte });
        }
        if args.remaining() > 3 {
            return Err(CommandError::Syntax);
        }
        let start = args.int()?;
        let unit = args.rest().nth(1).map_or(Ok(Unit::Byte), Unit::parse)?;
        let end = if args.is_empty() { None } else { Some(args.int()?) };
        args.skip(args.remaining())?;
        Ok(Self { start, end, unit })
    }

    fn find(&self, wanted: bool, bytes: &[u8]) -> Option<u64> {
        let bits = self.unit.bits_between(self.start, self.end.unwrap_or(-1), bytes.len());
        if wanted {
            return words::first_one(bytes, bits);
        }
        let behind = if self.end.is_none() && !bits.is_empty() { Some(bits.end) } else { None };
        words::first_zero(bytes, bits).or(behind)
    }
}

const BITPOS_DOCS: Docs =
    Docs::new("Finds the first bit of a string, or of a part of it, that is 1 or 0.", Group::Bitmap, "O(N)")
        .history(&[("7.0.0", "Takes `BYTE` or `BIT`, which the range counts.")])
        .arguments(&[
            Arg::key("key", 0),
            Arg::integer("bit"),
            Arg::block(
                "range",
                &[
                    Arg::integer("start"),
                    Arg::block(
                        "end-unit-block",
                        &[
                            Arg::integer("end"),
                            Arg::one_of("unit", &[Arg::pure_token("byte", "BYTE"), Arg::pure_token("bit", "BIT")])
                                .since("7.0.0")
                                .optional(),
                        ],
                    )
                    .optional(),
                ],
            )
            .optional(),
        ]);
