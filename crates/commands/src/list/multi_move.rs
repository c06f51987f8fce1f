//! LMOVEM, and BLMOVEM, which waits: several elements from one list to another.
//!
//! ```text
//! a b c d -> x    LEFT to LEFT, COUNT 2
//! OBO     c d -> b a x        one by one: what was taken first lies below
//! BULK    c d -> a b x        all at once: their order stays
//! ```
//!
//! The answer is the moved elements as they lie in the destination. On the same key and the same end, OBO therefore turns the elements
//! round, as the documentation has it, although moving each by itself would leave them where they are.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use stdx::num::{self, IntText};
use value::{List, ListEnd};

use super::answer::{ENDS, tell_pop, word};
use super::one_move::{Route, wait};
use super::push;
use crate::timeout::parse_deadline;

pub(super) const LMOVEM: Command = Command::new("lmovem", lmovem)
    .since("8.10.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&LMOVEM_DOCS);

pub(super) const BLMOVEM: Command = Command::new("blmovem", blmovem)
    .since("8.10.0")
    .arity(-6)
    .write()
    .deny_oom()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&BLMOVEM_DOCS);

const BAD_COUNT: CommandError = CommandError::other("ERR count should be greater than 0");

/// How many elements, and in which order.
#[derive(Clone, Copy)]
struct HowMany {
    count: usize,
    /// Fewer than `count` are not enough.
    exactly: bool,
    order: Order,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    OneByOne,
    Bulk,
}

fn lmovem(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::parse(args)?;
    let how = HowMany::parse(args)?;
    if move_several(cx, route, how, reply)?.is_none() {
        reply.null_array();
    }
    Ok(Flow::Done)
}

fn blmovem(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::parse(args)?;
    let seconds = args.bytes()?;
    let how = HowMany::parse(args)?;
    let deadline = parse_deadline(seconds, cx.now())?;
    let Some(moved) = move_several(cx, route, how, reply)? else { return wait(cx, deadline) };
    let Route { source, destination, from, to } = route;
    let mut count = IntText::new();
    let count = count.format(i64::try_from(moved).unwrap_or(i64::MAX));
    let order: &[u8] = if how.order == Order::Bulk { b"BULK" } else { b"OBO" };
    cx.propagate_as(&[b"LMOVEM", source.bytes(), destination.bytes(), word(from), word(to), b"COUNT", count, order]);
    Ok(Flow::Done)
}

impl HowMany {
    /// Reads `[COUNT|EXACTLY count OBO|BULK]` to the end.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        if args.is_empty() {
            return Ok(Self { count: 1, exactly: false, order: Order::OneByOne });
        }
        let exactly = args.accept("EXACTLY");
        if !exactly && !args.accept("COUNT") {
            return Err(CommandError::Syntax);
        }
        let count = num::parse_i64(args.bytes()?).and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|count| *count > 0).ok_or(BAD_COUNT)?;
        let order = if args.accept("BULK") {
            Order::Bulk
        } else if args.accept("OBO") {
            Order::OneByOne
        } else {
            return Err(CommandError::Syntax);
        };
        args.finish()?;
        Ok(Self { count, exactly, order })
    }
}

