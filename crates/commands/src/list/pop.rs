//! LPOP, RPOP, and BLPOP, BRPOP, which wait for an element.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, OnTimeout, Reply,
};
use keyspace::{Edit, Edited, Key};
use stdx::num;
use value::{List, ListEnd};

use super::answer::{self, tell_pop};
use crate::timeout::parse_deadline;

pub(super) const LPOP: Command = Command::new("lpop", lpop)
    .since("1.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&LPOP_DOCS);

pub(super) const RPOP: Command = Command::new("rpop", rpop)
    .since("1.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&RPOP_DOCS);

pub(super) const BLPOP: Command = Command::new("blpop", blpop)
    .since("2.0.0")
    .arity(-3)
    .write()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).range(-2, 1, 0).rw().access().delete()])
    .docs(&BLPOP_DOCS);

pub(super) const BRPOP: Command = Command::new("brpop", brpop)
    .since("2.0.0")
    .arity(-3)
    .write()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).range(-2, 1, 0).rw().access().delete()])
    .docs(&BRPOP_DOCS);

const NOT_POSITIVE: CommandError = CommandError::other("ERR value is out of range, must be positive");

fn lpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    pop(cx, args, ListEnd::Left, reply)
}

fn rpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    pop(cx, args, ListEnd::Right, reply)
}

fn blpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    pop_or_wait(cx, args, ListEnd::Left, reply)
}

fn brpop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    pop_or_wait(cx, args, ListEnd::Right, reply)
}

fn pop(cx: &mut Context<'_>, args: &mut Args<'_>, end: ListEnd, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if args.remaining() > 1 {
        return Err(cx.wrong_arity());
    }
    let count = match args.peek() {
        None => None,
        Some(text) => {
            let count = num::parse_i64(text).and_then(|count| usize::try_from(count).ok());
            Some(count.ok_or(NOT_POSITIVE)?)
        }
    };

    let Some(count) = count else {
        match pop_one(cx, key, end, reply)? {
            Some(edited) => tell_pop(cx, key, end, edited.removed),
            None => reply.null(),
        }
        return Ok(Flow::Done);
    };
    match pop_many(cx, key, end, count, reply)? {
        Some(edited) if edited.changed => tell_pop(cx, key, end, edited.removed),
        Some(_) => {}
        None => reply.null_array(),
    }
    Ok(Flow::Done)
}

fn pop_or_wait(cx: &mut Context<'_>, args: &mut Args<'_>, end: ListEnd, reply: &mut Reply<'_>) -> CommandResult {
    let seconds = args.rest().last().ok_or(CommandError::Syntax)?;
    let deadline = parse_deadline(seconds, cx.now())?;

    while args.remaining() > 1 {
        let key = args.key()?;
        if cx.db.read_for_update::<List>(key)?.is_none() {
            continue;
        }
        reply.array(2);
        reply.bulk(key.bytes());
        if let Some(edited) = pop_one(cx, key, end, reply)? {
            tell_pop(cx, key, end, edited.removed);
        }
        cx.propagate_as(&[pop_name(end), key.bytes()]);
        return Ok(Flow::Done);
    }
    cx.wait(deadline, OnTimeout::NullArray)
}

/// The command that pops from `end`.
pub(super) const fn pop_name(end: ListEnd) -> &'static [u8] {
    match end {
        ListEnd::Left => b"LPOP",
        ListEnd::Right => b"RPOP",
    }
}

/// Takes one element and answers it; `None`, and no answer, if there is no list.
fn pop_one(
    cx: &mut Context<'_>,
    key: Key<'_>,
    end: ListEnd,
    reply: &mut Reply<'_>,
) -> Result<Option<Edited<()>>, CommandError> {
    let tunables = cx.tunables;
    cx.db.update(key, |list: &mut Edit<'_, List>| {
        list.pop(end, &tunables.encodings, |element| answer::element(reply, element));
        list.changed(1);
        Ok(())
    })
}

/// Takes up to `count` elements and answers them as an array, in the order of taking. Results in how many; `None`, and no answer, if
/// there is no list.
pub(super) fn pop_many(
    cx: &mut Context<'_>,
    key: Key<'_>,
    end: ListEnd,
    count: usize,
    reply: &mut Reply<'_>,
) -> Result<Option<Edited<usize>>, CommandError> {
    let tunables = cx.tunables;
    cx.db.update(key, |list: &mut Edit<'_, List>| {
        let count = count.min(list.len());
        reply.array(count);
        if count > 0 {
            let rest = list.len() - count;
            let (first, start) = match end {
                ListEnd::Left => (0, 0),
                ListEnd::Right => (list.len() - 1, rest),
            };
            list.visit(first, end, count, |element| answer::element(reply, element));
            list.remove_range(start, count, &tunables.encodings);
            list.changed(count as u64);
        }
        Ok(count)
    })
}

const LPOP_DOCS: Docs =
    Docs::new("Removes elements from the left end of a list and returns them.", Group::List, "O(N) for N elements")
        .history(&[("6.2.0", "Added the `count` argument.")])
        .arguments(&[Arg::key("key", 0), Arg::integer("count").since("6.2.0").optional()]);

const RPOP_DOCS: Docs =
    Docs::new("Removes elements from the right end of a list and returns them.", Group::List, "O(N) for N elements")
        .history(&[("6.2.0", "Added the `count` argument.")])
        .arguments(&[Arg::key("key", 0), Arg::integer("count").since("6.2.0").optional()]);

