//! SINTER, SUNION, SDIFF, and the forms that store the result.

use std::ops::ControlFlow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Db, Key, Ttl};
use smallvec::SmallVec;
use stdx::num::IntText;
use value::set::{Member, difference, difference_of, intersection, intersection_of, union, union_of};
use value::{Collection, EncodingLimits, Set};

pub(super) const SINTER: Command = Command::new("sinter", sinter)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&SINTER_DOCS);

pub(super) const SUNION: Command = Command::new("sunion", sunion)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&SUNION_DOCS);

pub(super) const SDIFF: Command = Command::new("sdiff", sdiff)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro().access()])
    .tips(&["nondeterministic_output_order"])
    .docs(&SDIFF_DOCS);

pub(super) const SINTERSTORE: Command = Command::new("sinterstore", sinterstore)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).range(-1, 1, 0).ro().access()])
    .docs(&SINTERSTORE_DOCS);

pub(super) const SUNIONSTORE: Command = Command::new("sunionstore", sunionstore)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).range(-1, 1, 0).ro().access()])
    .docs(&SUNIONSTORE_DOCS);

pub(super) const SDIFFSTORE: Command = Command::new("sdiffstore", sdiffstore)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).range(-1, 1, 0).ro().access()])
    .docs(&SDIFFSTORE_DOCS);

/// Is told of members one by one, and may break off.
type Visit<'v> = &'v mut dyn FnMut(Member<'_>) -> ControlFlow<()>;

/// Sets as they were named, a missing one `None`.
pub(super) struct Inputs<'a>(SmallVec<[Option<&'a Set>; 8]>);

impl<'a> Inputs<'a> {
    /// Reads `count` keys. Every one is looked at: a wrong type anywhere is an error.
    pub(super) fn read(db: &'a Db<'_>, args: &mut Args<'_>, count: usize) -> Result<Self, CommandError> {
        let mut sets = SmallVec::with_capacity(count);
        for _ in 0..count {
            sets.push(db.read::<Set>(args.key()?)?);
        }
        Ok(Self(sets))
    }

    /// The sets that are there.
    fn present(&self) -> SmallVec<[&'a Set; 8]> {
        self.0.iter().copied().flatten().collect()
    }

    /// All sets, none if one is missing: what is common to all of them is nothing then.
    fn all_or_none(&self) -> SmallVec<[&'a Set; 8]> {
        self.0.iter().copied().collect::<Option<_>>().unwrap_or_default()
    }

    /// The first set, if it is there, and those of the others that are.
    fn first_and_others(&self) -> Option<(&'a Set, SmallVec<[&'a Set; 8]>)> {
        let (first, others) = self.0.split_first()?;
        Some(((*first)?, others.iter().copied().flatten().collect()))
    }

    pub(super) fn intersection(&self, visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
        intersection(&self.all_or_none(), visit);
    }

    pub(super) fn union(&self, visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
        union(&self.present(), visit);
    }

    /// Walks all sets, members of several of them each time.
    pub(super) fn each(&self, visit: &mut dyn FnMut(Member<'_>)) {
        for set in self.0.iter().flatten() {
            set.iter().for_each(&mut *visit);
        }
    }

    pub(super) fn difference(&self, visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
        if let Some((first, others)) = self.first_and_others() {
            difference(first, &others, visit);
        }
    }
}

fn sinter(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    answer(cx, args, reply, |sets, visit| sets.intersection(visit))
}

fn sunion(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    answer(cx, args, reply, |sets, visit| sets.union(visit))
}

fn sdiff(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    answer(cx, args, reply, |sets, visit| sets.difference(visit))
}

fn answer(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
    walk: fn(&Inputs<'_>, Visit<'_>),
) -> CommandResult {
    let sets = Inputs::read(&cx.db, args, args.remaining())?;

    let members = reply.array_later();
    let (mut count, mut room) = (0, IntText::new());
    walk(&sets, &mut |member| {
        reply.bulk(member.bytes(&mut room));
        count += 1;
        ControlFlow::Continue(())
    });
    reply.settle_set(members, count);
    Ok(Flow::Done)
}

fn sinterstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    store(cx, args, reply, "sinterstore", |sets, limits| intersection_of(&sets.all_or_none(), limits))
}

fn sunionstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    store(cx, args, reply, "sunionstore", |sets, limits| union_of(&sets.present(), limits))
}

fn sdiffstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    store(cx, args, reply, "sdiffstore", |sets, limits| {
        sets.first_and_others().map_or_else(Set::default, |(first, others)| difference_of(first, &others, limits))
    })
}

fn store(
    cx: &mut Context<'_>,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
    event: &'static str,
    combine: fn(&Inputs<'_>, &EncodingLimits) -> Set,
) -> CommandResult {
    let destination: Key<'_> = args.key()?;
    let result = combine(&Inputs::read(&cx.db, args, args.remaining())?, &cx.tunables.encodings);

    let len = result.len();
    if len > 0 {
        cx.db.set_value(destination, result.into_value(), Ttl::Clear);
        cx.notify(Event::Set, event, destination);
    } else if cx.db.remove(destination) {
        cx.notify(Event::Generic, "del", destination);
    }
    reply.len(len);
    Ok(Flow::Done)
}

const SINTER_DOCS: Docs = Docs::new(
    "Lists the members that several sets have in common.",
    Group::Set,
    "O(N*M) at worst with N members in the smallest of M sets",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const SUNION_DOCS: Docs =
    Docs::new("Lists the members that any of several sets has.", Group::Set, "O(N) with N members in all sets")
        .arguments(&[Arg::key("key", 0).multiple()]);

const SDIFF_DOCS: Docs = Docs::new(
    "Lists the members of the first set that no other set has.",
    Group::Set,
    "O(N) with N members in all sets",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const SINTERSTORE_DOCS: Docs = Docs::new(
    "Stores the members that several sets have in common.",
    Group::Set,
    "O(N*M) at worst with N members in the smallest of M sets",
)
.arguments(&[Arg::key("destination", 0), Arg::key("key", 1).multiple()]);

const SUNIONSTORE_DOCS: Docs =
    Docs::new("Stores the members that any of several sets has.", Group::Set, "O(N) with N members in all sets")
        .arguments(&[Arg::key("destination", 0), Arg::key("key", 1).multiple()]);

const SDIFFSTORE_DOCS: Docs = Docs::new(
    "Stores the members of the first set that no other set has.",
    Group::Set,
    "O(N) with N members in all sets",
)
.arguments(&[Arg::key("destination", 0), Arg::key("key", 1).multiple()]);