/// Moves elements and answers them. Returns how many; `None`, and no answer, if there are none or too few.
fn move_several(
    cx: &mut Context<'_>,
    route: Route<'_>,
    how: HowMany,
    reply: &mut Reply<'_>,
) -> Result<Option<usize>, CommandError> {
    let Some(len) = route.source_len(cx)?.filter(|len| !how.exactly || *len >= how.count) else { return Ok(None) };
    let Route { source, destination, from, to } = route;
    let limits = &cx.tunables.encodings;
    let before = cx.db.change_count();
    let count = how.count.min(len);
    let start = if from == ListEnd::Left { 0 } else { len - count };

    // From here on in the order of the source, from left to right.
    let mut moved: Vec<Vec<u8>> = Vec::with_capacity(count);
    let take = |list: &mut Edit<'_, List>, moved: &mut Vec<Vec<u8>>| {
        list.visit(start, ListEnd::Left, count, |element| moved.push(element.to_vec()));
        list.remove_range(start, count, limits);
        list.changed(count as u64);
    };
    // In the order of being pushed: pushing onto the left turns them round.
    let turned = match how.order {
        Order::OneByOne => from == ListEnd::Right,
        Order::Bulk => to == ListEnd::Left,
    };
    let put = |list: &mut Edit<'_, List>, moved: &mut Vec<Vec<u8>>| {
        if turned {
            moved.reverse();
        }
        list.push(to, moved.iter().map(Vec::as_slice), limits);
        list.changed(count as u64);
    };
    let removed = if route.is_circle() {
        cx.db.update(source, |list: &mut Edit<'_, List>| {
            take(list, &mut moved);
            put(list, &mut moved);
            Ok::<_, CommandError>(())
        })?;
        false
    } else {
        let edited = cx.db.update(source, |list: &mut Edit<'_, List>| {
            take(list, &mut moved);
            Ok::<_, CommandError>(())
        })?;
        cx.db.upsert(destination, |list: &mut Edit<'_, List>| {
            put(list, &mut moved);
            Ok::<_, CommandError>(())
        })?;
        edited.is_some_and(|edited| edited.removed)
    };
    cx.db.count_as_since(before, count as u64);
    cx.notify(Event::List, push::event(to), destination);
    tell_pop(cx, source, from, removed);

    // As they lie in the destination now.
    if to == ListEnd::Left {
        moved.reverse();
    }
    reply.array(moved.len());
    for element in &moved {
        reply.bulk(element);
    }
    Ok(Some(count))
}

const HOW_MANY: Arg = Arg::block(
    "how-many",
    &[
        Arg::one_of("selector", &[Arg::integer("count").token("COUNT"), Arg::integer("exactly").token("EXACTLY")]),
        Arg::one_of("ordering", &[Arg::pure_token("obo", "OBO"), Arg::pure_token("bulk", "BULK")]),
    ],
)
.optional();

const LMOVEM_DOCS: Docs = Docs::new(
    "Takes elements from an end of a list and pushes them onto an end of another.",
    Group::List,
    "O(N) for N elements moved",
)
.arguments(&[
    Arg::key("source", 0),
    Arg::key("destination", 1),
    Arg::one_of("wherefrom", ENDS),
    Arg::one_of("whereto", ENDS),
    HOW_MANY,
]);

