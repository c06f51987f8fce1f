//! ZUNION, ZINTER, ZDIFF with their storing forms, and ZINTERCARD: several sorted sets, or sets, made into one.
//!
//! The result is built up as a sorted set even where it is only answered: it has to be in order, and to find its members again.
//! Inputs are taken from the smallest to the largest, as Redis does: the sum of floats depends on their order.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use smallvec::SmallVec;
use stdx::num;
use value::{EncodingLimits, SortedSet};

use super::answer;
use super::source::Source;
use super::store::store;

pub(super) const ZUNION: Command = Command::new("zunion", zunion)
    .since("6.2.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&ZUNION_DOCS);

pub(super) const ZUNIONSTORE: Command = Command::new("zunionstore", zunionstore)
    .since("2.0.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).keynum(0, 1, 1).ro().access()])
    .docs(&ZUNIONSTORE_DOCS);

pub(super) const ZINTER: Command = Command::new("zinter", zinter)
    .since("6.2.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&ZINTER_DOCS);

pub(super) const ZINTERSTORE: Command = Command::new("zinterstore", zinterstore)
    .since("2.0.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).keynum(0, 1, 1).ro().access()])
    .docs(&ZINTERSTORE_DOCS);

pub(super) const ZINTERCARD: Command = Command::new("zintercard", zintercard)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&ZINTERCARD_DOCS);

pub(super) const ZDIFF: Command = Command::new("zdiff", zdiff)
    .since("6.2.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).ro().access()])
    .docs(&ZDIFF_DOCS);

pub(super) const ZDIFFSTORE: Command = Command::new("zdiffstore", zdiffstore)
    .since("6.2.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ow().update(), KeySpec::index(2).keynum(0, 1, 1).ro().access()])
    .docs(&ZDIFFSTORE_DOCS);

const NOT_A_WEIGHT: CommandError = CommandError::other("ERR weight value is not a float");
const NEGATIVE_LIMIT: CommandError = CommandError::other("ERR LIMIT can't be negative");

fn zunion(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine(cx, args, Operation::Union, reply)
}

fn zinter(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine(cx, args, Operation::Inter, reply)
}

fn zdiff(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine(cx, args, Operation::Diff, reply)
}

fn zunionstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine_and_store(cx, args, Operation::Union, "zunionstore", reply)
}

fn zinterstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine_and_store(cx, args, Operation::Inter, "zinterstore", reply)
}

fn zdiffstore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    combine_and_store(cx, args, Operation::Diff, "zdiffstore", reply)
}

fn combine(cx: &Context<'_>, args: &mut Args<'_>, operation: Operation, reply: &mut Reply<'_>) -> CommandResult {
    let inputs = Inputs::read(cx, args)?;
    let options = CombineOptions::parse(args, operation, inputs.sources.len(), true)?;

    let result = inputs.combine(operation, &options, &cx.tunables.encodings);
    answer::entries(result.iter(), options.with_scores, reply);
    Ok(Flow::Done)
}

fn combine_and_store(
    cx: &mut Context<'_>,
    args: &mut Args<'_>,
    operation: Operation,
    event: &'static str,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let target = args.key()?;
    let inputs = Inputs::read(cx, args)?;
    let options = CombineOptions::parse(args, operation, inputs.sources.len(), false)?;

    let result = inputs.combine(operation, &options, &cx.tunables.encodings);
    reply.len(store(cx, target, result, event));
    Ok(Flow::Done)
}

fn zintercard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut inputs = Inputs::read(cx, args)?;
    let mut limit = 0;
    while !args.is_empty() {
        if args.remaining() < 2 || !args.accept("LIMIT") {
            return Err(CommandError::Syntax);
        }
        let number = num::parse_i64(args.bytes()?).and_then(|number| usize::try_from(number).ok());
        limit = number.ok_or(NEGATIVE_LIMIT)?;
    }

    inputs.sort();
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut count = 0;
    if let Some((smallest, others)) = inputs.sources.split_first() {
        smallest.try_for_each(|member, _| {
            count += usize::from(others.iter().all(|other| other.score(member).is_some()));
            count < limit
        });
    }
    reply.len(count);
    Ok(Flow::Done)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Union,
    Inter,
    Diff,
}

/// What becomes of the scores that a member has in several inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Aggregate {
    #[default]
    Sum,
    Min,
    Max,
    /// The weights are added up instead.
    Count,
}

