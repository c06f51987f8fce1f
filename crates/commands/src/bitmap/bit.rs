//! SETBIT, GETBIT: one bit.
//!
//! SETBIT of a bit that is so already is no change: nothing is told and nothing is propagated, and only the encoding shows that
//! the string was opened for editing.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use stdx::num::IntText;

use super::offset;

pub(super) const SETBIT: Command = Command::new("setbit", setbit)
    .since("2.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&SETBIT_DOCS);

pub(super) const GETBIT: Command = Command::new("getbit", getbit)
    .since("2.2.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GETBIT_DOCS);

fn setbit(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = offset::parse(args.bytes()?, cx)?;
    let bit = bit(args.bytes()?)?;
    args.finish()?;
    let index = offset::byte_index(offset)?;
    let mask = offset::mask(offset);

    let (was, changed) = cx.db.edit_string_counted(key, index + 1, |bytes, grown| {
        let byte = &mut bytes[index];
        let was = *byte & mask != 0;
        *byte = if bit { *byte | mask } else { *byte & !mask };
        let changed = grown || was != bit;
        (u64::from(changed), (was, changed))
    })?;
    if changed {
        cx.notify(Event::String, "setbit", key);
    }

    reply.int(i64::from(was));
    Ok(Flow::Done)
}

fn getbit(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = offset::parse(args.bytes()?, cx)?;
    args.finish()?;
    let index = offset::byte_index(offset)?;

    let mut scratch = IntText::new();
    let string = cx.db.string(key)?;
    let byte = string.and_then(|string| string.bytes(&mut scratch).get(index)).copied().unwrap_or(0);
    reply.int(i64::from(byte & offset::mask(offset) != 0));
    Ok(Flow::Done)
}

/// `1` or `0`, in any form that is an integer.
fn bit(text: &[u8]) -> Result<bool, CommandError> {
    match stdx::num::parse_i64(text) {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(CommandError::NotIntegerOf("bit")),
    }
}

const SETBIT_DOCS: Docs =
    Docs::new("Sets one bit of a string, which grows as needed, and tells what the bit was.", Group::Bitmap, "O(1)")
        .arguments(&[Arg::key("key", 0), Arg::integer("offset"), Arg::integer("value")]);

const GETBIT_DOCS: Docs = Docs::new("Tells one bit of a string; past its end all bits are 0.", Group::Bitmap, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("offset")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn a_bit_is_set_and_told() {
        check(
            r"
            > SETBIT k 7 1         => 0
            > GET k                => '\x01'
            > GETBIT k 7           => 1
            > GETBIT k 6           => 0
            > SETBIT k 0 1         => 0
            > GET k                => '\x81'
            > SETBIT k 7 0         => 1
            > SETBIT k 7 0         => 0
            > GET k                => '\x80'
            > TYPE k               => string
        ",
        );
    }

    #[test]
    fn setting_a_bit_behind_the_end_fills_with_zeros() {
        check(
            r"
            > SETBIT k 17 1        => 0
            > GET k                => '\x00\x00\x40'
            > SETBIT k 8 0         => 0
            > STRLEN k             => 3
            > SETBIT k 24 0        => 0
            > GET k                => '\x00\x00\x40\x00'
            > SETBIT new 0 0       => 0
            > GET new              => '\x00'
            > SETBIT far 100000 1  => 0
            > STRLEN far           => 12501
            > GETBIT far 100000    => 1
            > BITCOUNT far         => 1
        ",
        );
    }

    #[test]
    fn bits_behind_the_end_and_of_a_missing_key_are_zero() {
        check(
            r#"
            > SET k "\xff"         => OK
            > GETBIT k 7           => 1
            > GETBIT k 8           => 0
            > GETBIT k 4294967295  => 0
            > GETBIT missing 0     => 0
            > GETBIT missing 4294967295 => 0
            > EXISTS missing       => 0
        "#,
        );
    }

    #[test]
    fn an_offset_is_a_number_below_4_gi() {
        check(
            r#"
            > SETBIT k -1 1                   => (error) ERR bit offset is not an integer or out of range
            > SETBIT k x 1                    => (error) ERR bit offset is not an integer or out of range
            > SETBIT k "" 1                   => (error) ERR bit offset is not an integer or out of range
            > SETBIT k +1 1                   => (error) ERR bit offset is not an integer or out of range
            > SETBIT k 01 1                   => (error) ERR bit offset is not an integer or out of range
            > SETBIT k 1.0 1                  => (error) ERR bit offset is not an integer or out of range
            > SETBIT k 4294967296 1           => (error) ERR bit offset is not an integer or out of range
            > SETBIT k 9223372036854775808 1  => (error) ERR bit offset is not an integer or out of range
            > GETBIT k -1                     => (error) ERR bit offset is not an integer or out of range
            > GETBIT k 4294967296             => (error) ERR bit offset is not an integer or out of range
            > GETBIT k 18446744073709551616   => (error) ERR bit offset is not an integer or out of range
            > EXISTS k                        => 0
        "#,
        );
    }

    #[test]
    fn a_bit_is_0_or_1_and_the_offset_is_told_first() {
        check(
            r#"
            > SETBIT k 0 2                    => (error) ERR bit is not an integer or out of range
            > SETBIT k 0 -1                   => (error) ERR bit is not an integer or out of range
            > SETBIT k 0 x                    => (error) ERR bit is not an integer or out of range
            > SETBIT k 0 01                   => (error) ERR bit is not an integer or out of range
            > SETBIT k 0 ""                   => (error) ERR bit is not an integer or out of range
            > SETBIT k 4294967295 2           => (error) ERR bit is not an integer or out of range
            > SETBIT k 4294967296 2           => (error) ERR bit offset is not an integer or out of range
            > SETBIT k 0                      => (error) ERR wrong number of arguments for 'setbit' command
            > SETBIT k 0 1 1                  => (error) ERR wrong number of arguments for 'setbit' command
            > GETBIT k                        => (error) ERR wrong number of arguments for 'getbit' command
            > GETBIT k 0 1                    => (error) ERR wrong number of arguments for 'getbit' command
            > EXISTS k                        => 0
        "#,
        );
    }

    #[test]
    fn an_integer_has_the_bits_of_its_digits() {
        check(
            r"
            @skip-encodings restore a restored string is int or embstr where it can be
            > SET k 10             => OK
            > GETBIT k 2           => 1
            > GETBIT k 15          => 0
            > GETBIT k 16          => 0
            > OBJECT ENCODING k    => 'int'
            > SETBIT k 15 1        => 0
            > GET k                => '11'
            > OBJECT ENCODING k    => 'raw'
            > INCR k               => 12
        ",
        );
    }

    #[test]
    fn a_string_opened_for_a_bit_is_raw_even_where_the_bit_was_so() {
        check(
            r"
            @skip-encodings restore a restored string is int or embstr where it can be
            > SET k 10             => OK
            > SETBIT k 0 0         => 0
            > OBJECT ENCODING k    => 'raw'
            > GET k                => '10'
            > SET e abc            => OK
            > OBJECT ENCODING e    => 'embstr'
            > SETBIT e 1 1         => 1
            > OBJECT ENCODING e    => 'raw'
            > SETBIT new 0 0       => 0
            > OBJECT ENCODING new  => 'raw'
        ",
        );
    }

    #[test]
    fn a_list_has_no_bits() {
        check(
            r"
            > RPUSH l a                 => 1
            > SET a x                   => OK
            > SETBIT l 0 1              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GETBIT l 0                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITCOUNT l                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITPOS l 1                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITOP AND d a l           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITOP NOT d l             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITFIELD l                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITFIELD l GET u8 0       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITFIELD l SET u8 0 1     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITFIELD_RO l GET u8 0    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BITFIELD_RO l             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SETBIT l x 1              => (error) ERR bit offset is not an integer or out of range
            > SETBIT l 0 2              => (error) ERR bit is not an integer or out of range
            > GETBIT l -1               => (error) ERR bit offset is not an integer or out of range
            > BITPOS l 2                => (error) ERR The bit argument must be 1 or 0.
            > BITOP NOT d a l           => (error) ERR BITOP NOT must be called with a single source key.
            > BITOP XXX d l             => (error) ERR syntax error
            > BITFIELD l GET x9 0       => (error) ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.
            > LRANGE l 0 -1             => ['a']
            > BITOP AND l a b           => 1
            > TYPE l                    => string
            ",
        );
    }

    #[test]
    fn indexes_are_read_before_the_key() {
        check(
            r"
            @since 7.2
            > RPUSH l a                 => 1
            > BITCOUNT l 0 x            => (error) ERR value is not an integer or out of range
            > BITPOS l 1 x              => (error) ERR value is not an integer or out of range
            ",
        );
    }
}
