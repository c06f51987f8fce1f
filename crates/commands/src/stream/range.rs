//! XLEN, XRANGE, XREVRANGE: entries by their ids.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::Stream;

use super::ids;

pub(super) const XLEN: Command = Command::new("xlen", xlen)
    .since("5.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&XLEN_DOCS);

pub(super) const XRANGE: Command = Command::new("xrange", xrange)
    .since("5.0.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&XRANGE_DOCS);

pub(super) const XREVRANGE: Command = Command::new("xrevrange", xrevrange)
    .since("5.0.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&XREVRANGE_DOCS);

fn xlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    let len = cx.db.read::<Stream>(key)?.map_or(0, Stream::len);
    reply.int(i64::try_from(len).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

fn xrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let start = ids::start(args.bytes()?)?;
    let end = ids::end(args.bytes()?)?;
    let count = count(args)?;

    match cx.db.read::<Stream>(key)? {
        None => reply.array(0),
        Some(_) if count == 0 => reply.null_array(),
        Some(stream) => drop(ids::reply_entries(reply, stream.range(start, end).take(count))),
    }
    Ok(Flow::Done)
}

fn xrevrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (end, start) = (args.bytes()?, args.bytes()?);
    let start = ids::start(start)?;
    let end = ids::end(end)?;
    let count = count(args)?;

    match cx.db.read::<Stream>(key)? {
        None => reply.array(0),
        Some(_) if count == 0 => reply.null_array(),
        Some(stream) => drop(ids::reply_entries(reply, stream.rev_range(start, end).take(count))),
    }
    Ok(Flow::Done)
}

/// COUNT, which may be said again; less than nothing is nothing.
fn count(args: &mut Args<'_>) -> Result<usize, CommandError> {
    let mut count = usize::MAX;
    while !args.is_empty() {
        if args.remaining() < 2 || !args.accept("COUNT") {
            return Err(CommandError::Syntax);
        }
        count = usize::try_from(args.int()?.max(0)).unwrap_or(usize::MAX);
    }
    Ok(count)
}

const XLEN_DOCS: Docs =
    Docs::new("Counts the entries of a stream.", Group::Stream, "O(1)").arguments(&[Arg::key("key", 0)]);

const XRANGE_DOCS: Docs =
    Docs::new("Lists the entries between two ids.", Group::Stream, "O(log n) and O(1) for each entry listed")
        .history(&[("6.2.0", "`(` for open intervals.")])
        .arguments(&[
            Arg::key("key", 0),
            Arg::string("start"),
            Arg::string("end"),
            Arg::integer("count").token("COUNT").optional(),
        ]);

const XREVRANGE_DOCS: Docs = Docs::new(
    "Lists the entries between two ids, the latest first.",
    Group::Stream,
    "O(log n) and O(1) for each entry listed",
)
.history(&[("6.2.0", "`(` for open intervals.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::string("end"),
    Arg::string("start"),
    Arg::integer("count").token("COUNT").optional(),
]);