impl Aggregate {
    fn join(self, one: f64, other: f64) -> f64 {
        match self {
            // An infinity and its opposite make nothing.
            Self::Sum | Self::Count => or_zero(one + other),
            Self::Min => {
                if other < one {
                    other
                } else {
                    one
                }
            }
            Self::Max => {
                if other > one {
                    other
                } else {
                    one
                }
            }
        }
    }

    fn weigh(self, score: f64, weight: f64) -> f64 {
        match self {
            Self::Count => weight,
            Self::Sum | Self::Min | Self::Max => score * weight,
        }
    }
}

/// An infinity without weight, or less another one, is no score.
fn or_zero(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

#[derive(Clone, Debug)]
struct CombineOptions {
    /// One for each input, or none: all 1.
    weights: SmallVec<[f64; 8]>,
    aggregate: Aggregate,
    with_scores: bool,
}

impl CombineOptions {
    fn parse(
        args: &mut Args<'_>,
        operation: Operation,
        inputs: usize,
        may_have_scores: bool,
    ) -> Result<Self, CommandError> {
        let has_weights = operation != Operation::Diff;
        let mut options = Self { weights: SmallVec::new(), aggregate: Aggregate::Sum, with_scores: false };
        while !args.is_empty() {
            if has_weights && args.remaining() > inputs && args.accept("WEIGHTS") {
                options.weights.clear();
                for _ in 0..inputs {
                    options.weights.push(num::parse_f64(args.bytes()?).ok_or(NOT_A_WEIGHT)?);
                }
            } else if has_weights && args.remaining() > 1 && args.accept("AGGREGATE") {
                options.aggregate = match () {
                    () if args.accept("SUM") => Aggregate::Sum,
                    () if args.accept("MIN") => Aggregate::Min,
                    () if args.accept("MAX") => Aggregate::Max,
                    () if args.accept("COUNT") => Aggregate::Count,
                    () => return Err(CommandError::Syntax),
                };
            } else if may_have_scores && args.accept("WITHSCORES") {
                options.with_scores = true;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

/// The values of the keys that a command names.
struct Inputs<'a> {
    sources: SmallVec<[Source<'a>; 8]>,
}

impl<'a> Inputs<'a> {
    /// Takes the number of keys and the keys. The types of all are checked before any option.
    fn read(cx: &'a Context<'_>, args: &mut Args<'_>) -> Result<Self, CommandError> {
        let count = args.int()?;
        if count < 1 {
            let text = format!("ERR at least 1 input key is needed for '{}' command", cx.name);
            return Err(CommandError::Other(text.into()));
        }
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > args.remaining() {
            return Err(CommandError::Syntax);
        }
        let mut sources = SmallVec::new();
        for _ in 0..count {
            sources.push(Source::read(&cx.db, args.key()?)?);
        }
        Ok(Self { sources })
    }

    /// From the smallest to the largest.
    fn sort(&mut self) {
        self.sources.sort_by_key(Source::len);
    }

    fn combine(self, operation: Operation, options: &CombineOptions, limits: &EncodingLimits) -> SortedSet {
        let weights = options.weights.iter().copied().chain(std::iter::repeat(1.0));
        let mut weighted: SmallVec<[(Source<'_>, f64); 8]> = self.sources.into_iter().zip(weights).collect();
        if operation != Operation::Diff {
            weighted.sort_by_key(|(source, _)| source.len());
        }
        match operation {
            Operation::Union => union(&weighted, options.aggregate, limits),
            Operation::Inter => inter(&weighted, options.aggregate, limits),
            Operation::Diff => diff(&weighted, limits),
        }
    }
}

fn union(inputs: &[(Source<'_>, f64)], aggregate: Aggregate, limits: &EncodingLimits) -> SortedSet {
    let mut result = SortedSet::new();
    for (source, weight) in inputs {
        source.for_each(|member, score| {
            let score = or_zero(aggregate.weigh(score, *weight));
            let score = result.score(member).map_or(score, |before| aggregate.join(before, score));
            result.insert(member, score, limits);
        });
    }
    result
}

fn inter(inputs: &[(Source<'_>, f64)], aggregate: Aggregate, limits: &EncodingLimits) -> SortedSet {
    let mut result = SortedSet::new();
    let Some(((smallest, weight), others)) = inputs.split_first() else { return result };
    smallest.for_each(|member, score| {
        let mut sum = or_zero(aggregate.weigh(score, *weight));
        for (other, weight) in others {
            let Some(score) = other.score(member) else { return };
            sum = aggregate.join(sum, aggregate.weigh(score, *weight));
        }
        result.insert(member, sum, limits);
    });
    result
}

fn diff(inputs: &[(Source<'_>, f64)], limits: &EncodingLimits) -> SortedSet {
    let mut result = SortedSet::new();
    let Some(((first, _), others)) = inputs.split_first() else { return result };
    first.for_each(|member, score| {
        if others.iter().all(|(other, _)| other.score(member).is_none()) {
            result.insert(member, score, limits);
        }
    });
    result
}

const ZUNION_DOCS: Docs = Docs::new(
    "Answers the union of several sorted sets.",
    Group::SortedSet,
    "O(N + M log M), N being the sum of their sizes and M the size of the result",
)
.history(&[("8.8.0", "`AGGREGATE COUNT`.")])
.arguments(&[
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::integer("weight").token("WEIGHTS").optional().multiple(),
    Arg::one_of(
        "aggregate",
        &[
            Arg::pure_token("sum", "SUM"),
            Arg::pure_token("min", "MIN"),
            Arg::pure_token("max", "MAX"),
            Arg::pure_token("count", "COUNT").since("8.8.0"),
        ],
    )
    .token("AGGREGATE")
    .optional(),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
]);

const ZUNIONSTORE_DOCS: Docs = Docs::new(
    "Stores the union of several sorted sets.",
    Group::SortedSet,
    "O(N + M log M), N being the sum of their sizes and M the size of the result",
)
.history(&[("8.8.0", "`AGGREGATE COUNT`.")])
.arguments(&[
    Arg::key("destination", 0),
    Arg::integer("numkeys"),
    Arg::key("key", 1).multiple(),
    Arg::integer("weight").token("WEIGHTS").optional().multiple(),
    Arg::one_of(
        "aggregate",
        &[
            Arg::pure_token("sum", "SUM"),
            Arg::pure_token("min", "MIN"),
            Arg::pure_token("max", "MAX"),
            Arg::pure_token("count", "COUNT").since("8.8.0"),
        ],
    )
    .token("AGGREGATE")
    .optional(),
]);

const ZINTER_DOCS: Docs = Docs::new(
    "Answers the intersection of several sorted sets.",
    Group::SortedSet,
    "O(N K + M log M), N being the smallest size, K the number of keys and M the size of the result",
)
.history(&[("8.8.0", "`AGGREGATE COUNT`.")])
.arguments(&[
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::integer("weight").token("WEIGHTS").optional().multiple(),
    Arg::one_of(
        "aggregate",
        &[
            Arg::pure_token("sum", "SUM"),
            Arg::pure_token("min", "MIN"),
            Arg::pure_token("max", "MAX"),
            Arg::pure_token("count", "COUNT").since("8.8.0"),
        ],
    )
    .token("AGGREGATE")
    .optional(),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
]);

const ZINTERSTORE_DOCS: Docs = Docs::new(
    "Stores the intersection of several sorted sets.",
    Group::SortedSet,
    "O(N K + M log M), N being the smallest size, K the number of keys and M the size of the result",
)
.history(&[("8.8.0", "`AGGREGATE COUNT`.")])
.arguments(&[
    Arg::key("destination", 0),
    Arg::integer("numkeys"),
    Arg::key("key", 1).multiple(),
    Arg::integer("weight").token("WEIGHTS").optional().multiple(),
    Arg::one_of(
        "aggregate",
        &[
            Arg::pure_token("sum", "SUM"),
            Arg::pure_token("min", "MIN"),
            Arg::pure_token("max", "MAX"),
            Arg::pure_token("count", "COUNT").since("8.8.0"),
        ],
    )
    .token("AGGREGATE")
    .optional(),
]);

const ZINTERCARD_DOCS: Docs = Docs::new(
    "Counts the members that several sorted sets have in common.",
    Group::SortedSet,
    "O(N K), N being the smallest size and K the number of keys",
)
.arguments(&[Arg::integer("numkeys"), Arg::key("key", 0).multiple(), Arg::integer("limit").token("LIMIT").optional()]);

const ZDIFF_DOCS: Docs = Docs::new(
    "Answers the members of the first sorted set that no other one has.",
    Group::SortedSet,
    "O(N K + M log M), N being the size of the first, K the number of keys and M the size of the result",
)
.arguments(&[
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::pure_token("withscores", "WITHSCORES").optional(),
]);

const ZDIFFSTORE_DOCS: Docs = Docs::new(
    "Stores the members of the first sorted set that no other one has.",
    Group::SortedSet,
    "O(N K + M log M), N being the size of the first, K the number of keys and M the size of the result",
)
.arguments(&[Arg::key("destination", 0), Arg::integer("numkeys"), Arg::key("key", 1).multiple()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn unions_add_weighted_scores() {
        check(
            r"
            > ZADD x 1 a 2 b                    => 2
            > ZADD y 10 b 20 c                  => 2
            > ZUNION 2 x y                      => ['a', 'b', 'c']
            > ZUNION 2 x y WITHSCORES           => flat [['a', (double) 1], ['b', (double) 12], ['c', (double) 20]]
            > ZUNION 2 x y WEIGHTS 2 0.5 WITHSCORES   => flat [['a', (double) 2], ['b', (double) 9], ['c', (double) 10]]
            > ZUNION 2 x y AGGREGATE MAX WITHSCORES   => flat [['a', (double) 1], ['b', (double) 10], ['c', (double) 20]]
            > ZUNION 2 x y WITHSCORES aggregate min   => flat [['a', (double) 1], ['b', (double) 2], ['c', (double) 20]]
            > ZUNION 3 x none x WITHSCORES      => flat [['a', (double) 2], ['b', (double) 4]]
            > ZUNION 1 none                     => []
            > ZUNIONSTORE d 2 x y               => 3
            > ZUNIONSTORE x 2 x y               => 3
            > ZRANGE x 0 -1                     => ['a', 'b', 'c']
            > ZUNIONSTORE d 1 none              => 0
            > EXISTS d                          => 0
        ",
        );
    }

    #[test]
    fn intersections_keep_what_all_have() {
        check(
            r"
            @since 7.0 valkey 7.2
            > ZADD x 1 a 2 b 3 c                => 3
            > ZADD y 10 b 20 c 30 d             => 3
            > ZINTER 2 x y WITHSCORES           => flat [['b', (double) 12], ['c', (double) 23]]
            > ZINTER 2 x y WEIGHTS 1 -1 AGGREGATE MIN WITHSCORES   => flat [['c', (double) -20], ['b', (double) -10]]
            > ZINTER 2 x none                   => []
            > ZINTERSTORE d 2 x y AGGREGATE MAX => 2
            > ZRANGE d 0 -1 WITHSCORES          => flat [['b', (double) 10], ['c', (double) 20]]
            > ZINTERCARD 2 x y                  => 2
            > ZINTERCARD 2 x y LIMIT 1          => 1
            > ZINTERCARD 2 x y LIMIT 0          => 2
            > ZINTERCARD 2 x none               => 0
            > ZINTERCARD 1 x LIMIT 1 LIMIT 2    => 2
        ",
        );
    }

    #[test]
    fn differences_keep_the_scores_of_the_first() {
        check(
            r"
            > ZADD x 1 a 2 b 3 c                => 3
            > ZADD y 10 b                       => 1
            > ZDIFF 2 x y WITHSCORES            => flat [['a', (double) 1], ['c', (double) 3]]
            > ZDIFF 1 x                         => ['a', 'b', 'c']
            > ZDIFF 2 x x                       => []
            > ZDIFF 2 none x                    => []
            > ZDIFFSTORE d 3 x y none           => 2
            > ZRANGE d 0 -1                     => ['a', 'c']
            > ZDIFFSTORE d 2 x x                => 0
            > EXISTS d                          => 0
        ",
        );
    }

    #[test]
    fn members_of_sets_have_the_score_1() {
        check(
            r"
            > ZADD z 1 a 2 b 3 c                => 3
            > SADD s a x                        => 2
            > SADD ints 1 2                     => 2
            > ZUNION 2 z s WITHSCORES           => flat [['x', (double) 1], ['a', (double) 2], ['b', (double) 2], ['c', (double) 3]]
            > ZUNION 1 s WEIGHTS 3 WITHSCORES   => flat [['a', (double) 3], ['x', (double) 3]]
            > ZINTER 2 z s WITHSCORES           => flat [['a', (double) 2]]
            > ZDIFF 2 z s WITHSCORES            => flat [['b', (double) 2], ['c', (double) 3]]
            > ZUNIONSTORE d 2 ints s            => 4
            > ZRANGE d 0 -1                     => ['1', '2', 'a', 'x']
            > ZRANGE s 0 -1                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn infinities_never_make_nan() {
        check(
            r"
            > ZADD x 1 a inf c                  => 2
            > ZADD y 3 a -inf c                 => 2
            > ZUNION 1 x WEIGHTS 0 WITHSCORES   => flat [['a', (double) 0], ['c', (double) 0]]
            > ZUNION 2 x y WITHSCORES           => flat [['c', (double) 0], ['a', (double) 4]]
            > ZINTER 2 x y WITHSCORES           => flat [['c', (double) 0], ['a', (double) 4]]
            > ZUNION 2 x y WEIGHTS 0 0 AGGREGATE MAX WITHSCORES   => flat [['a', (double) 0], ['c', (double) 0]]
        ",
        );
    }

    #[test]
    fn counting_adds_up_the_weights() {
        check(
            r"
            @since 8.8 valkey 99.0
            > ZADD x 1 a 2 b                    => 2
            > ZADD y 10 b 20 c                  => 2
            > ZUNION 2 x y AGGREGATE COUNT WITHSCORES   => flat [['a', (double) 1], ['c', (double) 1], ['b', (double) 2]]
            > ZUNION 2 x y WEIGHTS 2 3 AGGREGATE COUNT WITHSCORES   => flat [['a', (double) 2], ['c', (double) 3], ['b', (double) 5]]
            > ZINTERSTORE d 2 x y AGGREGATE count => 1
            > ZSCORE d b                        => (double) 2
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            @since 7.0 valkey 7.2
            > ZADD z 1 a                        => 1
            > SET s 1                           => OK
            > ZUNION 0 z                        => (error) ERR at least 1 input key is needed for 'zunion' command
            > ZINTER -1 z                       => (error) ERR at least 1 input key is needed for 'zinter' command
            > ZUNIONSTORE d 0 z                 => (error) ERR at least 1 input key is needed for 'zunionstore' command
            > ZDIFFSTORE d 0 z                  => (error) ERR at least 1 input key is needed for 'zdiffstore' command
            > ZINTERCARD 0 z                    => (error) ERR at least 1 input key is needed for 'zintercard' command
            > ZUNION x z                        => (error) ERR value is not an integer or out of range
            > ZUNION 2 z                        => (error) ERR syntax error
            > ZUNION 9223372036854775807 z      => (error) ERR syntax error
            > ZUNION 1 s foo                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZDIFF 2 none s                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZINTER 2 none s                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZUNION 1 z foo                    => (error) ERR syntax error
            > ZUNION 1 z WEIGHTS                => (error) ERR syntax error
            > ZUNION 1 z WEIGHTS x              => (error) ERR weight value is not a float
            > ZUNION 1 z WEIGHTS nan            => (error) ERR weight value is not a float
            > ZUNION 1 z WEIGHTS 1 2            => (error) ERR syntax error
            > ZUNION 1 z AGGREGATE              => (error) ERR syntax error
            > ZUNION 1 z AGGREGATE foo          => (error) ERR syntax error
            > ZUNION 1 z WEIGHTS 1 WEIGHTS 2 WITHSCORES WITHSCORES   => flat [['a', (double) 2]]
            > ZUNIONSTORE d 1 z WITHSCORES      => (error) ERR syntax error
            > ZDIFF 1 z WEIGHTS 1               => (error) ERR syntax error
            > ZDIFF 1 z AGGREGATE SUM           => (error) ERR syntax error
            > ZINTERCARD 1 z LIMIT -1           => (error) ERR LIMIT can't be negative
            > ZINTERCARD 1 z LIMIT x            => (error) ERR LIMIT can't be negative
            > ZINTERCARD 1 z LIMIT              => (error) ERR syntax error
            > ZINTERCARD 1 z WITHSCORES         => (error) ERR syntax error
            > ZUNION 1                          => (error) ERR wrong number of arguments for 'zunion' command
        ",
        );
    }

    #[test]
    fn stored_results_are_told() {
        check_told(&[
            ("ZADD x 1 a 2 b", "zadd:x", "="),
            ("ZUNIONSTORE d 1 x", "zunionstore:d", "="),
            ("ZINTERSTORE d 2 x none", "del:d", "="),
            ("ZINTERSTORE d 2 x none", "", ""),
            ("ZDIFFSTORE d 1 x", "zdiffstore:d", "="),
        ]);
        check_changes(&[("ZADD x 1 a 2 b", 2), ("ZUNIONSTORE d 1 x", 1), ("ZINTERSTORE d 2 x none", 1)]);
    }
}
