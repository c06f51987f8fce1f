//! ARINSERT, ARRING, ARNEXT, ARSEEK, ARLASTITEMS: appending at a cursor, and reading back from it.
//!
//! The documentation has ARLASTITEMS answer the elements that were inserted last, the oldest first, all if there are fewer than asked
//! for. It does not say what that is for an array that was only ever set at indexes. Our choice: its elements from the end
//! backwards, as if they had been appended, so that the reply is as long as it is said to be; places without an element
//! come as nulls, which the documented reply allows.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use stdx::num;
use value::Array;

use super::index::{self, INVALID_INDEX, NOT_POSITIVE};

pub(super) const ARINSERT: Command = Command::new("arinsert", arinsert)
    .since("8.8.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ARINSERT_DOCS);

pub(super) const ARRING: Command = Command::new("arring", arring)
    .since("8.8.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ARRING_DOCS);

pub(super) const ARNEXT: Command = Command::new("arnext", arnext)
    .since("8.8.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARNEXT_DOCS);

pub(super) const ARSEEK: Command = Command::new("arseek", arseek)
    .since("8.8.0")
    .arity(3)
    .write()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ARSEEK_DOCS);

pub(super) const ARLASTITEMS: Command = Command::new("arlastitems", arlastitems)
    .since("8.8.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARLASTITEMS_DOCS);

const INSERT_OVERFLOW: CommandError = CommandError::other("ERR insert index overflow");

fn arinsert(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let values = args.rest();

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |array: &mut Edit<'_, Array>| {
        let count = values.len() as u64;
        if !array.has_room_for(count) {
            return Err(INSERT_OVERFLOW);
        }
        array.changed(count);
        Ok(values.filter_map(|value| array.insert(value, limits)).last().unwrap_or(0))
    })?;
    cx.notify(Event::Array, "arinsert", key);
    index::answer(reply, edited.result);
    Ok(Flow::Done)
}

fn arring(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let size = num::parse_u64(args.bytes()?).ok_or(CommandError::NotInteger)?;
    if size == 0 {
        return Err(NOT_POSITIVE);
    }
    let values = args.rest();

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |array: &mut Edit<'_, Array>| {
        array.changed(values.len() as u64);
        Ok::<_, CommandError>(values.map(|value| array.insert_in_ring(size, value, limits)).last().unwrap_or(0))
    })?;
    cx.notify(Event::Array, "arring", key);
    index::answer(reply, edited.result);
    Ok(Flow::Done)
}

fn arnext(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    match cx.db.read::<Array>(key)?.map_or(Some(0), Array::next_insert) {
        Some(next) => index::answer(reply, next),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn arseek(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    // One more than an index may be: it leaves no place for an append.
    let index = num::parse_u64(args.bytes()?).ok_or(INVALID_INDEX)?;
    args.finish()?;

    let edited = cx.db.update(key, |array: &mut Edit<'_, Array>| {
        let moved = array.seek(index);
        array.changed(u64::from(moved));
        Ok::<_, CommandError>(())
    })?;
    if edited.is_some_and(|edited| edited.changed) {
        cx.notify(Event::Array, "arseek", key);
    }
    reply.int(i64::from(edited.is_some()));
    Ok(Flow::Done)
}

fn arlastitems(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let count = u64::try_from(args.int()?).map_err(|_| NOT_POSITIVE)?;
    let newest_first = args.accept("REV");
    args.finish()?;

    let Some(array) = cx.db.read::<Array>(key)? else {
        reply.array(0);
        return Ok(Flow::Done);
    };
    let count = count.min(array.count());
    reply.array(usize::try_from(count).unwrap_or(usize::MAX));
    for nth in 0..count {
        let back = if newest_first { nth } else { count - 1 - nth };
        index::answer_element(reply, array.inserted_before(back));
    }
    Ok(Flow::Done)
}

const ARINSERT_DOCS: Docs = Docs::new(
    "Appends elements behind the one that was appended last.",
    Group::Array,
    "O(N) where N is the number of values",
)
.arguments(&[Arg::key("key", 0), Arg::string("value").multiple()]);

const ARRING_DOCS: Docs = Docs::new(
    "Appends elements to a ring of so many places, over the oldest ones when it is full.",
    Group::Array,
    "O(M) where M is the number of values; O(N+M) when the size changes, N being the larger of the two",
)
.arguments(&[Arg::key("key", 0), Arg::integer("size"), Arg::string("value").multiple()]);

const ARNEXT_DOCS: Docs =
    Docs::new("Answers where the next append will write.", Group::Array, "O(1)").arguments(&[Arg::key("key", 0)]);

const ARSEEK_DOCS: Docs = Docs::new("Sets where the next append will write.", Group::Array, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("index")]);

