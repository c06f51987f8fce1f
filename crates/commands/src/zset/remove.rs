//! ZREM, ZREMRANGEBYRANK, ZREMRANGEBYSCORE, ZREMRANGEBYLEX: members go.

use std::ops::Range;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use value::SortedSet;

use super::bounds::{parse_lex_range, parse_score_range, ranks_within};

pub(super) const ZREM: Command = Command::new("zrem", zrem)
    .since("1.2.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ZREM_DOCS);

pub(super) const ZREMRANGEBYRANK: Command = Command::new("zremrangebyrank", zremrangebyrank)
    .since("2.0.0")
    .arity(4)
    .write()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ZREMRANGEBYRANK_DOCS);

pub(super) const ZREMRANGEBYSCORE: Command = Command::new("zremrangebyscore", zremrangebyscore)
    .since("1.2.0")
    .arity(4)
    .write()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ZREMRANGEBYSCORE_DOCS);

pub(super) const ZREMRANGEBYLEX: Command = Command::new("zremrangebylex", zremrangebylex)
    .since("2.8.9")
    .arity(4)
    .write()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ZREMRANGEBYLEX_DOCS);

fn zrem(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    remove(cx, key, "zrem", reply, |zset| members.filter(|member| zset.remove(member).is_some()).count())
}

fn zremrangebyrank(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (first, last) = (args.int()?, args.int()?);
    args.finish()?;

    remove_ranks(cx, key, "zremrangebyrank", reply, |zset| ranks_within(first, last, zset.len()))
}

fn zremrangebyscore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let range = parse_score_range(args.bytes()?, args.bytes()?)?;
    args.finish()?;

    remove_ranks(cx, key, "zremrangebyscore", reply, |zset| zset.ranks_by_score(range))
}

fn zremrangebylex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let range = parse_lex_range(args.bytes()?, args.bytes()?)?;
    args.finish()?;

    remove_ranks(cx, key, "zremrangebylex", reply, |zset| zset.ranks_by_lex(range))
}

fn remove_ranks(
    cx: &mut Context<'_>,
    key: Key<'_>,
    event: &'static str,
    reply: &mut Reply<'_>,
    ranks: impl FnOnce(&SortedSet) -> Range<usize>,
) -> CommandResult {
    remove(cx, key, event, reply, |zset| {
        let ranks = ranks(zset);
        let count = ranks.len();
        zset.remove_ranks(ranks);
        count
    })
}

/// `take` removes members and returns how many.
fn remove(
    cx: &mut Context<'_>,
    key: Key<'_>,
    event: &'static str,
    reply: &mut Reply<'_>,
    take: impl FnOnce(&mut SortedSet) -> usize,
) -> CommandResult {
    let edited = cx.db.update(key, |zset: &mut Edit<'_, SortedSet>| {
        let count = take(zset);
        zset.changed(count as u64);
        Ok::<_, CommandError>(count)
    })?;
    if edited.is_some_and(|edited| edited.changed) {
        cx.notify(Event::SortedSet, event, key);
    }
    if edited.is_some_and(|edited| edited.removed) {
        cx.notify(Event::Generic, "del", key);
    }
    reply.len(edited.map_or(0, |edited| edited.result));
    Ok(Flow::Done)
}

const ZREM_DOCS: Docs = Docs::new("Removes members from a sorted set.", Group::SortedSet, "O(M log N) for M members")
    .history(&[("2.4.0", "Takes several members.")])
    .arguments(&[Arg::key("key", 0), Arg::string("member").multiple()]);

const ZREMRANGEBYRANK_DOCS: Docs =
    Docs::new("Removes members by rank.", Group::SortedSet, "O(log N + M), M being the number of members removed")
        .arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("stop")]);

const ZREMRANGEBYSCORE_DOCS: Docs = Docs::new(
    "Removes the members whose scores lie within a range.",
    Group::SortedSet,
    "O(log N + M), M being the number of members removed",
)
.arguments(&[Arg::key("key", 0), Arg::double("min"), Arg::double("max")]);

const ZREMRANGEBYLEX_DOCS: Docs = Docs::new(
    "Removes the members that lie within a range of names, all scores being equal.",
    Group::SortedSet,
    "O(log N + M), M being the number of members removed",
)
.arguments(&[Arg::key("key", 0), Arg::string("min"), Arg::string("max")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn named_members_go_and_the_key_with_the_last() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c                => 3
            > ZREM z a nosuch a                 => 1
            > ZRANGE z 0 -1                     => ['b', 'c']
            > ZREM z b c d                      => 2
            > EXISTS z                          => 0
            > ZREM z a                          => 0
            > ZREM z                            => (error) ERR wrong number of arguments for 'zrem' command
            > SET s 1                           => OK
            > ZREM s a                          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn ranges_go() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c 4 d 5 e 6 f    => 6
            > ZREMRANGEBYRANK z 0 0             => 1
            > ZREMRANGEBYRANK z -1 -1           => 1
            > ZREMRANGEBYRANK z 7 9             => 0
            > ZREMRANGEBYRANK z 2 1             => 0
            > ZREMRANGEBYSCORE z (2 3           => 1
            > ZREMRANGEBYSCORE z 9 1            => 0
            > ZRANGE z 0 -1                     => ['b', 'd', 'e']
            > ZREMRANGEBYSCORE z -inf +inf      => 3
            > EXISTS z                          => 0
            > ZADD z 0 a 0 b 0 c                => 3
            > ZREMRANGEBYLEX z (a [b            => 1
            > ZREMRANGEBYLEX z - +              => 2
            > EXISTS z                          => 0
            > ZREMRANGEBYRANK z 0 -1            => 0
            > SET s 1                           => OK
            > ZREMRANGEBYRANK s x 1             => (error) ERR value is not an integer or out of range
            > ZREMRANGEBYSCORE s x 1            => (error) ERR min or max is not a float
            > ZREMRANGEBYLEX s x +              => (error) ERR min or max not valid string range item
            > ZREMRANGEBYRANK s 0 1             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZREMRANGEBYSCORE s 0 1            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZREMRANGEBYLEX s - +              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn removals_are_told() {
        check_told(&[
            ("ZADD z 1 a 2 b 3 c 4 d 5 e", "zadd:z", "="),
            ("ZREM z nosuch", "", ""),
            ("ZREM z a", "zrem:z", "="),
            ("ZREMRANGEBYRANK z 0 0", "zremrangebyrank:z", "="),
            ("ZREMRANGEBYSCORE z 3 3", "zremrangebyscore:z", "="),
            ("ZREMRANGEBYLEX z - +", "zremrangebylex:z del:z", "="),
            ("ZREMRANGEBYRANK z 0 0", "", ""),
        ]);
        check_changes(&[("ZADD z 1 a 2 b 3 c", 3), ("ZREM z a b", 2), ("ZREMRANGEBYRANK z 0 -1", 1)]);
    }
}
