//! ARDEL, ARDELRANGE: elements taken out; the last one takes the key along.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Edit, Edited, Key};
use value::Array;

use super::index;

pub(super) const ARDEL: Command = Command::new("ardel", ardel)
    .since("8.8.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ARDEL_DOCS);

pub(super) const ARDELRANGE: Command = Command::new("ardelrange", ardelrange)
    .since("8.8.0")
    .arity(-4)
    .write()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&ARDELRANGE_DOCS);

fn ardel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let indexes = args.rest();
    indexes.clone().try_for_each(|text| index::parse(text).map(|_| ()))?;

    let limits = &cx.tunables.encodings;
    let edited = cx.db.update(key, |array: &mut Edit<'_, Array>| {
        let mut removed = 0;
        for text in indexes {
            removed += u64::from(array.remove(index::parse(text)?, limits));
        }
        array.changed(removed);
        Ok::<_, CommandError>(removed)
    })?;
    tell(cx, key, "ardel", edited, reply);
    Ok(Flow::Done)
}

fn ardelrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if !args.remaining().is_multiple_of(2) {
        return Err(cx.wrong_arity());
    }
    args.rest().try_for_each(|text| index::parse(text).map(|_| ()))?;
    let (starts, ends) = (args.rest().step_by(2), args.rest().skip(1).step_by(2));

    let limits = &cx.tunables.encodings;
    let edited = cx.db.update(key, |array: &mut Edit<'_, Array>| {
        let mut removed = 0;
        for (start, end) in starts.zip(ends) {
            let (_, low, high) = index::ordered(index::parse(start)?, index::parse(end)?);
            removed += array.remove_range(low, high, limits);
        }
        array.changed(removed);
        Ok::<_, CommandError>(removed)
    })?;
    tell(cx, key, "ardelrange", edited, reply);
    Ok(Flow::Done)
}

fn tell(cx: &mut Context<'_>, key: Key<'_>, event: &'static str, edited: Option<Edited<u64>>, reply: &mut Reply<'_>) {
    if edited.is_some_and(|edited| edited.changed) {
        cx.notify(Event::Array, event, key);
    }
    if edited.is_some_and(|edited| edited.removed) {
        cx.notify(Event::Generic, "del", key);
    }
    index::answer(reply, edited.map_or(0, |edited| edited.result));
}

const ARDEL_DOCS: Docs =
    Docs::new("Takes out the elements at some indexes.", Group::Array, "O(N) where N is the number of indexes")
        .arguments(&[Arg::key("key", 0), Arg::integer("index").multiple()]);

const ARDELRANGE_DOCS: Docs = Docs::new(
    "Takes out the elements of some ranges.",
    Group::Array,
    "O(N) where N is the number of elements and slices in the ranges, whatever they span",
)
.arguments(&[Arg::key("key", 0), Arg::block("range", &[Arg::integer("start"), Arg::integer("end")]).multiple()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn ardel_counts_what_was_there_and_the_last_element_takes_the_key() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 5 b 9 c                 => 3
            > ARDEL k 5                            => 1
            > ARDEL k 5 6                          => 0
            > ARDEL k 0 0 9                        => 2
            > EXISTS k                             => 0
            > ARDEL k 0                            => 0
            > ARDEL k x                            => (error) ERR invalid array index
            ",
        );
    }

    #[test]
    fn a_bad_index_deletes_nothing() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 1 b                     => 2
            > ARDEL k 0 nope                       => (error) ERR invalid array index
            > ARDELRANGE k 0 0 1 nope              => (error) ERR invalid array index
            > ARDELRANGE k 0 1 1                   => (error) ERR wrong number of arguments for 'ardelrange' command
            > ARDELRANGE k - +                     => (error) ERR invalid array index
            > ARCOUNT k                            => 2
            > SET s x                              => OK
            > ARDEL s 0                            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARDELRANGE s 0 1                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn ardelrange_takes_several_ranges_in_either_direction() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 1 b 2 c 3 d 4 e         => 5
            > ARDELRANGE k 1 3                     => 3
            > ARGETRANGE k 0 4                     => ['a', (nil), (nil), (nil), 'e']
            > ARMSET k 1 b 2 c 3 d                 => 3
            > ARDELRANGE k 3 2 2 1                 => 3
            > ARSET k 100000 x y                   => 2
            > ARDELRANGE k 1 18446744073709551614  => 3
            > ARLEN k                              => 1
            > ARDELRANGE k 0 0                     => 1
            > EXISTS k                             => 0
            > ARDELRANGE k 0 9                     => 0
            ",
        );
    }

    #[test]
    fn deletions_tell_what_they_did() {
        check_told(&[
            ("ARSET k 0 a b c d", "arset:k", "="),
            ("ARDEL k 9", "", ""),
            ("ARDEL k 0", "ardel:k", "="),
            ("ARDELRANGE k 9 12", "", ""),
            ("ARDELRANGE k 1 2", "ardelrange:k", "="),
            ("ARDEL k 3", "ardel:k del:k", "="),
            ("ARDEL k 3", "", ""),
            ("ARSET k 0 a", "arset:k", "="),
            ("ARDELRANGE k 0 0", "ardelrange:k del:k", "="),
        ]);
        check_changes(&[("ARSET k 0 a b c d", 4), ("ARDEL k 0 1 9", 2), ("ARDELRANGE k 0 9", 2), ("ARDEL k 0", 0)]);
    }
}
