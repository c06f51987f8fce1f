//! ZADD, ZINCRBY: members with scores come in, and scores change.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Key};
use smallvec::SmallVec;
use stdx::num;
use value::{EncodingLimits, SortedSet};

pub(super) const ZADD: Command = Command::new("zadd", zadd)
    .since("1.2.0")
    .arity(-4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ZADD_DOCS);

pub(super) const ZINCRBY: Command = Command::new("zincrby", zincrby)
    .since("1.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&ZINCRBY_DOCS);

const NX_AND_XX: CommandError = CommandError::other("ERR XX and NX options at the same time are not compatible");
const GT_LT_NX: CommandError = CommandError::other("ERR GT, LT, and/or NX options at the same time are not compatible");
const INCR_MANY: CommandError = CommandError::other("ERR INCR option supports a single increment-element pair");
const NOT_A_NUMBER: CommandError = CommandError::other("ERR resulting score is not a number (NaN)");

fn zadd(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let options = AddOptions::parse(args)?;
    let words = args.rest();
    let scores = words.clone().step_by(2).map(|score| num::parse_f64(score).ok_or(CommandError::NotFloat));
    let scores = scores.collect::<Result<SmallVec<[f64; 8]>, _>>()?;
    let members = words.skip(1).step_by(2);
    add(cx, key, &options, scores.into_iter().zip(members), reply)
}

fn zincrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let increment = args.float()?;
    let member = args.bytes()?;
    args.finish()?;

    let options = AddOptions { incr: true, ..AddOptions::default() };
    add(cx, key, &options, std::iter::once((increment, member)), reply)
}

fn add<'a>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    options: &AddOptions,
    pairs: impl ExactSizeIterator<Item = (f64, &'a [u8])>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |zset: &mut Edit<'_, SortedSet>| {
        zset.expect(pairs.len(), limits);
        let (mut added, mut updated, mut score) = (0_u64, 0_u64, None);
        for (given, member) in pairs {
            match options.apply(zset, member, given, limits)? {
                Applied::Refused => continue,
                Applied::Added => added += 1,
                Applied::Updated => updated += 1,
                Applied::Same => {}
            }
            score = if options.incr { zset.score(member) } else { None };
        }
        zset.changed(added + updated);
        Ok::<_, CommandError>((added, updated, score))
    })?;
    if edited.changed {
        cx.notify(Event::SortedSet, if options.incr { "zincr" } else { "zadd" }, key);
    }

    let (added, updated, score) = edited.result;
    match score {
        Some(score) => reply.double(score),
        None if options.incr => reply.null(),
        None => reply.int((if options.changed { added + updated } else { added }).cast_signed()),
    }
    Ok(Flow::Done)
}

/// What became of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Applied {
    /// The options do not allow it.
    Refused,
    Added,
    Updated,
    /// It had that score already.
    Same,
}

#[derive(Clone, Copy, Debug, Default)]
struct AddOptions {
    /// Only members that are not there.
    nx: bool,
    /// Only members that are there.
    xx: bool,
    /// Scores only rise.
    gt: bool,
    /// Scores only fall.
    lt: bool,
    /// Members with another score than before are counted too.
    changed: bool,
    /// The scores are added to those there are.
    incr: bool,
}

impl AddOptions {
    /// Takes the options, and checks that pairs follow.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        loop {
            let option = match () {
                () if args.accept("NX") => &mut options.nx,
                () if args.accept("XX") => &mut options.xx,
                () if args.accept("GT") => &mut options.gt,
                () if args.accept("LT") => &mut options.lt,
                () if args.accept("CH") => &mut options.changed,
                () if args.accept("INCR") => &mut options.incr,
                () => break,
            };
            *option = true;
        }
        let words = args.remaining();
        if words == 0 || !words.is_multiple_of(2) {
            return Err(CommandError::Syntax);
        }
        if options.nx && options.xx {
            return Err(NX_AND_XX);
        }
        if (options.gt || options.lt) && options.nx || options.gt && options.lt {
            return Err(GT_LT_NX);
        }
        if options.incr && words > 2 {
            return Err(INCR_MANY);
        }
        Ok(options)
    }

    fn apply(
        &self,
        zset: &mut SortedSet,
        member: &[u8],
        given: f64,
        limits: &EncodingLimits,
    ) -> Result<Applied, CommandError> {
        let mut score = given;
        if self.nx || self.xx || self.gt || self.lt || self.incr {
            match zset.score(member) {
                Some(_) if self.nx => return Ok(Applied::Refused),
                None if self.xx => return Ok(Applied::Refused),
                Some(old) => {
                    if self.incr {
                        score += old;
                    }
                    if score.is_nan() {
                        return Err(NOT_A_NUMBER);
                    }
                    if self.gt && score <= old || self.lt && score >= old {
                        return Ok(Applied::Refused);
                    }
                }
                None => {}
            }
        }
        Ok(match zset.insert(member, score, limits) {
            None => Applied::Added,
            Some(old) if old.partial_cmp(&score).is_some_and(std::cmp::Ordering::is_ne) => Applied::Updated,
            Some(_) => Applied::Same,
        })
    }
}

