//! LMPOP and BLMPOP: elements of the first list that has any.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, OnTimeout, Reply,
};
use keyspace::Key;
use stdx::num::{self, IntText};
use value::{List, ListEnd};

use super::answer::{self, ENDS, tell_pop};
use super::pop::{pop_many, pop_name};
use crate::timeout::parse_deadline;

pub(super) const LMPOP: Command = Command::new("lmpop", lmpop)
    .since("7.0.0")
    .arity(-4)
    .write()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).keynum(0, 1, 1).rw().access().delete()])
    .docs(&LMPOP_DOCS);

pub(super) const BLMPOP: Command = Command::new("blmpop", blmpop)
    .since("7.0.0")
    .arity(-5)
    .write()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().delete()])
    .docs(&BLMPOP_DOCS);

const BAD_NUMKEYS: CommandError = CommandError::other("ERR numkeys should be greater than 0");
const BAD_COUNT: CommandError = CommandError::other("ERR count should be greater than 0");

/// What is to be popped.
struct Wanted<'a> {
    /// The keys come next in these arguments.
    keys: Args<'a>,
    numkeys: usize,
    end: ListEnd,
    count: usize,
}

fn lmpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let wanted = Wanted::parse(args)?;
    if !pop_first(cx, wanted, reply)? {
        reply.null_array();
    }
    Ok(Flow::Done)
}

fn blmpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let seconds = args.bytes()?;
    let wanted = Wanted::parse(args)?;
    let deadline = parse_deadline(seconds, cx.now())?;
    if pop_first(cx, wanted, reply)? { Ok(Flow::Done) } else { cx.wait(deadline, OnTimeout::NullArray) }
}

/// Pops from the first list that is there. Returns whether one is.
fn pop_first(cx: &mut Context<'_>, wanted: Wanted<'_>, reply: &mut Reply<'_>) -> Result<bool, CommandError> {
    let Wanted { mut keys, numkeys, end, count } = wanted;
    for _ in 0..numkeys {
        let key: Key<'_> = keys.key()?;
        if cx.db.read_for_update::<List>(key)?.is_none() {
            continue;
        }
        reply.array(2);
        reply.bulk(key.bytes());
        if let Some(edited) = pop_many(cx, key, end, count, reply)? {
            tell_pop(cx, key, end, edited.removed);
            let taken = i64::try_from(edited.result).unwrap_or(i64::MAX);
            cx.propagate_as(&[pop_name(end), key.bytes(), IntText::new().format(taken)]);
        }
        return Ok(true);
    }
    Ok(false)
}

impl<'a> Wanted<'a> {
    /// Reads `numkeys key [key ...] LEFT|RIGHT [COUNT count]`.
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let numkeys = positive(args.bytes()?).ok_or(BAD_NUMKEYS)?;
        let keys = args.clone();
        args.skip(numkeys)?;
        let end = answer::end(args)?;
        let count = if args.accept("COUNT") { positive(args.bytes()?).ok_or(BAD_COUNT)? } else { 1 };
        args.finish()?;
        Ok(Self { keys, numkeys, end, count })
    }
}

fn positive(text: &[u8]) -> Option<usize> {
    num::parse_i64(text).and_then(|int| usize::try_from(int).ok()).filter(|int| *int > 0)
}

const LMPOP_DOCS: Docs = Docs::new(
    "Removes elements from an end of the first list that has any and returns them with its key.",
    Group::List,
    "O(N+M) for N keys and M elements returned",
)
.arguments(&[
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::one_of("where", ENDS),
    Arg::integer("count").token("COUNT").optional(),
]);

