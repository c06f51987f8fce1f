//! ZCARD, ZSCORE, ZMSCORE, ZCOUNT, ZLEXCOUNT, ZRANK, ZREVRANK: questions with short answers.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::SortedSet;

use super::bounds::{parse_lex_range, parse_score_range};

pub(super) const ZCARD: Command = Command::new("zcard", zcard)
    .since("1.2.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&ZCARD_DOCS);

pub(super) const ZSCORE: Command = Command::new("zscore", zscore)
    .since("1.2.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZSCORE_DOCS);

pub(super) const ZMSCORE: Command = Command::new("zmscore", zmscore)
    .since("6.2.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZMSCORE_DOCS);

pub(super) const ZCOUNT: Command = Command::new("zcount", zcount)
    .since("2.0.0")
    .arity(4)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZCOUNT_DOCS);

pub(super) const ZLEXCOUNT: Command = Command::new("zlexcount", zlexcount)
    .since("2.8.9")
    .arity(4)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZLEXCOUNT_DOCS);

pub(super) const ZRANK: Command = Command::new("zrank", zrank)
    .since("2.0.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZRANK_DOCS);

pub(super) const ZREVRANK: Command = Command::new("zrevrank", zrevrank)
    .since("2.0.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ZREVRANK_DOCS);

fn zcard(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    reply.len(cx.db.read::<SortedSet>(key)?.map_or(0, SortedSet::len));
    Ok(Flow::Done)
}

fn zscore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let member = args.bytes()?;
    args.finish()?;

    score_or_null(cx.db.read::<SortedSet>(key)?.and_then(|zset| zset.score(member)), reply);
    Ok(Flow::Done)
}

fn zmscore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let zset = cx.db.read::<SortedSet>(key)?;
    reply.array(members.len());
    for member in members {
        score_or_null(zset.and_then(|zset| zset.score(member)), reply);
    }
    Ok(Flow::Done)
}

fn score_or_null(score: Option<f64>, reply: &mut Reply<'_>) {
    match score {
        Some(score) => reply.double(score),
        None => reply.null(),
    }
}

fn zcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let range = parse_score_range(args.bytes()?, args.bytes()?)?;
    args.finish()?;

    reply.len(cx.db.read::<SortedSet>(key)?.map_or(0, |zset| zset.ranks_by_score(range).len()));
    Ok(Flow::Done)
}

fn zlexcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let range = parse_lex_range(args.bytes()?, args.bytes()?)?;
    args.finish()?;

    reply.len(cx.db.read::<SortedSet>(key)?.map_or(0, |zset| zset.ranks_by_lex(range).len()));
    Ok(Flow::Done)
}

fn zrank(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    rank(cx, args, |_, rank| rank, reply)
}

fn zrevrank(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    rank(cx, args, |len, rank| len - 1 - rank, reply)
}

