//! ZPOPMIN, ZPOPMAX, ZMPOP, and BZPOPMIN, BZPOPMAX, BZMPOP, which wait: members go from either end and are answered.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, OnTimeout, Reply,
};
use keyspace::{Edit, Key};
use stdx::num::{self, IntText};
use value::SortedSet;

use super::answer;
use crate::timeout::parse_deadline;

pub(super) const ZPOPMIN: Command = Command::new("zpopmin", zpopmin)
    .since("5.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&ZPOPMIN_DOCS);

pub(super) const ZPOPMAX: Command = Command::new("zpopmax", zpopmax)
    .since("5.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&ZPOPMAX_DOCS);

pub(super) const ZMPOP: Command = Command::new("zmpop", zmpop)
    .since("7.0.0")
    .arity(-4)
    .write()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).rw().access().delete()])
    .docs(&ZMPOP_DOCS);

pub(super) const BZPOPMIN: Command = Command::new("bzpopmin", bzpopmin)
    .since("5.0.0")
    .arity(-3)
    .write()
    .blocking()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).range(-2, 1, 0).rw().access().delete()])
    .docs(&BZPOPMIN_DOCS);

pub(super) const BZPOPMAX: Command = Command::new("bzpopmax", bzpopmax)
    .since("5.0.0")
    .arity(-3)
    .write()
    .blocking()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).range(-2, 1, 0).rw().access().delete()])
    .docs(&BZPOPMAX_DOCS);

pub(super) const BZMPOP: Command = Command::new("bzmpop", bzmpop)
    .since("7.0.0")
    .arity(-5)
    .write()
    .blocking()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().delete()])
    .docs(&BZMPOP_DOCS);

const COUNT_NEGATIVE: CommandError = CommandError::other("ERR value is out of range, must be positive");
const NO_KEYS: CommandError = CommandError::other("ERR numkeys should be greater than 0");
const NO_COUNT: CommandError = CommandError::other("ERR count should be greater than 0");

/// Which members go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Min,
    Max,
}

impl End {
    const fn event(self) -> &'static str {
        match self {
            Self::Min => "zpopmin",
            Self::Max => "zpopmax",
        }
    }

    const fn command(self) -> &'static [u8] {
        match self {
            Self::Min => b"ZPOPMIN",
            Self::Max => b"ZPOPMAX",
        }
    }
}

/// How popped entries are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Member and score of a single entry, in an array; as BZPOPMIN, behind the key.
    Single { with_key: bool },
    /// As a range with scores is.
    Many,
    /// The key and the entries as pairs, in any protocol.
    WithKey,
}

fn zpopmin(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    zpop(cx, args, End::Min, reply)
}

fn zpopmax(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    zpop(cx, args, End::Max, reply)
}

fn zpop(cx: &mut Context<'_>, args: &mut Args<'_>, end: End, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.remaining() > 1 {
        return Err(CommandError::Syntax);
    }
    let count = args.peek().map(|text| positive(text, 0).ok_or(COUNT_NEGATIVE)).transpose()?;

    let (count, shape) = count.map_or((1, Shape::Single { with_key: false }), |count| (count, Shape::Many));
    if pop(cx, key, end, count, shape, reply)? == 0 {
        reply.array(0);
    }
    Ok(Flow::Done)
}

fn zmpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let wanted = FromMany::parse(args)?;
    if !wanted.pop(cx, args, reply)? {
        reply.null_array();
    }
    Ok(Flow::Done)
}

fn bzmpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let timeout = args.bytes()?;
    let wanted = FromMany::parse(args)?;
    let deadline = parse_deadline(timeout, cx.now())?;
    if wanted.pop(cx, args, reply)? { Ok(Flow::Done) } else { cx.wait(deadline, OnTimeout::NullArray) }
}

fn bzpopmin(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    bzpop(cx, args, End::Min, reply)
}

fn bzpopmax(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    bzpop(cx, args, End::Max, reply)
}

