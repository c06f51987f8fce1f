//! Questions to one set: SISMEMBER, SMISMEMBER, SCARD, SMEMBERS.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;
use value::Set;

pub(super) const SISMEMBER: Command = Command::new("sismember", sismember)
    .since("1.0.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro()])
    .element(2)
    .docs(&SISMEMBER_DOCS);

pub(super) const SMISMEMBER: Command = Command::new("smismember", smismember)
    .since("6.2.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro().access()])
    .element(2)
    .docs(&SMISMEMBER_DOCS);

pub(super) const SCARD: Command = Command::new("scard", scard)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&SCARD_DOCS);

pub(super) const SMEMBERS: Command = Command::new("smembers", smembers)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&SMEMBERS_DOCS);

fn sismember(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let member = args.bytes()?;
    args.finish()?;

    let set = cx.db.read::<Set>(key)?;
    reply.int(i64::from(set.is_some_and(|set| set.contains(member))));
    Ok(Flow::Done)
}

fn smismember(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let set = cx.db.read::<Set>(key)?;
    reply.array(members.len());
    for member in members {
        reply.int(i64::from(set.is_some_and(|set| set.contains(member))));
    }
    Ok(Flow::Done)
}

fn scard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    reply.len(cx.db.read::<Set>(key)?.map_or(0, Set::len));
    Ok(Flow::Done)
}

fn smembers(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    let Some(set) = cx.db.read::<Set>(key)? else {
        reply.set(0);
        return Ok(Flow::Done);
    };
    let mut room = IntText::new();
    reply.set(set.len());
    for member in set.iter() {
        reply.bulk(member.bytes(&mut room));
    }
    Ok(Flow::Done)
}

const SISMEMBER_DOCS: Docs = Docs::new("Tells whether a set has a member.", Group::Set, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("member")]);

const SMISMEMBER_DOCS: Docs =
    Docs::new("Tells of each of several members whether a set has it.", Group::Set, "O(N) with N members given")
        .arguments(&[Arg::key("key", 0), Arg::string("member").multiple()]);

const SCARD_DOCS: Docs = Docs::new("Counts the members of a set.", Group::Set, "O(1)").arguments(&[Arg::key("key", 0)]);

const SMEMBERS_DOCS: Docs =
    Docs::new("Lists the members of a set.", Group::Set, "O(N) with N members").arguments(&[Arg::key("key", 0)]);
