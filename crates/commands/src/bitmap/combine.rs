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
    let len = sources.iter().map(|source| source.len()).max().unwrap_or(0);
    let mut result = vec![0; len];
    words::combine(operation, &sources, &mut result);
    Ok(result)
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
