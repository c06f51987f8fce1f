//! ZRANGE, its older forms, and ZRANGESTORE: entries by rank, by score or by name.
//!
//! Whatever they are chosen by, a range of ranks comes out, and only that is read.

use std::ops::Range;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;
use value::{LexRange, ScoreRange, SortedSet};

use super::answer;
use super::bounds::{parse_lex_range, parse_score_range, ranks_within};
use super::store::store;

pub(super) const ZRANGE: Command = Command::new("zrange", zrange)
    .since("1.2.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZRANGE_DOCS);

pub(super) const ZREVRANGE: Command = Command::new("zrevrange", zrevrange)
    .since("1.2.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZREVRANGE_DOCS);

pub(super) const ZRANGEBYSCORE: Command = Command::new("zrangebyscore", zrangebyscore)
    .since("1.0.5")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZRANGEBYSCORE_DOCS);

pub(super) const ZREVRANGEBYSCORE: Command = Command::new("zrevrangebyscore", zrevrangebyscore)
    .since("2.2.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZREVRANGEBYSCORE_DOCS);

pub(super) const ZRANGEBYLEX: Command = Command::new("zrangebylex", zrangebylex)
    .since("2.8.9")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZRANGEBYLEX_DOCS);

pub(super) const ZREVRANGEBYLEX: Command = Command::new("zrevrangebylex", zrevrangebylex)
    .since("2.8.9")
    .arity(-4)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZREVRANGEBYLEX_DOCS);

pub(super) const ZRANGESTORE: Command = Command::new("zrangestore", zrangestore)
    .since("6.2.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).ro().access()])
    .docs(&ZRANGESTORE_DOCS);

const LIMIT_OF_RANKS: CommandError =
    CommandError::other("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
const SCORES_OF_NAMES: CommandError =
    CommandError::other("ERR syntax error, WITHSCORES not supported in combination with BYLEX");

fn zrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, None, None, reply)
}

fn zrevrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, Some(By::Rank), Some(Direction::Down), reply)
}

fn zrangebyscore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, Some(By::Score), Some(Direction::Up), reply)
}

fn zrevrangebyscore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, Some(By::Score), Some(Direction::Down), reply)
}

fn zrangebylex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, Some(By::Lex), Some(Direction::Up), reply)
}

fn zrevrangebylex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    range(cx, args, Some(By::Lex), Some(Direction::Down), reply)
}

fn range(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    by: Option<By>,
    direction: Option<Direction>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    let wanted = Wanted::parse(args, by, direction, true)?;

    let Some(zset) = cx.db.read::<SortedSet>(key)? else {
        reply.array(0);
        return Ok(Flow::Done);
    };
    let entries = zset.range(wanted.ranks(zset));
    match wanted.direction {
        Direction::Up => answer::entries(entries, wanted.with_scores, reply),
        Direction::Down => answer::entries(entries.rev(), wanted.with_scores, reply),
    }
    Ok(Flow::Done)
}

fn zrangestore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let target = args.key()?;
    let source = args.key()?;
    let wanted = Wanted::parse(args, None, None, false)?;

    let mut result = SortedSet::new();
    if let Some(zset) = cx.db.read::<SortedSet>(source)? {
        for (member, score) in zset.range(wanted.ranks(zset)) {
            result.insert(member.bytes(&mut IntText::new()), score, &cx.tunables.encodings);
        }
    }
    reply.len(store(cx, target, result, "zrangestore"));
    Ok(Flow::Done)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Rank,
    Score,
    Lex,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// What entries are chosen by.
#[derive(Clone, Copy, Debug)]
enum Choice<'a> {
    Ranks(i64, i64),
    Scores(ScoreRange),
    Members(LexRange<'a>),
}

/// What a command of this family asks for.
#[derive(Clone, Copy, Debug)]
struct Wanted<'a> {
    choice: Choice<'a>,
    direction: Direction,
    with_scores: bool,
    /// Of the chosen ones: how many to pass over, and how many to take, all if negative.
    offset: i64,
    count: i64,
}

