//! Strings by the byte: APPEND, STRLEN, GETRANGE, SUBSTR, SETRANGE.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Ttl;
use stdx::num::IntText;
use value::StringRef;

pub(super) const APPEND: Command = Command::new("append", append)
    .since("2.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&APPEND_DOCS);

pub(super) const STRLEN: Command = Command::new("strlen", strlen)
    .since("2.2.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&STRLEN_DOCS);

pub(super) const GETRANGE: Command = Command::new("getrange", getrange)
    .since("2.4.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GETRANGE_DOCS);

pub(super) const SUBSTR: Command = Command::new("substr", getrange)
    .since("1.0.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&SUBSTR_DOCS);

pub(super) const SETRANGE: Command = Command::new("setrange", setrange)
    .since("2.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&SETRANGE_DOCS);

const BAD_OFFSET: CommandError = CommandError::other("ERR offset is out of range");

fn append(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let tail = args.bytes()?;
    args.finish()?;
    let len = match cx.db.string_for_update(key)?.map(StringRef::len) {
        Some(before) => {
            let len = checked_len(cx, before, tail)?;
            cx.db.edit_string(key, len, |bytes| copy_to(bytes, before, tail))?;
            len
        }
        None => {
            cx.db.set_string(key, StringRef::new(tail), Ttl::Clear);
            tail.len()
        }
    };
    cx.notify(Event::String, "append", key);
    reply.len(len);
    Ok(Flow::Done)
}

fn strlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    reply.len(cx.db.string(key)?.map_or(0, StringRef::len));
    Ok(Flow::Done)
}

fn getrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let start = args.int()?;
    let end = args.int()?;
    args.finish()?;
    let mut scratch = IntText::new();
    let bytes = cx.db.string(key)?.map_or(&[][..], |string| string.bytes(&mut scratch));
    reply.bulk(slice(bytes, start, end));
    Ok(Flow::Done)
}

fn setrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = args.int()?;
    let patch = args.bytes()?;
    args.finish()?;
    if offset < 0 {
        return Err(BAD_OFFSET);
    }
    let before = cx.db.string_for_update(key)?.map_or(0, StringRef::len);
    if patch.is_empty() {
        reply.len(before);
        return Ok(Flow::Done);
    }
    let offset = usize::try_from(offset).map_err(|_| CommandError::StringTooLong)?;
    let len = checked_len(cx, offset, patch)?;

    cx.db.edit_string(key, len, |bytes| copy_to(bytes, offset, patch))?;
    cx.notify(Event::String, "setrange", key);
    reply.len(len.max(before));
    Ok(Flow::Done)
}

/// The length of `before` bytes and `more` behind them, if a string may be that long. What a replication stream or a file asks
/// for was allowed where it came from.
fn checked_len(cx: &Context<'_>, before: usize, more: &[u8]) -> Result<usize, CommandError> {
    let len = before.checked_add(more.len()).ok_or(CommandError::StringTooLong)?;
    let allowed = cx.caller.trusted || len as u64 <= cx.tunables.proto_max_bulk_len_bytes;
    if allowed { Ok(len) } else { Err(CommandError::StringTooLong) }
}

/// Copies `patch` over the bytes from `at` on; there is room for it.
fn copy_to(bytes: &mut [u8], at: usize, patch: &[u8]) {
    let place = bytes.get_mut(at..).and_then(|from| from.get_mut(..patch.len()));
    if let Some(place) = place {
        place.copy_from_slice(patch);
    }
}

/// The bytes from `start` to `end`, both included; negative ones count from the end, and what lies outside is cut. A range that
/// ends before the string begins still gives its first byte, as in Redis, unless it runs backwards.
fn slice(bytes: &[u8], start: i64, end: i64) -> &[u8] {
    let len = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    if start < 0 && end < 0 && start > end {
        return &[];
    }
    let from_end = |index: i64| if index < 0 { index.saturating_add(len).max(0) } else { index };
    let (start, end) = (from_end(start), from_end(end).min(len.saturating_sub(1)));
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start <= end => bytes.get(start..=end).unwrap_or_default(),
        _ => &[],
    }
}

const APPEND_DOCS: Docs = Docs::new(
    "Adds bytes behind the end of a string.",
    Group::String,
    "O(1) amortized, for a short tail: a string that grows is given room to grow further.",
)
.arguments(&[Arg::key("key", 0), Arg::string("value")]);

const STRLEN_DOCS: Docs =
    Docs::new("Returns the length of a string in bytes.", Group::String, "O(1)").arguments(&[Arg::key("key", 0)]);

const GETRANGE_DOCS: Docs = Docs::new(
    "Returns a part of a string, by the indexes of its first and last byte.",
    Group::String,
    "O(N) where N is the length of the part.",
)
.arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("end")]);

const SUBSTR_DOCS: Docs = Docs::new(
    "Returns a part of a string: the old name of GETRANGE.",
    Group::String,
    "O(N) where N is the length of the part.",
)
.deprecated("2.0.0", "`GETRANGE`")
.arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("end")]);

