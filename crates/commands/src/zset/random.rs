//! ZRANDMEMBER: members by chance. A random rank is a random member, so nothing else is asked of the value.

use std::collections::BTreeSet;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::SortedSet;

use super::answer;

pub(super) const ZRANDMEMBER: Command = Command::new("zrandmember", zrandmember)
    .since("6.2.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&ZRANDMEMBER_DOCS);

const LEAST_COUNT: CommandError =
    CommandError::other("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");

/// An answer with a member and its score is at least so long: what bounds how many may be asked for with repetitions.
const LEAST_ANSWER_BYTES: u64 = 8;

fn zrandmember(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.is_empty() {
        let rng = &mut *cx.rng;
        match cx.db.read::<SortedSet>(key)?.and_then(|zset| zset.range(one(rng, zset.len())).next()) {
            Some((member, _)) => answer::member(member, reply),
            None => reply.null(),
        }
        return Ok(Flow::Done);
    }
    let count = args.int()?;
    if count == i64::MIN {
        return Err(LEAST_COUNT);
    }
    let with_scores = args.accept("WITHSCORES");
    args.finish()?;
    if with_scores && !(-i64::MAX / 2..=i64::MAX / 2).contains(&count) {
        return Err(CommandError::OutOfRange);
    }
    let is_endless = count.unsigned_abs() > cx.tunables.proto_max_bulk_len_bytes / LEAST_ANSWER_BYTES;

    let rng = &mut *cx.rng;
    let Some(zset) = cx.db.read::<SortedSet>(key)?.filter(|_| count != 0) else {
        reply.array(0);
        return Ok(Flow::Done);
    };
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if count < 0 {
        // Redis would begin to answer and run out of memory.
        if is_endless {
            return Err(CommandError::OutOfRange);
        }
        let entries = (0..wanted).filter_map(|_| zset.range(one(rng, zset.len())).next());
        answer::entries(Counted { entries, left: wanted }, with_scores, reply);
    } else if wanted >= zset.len() {
        answer::entries(zset.iter(), with_scores, reply);
    } else {
        let ranks = distinct(rng, zset.len(), wanted);
        let entries = ranks.iter().filter_map(|rank| zset.range(*rank..rank + 1).next());
        answer::entries(Counted { entries, left: wanted }, with_scores, reply);
    }
    Ok(Flow::Done)
}

fn one(rng: &mut fastrand::Rng, len: usize) -> std::ops::Range<usize> {
    let rank = rng.usize(..len.max(1));
    rank..rank + 1
}

/// `count` of the ranks below `len`, each choice of them as probable as any other, in random order: Floyd's way, and a shuffle.
fn distinct(rng: &mut fastrand::Rng, len: usize, count: usize) -> Vec<usize> {
    let mut chosen = BTreeSet::new();
    let mut ranks = Vec::with_capacity(count);
    for last in len - count..len {
        let rank = rng.usize(..=last);
        let rank = if chosen.contains(&rank) { last } else { rank };
        chosen.insert(rank);
        ranks.push(rank);
    }
    rng.shuffle(&mut ranks);
    ranks
}

/// Entries whose number is known.
struct Counted<I> {
    entries: I,
    left: usize,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.left = self.left.checked_sub(1)?;
        self.entries.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<I: Iterator> ExactSizeIterator for Counted<I> {}

const ZRANDMEMBER_DOCS: Docs = Docs::new("Picks members at random.", Group::SortedSet, "O(M log N) for M members")
    .arguments(&[
        Arg::key("key", 0),
        Arg::block("options", &[Arg::integer("count"), Arg::pure_token("withscores", "WITHSCORES").optional()])
            .optional(),
    ]);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use server::testing::check;

    use super::distinct;

    #[test]
    fn members_are_picked_with_or_without_repetition() {
        check(
            r"
            > ZRANDMEMBER z                     => (nil)
            > ZRANDMEMBER z 3                   => []
            > ZADD z 1 a                        => 1
            > ZRANDMEMBER z                     => 'a'
            > ZRANDMEMBER z -3                  => ['a', 'a', 'a']
            > ZRANDMEMBER z -2 WITHSCORES       => flat [['a', (double) 1], ['a', (double) 1]]
            > ZADD z 2 b 3 c                    => 2
            > ZRANDMEMBER z 0                   => []
            > ZRANDMEMBER z 3                   => unordered ['a', 'b', 'c']
            > ZRANDMEMBER z 9223372036854775807 => unordered ['a', 'b', 'c']
            > ZRANDMEMBER z 2                   => [*, *]
            > ZRANDMEMBER z -5                  => [*, *, *, *, *]
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            > SET s 1                           => OK
            > ZRANDMEMBER s x                   => (error) ERR value is not an integer or out of range
            > ZRANDMEMBER s 9223372036854775808 => (error) ERR value is not an integer or out of range
            > ZRANDMEMBER s -9223372036854775808 foo   => (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            > ZRANDMEMBER s 1 foo               => (error) ERR syntax error
            > ZRANDMEMBER s 1 WITHSCORES foo    => (error) ERR syntax error
            > ZRANDMEMBER s 4611686018427387905 WITHSCORES   => (error) ERR value is out of range
            > ZRANDMEMBER s -4611686018427387904 WITHSCORES  => (error) ERR value is out of range
            > ZRANDMEMBER s                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZRANDMEMBER s 0                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
        );
    }

    #[test]
    fn every_choice_is_as_probable_as_any_other() {
        let mut rng = fastrand::Rng::with_seed(7);
        let mut seen = BTreeMap::<_, u32>::new();
        for _ in 0..6000 {
            *seen.entry(distinct(&mut rng, 3, 2)).or_default() += 1;
        }
        // Six ordered choices.
        assert_eq!(seen.len(), 6);
        assert!(seen.values().all(|count| (800..1200).contains(count)), "{seen:?}");
    }
}
