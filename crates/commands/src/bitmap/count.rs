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

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn all_ones_are_counted() {
        check(
            r#"
            > SET s foobar            => OK
            > BITCOUNT s              => 26
            > BITCOUNT missing        => 0
            > SET empty ""            => OK
            > BITCOUNT empty          => 0
            > BITCOUNT empty 0 -1     => 0
            > BITCOUNT empty 0 0 BIT  => 0
            > SET i 1234567           => OK
            > BITCOUNT i              => 26
            > BITCOUNT i 0 2          => 10
            > OBJECT ENCODING i       => 'int'
            > SET long ${x*5000}      => OK
            > BITCOUNT long           => 20000
            > BITCOUNT long 1 -2      => 19992
            > BITCOUNT long 3 -4 BIT  => 19998
        "#,
        );
    }

    #[test]
    fn ranges_of_bytes_are_cut_to_the_string() {
        check(
            r"
            > SET s foobar            => OK
            > BITCOUNT s 0 0          => 4
            > BITCOUNT s 1 1          => 6
            > BITCOUNT s 1 1 BYTE     => 6
            > BITCOUNT s -3 -1        => 10
            > BITCOUNT s 5 -1         => 4
            > BITCOUNT s 0 100        => 26
            > BITCOUNT s -100 -1      => 26
            > BITCOUNT s 3 2          => 0
            > BITCOUNT s -2 -5        => 0
            > BITCOUNT s 100 200      => 0
            > BITCOUNT s -9223372036854775808 9223372036854775807 => 26
            > BITCOUNT s 9223372036854775807 9223372036854775807  => 0
            > BITCOUNT missing 0 -1   => 0
        ",
        );
    }

    #[test]
    fn an_end_before_the_beginning_is_the_beginning_unless_the_range_is_turned_round() {
        check(
            r"
            > SET s foobar            => OK
            > BITCOUNT s -100 -90     => 4
            > BITCOUNT s 0 -90        => 4
            > BITCOUNT s -100 -101    => 0
            > BITCOUNT s -9223372036854775808 -9223372036854775807 => 4
            > BITCOUNT s -9223372036854775807 -9223372036854775808 => 0
        ",
        );
    }

    #[test]
    fn ranges_may_count_bits() {
        check(
            r"
            > SET s foobar               => OK
            > BITCOUNT s 5 30 BIT        => 17
            > BITCOUNT s 5 30 bit        => 17
            > BITCOUNT s -8 -1 BIT       => 4
            > BITCOUNT s -1 -1 BIT       => 0
            > BITCOUNT s 1 1 BIT         => 1
            > BITCOUNT s 44 1000 BIT     => 1
            > BITCOUNT s 47 47 BIT       => 0
            > BITCOUNT s 48 48 BIT       => 0
            > BITCOUNT s 0 -48 BIT       => 0
            > BITCOUNT s -100 -1 BIT     => 26
            > BITCOUNT s -100 -90 BIT    => 0
            > BITCOUNT s -9223372036854775808 9223372036854775807 BIT => 26
            > BITCOUNT missing 0 -1 BIT  => 0
        ",
        );
    }

    #[test]
    fn arguments_are_checked_before_the_key() {
        check(
            r"
            @since 7.2 valkey 8.0
            > SET s foobar                  => OK
            > BITCOUNT s x 0                => (error) ERR value is not an integer or out of range
            > BITCOUNT s 0 x                => (error) ERR value is not an integer or out of range
            > BITCOUNT s x 0 FOO            => (error) ERR value is not an integer or out of range
            > BITCOUNT s 9223372036854775808 0 => (error) ERR value is not an integer or out of range
            > BITCOUNT s 0 0 BITS           => (error) ERR syntax error
            > BITCOUNT s 0 0 BIT x          => (error) ERR syntax error
            > BITCOUNT s x 0 BYTE BYTE      => (error) ERR syntax error
            > BITCOUNT missing x 0          => (error) ERR value is not an integer or out of range
            > BITCOUNT missing 0 1 FOO      => (error) ERR syntax error
            > BITCOUNT missing 0 1 BIT x    => (error) ERR syntax error
            > BITCOUNT                      => (error) ERR wrong number of arguments for 'bitcount' command
        ",
        );
    }

    #[test]
    fn a_start_needs_an_end() {
        check(
            r"
            @since 7.2
            @only redis ochre
            > SET s foobar           => OK
            > BITCOUNT s 0           => (error) ERR syntax error
            > BITCOUNT s x           => (error) ERR syntax error
            > BITCOUNT s BIT         => (error) ERR syntax error
            > BITCOUNT s 0 x FOO     => (error) ERR value is not an integer or out of range
            > BITCOUNT missing 0     => (error) ERR syntax error
        ",
        );
    }
}
