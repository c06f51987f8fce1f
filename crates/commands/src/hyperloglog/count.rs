//! PFCOUNT.
//!
//! The count of one key is kept in its header. A command that reads thus writes, and like Redis it tells replicas and the AOF.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flags, Flow, Group, KeySpec, Reply};
use keyspace::Key;
use value::hyperloglog::{Registers, Sketch, SketchRef};

use super::bytes::{bytes_of, refuse};

pub(super) const PFCOUNT: Command = Command::new("pfcount", pfcount)
    .since("2.8.9")
    .arity(-2)
    .readonly()
    .flag(Flags::MAY_REPLICATE)
    .acl(&[Acl::HyperLogLog])
    .keys(&[KeySpec::index(1)
        .range(-1, 1, 0)
        .rw()
        .access()
        .notes("RW because it may change the internal representation of the key, and propagate to replicas")])
    .docs(&PFCOUNT_DOCS);

fn pfcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let count = if args.remaining() == 1 { count_one(cx, args.key()?)? } else { count_all(cx, args)? };
    reply.int(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

fn count_one(cx: &mut Context<'_>, key: Key<'_>) -> Result<u64, command_api::CommandError> {
    let Some(bytes) = cx.db.string(key)?.map(bytes_of) else { return Ok(0) };
    if let Some(count) = SketchRef::cached_count(&bytes).map_err(refuse)? {
        return Ok(count);
    }
    let count = SketchRef::new(&bytes).map_err(refuse)?.estimate();
    let len = bytes.len();
    cx.db.edit_string(key, len, |bytes| Sketch::cache_count(bytes, count))?;
    Ok(count)
}

/// Counts what any of the keys has seen.
fn count_all(cx: &Context<'_>, args: &mut Args<'_>) -> Result<u64, command_api::CommandError> {
    let mut registers = Registers::new();
    while !args.is_empty() {
        if let Some(string) = cx.db.string(args.key()?)? {
            SketchRef::new(&bytes_of(string)).map_err(refuse)?.merge_into(&mut registers);
        }
    }
    Ok(registers.estimate())
}

const PFCOUNT_DOCS: Docs = Docs::new(
    "Answers about how many different elements were seen by one or several HyperLogLogs.",
    Group::HyperLogLog,
    "O(1) for one key whose count is cached, O(N) for N keys",
)
.arguments(&[Arg::key("key", 0).multiple()]);