const ARLASTITEMS_DOCS: Docs = Docs::new("Answers what was appended last.", Group::Array, "O(N) where N is the count")
    .arguments(&[Arg::key("key", 0), Arg::integer("count"), Arg::pure_token("rev", "REV").optional()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn appends_follow_each_other_wherever_the_cursor_is() {
        check(
            "
            @since 8.8
            > ARNEXT log                           => 0
            > ARINSERT log event1                  => 0
            > ARINSERT log event2 event3           => 2
            > ARNEXT log                           => 3
            > ARSEEK log 10                        => 1
            > ARINSERT log event4                  => 10
            > ARNEXT log                           => 11
            > ARGET log 10                         => 'event4'
            > ARDEL log 10                         => 1
            > ARINSERT log event5                  => 11
            > ARLEN log                            => 12
            ",
        );
    }

    #[test]
    fn setting_by_index_leaves_the_cursor_alone() {
        check(
            "
            @since 8.8
            > ARSET k 0 a b c                      => 3
            > ARNEXT k                             => 0
            > ARINSERT k x                         => 0
            > ARSET k 9 y                          => 1
            > ARNEXT k                             => 1
            > ARGETRANGE k 0 2                     => ['x', 'b', 'c']
            ",
        );
    }

    #[test]
    fn arseek_moves_the_cursor_of_a_key_that_exists() {
        check(
            "
            @since 8.8
            > ARSEEK k 5                           => 0
            > EXISTS k                             => 0
            > ARINSERT k a b                       => 1
            > ARSEEK k 0                           => 1
            > ARNEXT k                             => 0
            > ARINSERT k c                         => 0
            > ARGETRANGE k 0 1                     => ['c', 'b']
            > ARSEEK k x                           => (error) ERR invalid array index
            > ARSEEK k -1                          => (error) ERR invalid array index
            > ARSEEK k 18446744073709551616        => (error) ERR invalid array index
            > ARSEEK k                             => (error) ERR wrong number of arguments for 'arseek' command
            > SET s x                              => OK
            > ARSEEK s 1                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARNEXT s                             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn a_cursor_at_the_end_appends_no_more() {
        check(
            "
            @since 8.8
            > ARINSERT k a                         => 0
            > ARSEEK k 18446744073709551613        => 1
            > ARINSERT k b c d                     => (error) ERR insert index overflow
            > ARCOUNT k                            => 1
            > ARNEXT k                             => (big) 18446744073709551613
            > ARINSERT k b                         => (big) 18446744073709551613
            > ARINSERT k c                         => (big) 18446744073709551614
            > ARNEXT k                             => (nil)
            > ARINSERT k d                         => (error) ERR insert index overflow
            > ARSEEK k 0                           => 1
            > ARSEEK k 18446744073709551615        => 1
            > ARNEXT k                             => (nil)
            > ARINSERT k d                         => (error) ERR insert index overflow
            > ARCOUNT k                            => 3
            > ARRING k 2 d                         => 0
            > ARGETRANGE k 0 1                     => ['d', 'c']
            ",
        );
    }

    #[test]
    fn a_ring_overwrites_its_oldest_places() {
        check(
            "
            @since 8.8
            > ARRING r 3 v0                        => 0
            > ARRING r 3 v1 v2                     => 2
            > ARRING r 3 v3                        => 0
            > ARGET r 0                            => 'v3'
            > ARCOUNT r                            => 3
            > ARNEXT r                             => 1
            > ARLASTITEMS r 3                      => ['v1', 'v2', 'v3']
            > ARLASTITEMS r 3 REV                  => ['v3', 'v2', 'v1']
            > ARLASTITEMS r 2                      => ['v2', 'v3']
            > ARRING r 3 a b c d e                 => 2
            > ARLASTITEMS r 9                      => ['c', 'd', 'e']
            > ARRING one 1 a b c                   => 0
            > ARGETRANGE one 0 1                   => ['c', (nil)]
            ",
        );
    }

    #[test]
    fn a_ring_of_another_size_keeps_the_newest_in_order() {
        check(
            "
            @since 8.8
            > ARRING r 4 a b c d e                 => 0
            > ARGETRANGE r 0 3                     => ['e', 'b', 'c', 'd']
            > ARRING r 6 f                         => 4
            > ARGETRANGE r 0 5                     => ['b', 'c', 'd', 'e', 'f', (nil)]
            > ARRING r 6 g h                       => 0
            > ARRING r 3 i                         => 0
            > ARGETRANGE r 0 5                     => ['i', 'g', 'h', (nil), (nil), (nil)]
            > ARLASTITEMS r 9                      => ['g', 'h', 'i']
            > ARSET plain 0 a b c d                => 4
            > ARRING plain 2 x                     => 0
            > ARGETRANGE plain 0 3                 => ['x', 'd', (nil), (nil)]
            ",
        );
    }

    #[test]
    fn a_ring_needs_a_size() {
        check(
            "
            @since 8.8
            > ARRING r 0 a                         => (error) ERR value is out of range, must be positive
            > ARRING r -1 a                        => (error) ERR value is not an integer or out of range
            > ARRING r x a                         => (error) ERR value is not an integer or out of range
            > ARRING r 3                           => (error) ERR wrong number of arguments for 'arring' command
            > EXISTS r                             => 0
            > ARRING r 18446744073709551615 a b    => 1
            > ARSEEK r 18446744073709551614        => 1
            > ARRING r 18446744073709551615 c d    => 0
            > ARSCAN r 0 18446744073709551614      => [[0, 'd'], [1, 'b'], [(big) 18446744073709551614, 'c']]
            > SET s x                              => OK
            > ARRING s 3 a                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn arlastitems_walks_back_over_empty_slots_too() {
        check(
            "
            @since 8.8
            > ARLASTITEMS missing 3                => []
            > ARINSERT k a b c d                   => 3
            > ARLASTITEMS k 0                      => []
            > ARDEL k 2                            => 1
            > ARLASTITEMS k 3                      => ['b', (nil), 'd']
            > ARLASTITEMS k 100                    => ['b', (nil), 'd']
            > ARLASTITEMS k 2 rev                  => ['d', (nil)]
            > ARSET plain 0 a b c                  => 3
            > ARLASTITEMS plain 2                  => ['b', 'c']
            > ARLASTITEMS k -1                     => (error) ERR value is out of range, must be positive
            > ARLASTITEMS k x                      => (error) ERR value is not an integer or out of range
            > ARLASTITEMS k 1 FWD                  => (error) ERR syntax error
            > ARLASTITEMS k 1 REV REV              => (error) ERR syntax error
            > SET s x                              => OK
            > ARLASTITEMS s 1                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn appends_tell_what_they_did() {
        check_told(&[
            ("ARSEEK k 1", "", ""),
            ("ARINSERT k a b", "arinsert:k", "="),
            ("ARRING k 2 c", "arring:k", "="),
            ("ARSEEK k 1", "", ""),
            ("ARSEEK k 2", "arseek:k", "="),
            ("ARNEXT k", "", ""),
        ]);
        check_changes(&[("ARINSERT k a b c", 3), ("ARRING k 2 d e", 2), ("ARSEEK k 0", 1), ("ARSEEK k 0", 0)]);
    }
}