/// `turn` makes the rank that is asked for out of the size and the rank from the lowest score on.
fn rank(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    turn: fn(usize, usize) -> usize,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    let member = args.bytes()?;
    if args.remaining() > 1 {
        return Err(cx.wrong_arity());
    }
    let with_score = args.accept("WITHSCORE");
    args.finish()?;

    let found = cx.db.read::<SortedSet>(key)?.and_then(|zset| Some((zset.len(), zset.rank(member)?)));
    match found {
        Some((len, (rank, score))) => {
            if with_score {
                reply.array(2);
            }
            reply.len(turn(len, rank));
            if with_score {
                reply.double(score);
            }
        }
        None if with_score => reply.null_array(),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

const ZCARD_DOCS: Docs =
    Docs::new("Counts the members of a sorted set.", Group::SortedSet, "O(1)").arguments(&[Arg::key("key", 0)]);

const ZSCORE_DOCS: Docs = Docs::new("Tells the score of a member.", Group::SortedSet, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("member")]);

const ZMSCORE_DOCS: Docs =
    Docs::new("Tells the scores of several members.", Group::SortedSet, "O(M) for M members asked for")
        .arguments(&[Arg::key("key", 0), Arg::string("member").multiple()]);

const ZCOUNT_DOCS: Docs =
    Docs::new("Counts the members whose scores lie within a range.", Group::SortedSet, "O(log N)").arguments(&[
        Arg::key("key", 0),
        Arg::double("min"),
        Arg::double("max"),
    ]);

const ZLEXCOUNT_DOCS: Docs = Docs::new(
    "Counts the members that lie within a range of names, all scores being equal.",
    Group::SortedSet,
    "O(log N)",
)
.arguments(&[Arg::key("key", 0), Arg::string("min"), Arg::string("max")]);

const ZRANK_DOCS: Docs =
    Docs::new("Tells how many members come before one, from the lowest score on.", Group::SortedSet, "O(log N)")
        .history(&[("7.2.0", "The option `WITHSCORE`.")])
        .arguments(&[Arg::key("key", 0), Arg::string("member"), Arg::pure_token("withscore", "WITHSCORE").optional()]);

const ZREVRANK_DOCS: Docs =
    Docs::new("Tells how many members come before one, from the highest score on.", Group::SortedSet, "O(log N)")
        .history(&[("7.2.0", "The option `WITHSCORE`.")])
        .arguments(&[Arg::key("key", 0), Arg::string("member"), Arg::pure_token("withscore", "WITHSCORE").optional()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_counted;

    #[test]
    fn members_are_counted_and_their_scores_told() {
        check(
            r"
            > ZCARD z                           => 0
            > ZSCORE z a                        => (nil)
            > ZMSCORE z a b                     => [(nil), (nil)]
            > ZADD z 1 a 2.5 b                  => 2
            > ZCARD z                           => 2
            > ZSCORE z b                        => (double) 2.5
            > ZSCORE z c                        => (nil)
            > ZMSCORE z b c a                   => [(double) 2.5, (nil), (double) 1]
            > SET s 1                           => OK
            > ZCARD s                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZSCORE s a                        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZMSCORE s a                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZMSCORE z                         => (error) ERR wrong number of arguments for 'zmscore' command
        ",
        );
    }

    #[test]
    fn ranges_of_scores_are_counted() {
        check(
            r"
            > ZADD z -inf low 1 a 2 b 2 c 3 d inf high   => 6
            > ZCOUNT z -inf +inf                => 6
            > ZCOUNT z 1 2                      => 3
            > ZCOUNT z (1 2                     => 2
            > ZCOUNT z 1 (2                     => 1
            > ZCOUNT z (1 (2                    => 0
            > ZCOUNT z (-inf (inf               => 4
            > ZCOUNT z 3 1                      => 0
            > ZCOUNT z 5 9                      => 0
            > ZCOUNT none 1 2                   => 0
            > ZCOUNT z x 1                      => (error) ERR min or max is not a float
            > ZCOUNT z 1 (x                     => (error) ERR min or max is not a float
            > ZCOUNT z nan 1                    => (error) ERR min or max is not a float
            > ZCOUNT z ((1 2                    => (error) ERR min or max is not a float
            > SET s 1                           => OK
            > ZCOUNT s x 1                      => (error) ERR min or max is not a float
            > ZCOUNT s 0 1                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
        check(
            r"
            @since 8.0 valkey 9.0
            > ZADD z 0 zero 1 one               => 2
            > ZCOUNT z '' 1e400                 => 2
            > ZCOUNT z ( +inf                   => 1
            > ZCOUNT z -0 1e-400                => 1
            > ZCOUNT z 0x10 1                   => (error) ERR min or max is not a float
            > ZCOUNT z ' 0' 1                   => (error) ERR min or max is not a float
        ",
        );
    }

    #[test]
    fn ranges_of_names_are_counted() {
        check(
            r"
            > ZADD z 0 a 0 b 0 c 0 d            => 4
            > ZLEXCOUNT z - +                   => 4
            > ZLEXCOUNT z [b [c                 => 2
            > ZLEXCOUNT z (b [c                 => 1
            > ZLEXCOUNT z [b (c                 => 1
            > ZLEXCOUNT z (b (b                 => 0
            > ZLEXCOUNT z [bb +                 => 2
            > ZLEXCOUNT z + -                   => 0
            > ZLEXCOUNT z - -                   => 0
            > ZLEXCOUNT z [ [zzz                => 4
            > ZLEXCOUNT none - +                => 0
            > ZLEXCOUNT z a b                   => (error) ERR min or max not valid string range item
            > ZLEXCOUNT z -x +                  => (error) ERR min or max not valid string range item
            > ZLEXCOUNT z '' +                  => (error) ERR min or max not valid string range item
            > SET s 1                           => OK
            > ZLEXCOUNT s - x                   => (error) ERR min or max not valid string range item
            > ZLEXCOUNT s - +                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn ranks_count_from_either_end() {
        check(
            r"
            @since 7.2 valkey 7.2
            > ZADD z 1 a 2 b 3 c                => 3
            > ZRANK z a                         => 0
            > ZRANK z c                         => 2
            > ZREVRANK z a                      => 2
            > ZREVRANK z c                      => 0
            > ZRANK z nosuch                    => (nil)
            > ZREVRANK none a                   => (nil)
            > ZRANK z b WITHSCORE               => [1, (double) 2]
            > ZREVRANK z a withscore            => [2, (double) 1]
            > ZRANK z nosuch WITHSCORE          => (nil array)
            > ZRANK none a WITHSCORE            => (nil array)
            > ZRANK z a foo                     => (error) ERR syntax error
            > ZRANK z a WITHSCORE foo           => (error) ERR wrong number of arguments for 'zrank' command
            > ZREVRANK z a b c                  => (error) ERR wrong number of arguments for 'zrevrank' command
            > SET s 1                           => OK
            > ZRANK s a foo                     => (error) ERR syntax error
            > ZRANK s a                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn questions_count_as_reads() {
        check_counted(&[
            ("ZADD z 1 a", 0, 0),
            ("ZCARD z", 1, 0),
            ("ZSCORE z a", 1, 0),
            ("ZMSCORE none a", 0, 1),
            ("ZCOUNT z 0 1", 1, 0),
            ("ZRANK none a", 0, 1),
        ]);
    }
}