impl<'a> Wanted<'a> {
    /// `by` and `direction` are what the command's name says already.
    fn parse(
        args: &mut Args<'a>,
        mut by: Option<By>,
        mut direction: Option<Direction>,
        may_have_scores: bool,
    ) -> Result<Self, CommandError> {
        let (first, last) = (args.bytes()?, args.bytes()?);
        let (mut with_scores, mut offset, mut count) = (false, 0, -1);
        while !args.is_empty() {
            if may_have_scores && args.accept("WITHSCORES") {
                with_scores = true;
            } else if args.remaining() > 2 && args.accept("LIMIT") {
                (offset, count) = (args.int()?, args.int()?);
            } else if direction.is_none() && args.accept("REV") {
                direction = Some(Direction::Down);
            } else if by.is_none() && args.accept("BYLEX") {
                by = Some(By::Lex);
            } else if by.is_none() && args.accept("BYSCORE") {
                by = Some(By::Score);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        let (by, direction) = (by.unwrap_or(By::Rank), direction.unwrap_or(Direction::Up));
        if by == By::Rank && count != -1 {
            return Err(LIMIT_OF_RANKS);
        }
        if by == By::Lex && with_scores {
            return Err(SCORES_OF_NAMES);
        }
        let (min, max) = if direction == Direction::Down { (last, first) } else { (first, last) };
        let choice = match by {
            By::Rank => Choice::Ranks(parse_rank(first)?, parse_rank(last)?),
            By::Score => Choice::Scores(parse_score_range(min, max)?),
            By::Lex => Choice::Members(parse_lex_range(min, max)?),
        };
        Ok(Self { choice, direction, with_scores, offset, count })
    }

    /// The ranks from the lowest score on.
    fn ranks(&self, zset: &SortedSet) -> Range<usize> {
        let len = zset.len();
        let chosen = match self.choice {
            Choice::Ranks(first, last) => {
                let Range { start, end } = ranks_within(first, last, len);
                return match self.direction {
                    Direction::Up => start..end,
                    Direction::Down => len - end..len - start,
                };
            }
            Choice::Scores(range) => zset.ranks_by_score(range),
            Choice::Members(range) => zset.ranks_by_lex(range),
        };
        let Ok(offset) = usize::try_from(self.offset) else { return 0..0 };
        let offset = offset.min(chosen.len());
        let count = usize::try_from(self.count).unwrap_or(usize::MAX).min(chosen.len() - offset);
        match self.direction {
            Direction::Up => chosen.start + offset..chosen.start + offset + count,
            Direction::Down => chosen.end - offset - count..chosen.end - offset,
        }
    }
}

fn parse_rank(text: &[u8]) -> Result<i64, CommandError> {
    stdx::num::parse_i64(text).ok_or(CommandError::NotInteger)
}

const ZRANGE_DOCS: Docs = Docs::new(
    "Lists members by rank, by score or by name.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.history(&[("6.2.0", "The options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::string("start"),
    Arg::string("stop"),
    Arg::one_of("sortby", &[Arg::pure_token("byscore", "BYSCORE"), Arg::pure_token("bylex", "BYLEX")])
        .since("6.2.0")
        .optional(),
    Arg::pure_token("rev", "REV").since("6.2.0").optional(),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").since("6.2.0").optional(),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
]);

const ZREVRANGE_DOCS: Docs = Docs::new(
    "Lists members by rank, from the highest score on.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.deprecated("6.2.0", "`ZRANGE` with the `REV` argument")
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("start"),
    Arg::integer("stop"),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
]);

