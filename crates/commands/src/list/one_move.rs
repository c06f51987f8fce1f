//! LMOVE, RPOPLPUSH, and BLMOVE, BRPOPLPUSH, which wait: an element from one list to another.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, OnTimeout, Reply,
};
use keyspace::{Edit, Key};
use smallvec::SmallVec;
use stdx::num::IntText;
use value::{List, ListEnd};

use super::answer::{self, ENDS, tell_pop, word};
use super::push;
use crate::timeout::parse_deadline;

pub(super) const LMOVE: Command = Command::new("lmove", lmove)
    .since("6.2.0")
    .arity(5)
    .write()
    .deny_oom()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&LMOVE_DOCS);

pub(super) const RPOPLPUSH: Command = Command::new("rpoplpush", rpoplpush)
    .since("1.2.0")
    .arity(3)
    .write()
    .deny_oom()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&RPOPLPUSH_DOCS);

pub(super) const BLMOVE: Command = Command::new("blmove", blmove)
    .since("6.2.0")
    .arity(6)
    .write()
    .deny_oom()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&BLMOVE_DOCS);

pub(super) const BRPOPLPUSH: Command = Command::new("brpoplpush", brpoplpush)
    .since("2.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .blocking()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).rw().insert()])
    .docs(&BRPOPLPUSH_DOCS);

/// From where to where.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) source: Key<'a>,
    pub(super) destination: Key<'a>,
    pub(super) from: ListEnd,
    pub(super) to: ListEnd,
}

fn lmove(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::parse(args)?;
    args.finish()?;
    if !move_one(cx, route, reply)? {
        reply.null();
    }
    Ok(Flow::Done)
}

fn rpoplpush(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::right_to_left(args)?;
    args.finish()?;
    if !move_one(cx, route, reply)? {
        reply.null();
    }
    Ok(Flow::Done)
}

fn blmove(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::parse(args)?;
    let seconds = args.bytes()?;
    args.finish()?;
    let deadline = parse_deadline(seconds, cx.now())?;
    if !move_one(cx, route, reply)? {
        return wait(cx, deadline);
    }
    let Route { source, destination, from, to } = route;
    cx.propagate_as(&[b"LMOVE", source.bytes(), destination.bytes(), word(from), word(to)]);
    Ok(Flow::Done)
}

fn brpoplpush(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let route = Route::right_to_left(args)?;
    let seconds = args.bytes()?;
    args.finish()?;
    let deadline = parse_deadline(seconds, cx.now())?;
    if !move_one(cx, route, reply)? {
        return wait(cx, deadline);
    }
    cx.propagate_as(&[b"RPOPLPUSH", route.source.bytes(), route.destination.bytes()]);
    Ok(Flow::Done)
}

/// Waits for the source. A destination that is no list when an element comes ends the waiting.
pub(super) fn wait(cx: &mut Context<'_>, deadline: Option<stdx::UnixMs>) -> CommandResult {
    cx.block.errors_end_it = true;
    cx.wait(deadline, OnTimeout::NullArrayIfWaited)
}

impl<'a> Route<'a> {
    /// Reads `source destination LEFT|RIGHT LEFT|RIGHT`.
    pub(super) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (source, destination) = (args.key()?, args.key()?);
        Ok(Self { source, destination, from: answer::end(args)?, to: answer::end(args)? })
    }

    /// Reads `source destination` of a command that says the ends by its name.
    fn right_to_left(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let (source, destination) = (args.key()?, args.key()?);
        Ok(Self { source, destination, from: ListEnd::Right, to: ListEnd::Left })
    }

    pub(super) fn is_circle(&self) -> bool {
        self.source.bytes() == self.destination.bytes()
    }

    /// Elements of the source, once both keys are known to be lists or missing.
    pub(super) fn source_len(&self, cx: &Context<'_>) -> Result<Option<usize>, CommandError> {
        let Some(list) = cx.db.read_for_update::<List>(self.source)? else { return Ok(None) };
        cx.db.read_for_update::<List>(self.destination)?;
        Ok(Some(list.len()))
    }
}