const SETRANGE_DOCS: Docs = Docs::new(
    "Overwrites a part of a string from an offset on, with zeros in a gap before it.",
    Group::String,
    "O(M) where M is the length of the value, and of the string where it has to move.",
)
.arguments(&[Arg::key("key", 0), Arg::integer("offset"), Arg::string("value")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use super::*;
    use crate::told::check_told;

    #[test]
    fn append_makes_or_lengthens_a_string() {
        check(
            r#"
            > APPEND k ''               => 0
            > EXISTS k                  => 1
            > APPEND k ab               => 2
            > APPEND k "\x00c"          => 4
            > GET k                     => 'ab\x00c'
            > APPEND k ''               => 4
            > SET n 12 EX 100           => OK
            > APPEND n 3                => 3
            > INCR n                    => 124
            > TTL n                     => 100
            > APPEND k                  => (error) ERR wrong number of arguments for 'append' command
            "#,
        );
        check_told(&[("APPEND k v", "append:k", "="), ("APPEND k w", "append:k", "="), ("APPEND k ", "append:k", "=")]);
    }

    #[test]
    fn append_leaves_a_string_raw_unless_it_makes_it() {
        check(
            r"
            @skip-encodings restore a string comes back as if it had been SET
            > APPEND n 12               => 2
            > OBJECT ENCODING n         => 'int'
            > APPEND n ''               => 2
            > OBJECT ENCODING n         => 'raw'
            > INCR n                    => 13
            > OBJECT ENCODING n         => 'int'
            > SETRANGE m 0 12           => 2
            > OBJECT ENCODING m         => 'raw'
            ",
        );
    }

    #[test]
    fn strlen_counts_bytes() {
        check(
            r#"
            > STRLEN k                  => 0
            > SET k "h\xc3\xa9"         => OK
            > STRLEN k                  => 3
            > SET k -12                 => OK
            > STRLEN k                  => 3
            > SET k ''                  => OK
            > STRLEN k                  => 0
            > STRLEN                    => (error) ERR wrong number of arguments for 'strlen' command
            "#,
        );
    }

    #[test]
    fn getrange_cuts_what_lies_outside() {
        check(
            r"
            > SET k hello               => OK
            > GETRANGE k 0 -1           => 'hello'
            > GETRANGE k 1 3            => 'ell'
            > GETRANGE k -3 -1          => 'llo'
            > GETRANGE k -100 100       => 'hello'
            > GETRANGE k 3 1            => ''
            > GETRANGE k -1 -3          => ''
            > GETRANGE k 5 10           => ''
            > GETRANGE k -100 0         => 'h'
            > GETRANGE k -100 -50       => 'h'
            > GETRANGE k -9223372036854775808 9223372036854775807  => 'hello'
            > GETRANGE missing 0 -1     => ''
            > SUBSTR k 1 2              => 'el'
            > SUBSTR missing 0 1        => ''
            > SET n -12                 => OK
            > GETRANGE n 0 1            => '-1'
            > GETRANGE k a 1            => (error) ERR value is not an integer or out of range
            > GETRANGE missing 0 b      => (error) ERR value is not an integer or out of range
            > GETRANGE k 0              => (error) ERR wrong number of arguments for 'getrange' command
            > SUBSTR k 0                => (error) ERR wrong number of arguments for 'substr' command
            ",
        );
    }

    #[test]
    fn setrange_fills_the_gap_with_zeros() {
        check(
            r"
            > SETRANGE k 0 ''           => 0
            > SETRANGE k 5 ''           => 0
            > EXISTS k                  => 0
            > SETRANGE k 2 ab           => 4
            > GET k                     => '\x00\x00ab'
            > SETRANGE k 0 xyz          => 4
            > GET k                     => 'xyzb'
            > SETRANGE k 3 123          => 6
            > GET k                     => 'xyz123'
            > SETRANGE k 1 ''           => 6
            > SETRANGE k 9223372036854775807 ''  => 6
            > SET n 12345 EX 100        => OK
            > SETRANGE n 1 99           => 5
            > GET n                     => '19945'
            > TTL n                     => 100
            > SETRANGE k -1 x           => (error) ERR offset is out of range
            > SETRANGE k -1 ''          => (error) ERR offset is out of range
            > SETRANGE k abc x          => (error) ERR value is not an integer or out of range
            > SETRANGE k 0              => (error) ERR wrong number of arguments for 'setrange' command
            ",
        );
        check_told(&[("SETRANGE k 0 ", "", ""), ("SETRANGE k 2 v", "setrange:k", "="), ("SETRANGE k 9 ", "", "")]);
    }

    #[test]
    fn no_string_grows_past_the_limit() {
        check(
            r"
            @config proto-max-bulk-len 1mb
            > SETRANGE k 1048575 x      => 1048576
            > SETRANGE k 1048576 x      => (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > SETRANGE k 9223372036854775807 x  => (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > SETRANGE new 1048576 x    => (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > APPEND k x                => (error) ERR string exceeds maximum allowed size (proto-max-bulk-len)
            > APPEND k ''               => 1048576
            > STRLEN k                  => 1048576
            > EXISTS new                => 0
            ",
        );
    }

    #[test]
    fn slices_agree_with_a_plain_reading_of_the_rules() {
        let bytes = b"abcde";
        for start in -8_i64..8 {
            for end in -8_i64..8 {
                let absolute = |index: i64| if index < 0 { (index + 5).max(0) } else { index };
                let wanted: Vec<u8> = (0..5_i64)
                    .zip(bytes)
                    .filter(|(index, _)| absolute(start) <= *index && *index <= absolute(end))
                    .map(|(_, byte)| *byte)
                    .collect();
                let backwards = start < 0 && end < 0 && start > end;
                assert_eq!(slice(bytes, start, end), if backwards { &[][..] } else { &wanted }, "{start} {end}");
                assert_eq!(slice(b"", start, end), b"");
            }
        }
    }
}