const BLMOVEM_DOCS: Docs = Docs::new(
    "Takes elements from an end of a list and pushes them onto an end of another; waits for them.",
    Group::List,
    "O(N) for N elements moved",
)
.arguments(&[
    Arg::key("source", 0),
    Arg::key("destination", 1),
    Arg::one_of("wherefrom", ENDS),
    Arg::one_of("whereto", ENDS),
    Arg::double("timeout"),
    HOW_MANY,
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn elements_move_one_by_one_or_in_bulk() {
        check(
            r"
            @since 8.10
            > RPUSH l 1 2 3 4           => 4
            > LMOVEM l m LEFT LEFT COUNT 2 OBO   => ['2', '1']
            > LRANGE l 0 -1             => ['3', '4']
            > LRANGE m 0 -1             => ['2', '1']
            > LMOVEM l m LEFT LEFT EXACTLY 5 BULK  => (nil array)
            > LMOVEM l m RIGHT LEFT EXACTLY 2 OBO  => ['3', '4']
            > EXISTS l                  => 0
            > LRANGE m 0 -1             => ['3', '4', '2', '1']
            > LMOVEM m l LEFT RIGHT COUNT 2 OBO    => ['3', '4']
            > LMOVEM m l RIGHT RIGHT COUNT 9 OBO   => ['1', '2']
            > LRANGE l 0 -1             => ['3', '4', '1', '2']
            > LMOVEM l m LEFT LEFT COUNT 3 BULK    => ['3', '4', '1']
            > LMOVEM l m LEFT RIGHT     => ['2']
            > LRANGE m 0 -1             => ['3', '4', '1', '2']
            > LMOVEM m l RIGHT LEFT COUNT 2 BULK   => ['1', '2']
            > LMOVEM m l RIGHT RIGHT COUNT 2 BULK  => ['3', '4']
            > LRANGE l 0 -1             => ['1', '2', '3', '4']
            > LMOVEM nokey l LEFT LEFT  => (nil array)
            > LMOVEM nokey l LEFT LEFT COUNT 2 OBO => (nil array)
            ",
        );
    }

    #[test]
    fn on_the_same_key_bulk_changes_nothing_and_one_by_one_turns_round() {
        check(
            r"
            @since 8.10
            > RPUSH l a b c             => 3
            > LMOVEM l l LEFT LEFT EXACTLY 2 OBO   => ['b', 'a']
            > LRANGE l 0 -1             => ['b', 'a', 'c']
            > LMOVEM l l LEFT LEFT COUNT 9 BULK    => ['b', 'a', 'c']
            > LRANGE l 0 -1             => ['b', 'a', 'c']
            > LMOVEM l l LEFT RIGHT COUNT 1 BULK   => ['b']
            > LRANGE l 0 -1             => ['a', 'c', 'b']
            ",
        );
    }

    #[test]
    fn wrong_words_are_refused() {
        check(
            r"
            @since 8.10
            > RPUSH l a                 => 1
            > SET s v                   => OK
            > LMOVEM l m UP LEFT        => (error) ERR syntax error
            > LMOVEM l m LEFT LEFT COUNT 1        => (error) ERR syntax error
            > LMOVEM l m LEFT LEFT COUNT          => (error) ERR syntax error
            > LMOVEM l m LEFT LEFT COUNT 0 OBO    => (error) ERR count should be greater than 0
            > LMOVEM l m LEFT LEFT COUNT x OBO    => (error) ERR count should be greater than 0
            > LMOVEM l m LEFT LEFT COUNT 1 FOO    => (error) ERR syntax error
            > LMOVEM l m LEFT LEFT FOO 1 OBO      => (error) ERR syntax error
            > LMOVEM l m LEFT LEFT COUNT 1 OBO x  => (error) ERR syntax error
            > LMOVEM s m LEFT LEFT      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LMOVEM l s LEFT LEFT      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLMOVEM l m LEFT LEFT x   => (error) ERR timeout is not a float or out of range
            > BLMOVEM l m LEFT LEFT -1 COUNT 1 OBO  => (error) ERR timeout is negative
            > LMOVEM l m LEFT           => (error) ERR wrong number of arguments for 'lmovem' command
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn the_blocking_form_waits_for_enough() {
        check(
            r"
            @since 8.10
            > RPUSH l a                 => 1
            > BLMOVEM l m LEFT RIGHT 0 COUNT 3 BULK  => ['a']
            A> BLMOVEM l m LEFT RIGHT 0 EXACTLY 3 BULK  => (blocked)
            > RPUSH l b c               => 2
            > LLEN l                    => 2
            > RPUSH l d e               => 4
            A: => ['b', 'c', 'd']
            > LRANGE l 0 -1             => ['e']
            > LRANGE m 0 -1             => ['a', 'b', 'c', 'd']
            A> BLMOVEM l m LEFT RIGHT 0.1 EXACTLY 3 BULK  => (blocked)
            @now +1s
            A: => (nil array)
            ",
        );
    }

    #[test]
    fn a_move_is_told_once() {
        check_told(&[
            ("RPUSH l a b c d e", "rpush:l", "="),
            ("LMOVEM l m LEFT RIGHT COUNT 2 OBO", "rpush:m lpop:l", "="),
            ("LMOVEM l m LEFT RIGHT EXACTLY 9 OBO", "", ""),
            ("BLMOVEM l m RIGHT LEFT 0 COUNT 9 BULK", "lpush:m rpop:l del:l", "LMOVEM l m RIGHT LEFT COUNT 3 BULK"),
        ]);
        check_changes(&[("RPUSH l a b c", 3), ("LMOVEM l m LEFT LEFT COUNT 2 OBO", 2)]);
    }
}