const ZADD_DOCS: Docs = Docs::new(
    "Adds members with their scores, or gives members new scores.",
    Group::SortedSet,
    "O(log N) for each member, N being the size of the sorted set",
)
.history(&[
    ("2.4.0", "Takes several members."),
    ("3.0.2", "The options `XX`, `NX`, `CH` and `INCR`."),
    ("6.2.0", "The options `GT` and `LT`."),
])
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of("condition", &[Arg::pure_token("nx", "NX"), Arg::pure_token("xx", "XX")]).since("3.0.2").optional(),
    Arg::one_of("comparison", &[Arg::pure_token("gt", "GT"), Arg::pure_token("lt", "LT")]).since("6.2.0").optional(),
    Arg::pure_token("change", "CH").since("3.0.2").optional(),
    Arg::pure_token("increment", "INCR").since("3.0.2").optional(),
    Arg::block("data", &[Arg::double("score"), Arg::string("member")]).multiple(),
]);

const ZINCRBY_DOCS: Docs = Docs::new("Adds to the score of a member, which begins at 0.", Group::SortedSet, "O(log N)")
    .arguments(&[Arg::key("key", 0), Arg::integer("increment"), Arg::string("member")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn members_come_in_order_of_scores_then_names() {
        check(
            r"
            > ZADD z 2 b 1 a 2 aa               => 3
            > ZRANGE z 0 -1 WITHSCORES          => flat [['a', (double) 1], ['aa', (double) 2], ['b', (double) 2]]
            > ZADD z 3 a 3 c                    => 1
            > ZADD z CH 4 a 3 c 1 d             => 2
            > ZADD z ch 4 a                     => 0
            > ZRANGE z 0 -1                     => ['d', 'aa', 'b', 'c', 'a']
            > ZADD z 1 d 2 d 3 d                => 0
            > ZSCORE z d                        => (double) 3
            > SET s x                           => OK
            > ZADD s 1 a                        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn scores_are_read_and_printed_as_doubles() {
        check(
            r"
            > ZADD z inf a -INF b +inf c 1e3 d .5 e 16 f -0 g 17179869184 h 1e21 k   => 9
            > ZSCORE z a                        => (double) inf
            > ZSCORE z b                        => (double) -inf
            > ZSCORE z d                        => (double) 1000
            > ZSCORE z e                        => (double) 0.5
            > ZSCORE z f                        => (double) 16
            > ZSCORE z h                        => (double) 17179869184
            > ZSCORE z k                        => (double) 1e+21
            > ZADD z nan a                      => (error) ERR value is not a valid float
            > ZADD z 1x a                       => (error) ERR value is not a valid float
            > ZADD z '' a                       => (error) ERR value is not a valid float
            > ZADD z ' 1' a                     => (error) ERR value is not a valid float
            > ZADD z 1 new x other              => (error) ERR value is not a valid float
            > ZSCORE z new                      => (nil)
            > ZADD z 1e400 a                    => (error) ERR value is not a valid float
        ",
        );
    }

    #[test]
    fn scores_take_the_shortest_text_and_may_be_hexadecimal() {
        check(
            r"
            @since 7.2 valkey 7.2
            > ZADD z 0.1 a 3.0e-7 b             => 2
            > ZSCORE z a                        => (double) 0.1
            > ZSCORE z b                        => (double) 3e-7
        ",
        );
        check(
            r"
            @only redis ochre
            > ZADD z 0x10 a                     => 1
            > ZSCORE z a                        => (double) 16
        ",
        );
    }

    #[test]
    fn options_say_which_members_are_touched() {
        check(
            r"
            > ZADD z XX 1 a                     => 0
            > EXISTS z                          => 0
            > ZADD z NX 1 a                     => 1
            > ZADD z NX CH 2 a 2 b              => 1
            > ZADD z xx ch 5 a 5 c              => 1
            > ZRANGE z 0 -1 WITHSCORES          => flat [['b', (double) 2], ['a', (double) 5]]
            > ZADD z GT CH 3 b 4 a              => 1
            > ZADD z LT CH 2 b 4 a              => 2
            > ZADD z GT CH 1 new                => 1
            > ZADD z XX LT CH 0 new 1 newer     => 1
            > ZRANGE z 0 -1 WITHSCORES          => flat [['new', (double) 0], ['b', (double) 2], ['a', (double) 4]]
            > ZADD z INCR 1.5 a                 => (double) 5.5
            > ZADD z NX INCR 1 a                => (nil)
            > ZADD z XX INCR 1 nosuch           => (nil)
            > ZADD z GT INCR -1 a               => (nil)
            > ZADD z GT INCR 0 a                => (nil)
            > ZADD z LT INCR -1 a               => (double) 4.5
            > ZADD z INCR 0 a                   => (double) 4.5
            > ZADD none XX INCR 1 a             => (nil)
            > EXISTS none                       => 0
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            > ZADD z NX XX 1                    => (error) ERR syntax error
            > ZADD z GT LT 1                    => (error) ERR syntax error
            > ZADD z NX XX                      => (error) ERR syntax error
            > ZADD z 1                          => (error) ERR wrong number of arguments for 'zadd' command
            > ZADD z 1 a 2                      => (error) ERR syntax error
            > ZADD z NX XX x a                  => (error) ERR XX and NX options at the same time are not compatible
            > ZADD z GT LT NX XX 1 a            => (error) ERR XX and NX options at the same time are not compatible
            > ZADD z GT NX 1 a                  => (error) ERR GT, LT, and/or NX options at the same time are not compatible
            > ZADD z LT NX 1 a                  => (error) ERR GT, LT, and/or NX options at the same time are not compatible
            > ZADD z GT LT x a                  => (error) ERR GT, LT, and/or NX options at the same time are not compatible
            > ZADD z INCR x a 2 b               => (error) ERR INCR option supports a single increment-element pair
            > SET s 1                           => OK
            > ZADD s x a                        => (error) ERR value is not a valid float
            > ZINCRBY s x a                     => (error) ERR value is not a valid float
            > ZINCRBY s 1 a                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn increments_add_up_and_never_become_nan() {
        check(
            r"
            > ZINCRBY z 2 a                     => (double) 2
            > ZINCRBY z -0.5 a                  => (double) 1.5
            > ZINCRBY z inf a                   => (double) inf
            > ZINCRBY z -inf a                  => (error) ERR resulting score is not a number (NaN)
            > ZADD z INCR -inf a                => (error) ERR resulting score is not a number (NaN)
            > ZADD z GT INCR -inf a             => (error) ERR resulting score is not a number (NaN)
            > ZSCORE z a                        => (double) inf
            > ZINCRBY z nan a                   => (error) ERR value is not a valid float
            > ZINCRBY z 1                       => (error) ERR wrong number of arguments for 'zincrby' command
        ",
        );
    }

    #[test]
    fn the_encoding_follows_the_limits_and_what_a_command_names() {
        check(
            r"
            @since 8.0 valkey 9.0
            @config zset-max-listpack-entries 3
            @config zset-max-listpack-value 5
            > ZADD z 1 a 2 b 3 abcde            => 3
            > OBJECT ENCODING z                 => 'listpack'
            > ZADD z XX 4 b                     => 0
            > OBJECT ENCODING z                 => 'listpack'
            > ZADD z 1 d                        => 1
            > OBJECT ENCODING z                 => 'skiplist'
            @skip-encodings restore a dump does not tell that a value was larger once
            > ZREM z a b d                      => 3
            > OBJECT ENCODING z                 => 'skiplist'
            > ZADD long 1 abcdef                => 1
            > OBJECT ENCODING long              => 'skiplist'
            > ZADD many 1 a 1 a 1 a 1 a         => 1
            > OBJECT ENCODING many              => 'skiplist'
            > ZADD few 1 a                      => 1
            > ZADD few 1 a 1 a 1 a              => 0
            > OBJECT ENCODING few               => 'listpack'
            > ZADD few NX 1 a 1 a 1 a 1 a       => 0
            > OBJECT ENCODING few               => 'skiplist'
        ",
        );
    }

    #[test]
    fn additions_are_told() {
        check_told(&[
            ("ZADD z 1 a 2 b", "zadd:z", "="),
            ("ZADD z 1 a", "", ""),
            ("ZADD z NX 5 a", "", ""),
            ("ZADD z 3 a", "zadd:z", "="),
            ("ZADD z INCR 1 a", "zincr:z", "="),
            ("ZADD z INCR 0 a", "", ""),
            ("ZINCRBY z 1 c", "zincr:z", "="),
            ("ZADD none XX 1 a", "", ""),
        ]);
        check_changes(&[("ZADD z 1 a 2 b", 2), ("ZADD z 1 a 3 b 4 c", 2), ("ZADD z 1 a", 0)]);
    }
}