fn bzpop(cx: &mut Context<'_>, args: &mut Args<'_>, end: End, reply: &mut Reply<'_>) -> CommandResult {
    let count = args.remaining() - 1;
    let keys = args.rest().take(count);
    args.skip(count)?;
    let deadline = parse_deadline(args.bytes()?, cx.now())?;

    for key in keys {
        let key = args.key_of(key);
        if pop(cx, key, end, 1, Shape::Single { with_key: true }, reply)? > 0 {
            cx.propagate_as(&[end.command(), key.bytes()]);
            return Ok(Flow::Done);
        }
    }
    cx.wait(deadline, OnTimeout::NullArray)
}

/// What ZMPOP and BZMPOP ask for.
#[derive(Clone, Copy, Debug)]
struct FromMany {
    /// The index of the first key among all arguments, and how many there are.
    first: usize,
    keys: usize,
    end: End,
    count: usize,
}

impl FromMany {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let keys = positive(args.bytes()?, 1).ok_or(NO_KEYS)?;
        let first = args.argv().len() - args.remaining();
        args.skip(keys)?;
        let end = match () {
            () if args.accept("MIN") => End::Min,
            () if args.accept("MAX") => End::Max,
            () => return Err(CommandError::Syntax),
        };
        let mut count = None;
        while !args.is_empty() {
            if count.is_some() || args.remaining() < 2 || !args.accept("COUNT") {
                return Err(CommandError::Syntax);
            }
            count = Some(positive(args.bytes()?, 1).ok_or(NO_COUNT)?);
        }
        Ok(Self { first, keys, end, count: count.unwrap_or(1) })
    }

    /// Pops from the first key that has members. Returns whether one had.
    fn pop(self, cx: &mut Context<'_>, args: &Args<'_>, reply: &mut Reply<'_>) -> Result<bool, CommandError> {
        for key in args.argv().iter().skip(self.first).take(self.keys) {
            let key = args.key_of(key);
            let popped = pop(cx, key, self.end, self.count, Shape::WithKey, reply)?;
            if popped > 0 {
                let popped = i64::try_from(popped).unwrap_or(i64::MAX);
                cx.propagate_as(&[self.end.command(), key.bytes(), IntText::new().format(popped)]);
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Removes up to `count` entries, answers and tells them. Returns how many; if none, nothing was answered.
fn pop(
    cx: &mut Context<'_>,
    key: Key<'_>,
    end: End,
    count: usize,
    shape: Shape,
    reply: &mut Reply<'_>,
) -> Result<usize, CommandError> {
    let edited = cx.db.update(key, |zset: &mut Edit<'_, SortedSet>| {
        let len = zset.len();
        let count = count.min(len);
        if count == 0 {
            return Ok::<_, CommandError>(0);
        }
        let ranks = match end {
            End::Min => 0..count,
            End::Max => len - count..len,
        };
        let entries = zset.range(ranks.clone());
        match end {
            End::Min => answer_popped(key, entries, shape, reply),
            End::Max => answer_popped(key, entries.rev(), shape, reply),
        }
        zset.remove_ranks(ranks);
        zset.changed(count as u64);
        Ok(count)
    })?;
    let Some(edited) = edited.filter(|edited| edited.changed) else { return Ok(0) };
    cx.notify(Event::SortedSet, end.event(), key);
    if edited.removed {
        cx.notify(Event::Generic, "del", key);
    }
    Ok(edited.result)
}

fn answer_popped<'a>(
    key: Key<'_>,
    entries: impl ExactSizeIterator<Item = (value::Element<'a>, f64)>,
    shape: Shape,
    reply: &mut Reply<'_>,
) {
    match shape {
        Shape::Many => answer::entries(entries, true, reply),
        Shape::Single { with_key } => {
            reply.array(if with_key { 3 } else { 2 });
            if with_key {
                reply.bulk(key.bytes());
            }
            for (member, score) in entries {
                answer::member(member, reply);
                reply.double(score);
            }
        }
        Shape::WithKey => {
            reply.array(2);
            reply.bulk(key.bytes());
            reply.array(entries.len());
            for (member, score) in entries {
                reply.array(2);
                answer::member(member, reply);
                reply.double(score);
            }
        }
    }
}

/// A number not below `least`.
fn positive(text: &[u8], least: usize) -> Option<usize> {
    let number = usize::try_from(num::parse_i64(text)?).ok()?;
    (number >= least).then_some(number)
}

const ZPOPMIN_DOCS: Docs = Docs::new(
    "Removes the members with the lowest scores and answers them.",
    Group::SortedSet,
    "O(M log N) for M members",
)
.arguments(&[Arg::key("key", 0), Arg::integer("count").optional()]);

const ZPOPMAX_DOCS: Docs = Docs::new(
    "Removes the members with the highest scores and answers them.",
    Group::SortedSet,
    "O(M log N) for M members",
)
.arguments(&[Arg::key("key", 0), Arg::integer("count").optional()]);

const ZMPOP_DOCS: Docs = Docs::new(
    "Removes members from the first of several sorted sets that has any.",
    Group::SortedSet,
    "O(K + M log N) for K keys and M members",
)
.arguments(&[
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::one_of("where", &[Arg::pure_token("min", "MIN"), Arg::pure_token("max", "MAX")]),
    Arg::integer("count").token("COUNT").optional(),
]);

const BZPOPMIN_DOCS: Docs = Docs::new(
    "As ZPOPMIN for the first of several keys that has members; waits until there is one.",
    Group::SortedSet,
    "O(log N)",
)
.history(&[("6.0.0", "The timeout may have a fraction.")])
.arguments(&[Arg::key("key", 0).multiple(), Arg::double("timeout")]);

const BZPOPMAX_DOCS: Docs = Docs::new(
    "As ZPOPMAX for the first of several keys that has members; waits until there is one.",
    Group::SortedSet,
    "O(log N)",
)
.history(&[("6.0.0", "The timeout may have a fraction.")])
.arguments(&[Arg::key("key", 0).multiple(), Arg::double("timeout")]);

const BZMPOP_DOCS: Docs = Docs::new(
    "As ZMPOP, but waits until one of the keys has members.",
    Group::SortedSet,
    "O(K + M log N) for K keys and M members",
)
.arguments(&[
    Arg::double("timeout"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::one_of("where", &[Arg::pure_token("min", "MIN"), Arg::pure_token("max", "MAX")]),
    Arg::integer("count").token("COUNT").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn members_go_from_either_end() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c 4 d 5 e        => 5
            > ZPOPMIN z                         => ['a', (double) 1]
            > ZPOPMAX z                         => ['e', (double) 5]
            > ZPOPMIN z 0                       => []
            > ZPOPMAX z 2                       => flat [['d', (double) 4], ['c', (double) 3]]
            > ZPOPMIN z 1                       => flat [['b', (double) 2]]
            > EXISTS z                          => 0
            > ZPOPMIN z                         => []
            > ZPOPMIN z 3                       => []
            > ZADD z 1 a 2 b                    => 2
            > ZPOPMIN z 9223372036854775807     => flat [['a', (double) 1], ['b', (double) 2]]
        ",
        );
    }

    #[test]
    fn the_first_key_with_members_is_popped_from() {
        check(
            r"
            @since 7.0 valkey 7.2
            > ZADD y 1 a 2 b 3 c                => 3
            > ZMPOP 2 x y MIN                   => ['y', [['a', (double) 1]]]
            > ZMPOP 2 x y max COUNT 9           => ['y', [['c', (double) 3], ['b', (double) 2]]]
            > ZMPOP 2 x y MIN                   => (nil array)
            > ZMPOP 0 z MIN                     => (error) ERR numkeys should be greater than 0
            > ZMPOP x z MIN                     => (error) ERR numkeys should be greater than 0
            > ZMPOP 2 z MIN                     => (error) ERR syntax error
            > ZMPOP 9223372036854775807 z MIN   => (error) ERR syntax error
            > ZMPOP 1 z foo                     => (error) ERR syntax error
            > ZMPOP 1 z MIN COUNT 0             => (error) ERR count should be greater than 0
            > ZMPOP 1 z MIN COUNT x             => (error) ERR count should be greater than 0
            > ZMPOP 1 z MIN COUNT               => (error) ERR syntax error
            > ZMPOP 1 z MIN COUNT 1 COUNT 1     => (error) ERR syntax error
            > ZMPOP 1 z MIN foo                 => (error) ERR syntax error
            > SET s 1                           => OK
            > ZADD z 1 a                        => 1
            > ZMPOP 2 s z MIN                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZMPOP 2 z s MIN                   => ['z', [['a', (double) 1]]]
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            > SET s 1                           => OK
            > ZPOPMIN s 1 2                     => (error) ERR syntax error
            > ZPOPMIN s x                       => (error) ERR value is out of range, must be positive
            > ZPOPMIN s -1                      => (error) ERR value is out of range, must be positive
            > ZPOPMAX s 9223372036854775808     => (error) ERR value is out of range, must be positive
            > ZPOPMIN s 0                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZPOPMAX s                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BZPOPMIN s x                      => (error) ERR timeout is not a float or out of range
            > BZPOPMIN s -1                     => (error) ERR timeout is negative
            > BZPOPMIN s nan                    => (error) ERR timeout is not a float or out of range
            > BZPOPMIN s 1                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BZPOPMIN s                        => (error) ERR wrong number of arguments for 'bzpopmin' command
        ",
        );
        check(
            r"
            @since 8.0 valkey 9.0
            > BZMPOP x 1 z MIN                  => (error) ERR timeout is not a float or out of range
            > BZMPOP -1 1 z MIN                 => (error) ERR timeout is negative
            > BZMPOP x 1 z foo                  => (error) ERR syntax error
            > BZMPOP x 1 z MIN COUNT 0          => (error) ERR count should be greater than 0
            > BZMPOP x 0 z MIN                  => (error) ERR numkeys should be greater than 0
            > BZPOPMIN z 1e300                  => (error) ERR timeout is out of range
            > BZPOPMIN z inf                    => (error) ERR timeout is out of range
            > BZPOPMIN z 9223372036854775       => (error) ERR timeout is out of range
        ",
        );
    }

    #[test]
    fn who_finds_members_does_not_wait() {
        check(
            r"
            @since 7.0 valkey 7.2
            > ZADD z 1 a 2 b 3 c 4 d            => 4
            > BZPOPMIN none z 0                 => ['z', 'a', (double) 1]
            > BZPOPMAX none z 0.01              => ['z', 'd', (double) 4]
            > BZMPOP 0 2 none z MAX COUNT 5     => ['z', [['c', (double) 3], ['b', (double) 2]]]
        ",
        );
    }

    #[test]
    fn who_finds_none_waits_for_members() {
        check(
            r"
            @since 7.0 valkey 7.2
            A> BZPOPMIN x z 0                   => (blocked)
            > ZADD z 2 b 1 a                    => 2
            A: => ['z', 'a', (double) 1]
            A> BZPOPMAX x 0                     => (blocked)
            B> BZMPOP 0 2 y x MIN COUNT 2       => (blocked)
            > ZADD x 1 a 2 b 3 c                => 3
            A: => ['x', 'c', (double) 3]
            B: => ['x', [['a', (double) 1], ['b', (double) 2]]]
            > EXISTS x                          => 0
        ",
        );
    }

    #[test]
    fn pops_are_told() {
        check_told(&[
            ("ZADD z 1 a 2 b 3 c 4 d 5 e 6 f", "zadd:z", "="),
            ("ZPOPMIN z", "zpopmin:z", "="),
            ("ZPOPMAX z 2", "zpopmax:z", "="),
            ("ZMPOP 2 none z MIN COUNT 1", "zpopmin:z", "ZPOPMIN z 1"),
            ("BZPOPMAX z 0", "zpopmax:z", "ZPOPMAX z"),
            ("BZMPOP 0 1 z MIN COUNT 5", "zpopmin:z del:z", "ZPOPMIN z 1"),
            ("ZPOPMIN z", "", ""),
            ("ZMPOP 1 z MIN", "", ""),
        ]);
        check_changes(&[("ZADD z 1 a 2 b 3 c", 3), ("ZPOPMIN z 2", 2), ("ZPOPMIN z 0", 0)]);
    }
}
