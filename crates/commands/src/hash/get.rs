//! HGET, HMGET, HGETALL, HKEYS, HVALS, HLEN, HEXISTS, HSTRLEN: reading. A field past its deadline is not seen, but HLEN still counts
//! it until it is removed, as Redis does.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::{Element, Hash, HashEntry};

use super::answer;

pub(super) const HGET: Command = Command::new("hget", hget)
    .since("2.0.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .element(2)
    .docs(&HGET_DOCS);

pub(super) const HMGET: Command = Command::new("hmget", hmget)
    .since("2.0.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .element(2)
    .docs(&HMGET_DOCS);

pub(super) const HGETALL: Command = Command::new("hgetall", hgetall)
    .since("2.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&HGETALL_DOCS);

pub(super) const HKEYS: Command = Command::new("hkeys", hkeys)
    .since("2.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&HKEYS_DOCS);

pub(super) const HVALS: Command = Command::new("hvals", hvals)
    .since("2.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&HVALS_DOCS);

pub(super) const HLEN: Command = Command::new("hlen", hlen)
    .since("2.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&HLEN_DOCS);

pub(super) const HEXISTS: Command = Command::new("hexists", hexists)
    .since("2.0.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro()])
    .element(2)
    .docs(&HEXISTS_DOCS);

pub(super) const HSTRLEN: Command = Command::new("hstrlen", hstrlen)
    .since("3.2.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro()])
    .element(2)
    .docs(&HSTRLEN_DOCS);

fn hget(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let field = args.bytes()?;
    args.finish()?;

    let now = cx.now();
    let hash = cx.db.read::<Hash>(key)?;
    answer::bulk_or_null(reply, hash.and_then(|hash| hash.get_live(field, now)));
    Ok(Flow::Done)
}

fn hmget(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let fields = args.rest();

    let now = cx.now();
    let hash = cx.db.read::<Hash>(key)?;
    reply.array(fields.len());
    for field in fields {
        answer::bulk_or_null(reply, hash.and_then(|hash| hash.get_live(field, now)));
    }
    Ok(Flow::Done)
}

fn hgetall(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    let now = cx.now();
    let hash = cx.db.read::<Hash>(key)?;
    reply.map(hash.map_or(0, |hash| hash.live_len(now)));
    for entry in hash.into_iter().flat_map(Hash::iter).filter(|entry| entry.is_live(now)) {
        answer::bulk(reply, entry.field);
        answer::bulk(reply, entry.value);
    }
    Ok(Flow::Done)
}

fn hkeys(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    list(cx, args, |entry| entry.field, reply)
}

fn hvals(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    list(cx, args, |entry| entry.value, reply)
}

fn list(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    side: for<'e> fn(HashEntry<'e>) -> Element<'e>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    let now = cx.now();
    let hash = cx.db.read::<Hash>(key)?;
    reply.array(hash.map_or(0, |hash| hash.live_len(now)));
    for entry in hash.into_iter().flat_map(Hash::iter).filter(|entry| entry.is_live(now)) {
        answer::bulk(reply, side(entry));
    }
    Ok(Flow::Done)
}

fn hlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    reply.len(cx.db.read::<Hash>(key)?.map_or(0, Hash::len));
    Ok(Flow::Done)
}

fn hexists(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let field = args.bytes()?;
    args.finish()?;

    let now = cx.now();
    let found = cx.db.read::<Hash>(key)?.and_then(|hash| hash.get_live(field, now));
    reply.int(i64::from(found.is_some()));
    Ok(Flow::Done)
}

fn hstrlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let field = args.bytes()?;
    args.finish()?;

    let now = cx.now();
    let found = cx.db.read::<Hash>(key)?.and_then(|hash| hash.get_live(field, now));
    reply.len(found.map_or(0, Element::text_len));
    Ok(Flow::Done)
}

const HGET_DOCS: Docs =
    Docs::new("Reads a field of a hash.", Group::Hash, "O(1)").arguments(&[Arg::key("key", 0), Arg::string("field")]);

const HMGET_DOCS: Docs = Docs::new("Reads several fields of a hash.", Group::Hash, "O(N) with N fields asked for")
    .arguments(&[Arg::key("key", 0), Arg::string("field").multiple()]);

const HGETALL_DOCS: Docs =
    Docs::new("Reads all fields of a hash with their values.", Group::Hash, "O(N) with N fields")
        .arguments(&[Arg::key("key", 0)]);

const HKEYS_DOCS: Docs =
    Docs::new("Lists all fields of a hash.", Group::Hash, "O(N) with N fields").arguments(&[Arg::key("key", 0)]);

const HVALS_DOCS: Docs = Docs::new("Lists the values of all fields of a hash.", Group::Hash, "O(N) with N fields")
    .arguments(&[Arg::key("key", 0)]);

const HLEN_DOCS: Docs = Docs::new("Counts the fields of a hash.", Group::Hash, "O(1)").arguments(&[Arg::key("key", 0)]);

const HEXISTS_DOCS: Docs = Docs::new("Tells whether a hash has a field.", Group::Hash, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("field")]);

const HSTRLEN_DOCS: Docs = Docs::new("Tells how long the value of a field is.", Group::Hash, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("field")]);