const BLPOP_DOCS: Docs = Docs::new(
    "Removes the leftmost element of the first list that has one and returns it; waits for one.",
    Group::List,
    "O(N) for N keys",
)
.history(&[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")])
.arguments(&[Arg::key("key", 0).multiple(), Arg::double("timeout")]);

const BRPOP_DOCS: Docs = Docs::new(
    "Removes the rightmost element of the first list that has one and returns it; waits for one.",
    Group::List,
    "O(N) for N keys",
)
.history(&[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")])
.arguments(&[Arg::key("key", 0).multiple(), Arg::double("timeout")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn pop_takes_from_its_end() {
        check(
            r"
            > RPUSH l a b c d e f       => 6
            > LPOP l                    => 'a'
            > RPOP l                    => 'f'
            > LPOP l 2                  => ['b', 'c']
            > RPOP l 2                  => ['e', 'd']
            > EXISTS l                  => 0
            > LPOP l                    => (nil)
            > RPOP l                    => (nil)
            > LPOP l 1                  => (nil array)
            > RPOP l 0                  => (nil array)
            > RPUSH l a b 3             => 3
            > RPOP l 99                 => ['3', 'b', 'a']
            > EXISTS l                  => 0
            ",
        );
    }

    #[test]
    fn a_count_of_zero_takes_nothing() {
        check(
            r"
            @since 7.0
            > RPUSH l a                 => 1
            > LPOP l 0                  => []
            > RPOP l 0                  => []
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn pop_refuses_what_is_no_count() {
        check(
            r"
            @since 6.2
            > RPUSH l a                 => 1
            > SET s v                   => OK
            > LPOP l -1                 => (error) ERR value is out of range, must be positive
            > RPOP l x                  => (error) ERR value is out of range, must be positive
            > LPOP s x                  => (error) ERR value is out of range, must be positive
            > LPOP nokey -1             => (error) ERR value is out of range, must be positive
            > LPOP l 1 2                => (error) ERR wrong number of arguments for 'lpop' command
            > RPOP l 1 2                => (error) ERR wrong number of arguments for 'rpop' command
            > LPOP                      => (error) ERR wrong number of arguments for 'lpop' command
            > LPOP s                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > RPOP s 0                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn the_blocking_forms_take_from_the_first_list() {
        check(
            r"
            > RPUSH l a b c             => 3
            > RPUSH m x                 => 1
            > BLPOP nokey l m 0         => ['l', 'a']
            > BRPOP nokey l m 1.5       => ['l', 'c']
            > BLPOP m l 0               => ['m', 'x']
            > BLPOP m l 0               => ['l', 'b']
            > EXISTS l m                => 0
            ",
        );
    }

    #[test]
    fn a_client_waits_for_an_element_and_gets_it() {
        check(
            r"
            A> BLPOP l m 0              => (blocked)
            B> BRPOP m l 0              => (blocked)
            > RPUSH m a b c             => 3
            A: => ['m', 'a']
            B: => ['m', 'c']
            > LRANGE m 0 -1             => ['b']
            A> BLPOP k 0                => (blocked)
            > SET k v                   => OK
            > DEL k                     => 1
            > RPUSH k x                 => 1
            A: => ['k', 'x']
            > EXISTS k                  => 0
            ",
        );
    }

    #[test]
    fn waiting_ends_when_the_time_is_over() {
        check(
            r"
            A> BLPOP l 0.1              => (blocked)
            @now +1s
            A: => (nil array)
            B> BRPOP l m 0.5            => (blocked)
            @now +1s
            B: => (nil array)
            > MULTI                     => OK
            > BLPOP l 0                 => QUEUED
            > EXEC                      => [(nil)]
            ",
        );
    }

    #[test]
    fn timeouts_are_seconds() {
        check(
            r"
            > SET s v                   => OK
            > BLPOP l x                 => (error) ERR timeout is not a float or out of range
            > BLPOP l nan               => (error) ERR timeout is not a float or out of range
            > BLPOP s x                 => (error) ERR timeout is not a float or out of range
            > BLPOP l -1                => (error) ERR timeout is negative
            > BRPOP l -0.01             => (error) ERR timeout is negative
            > BLPOP s 0                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLPOP l s 0               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLPOP l                   => (error) ERR wrong number of arguments for 'blpop' command
            > RPUSH l a                 => 1
            > BLPOP l s 0               => ['l', 'a']
            ",
        );
    }

    #[test]
    fn timeouts_past_the_end_of_time_are_refused() {
        // Redis 7.0 took some for negative and others for good.
        check(
            r"
            @since 7.2
            > BLPOP l 1e100             => (error) ERR timeout is out of range
            > BLPOP l inf               => (error) ERR timeout is out of range
            > BLPOP l 9223372036854775  => (error) ERR timeout is out of range
            > BRPOP l 9223372036854775807  => (error) ERR timeout is out of range
            ",
        );
    }

    #[test]
    fn pops_tell_of_the_key_that_goes() {
        check_told(&[
            ("RPUSH l a b c d e f", "rpush:l", "="),
            ("LPOP l", "lpop:l", "="),
            ("RPOP l 2", "rpop:l", "="),
            ("LPOP l 0", "", ""),
            ("LPOP m", "", ""),
            ("LPOP m 3", "", ""),
            ("BLPOP l 0", "lpop:l", "LPOP l"),
            ("BRPOP m l 0", "rpop:l", "RPOP l"),
            ("BLPOP l 0", "lpop:l del:l", "LPOP l"),
            ("BLPOP l 0", "", ""),
        ]);
        check_changes(&[("RPUSH l a b c d", 4), ("LPOP l", 1), ("RPOP l 2", 2), ("BLPOP l 0", 1)]);
    }
}
