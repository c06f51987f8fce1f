//! BITOP: a new bitmap from others.
//!
//! The result is as long as the longest source, a missing key being an empty string; an empty result removes the destination.
//! DIFF, DIFF1, ANDOR and ONE are of Redis 8.2.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use stdx::num::IntText;
use value::{StringRef, StringValue, Value};

use super::words::{self, Operation};

pub(super) const BITOP: Command = Command::new("bitop", bitop)
    .since("2.6.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(2).ow().update(), KeySpec::index(3).range(-1, 1, 0).ro().access()])
    .docs(&BITOP_DOCS);

fn bitop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let operation = operation(args.bytes()?)?;
    let destination = args.key()?;
    check_source_count(operation, args.remaining())?;
    let mut sources = Vec::with_capacity(args.remaining());
    while !args.is_empty() {
        sources.push(args.key()?);
    }

    let result = combined(cx, operation, &sources)?;
    let len = result.len();
    if len > 0 {
        cx.db.set_value(destination, Value::String(StringValue::Raw(result)), Ttl::Clear);
        cx.notify(Event::String, "set", destination);
    } else if cx.db.remove(destination) {
        cx.notify(Event::Generic, "del", destination);
    }

    reply.len(len);
    Ok(Flow::Done)
}

fn operation(word: &[u8]) -> Result<Operation, CommandError> {
    const OPERATIONS: [(&str, Operation); 8] = [
        ("and", Operation::And),
        ("or", Operation::Or),
        ("xor", Operation::Xor),
        ("not", Operation::Not),
        ("diff", Operation::Diff),
        ("diff1", Operation::Diff1),
        ("andor", Operation::AndOr),
        ("one", Operation::One),
    ];
    let found = OPERATIONS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()));
    found.map(|(_, operation)| *operation).ok_or(CommandError::Syntax)
}

fn check_source_count(operation: Operation, count: usize) -> Result<(), CommandError> {
    let refusal = match operation {
        Operation::Not if count != 1 => "ERR BITOP NOT must be called with a single source key.",
        Operation::Diff if count < 2 => "ERR BITOP DIFF must be called with at least two source keys.",
        Operation::Diff1 if count < 2 => "ERR BITOP DIFF1 must be called with at least two source keys.",
        Operation::AndOr if count < 2 => "ERR BITOP ANDOR must be called with at least two source keys.",
        Operation::And
        | Operation::Or
        | Operation::Xor
        | Operation::Not
        | Operation::Diff
        | Operation::Diff1
        | Operation::AndOr
        | Operation::One => return Ok(()),
    };
    Err(CommandError::other(refusal))
}

/// What `operation` makes of the strings under `keys`; empty when all of them are.
fn combined(cx: &Context<'_>, operation: Operation, keys: &[Key<'_>]) -> Result<Vec<u8>, CommandError> {
    let mut strings = Vec::with_capacity(keys.len());
    for key in keys {
        strings.push(cx.db.string(*key)?.unwrap_or(StringRef::Raw(&[])));
    }
    let mut texts = vec![IntText::new(); strings.len()];
    let sources: Vec<&[u8]> = strings.iter().zip(&mut texts).map(|(string, text)| string.bytes(text)).collect();
    Ok(words::combine(operation, &sources))
}