const ZRANGEBYSCORE_DOCS: Docs = Docs::new(
    "Lists the members whose scores lie within a range.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.history(&[("2.0.0", "The option `WITHSCORES`.")])
.deprecated("6.2.0", "`ZRANGE` with the `BYSCORE` argument")
.arguments(&[
    Arg::key("key", 0),
    Arg::double("min"),
    Arg::double("max"),
    Arg::pure_token("withscores", "WITHSCORES").since("2.0.0").optional(),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
]);

const ZREVRANGEBYSCORE_DOCS: Docs = Docs::new(
    "Lists the members whose scores lie within a range, from the highest on.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.history(&[("2.1.6", "`min` and `max` may be exclusive.")])
.deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYSCORE` arguments")
.arguments(&[
    Arg::key("key", 0),
    Arg::double("max"),
    Arg::double("min"),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
]);

const ZRANGEBYLEX_DOCS: Docs = Docs::new(
    "Lists the members that lie within a range of names, all scores being equal.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.deprecated("6.2.0", "`ZRANGE` with the `BYLEX` argument")
.arguments(&[
    Arg::key("key", 0),
    Arg::string("min"),
    Arg::string("max"),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
]);

const ZREVRANGEBYLEX_DOCS: Docs = Docs::new(
    "Lists the members that lie within a range of names, from the last on, all scores being equal.",
    Group::SortedSet,
    "O(log N + M), M being the number of members listed",
)
.deprecated("6.2.0", "`ZRANGE` with the `REV` and `BYLEX` arguments")
.arguments(&[
    Arg::key("key", 0),
    Arg::string("max"),
    Arg::string("min"),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
]);

const ZRANGESTORE_DOCS: Docs = Docs::new(
    "Stores a range of one sorted set as another.",
    Group::SortedSet,
    "O(log N + M), M being the number of members stored",
)
.arguments(&[
    Arg::key("dst", 0),
    Arg::key("src", 1),
    Arg::string("min"),
    Arg::string("max"),
    Arg::one_of("sortby", &[Arg::pure_token("byscore", "BYSCORE"), Arg::pure_token("bylex", "BYLEX")]).optional(),
    Arg::pure_token("rev", "REV").optional(),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn ranks_count_from_either_end() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c 4 d            => 4
            > ZRANGE z 0 -1                     => ['a', 'b', 'c', 'd']
            > ZRANGE z 1 2                      => ['b', 'c']
            > ZRANGE z -2 -1                    => ['c', 'd']
            > ZRANGE z -100 100                 => ['a', 'b', 'c', 'd']
            > ZRANGE z 2 1                      => []
            > ZRANGE z 4 9                      => []
            > ZRANGE z 0 -9223372036854775808   => []
            > ZRANGE z 0 1 REV                  => ['d', 'c']
            > ZREVRANGE z 0 1 WITHSCORES        => flat [['d', (double) 4], ['c', (double) 3]]
            > ZREVRANGE z -1 -1                 => ['a']
            > ZRANGE z 0 -1 LIMIT 1 -1          => ['a', 'b', 'c', 'd']
            > ZRANGE none 0 -1                  => []
        ",
        );
    }

    #[test]
    fn scores_choose() {
        check(
            r"
            > ZADD z -inf low 1 a 2 b 3 c inf high   => 5
            > ZRANGE z 1 3 BYSCORE              => ['a', 'b', 'c']
            > ZRANGE z (1 3 BYSCORE WITHSCORES  => flat [['b', (double) 2], ['c', (double) 3]]
            > ZRANGE z -inf +inf BYSCORE LIMIT 1 2     => ['a', 'b']
            > ZRANGE z +inf -inf BYSCORE REV LIMIT 1 2 => ['c', 'b']
            > ZRANGE z 3 (1 BYSCORE REV         => ['c', 'b']
            > ZRANGE z 1 3 BYSCORE REV          => []
            > ZRANGEBYSCORE z 1 (3              => ['a', 'b']
            > ZRANGEBYSCORE z 1 3 WITHSCORES LIMIT 1 -1 => flat [['b', (double) 2], ['c', (double) 3]]
            > ZRANGEBYSCORE z 1 3 LIMIT -1 2    => []
            > ZRANGEBYSCORE z 1 3 LIMIT 5 2     => []
            > ZRANGEBYSCORE z 1 3 LIMIT 0 0     => []
            > ZREVRANGEBYSCORE z (3 -inf        => ['b', 'a', 'low']
            > ZREVRANGEBYSCORE z 3 1 LIMIT 1 1  => ['b']
            > ZREVRANGEBYSCORE z 1 3            => []
        ",
        );
    }

    #[test]
    fn names_choose_where_scores_are_equal() {
        check(
            r"
            > ZADD z 0 a 0 b 0 c 0 d 0 e        => 5
            > ZRANGE z - + BYLEX                => ['a', 'b', 'c', 'd', 'e']
            > ZRANGE z [b (d BYLEX              => ['b', 'c']
            > ZRANGE z (d [b BYLEX REV          => ['c', 'b']
            > ZRANGE z - + BYLEX LIMIT 1 2      => ['b', 'c']
            > ZRANGEBYLEX z (a + LIMIT 0 1      => ['b']
            > ZREVRANGEBYLEX z + [c             => ['e', 'd', 'c']
            > ZREVRANGEBYLEX z + - LIMIT 1 2    => ['d', 'c']
            > ZREVRANGEBYLEX z - +              => []
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            > ZADD z 1 a                        => 1
            > ZRANGE z 0 -1 LIMIT 0 1           => (error) ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
            > ZREVRANGE z 0 -1 LIMIT 0 1        => (error) ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX
            > ZRANGE z a b BYLEX WITHSCORES     => (error) ERR syntax error, WITHSCORES not supported in combination with BYLEX
            > ZRANGEBYLEX z - + WITHSCORES      => (error) ERR syntax error, WITHSCORES not supported in combination with BYLEX
            > ZRANGE z 0 1 BYSCORE BYLEX        => (error) ERR syntax error
            > ZRANGE z 0 1 REV REV              => (error) ERR syntax error
            > ZRANGE z 0 1 WITHSCORES WITHSCORES => flat [['a', (double) 1]]
            > ZRANGE z x 1                      => (error) ERR value is not an integer or out of range
            > ZRANGE z x 1 BYSCORE              => (error) ERR min or max is not a float
            > ZRANGE z x 1 BYLEX                => (error) ERR min or max not valid string range item
            > ZRANGE z x 1 LIMIT y 1 BYSCORE    => (error) ERR value is not an integer or out of range
            > ZRANGE z 0 1 BYSCORE LIMIT 0      => (error) ERR syntax error
            > ZRANGE z 0 1 foo                  => (error) ERR syntax error
            > ZREVRANGE z 0 1 REV               => (error) ERR syntax error
            > ZRANGEBYSCORE z 0 1 BYSCORE       => (error) ERR syntax error
            > SET s 1                           => OK
            > ZRANGE s x 1                      => (error) ERR value is not an integer or out of range
            > ZRANGE s 0 1                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZRANGE z 0                        => (error) ERR wrong number of arguments for 'zrange' command
        ",
        );
    }

    #[test]
    fn a_range_is_stored_in_place_of_what_was_there() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c                => 3
            > SET d x EX 100                    => OK
            > ZRANGESTORE d z 1 -1              => 2
            > TTL d                             => -1
            > ZRANGE d 0 -1 WITHSCORES          => flat [['b', (double) 2], ['c', (double) 3]]
            > ZRANGESTORE d z (1 3 BYSCORE LIMIT 0 1   => 1
            > ZRANGE d 0 -1                     => ['b']
            > ZRANGESTORE z z 0 0 REV           => 1
            > ZRANGE z 0 -1                     => ['c']
            > ZRANGESTORE d z 5 9               => 0
            > EXISTS d                          => 0
            > ZRANGESTORE d none 0 -1           => 0
            > ZRANGESTORE d z 0 1 WITHSCORES    => (error) ERR syntax error
            > ZRANGESTORE d z x 1               => (error) ERR value is not an integer or out of range
            > SET s 1                           => OK
            > ZRANGESTORE d s 0 1               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
        check(
            r"
            @config zset-max-listpack-entries 3
            > ZADD z 1 a 2 b 3 c 4 d            => 4
            > OBJECT ENCODING z                 => 'skiplist'
            > ZRANGESTORE d z 0 2               => 3
            > OBJECT ENCODING d                 => 'listpack'
            > ZRANGESTORE d z 0 3               => 4
            > OBJECT ENCODING d                 => 'skiplist'
        ",
        );
    }

    #[test]
    fn a_stored_range_is_told() {
        check_told(&[
            ("ZADD z 1 a 2 b", "zadd:z", "="),
            ("ZRANGESTORE d z 0 0", "zrangestore:d", "="),
            ("ZRANGESTORE d z 5 9", "del:d", "="),
            ("ZRANGESTORE d z 5 9", "", ""),
        ]);
    }
}
