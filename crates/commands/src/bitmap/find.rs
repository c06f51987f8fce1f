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

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn the_first_one_and_the_first_zero_are_found() {
        check(
            r#"
            > SET k "\xff\xf0\x00"    => OK
            > BITPOS k 0              => 12
            > BITPOS k 1              => 0
            > SET k "\x00\xff\xf0"    => OK
            > BITPOS k 0              => 0
            > BITPOS k 1              => 8
            > BITPOS k 1 0            => 8
            > BITPOS k 1 2            => 16
            > BITPOS k 0 1            => 20
            > SET k "\x00\x00\x00"    => OK
            > BITPOS k 1              => -1
            > BITPOS k 1 1            => -1
            > SET i 10                => OK
            > BITPOS i 1              => 2
            > BITPOS i 0 1            => 8
            > OBJECT ENCODING i       => 'int'
            > SETBIT far 99999 1      => 0
            > BITPOS far 1            => 99999
            > BITPOS far 1 100        => 99999
            > BITPOS far 1 0 -2       => -1
        "#,
        );
    }

    #[test]
    fn zeros_follow_the_end_unless_an_end_is_given() {
        check(
            r#"
            > SET k "\xff\xff\xff"    => OK
            > BITPOS k 0              => 24
            > BITPOS k 0 0            => 24
            > BITPOS k 0 2            => 24
            > BITPOS k 0 -1           => 24
            > BITPOS k 0 -100         => 24
            > BITPOS k 0 3            => -1
            > BITPOS k 0 0 -1         => -1
            > BITPOS k 0 0 2          => -1
            > BITPOS k 0 0 -1 BYTE    => -1
            > BITPOS k 0 0 -1 BIT     => -1
            > BITPOS k 0 0 100 BIT    => -1
            > BITPOS k 0 9223372036854775807 => -1
        "#,
        );
    }

    #[test]
    fn a_missing_key_begins_with_a_zero_and_an_empty_string_has_none() {
        check(
            r#"
            > BITPOS missing 0             => 0
            > BITPOS missing 1             => -1
            > BITPOS missing 0 5           => 0
            > BITPOS missing 0 5 6         => 0
            > BITPOS missing 0 5 6 BIT     => 0
            > BITPOS missing 1 5 6 BIT     => -1
            > EXISTS missing               => 0
            > SET empty ""                 => OK
            > BITPOS empty 0               => -1
            > BITPOS empty 1               => -1
            > BITPOS empty 0 0             => -1
            > BITPOS empty 0 0 0           => -1
            > BITPOS empty 0 0 -1 BIT      => -1
        "#,
        );
    }

    #[test]
    fn ranges_are_of_bytes_or_of_bits() {
        check(
            r#"
            > SET k "\x00\xff\xf0"    => OK
            > BITPOS k 1 2 -1 BYTE    => 16
            > BITPOS k 1 0 0          => -1
            > BITPOS k 1 -1 -1        => 16
            > BITPOS k 1 -1 -5        => -1
            > BITPOS k 1 -100 -90     => -1
            > BITPOS k 0 -100 -101    => 0
            > BITPOS k 1 7 15 BIT     => 8
            > BITPOS k 1 7 15 bit     => 8
            > BITPOS k 1 9 15 BIT     => 9
            > BITPOS k 0 9 15 BIT     => -1
            > BITPOS k 0 9 19 BIT     => -1
            > BITPOS k 0 9 20 BIT     => 20
            > BITPOS k 0 9 -1 BIT     => 20
            > BITPOS k 1 20 23 BIT    => -1
            > BITPOS k 1 -5 -1 BIT    => 19
            > BITPOS k 1 19 19 BIT    => 19
            > BITPOS k 1 24 24 BIT    => -1
            > BITPOS k 0 -100 -101 BIT => 0
            > BITPOS k 0 -9223372036854775808 9223372036854775807 BIT => 0
            > SET z "\x00\x00\x00"    => OK
            > BITPOS z 1 7 -3 BIT     => -1
            > BITPOS z 0 7 -3 BIT     => 7
        "#,
        );
    }

    #[test]
    fn the_bit_is_told_before_the_range() {
        check(
            r#"
            > SET k abc               => OK
            > BITPOS k 2              => (error) ERR The bit argument must be 1 or 0.
            > BITPOS k -1             => (error) ERR The bit argument must be 1 or 0.
            > BITPOS k x              => (error) ERR value is not an integer or out of range
            > BITPOS k ""             => (error) ERR value is not an integer or out of range
            > BITPOS k 01             => (error) ERR value is not an integer or out of range
            > BITPOS k 2 x            => (error) ERR The bit argument must be 1 or 0.
            > BITPOS k 2 0 0 BIT x    => (error) ERR The bit argument must be 1 or 0.
            > BITPOS missing 2        => (error) ERR The bit argument must be 1 or 0.
            > BITPOS missing x        => (error) ERR value is not an integer or out of range
            > BITPOS k                => (error) ERR wrong number of arguments for 'bitpos' command
        "#,
        );
    }

    #[test]
    fn the_range_is_checked_before_the_key() {
        check(
            r#"
            @since 7.2 valkey 8.0
            > SET k abc               => OK
            > BITPOS k 1 x            => (error) ERR value is not an integer or out of range
            > BITPOS k 1 0 x          => (error) ERR value is not an integer or out of range
            > BITPOS k 1 0 BIT        => (error) ERR value is not an integer or out of range
            > BITPOS k 1 0 1 FOO      => (error) ERR syntax error
            > BITPOS k 1 0 x FOO      => (error) ERR syntax error
            > BITPOS k 1 x 0 FOO      => (error) ERR value is not an integer or out of range
            > BITPOS k 1 x 0 BIT x    => (error) ERR syntax error
            > BITPOS missing 1 x      => (error) ERR value is not an integer or out of range
            > BITPOS missing 0 0 x    => (error) ERR value is not an integer or out of range
            > BITPOS missing 0 0 1 FOO => (error) ERR syntax error
        "#,
        );
    }
}