/// Moves one element and answers it. Returns whether there was one.
fn move_one(cx: &mut Context<'_>, route: Route<'_>, reply: &mut Reply<'_>) -> Result<bool, CommandError> {
    if route.source_len(cx)?.is_none() {
        return Ok(false);
    }
    let Route { source, destination, from, to } = route;
    let limits = &cx.tunables.encodings;
    let before = cx.db.change_count();
    let mut element: SmallVec<[u8; 128]> = SmallVec::new();
    let removed = if route.is_circle() {
        cx.db.update(source, |list: &mut Edit<'_, List>| {
            element.extend(list.rotate(from, to, limits).unwrap_or_default());
            list.changed(1);
            Ok::<_, CommandError>(())
        })?;
        false
    } else {
        let edited = cx.db.update(source, |list: &mut Edit<'_, List>| {
            list.pop(from, limits, |popped| element.extend_from_slice(popped.bytes(&mut IntText::new())));
            list.changed(1);
            Ok::<_, CommandError>(())
        })?;
        cx.db.upsert(destination, |list: &mut Edit<'_, List>| {
            list.push_moved(to, &element, limits);
            list.changed(1);
            Ok::<_, CommandError>(())
        })?;
        edited.is_some_and(|edited| edited.removed)
    };
    cx.db.count_as_since(before, 1);
    cx.notify(Event::List, push::event(to), destination);
    tell_pop(cx, source, from, removed);
    reply.bulk(&element);
    Ok(true)
}

const LMOVE_DOCS: Docs =
    Docs::new("Takes an element from an end of a list and pushes it onto an end of another.", Group::List, "O(1)")
        .arguments(&[
            Arg::key("source", 0),
            Arg::key("destination", 1),
            Arg::one_of("wherefrom", ENDS),
            Arg::one_of("whereto", ENDS),
        ]);

const RPOPLPUSH_DOCS: Docs =
    Docs::new("Takes the rightmost element of a list and pushes it onto the left end of another.", Group::List, "O(1)")
        .deprecated("6.2.0", "`LMOVE` with the `RIGHT` and `LEFT` arguments")
        .arguments(&[Arg::key("source", 0), Arg::key("destination", 1)]);

const BLMOVE_DOCS: Docs = Docs::new(
    "Takes an element from an end of a list and pushes it onto an end of another; waits for one.",
    Group::List,
    "O(1)",
)
.arguments(&[
    Arg::key("source", 0),
    Arg::key("destination", 1),
    Arg::one_of("wherefrom", ENDS),
    Arg::one_of("whereto", ENDS),
    Arg::double("timeout"),
]);

