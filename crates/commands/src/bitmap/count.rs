//! BITCOUNT: how many bits are 1.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;

use super::range::Unit;
use super::words;

pub(super) const BITCOUNT: Command = Command::new("bitcount", bitcount)
    .since("2.6.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&BITCOUNT_DOCS);

fn bitcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let range = Range::parse(args)?;
    args.finish()?;

    let mut scratch = IntText::new();
    let count = match cx.db.string(key)? {
        Some(string) => {
            let bytes = string.bytes(&mut scratch);
            words::count_ones(bytes, range.bits(bytes.len()))
        }
        None => 0,
    };
    reply.int(count.cast_signed());
    Ok(Flow::Done)
}

/// What is counted: `start` to `end`.
struct Range {
    start: i64,
    end: i64,
    unit: Unit,
}

impl Range {
    /// `[start end [BYTE|BIT]]`. A start needs an end, unlike in BITPOS.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        match args.remaining() {
            0 => return Ok(Self { start: 0, end: -1, unit: Unit::Byte }),
            2 | 3 => {}
            _ => return Err(CommandError::Syntax),
        }
        let (start, end) = (args.int()?, args.int()?);
        let unit = if args.is_empty() { Unit::Byte } else { Unit::parse(args.bytes()?)? };
        Ok(Self { start, end, unit })
    }

    fn bits(&self, len: usize) -> std::ops::Range<u64> {
        // Two ends before the string's beginning would both be taken for it; when they are the wrong way round, nothing is meant.
        if self.end < self.start && self.start < 0 {
            return 0..0;
        }
        self.unit.bits_between(self.start, self.end, len)
    }
}

const BITCOUNT_DOCS: Docs =
    Docs::new("Counts the bits of a string, or of a part of it, that are 1.", Group::Bitmap, "O(N)")
        .history(&[("7.0.0", "Takes `BYTE` or `BIT`, which the range counts.")])
        .arguments(&[
            Arg::key("key", 0),
            Arg::block(
                "range",
                &[
                    Arg::integer("start"),
                    Arg::integer("end"),
                    Arg::one_of("unit", &[Arg::pure_token("byte", "BYTE"), Arg::pure_token("bit", "BIT")])
                        .since("7.0.0")
                        .optional(),
                ],
            )
            .optional(),
        ]);