const BITOP_DOCS: Docs = Docs::new("Combines bitmaps bit by bit and stores the result.", Group::Bitmap, "O(N)")
    .arguments(&[
        Arg::one_of(
            "operation",
            &[
                Arg::pure_token("and", "AND"),
                Arg::pure_token("or", "OR"),
                Arg::pure_token("xor", "XOR"),
                Arg::pure_token("not", "NOT"),
                Arg::pure_token("diff", "DIFF"),
                Arg::pure_token("diff1", "DIFF1"),
                Arg::pure_token("andor", "ANDOR"),
                Arg::pure_token("one", "ONE"),
            ],
        ),
        Arg::key("destkey", 0),
        Arg::key("key", 1).multiple(),
    ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn bits_are_combined() {
        check(
            r#"
            > SET a "\xf0\x0f"        => OK
            > SET b "\xff"            => OK
            > BITOP AND d a b         => 2
            > GET d                   => '\xf0\x00'
            > BITOP or d a b          => 2
            > GET d                   => '\xff\x0f'
            > BITOP xOr d a b         => 2
            > GET d                   => '\x0f\x0f'
            > BITOP NOT d a           => 2
            > GET d                   => '\x0f\xf0'
            > BITOP XOR d a a         => 2
            > GET d                   => '\x00\x00'
            > BITOP AND d a           => 2
            > GET d                   => '\xf0\x0f'
            > BITOP OR d b a b a      => 2
            > GET d                   => '\xff\x0f'
            > GET a                   => '\xf0\x0f'
            > GET b                   => '\xff'
        "#,
        );
    }

    #[test]
    fn the_operations_of_8_2_set_one_source_against_the_others() {
        check(
            r#"
            @since 8.2
            @only redis ochre
            > SET x "\x0f\xff"        => OK
            > SET y "\x33"            => OK
            > SET z "\x55\x01"        => OK
            > BITOP DIFF d x y z      => 2
            > GET d                   => '\x08\xfe'
            > BITOP DIFF1 d x y z     => 2
            > GET d                   => '\x70\x00'
            > BITOP ANDOR d x y z     => 2
            > GET d                   => '\x07\x01'
            > BITOP ONE d x y z       => 2
            > GET d                   => '\x68\xfe'
            > BITOP one d x           => 2
            > GET d                   => '\x0f\xff'
            > BITOP ONE d y y z       => 2
            > GET d                   => '\x44\x01'
            > BITOP ONE d x x x       => 2
            > GET d                   => '\x00\x00'
            > BITOP diff d y x        => 2
            > GET d                   => '\x30\x00'
        "#,
        );
    }

    #[test]
    fn a_missing_first_source_is_zeros() {
        check(
            r#"
            @since 8.2
            @only redis ochre
            > SET y "\x33"            => OK
            > SET z "\x55\x01"        => OK
            > BITOP DIFF d none y z   => 2
            > GET d                   => '\x00\x00'
            > BITOP DIFF1 d none y z  => 2
            > GET d                   => '\x77\x01'
            > BITOP ANDOR d none y z  => 2
            > GET d                   => '\x00\x00'
            > BITOP ONE d none y z    => 2
            > GET d                   => '\x66\x01'
            > BITOP DIFF d z none     => 2
            > GET d                   => '\x55\x01'
            > BITOP DIFF d none none  => 0
            > EXISTS d                => 0
        "#,
        );
    }

    #[test]
    fn shorter_and_missing_sources_are_zeros() {
        check(
            r#"
            > SET a "\xff\xff\xff"    => OK
            > SET b "\xff"            => OK
            > BITOP AND d a b         => 3
            > GET d                   => '\xff\x00\x00'
            > BITOP AND d b a         => 3
            > GET d                   => '\xff\x00\x00'
            > BITOP OR d b a          => 3
            > GET d                   => '\xff\xff\xff'
            > BITOP XOR d b a         => 3
            > GET d                   => '\x00\xff\xff'
            > BITOP AND d a none      => 3
            > GET d                   => '\x00\x00\x00'
            > BITOP OR d none b       => 1
            > GET d                   => '\xff'
        "#,
        );
    }

    #[test]
    fn an_empty_result_removes_the_destination() {
        check(
            r#"
            > SET d old               => OK
            > BITOP AND d none        => 0
            > EXISTS d                => 0
            > BITOP OR d none none    => 0
            > EXISTS d                => 0
            > SET d old               => OK
            > SET empty ""            => OK
            > BITOP NOT d empty       => 0
            > EXISTS d                => 0
            > SET d old               => OK
            > BITOP XOR d empty none  => 0
            > EXISTS d                => 0
            > BITOP OR empty empty    => 0
            > EXISTS empty            => 0
        "#,
        );
    }

    #[test]
    fn the_destination_may_be_a_source() {
        check(
            r#"
            > SET a "\xf0\x0f"        => OK
            > SET b "\xff"            => OK
            > BITOP AND a a b         => 2
            > GET a                   => '\xf0\x00'
            > BITOP NOT a a           => 2
            > GET a                   => '\x0f\xff'
            > BITOP OR b a b          => 2
            > GET b                   => '\xff\xff'
        "#,
        );
    }

    #[test]
    fn integers_are_combined_by_their_digits_and_the_result_is_raw() {
        check(
            r"
            @skip-encodings restore a restored string is int or embstr where it can be
            > SET i 12                => OK
            > SET j 34                => OK
            > BITOP OR d i j          => 2
            > GET d                   => '36'
            > OBJECT ENCODING d       => 'raw'
            > OBJECT ENCODING i       => 'int'
            > BITOP OR d i            => 2
            > GET d                   => '12'
            > OBJECT ENCODING d       => 'raw'
            > INCR d                  => 13
        ",
        );
    }

    #[test]
    fn long_bitmaps_are_combined_to_their_ends() {
        check(
            r#"
            > SET a ${a*10001}        => OK
            > SET b ${b*5000}         => OK
            > BITOP XOR d a b         => 10001
            > BITCOUNT d 0 4999       => 10000
            > GETRANGE d 4999 5000    => '\x03a'
            > BITOP NOT d a           => 10001
            > GETRANGE d -2 -1        => '\x9e\x9e'
            > BITOP AND d a b         => 10001
            > BITCOUNT d              => 10000
            > BITPOS d 1 5000         => -1
        "#,
        );
    }

    #[test]
    fn the_operation_is_told_before_the_number_of_sources() {
        check(
            r#"
            > SET d old               => OK
            > SET a abc               => OK
            > BITOP FOO d a           => (error) ERR syntax error
            > BITOP "" d a            => (error) ERR syntax error
            > BITOP ANDX d a          => (error) ERR syntax error
            > BITOP NO d a a          => (error) ERR syntax error
            > BITOP NOT d a a         => (error) ERR BITOP NOT must be called with a single source key.
            > BITOP AND d             => (error) ERR wrong number of arguments for 'bitop' command
            > BITOP NOT               => (error) ERR wrong number of arguments for 'bitop' command
            > GET d                   => 'old'
        "#,
        );
    }

    #[test]
    fn diff_diff1_and_andor_need_two_sources() {
        check(
            r"
            @since 8.2
            @only redis ochre
            > SET a abc               => OK
            > BITOP DIFF d a          => (error) ERR BITOP DIFF must be called with at least two source keys.
            > BITOP diff1 d a         => (error) ERR BITOP DIFF1 must be called with at least two source keys.
            > BITOP ANDOR d a         => (error) ERR BITOP ANDOR must be called with at least two source keys.
            > BITOP ONE d a           => 3
        ",
        );
    }
}
