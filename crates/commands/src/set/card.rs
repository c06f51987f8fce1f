//! SINTERCARD, SUNIONCARD, SDIFFCARD: how many members there would be, up to a limit, and none of them listed.

use std::ops::ControlFlow;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::{IntText, parse_i64};
use value::hyperloglog::Registers;
use value::set::Member;

use super::algebra::Inputs;

pub(super) const SINTERCARD: Command = Command::new("sintercard", sintercard)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&SINTERCARD_DOCS);

pub(super) const SUNIONCARD: Command = Command::new("sunioncard", sunioncard)
    .since("8.10.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&SUNIONCARD_DOCS);

pub(super) const SDIFFCARD: Command = Command::new("sdiffcard", sdiffcard)
    .since("8.10.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&SDIFFCARD_DOCS);

const NO_NUMKEYS: CommandError = CommandError::other("ERR numkeys should be greater than 0");
const TOO_MANY_KEYS: CommandError = CommandError::other("ERR Number of keys can't be greater than number of args");
const NEGATIVE_LIMIT: CommandError = CommandError::other("ERR LIMIT can't be negative");

fn sintercard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let question = Question::parse(args, false)?;
    let sets = Inputs::read(&cx.db, &mut question.keys.clone(), question.numkeys)?;
    reply.int(count(&question, |visit| sets.intersection(visit)));
    Ok(Flow::Done)
}

fn sdiffcard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let question = Question::parse(args, false)?;
    let sets = Inputs::read(&cx.db, &mut question.keys.clone(), question.numkeys)?;
    reply.int(count(&question, |visit| sets.difference(visit)));
    Ok(Flow::Done)
}

fn sunioncard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let question = Question::parse(args, true)?;
    let sets = Inputs::read(&cx.db, &mut question.keys.clone(), question.numkeys)?;
    if question.approximate {
        let (mut registers, mut room) = (Registers::new(), IntText::new());
        sets.each(&mut |member| registers.add(member.bytes(&mut room)));
        let estimate = registers.estimate();
        reply.int(if question.limit == 0 { estimate } else { estimate.min(question.limit) }.cast_signed());
    } else {
        reply.int(count(&question, |visit| sets.union(visit)));
    }
    Ok(Flow::Done)
}

fn count(question: &Question<'_>, walk: impl FnOnce(&mut dyn FnMut(Member<'_>) -> ControlFlow<()>)) -> i64 {
    let mut count = 0_u64;
    walk(&mut |_| {
        count += 1;
        if count == question.limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    count.cast_signed()
}

/// What the arguments ask for.
struct Question<'a> {
    numkeys: usize,
    /// The arguments from the first key on.
    keys: Args<'a>,
    /// 0: count all.
    limit: u64,
    approximate: bool,
}

impl<'a> Question<'a> {
    fn parse(args: &mut Args<'a>, may_approximate: bool) -> Result<Self, CommandError> {
        let numkeys = parse_i64(args.bytes()?).filter(|numkeys| *numkeys > 0).ok_or(NO_NUMKEYS)?;
        let numkeys = usize::try_from(numkeys).map_err(|_| TOO_MANY_KEYS)?;
        let keys = args.clone();
        args.skip(numkeys).map_err(|_| TOO_MANY_KEYS)?;
        let mut question = Self { numkeys, keys, limit: 0, approximate: false };
        while !args.is_empty() {
            if args.remaining() > 1 && args.accept("LIMIT") {
                let limit = parse_i64(args.bytes()?).and_then(|limit| u64::try_from(limit).ok());
                question.limit = limit.ok_or(NEGATIVE_LIMIT)?;
            } else if may_approximate && args.accept("APPROX") {
                question.approximate = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(question)
    }
}

const SINTERCARD_DOCS: Docs = Docs::new(
    "Counts the members that several sets have in common.",
    Group::Set,
    "O(N*M) at worst with N members in the smallest of M sets",
)
.arguments(&[Arg::integer("numkeys"), Arg::key("key", 0).multiple(), Arg::integer("limit").token("LIMIT").optional()]);

const SUNIONCARD_DOCS: Docs =
    Docs::new("Counts the members that any of several sets has.", Group::Set, "O(N) with N members in all sets")
        .arguments(&[
            Arg::integer("numkeys"),
            Arg::key("key", 0).multiple(),
            Arg::pure_token("approx", "APPROX").optional(),
            Arg::integer("limit").token("LIMIT").optional(),
        ]);

const SDIFFCARD_DOCS: Docs = Docs::new(
    "Counts the members of the first set that no other set has.",
    Group::Set,
    "O(N) with N members in all sets",
)
.arguments(&[Arg::integer("numkeys"), Arg::key("key", 0).multiple(), Arg::integer("limit").token("LIMIT").optional()]);