const BLMPOP_DOCS: Docs = Docs::new(
    "Removes elements from an end of the first list that has any and returns them with its key; waits for some.",
    Group::List,
    "O(N+M) for N keys and M elements returned",
)
.arguments(&[
    Arg::double("timeout"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).multiple(),
    Arg::one_of("where", ENDS),
    Arg::integer("count").token("COUNT").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn elements_come_from_the_first_list_that_has_any() {
        check(
            r"
            @since 7.0
            > RPUSH l a b c d           => 4
            > RPUSH m x y z             => 3
            > LMPOP 2 nokey l LEFT      => ['l', ['a']]
            > LMPOP 2 l m RIGHT COUNT 2 => ['l', ['d', 'c']]
            > LMPOP 2 l m left count 10 => ['l', ['b']]
            > LMPOP 2 l m LEFT COUNT 10 => ['m', ['x', 'y', 'z']]
            > LMPOP 2 l m LEFT          => (nil array)
            > EXISTS l m                => 0
            ",
        );
    }

    #[test]
    fn the_blocking_form_waits() {
        check(
            r"
            @since 7.0
            > RPUSH l a b c             => 3
            > BLMPOP 0 2 nokey l RIGHT COUNT 2  => ['l', ['c', 'b']]
            A> BLMPOP 0 2 k m LEFT COUNT 2  => (blocked)
            > RPUSH m 1 2 3             => 3
            A: => ['m', ['1', '2']]
            > LRANGE m 0 -1             => ['3']
            A> BLMPOP 0.1 1 k LEFT      => (blocked)
            @now +1s
            A: => (nil array)
            ",
        );
    }

    #[test]
    fn wrong_words_are_refused() {
        check(
            r"
            @since 7.0
            > RPUSH l a                 => 1
            > SET s v                   => OK
            > LMPOP 0 l LEFT            => (error) ERR numkeys should be greater than 0
            > LMPOP -1 l LEFT           => (error) ERR numkeys should be greater than 0
            > LMPOP x l LEFT            => (error) ERR numkeys should be greater than 0
            > LMPOP 2 l LEFT            => (error) ERR syntax error
            > LMPOP 9 l LEFT            => (error) ERR syntax error
            > LMPOP 9223372036854775807 l LEFT  => (error) ERR syntax error
            > LMPOP 1 l MIDDLE          => (error) ERR syntax error
            > LMPOP 1 l LEFT COUNT      => (error) ERR syntax error
            > LMPOP 1 l LEFT COUNT 0    => (error) ERR count should be greater than 0
            > LMPOP 1 l LEFT COUNT -1   => (error) ERR count should be greater than 0
            > LMPOP 1 l LEFT COUNT x    => (error) ERR count should be greater than 0
            > LMPOP 1 l LEFT FOO 1      => (error) ERR syntax error
            > LMPOP 1 l LEFT COUNT 1 COUNT 2  => (error) ERR syntax error
            > LMPOP 1 l LEFT x          => (error) ERR syntax error
            > LMPOP 1 l                 => (error) ERR wrong number of arguments for 'lmpop' command
            > LMPOP 1 s LEFT            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LMPOP 2 nokey s LEFT      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLMPOP x 1 l LEFT         => (error) ERR timeout is not a float or out of range
            > BLMPOP -1 1 l LEFT        => (error) ERR timeout is negative
            > BLMPOP x 0 l LEFT         => (error) ERR numkeys should be greater than 0
            > BLMPOP x 1 l MIDDLE       => (error) ERR syntax error
            > BLMPOP x 1 l LEFT COUNT 0 => (error) ERR count should be greater than 0
            > BLMPOP 0 2 nokey s LEFT   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn what_was_taken_is_propagated_as_a_pop() {
        check_told(&[
            ("RPUSH l a b c d", "rpush:l", "="),
            ("LMPOP 2 m l LEFT", "lpop:l", "LPOP l 1"),
            ("BLMPOP 0 1 l RIGHT COUNT 2", "rpop:l", "RPOP l 2"),
            ("LMPOP 1 l LEFT COUNT 9", "lpop:l del:l", "LPOP l 1"),
            ("LMPOP 1 l LEFT COUNT 9", "", ""),
            ("BLMPOP 0 1 l LEFT", "", ""),
        ]);
    }
}