const BRPOPLPUSH_DOCS: Docs = Docs::new(
    "Takes the rightmost element of a list and pushes it onto the left end of another; waits for one.",
    Group::List,
    "O(1)",
)
.history(&[("6.0.0", "`timeout` is interpreted as a double instead of an integer.")])
.deprecated("6.2.0", "`BLMOVE` with the `RIGHT` and `LEFT` arguments")
.arguments(&[Arg::key("source", 0), Arg::key("destination", 1), Arg::double("timeout")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn an_element_goes_from_end_to_end() {
        check(
            r"
            @since 6.2
            > RPUSH l a b 3 d           => 4
            > LMOVE l m LEFT RIGHT      => 'a'
            > LMOVE l m right left      => 'd'
            > LMOVE l m RIGHT RIGHT     => '3'
            > LRANGE m 0 -1             => ['d', 'a', '3']
            > RPOPLPUSH l m             => 'b'
            > EXISTS l                  => 0
            > LRANGE m 0 -1             => ['b', 'd', 'a', '3']
            > LMOVE l m LEFT LEFT       => (nil)
            > RPOPLPUSH l m             => (nil)
            > LMOVE l l LEFT LEFT       => (nil)
            ",
        );
    }

    #[test]
    fn a_list_goes_round() {
        check(
            r"
            @since 6.2
            > RPUSH l a b c             => 3
            > RPOPLPUSH l l             => 'c'
            > LRANGE l 0 -1             => ['c', 'a', 'b']
            > LMOVE l l LEFT RIGHT      => 'c'
            > LMOVE l l LEFT LEFT       => 'a'
            > LRANGE l 0 -1             => ['a', 'b', 'c']
            > DEL l                     => 1
            > RPUSH l a                 => 1
            > LMOVE l l RIGHT LEFT      => 'a'
            > LLEN l                    => 1
            > EXPIRE l 100              => 1
            > RPOPLPUSH l l             => 'a'
            > TTL l                     => 100
            ",
        );
    }

    #[test]
    fn both_keys_must_be_lists() {
        check(
            r"
            @since 6.2
            > RPUSH l a                 => 1
            > SET s v                   => OK
            > LMOVE s l LEFT LEFT       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LMOVE l s LEFT LEFT       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LMOVE s l UP LEFT         => (error) ERR syntax error
            > LMOVE l l LEFT UP         => (error) ERR syntax error
            > LMOVE nokey s LEFT LEFT   => (nil)
            > RPOPLPUSH s l             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > RPOPLPUSH l s             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLMOVE s l LEFT LEFT 0    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLMOVE l s LEFT LEFT 0    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BLMOVE l s LEFT LEFT x    => (error) ERR timeout is not a float or out of range
            > BLMOVE l s LEFT UP x      => (error) ERR syntax error
            > BLMOVE l s LEFT LEFT -1   => (error) ERR timeout is negative
            > BRPOPLPUSH l s 0          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > BRPOPLPUSH l s x          => (error) ERR timeout is not a float or out of range
            > BRPOPLPUSH l s -1         => (error) ERR timeout is negative
            > LMOVE l m LEFT            => (error) ERR wrong number of arguments for 'lmove' command
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn the_blocking_forms_move_at_once_or_when_an_element_comes() {
        check(
            r"
            @since 6.2
            > RPUSH l a b               => 2
            > BLMOVE l m LEFT LEFT 0    => 'a'
            > BRPOPLPUSH l m 0          => 'b'
            > LRANGE m 0 -1             => ['b', 'a']
            A> BLMOVE l n LEFT RIGHT 0  => (blocked)
            B> BRPOPLPUSH l n 0         => (blocked)
            > RPUSH l x y z             => 3
            A: => 'x'
            B: => 'z'
            > LRANGE n 0 -1             => ['z', 'x']
            > LRANGE l 0 -1             => ['y']
            A> BLMOVE k l LEFT RIGHT 0.1  => (blocked)
            @now +1s
            A: => (nil array)
            A> BRPOPLPUSH k l 0.1       => (blocked)
            @now +1s
            A: => (nil array)
            > MULTI                     => OK
            > BLMOVE k l LEFT RIGHT 0   => QUEUED
            > BRPOPLPUSH k l 0          => QUEUED
            > EXEC                      =>2 [(nil), (nil)]
                                        =>3 [(nil), (nil)]
            ",
        );
    }

    #[test]
    fn moves_hand_on_from_one_waiting_client_to_the_next() {
        check(
            r"
            @since 6.2
            A> BLMOVE a b LEFT LEFT 0   => (blocked)
            B> BLMOVE b c LEFT LEFT 0   => (blocked)
            C> BLPOP c 0                => (blocked)
            > RPUSH a x                 => 1
            A: => 'x'
            B: => 'x'
            C: => ['c', 'x']
            > EXISTS a b c              => 0
            ",
        );
    }

    #[test]
    fn a_destination_that_is_no_list_ends_the_waiting() {
        check(
            r"
            @since 7.0
            A> BLMOVE l s LEFT LEFT 0   => (blocked)
            > SET s v                   => OK
            > RPUSH l a                 => 1
            A: => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn a_move_is_told_as_a_push_and_a_pop() {
        check_told(&[
            ("RPUSH l a b c d e", "rpush:l", "="),
            ("LMOVE l m LEFT RIGHT", "rpush:m lpop:l", "="),
            ("LMOVE m m LEFT RIGHT", "rpush:m lpop:m", "="),
            ("RPOPLPUSH m l", "lpush:l rpop:m del:m", "="),
            ("RPOPLPUSH m l", "", ""),
            ("BLMOVE l m RIGHT LEFT 0", "lpush:m rpop:l", "LMOVE l m RIGHT LEFT"),
            ("BRPOPLPUSH l m 0", "lpush:m rpop:l", "RPOPLPUSH l m"),
            ("BLMOVE k m RIGHT LEFT 0", "", ""),
        ]);
        check_changes(&[("RPUSH l a b c", 3), ("LMOVE l m LEFT LEFT", 1), ("LMOVE l l LEFT LEFT", 1)]);
    }
}
