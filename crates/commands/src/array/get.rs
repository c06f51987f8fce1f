//! ARGET, ARMGET, ARGETRANGE: elements by index, empty slots as null.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::Array;

use super::index;

pub(super) const ARGET: Command = Command::new("arget", arget)
    .since("8.8.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARGET_DOCS);

pub(super) const ARMGET: Command = Command::new("armget", armget)
    .since("8.8.0")
    .arity(-3)
    .readonly()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARMGET_DOCS);

pub(super) const ARGETRANGE: Command = Command::new("argetrange", argetrange)
    .since("8.8.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARGETRANGE_DOCS);

/// Slots that ARGETRANGE answers at once.
const MAX_RANGE: usize = 1_000_000;
const RANGE_TOO_LONG: CommandError = CommandError::other("ERR range exceeds maximum of 1000000 items");

fn arget(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let index = index::next(args)?;
    args.finish()?;

    let array = cx.db.read::<Array>(key)?;
    index::answer_element(reply, array.and_then(|array| array.get(index)));
    Ok(Flow::Done)
}

fn armget(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let indexes = args.rest();
    indexes.clone().try_for_each(|text| index::parse(text).map(|_| ()))?;

    let array = cx.db.read::<Array>(key)?;
    reply.array(indexes.len());
    for text in indexes {
        let index = index::parse(text)?;
        index::answer_element(reply, array.and_then(|array| array.get(index)));
    }
    Ok(Flow::Done)
}

fn argetrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, end) = (index::next(args)?, index::next(args)?);
    args.finish()?;
    let (backwards, low, high) = index::ordered(start, end);
    let slots = usize::try_from(high - low).ok().filter(|&span| span < MAX_RANGE).ok_or(RANGE_TOO_LONG)? + 1;

    let array = cx.db.read::<Array>(key)?;
    reply.array(slots);
    let mut answered = 0;
    if let Some(array) = array {
        let mut elements = array.range(low, high);
        while let Some((index, element)) = if backwards { elements.next_back() } else { elements.next() } {
            let at = usize::try_from(if backwards { high - index } else { index - low }).unwrap_or(slots);
            (answered..at).for_each(|_| reply.null());
            index::answer_element(reply, Some(element));
            answered = at + 1;
        }
    }
    (answered..slots).for_each(|_| reply.null());
    Ok(Flow::Done)
}

const ARGET_DOCS: Docs = Docs::new("Answers the element at an index.", Group::Array, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("index")]);

const ARMGET_DOCS: Docs =
    Docs::new("Answers the elements at any indexes.", Group::Array, "O(N) where N is the number of indexes")
        .arguments(&[Arg::key("key", 0), Arg::integer("index").multiple()]);

const ARGETRANGE_DOCS: Docs =
    Docs::new("Answers the slots of a range, empty ones as null.", Group::Array, "O(N) where N is the range length")
        .arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("end")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_counted;

    #[test]
    fn arget_answers_an_element_or_null() {
        check(
            "
            @since 8.8
            > ARSET k 0 hello                      => 1
            > ARGET k 0                            => 'hello'
            > ARGET k 1                            => (nil)
            > ARGET k 18446744073709551614         => (nil)
            > ARGET k 18446744073709551615         => (error) ERR invalid array index
            > ARGET missing 0                      => (nil)
            > ARGET missing x                      => (error) ERR invalid array index
            > ARGET missing -1                     => (error) ERR invalid array index
            > ARGET k                              => (error) ERR wrong number of arguments for 'arget' command
            > ARGET k 0 1                          => (error) ERR wrong number of arguments for 'arget' command
            ",
        );
    }

    #[test]
    fn armget_keeps_the_order_of_its_arguments() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 1 b 5 c                 => 3
            > ARMGET k 0 1 5 3                     => ['a', 'b', 'c', (nil)]
            > ARMGET k 5 5                         => ['c', 'c']
            > ARMGET missing 0 1                   => [(nil), (nil)]
            > ARMGET k 0 nope                      => (error) ERR invalid array index
            > ARMGET missing nope                  => (error) ERR invalid array index
            > ARMGET k                             => (error) ERR wrong number of arguments for 'armget' command
            ",
        );
    }

    #[test]
    fn argetrange_answers_every_slot_in_either_direction() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 1 b 3 d                 => 3
            > ARGETRANGE k 0 3                     => ['a', 'b', (nil), 'd']
            > ARGETRANGE k 3 0                     => ['d', (nil), 'b', 'a']
            > ARGETRANGE k 1 1                     => ['b']
            > ARGETRANGE k 2 6                     => [(nil), 'd', (nil), (nil), (nil)]
            > ARGETRANGE k 6 2                     => [(nil), (nil), (nil), 'd', (nil)]
            > ARGETRANGE missing 0 1               => [(nil), (nil)]
            ",
        );
    }

    #[test]
    fn argetrange_refuses_more_than_a_million_slots() {
        check(
            "
            @since 8.8
            > ARSET k 0 a                          => 1
            > ARGETRANGE k 0 1000000               => (error) ERR range exceeds maximum of 1000000 items
            > ARGETRANGE k 1000000 0               => (error) ERR range exceeds maximum of 1000000 items
            > ARGETRANGE k 0 18446744073709551614  => (error) ERR range exceeds maximum of 1000000 items
            > ARGETRANGE missing 0 1000000         => (error) ERR range exceeds maximum of 1000000 items
            > ARGETRANGE k 18446744073709551614 18446744073709551614 => [(nil)]
            > ARGETRANGE k - +                     => (error) ERR invalid array index
            > ARGETRANGE k 0 -1                    => (error) ERR invalid array index
            > SET s x                              => OK
            > ARGETRANGE s 0 1                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARGET s 0                            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARMGET s 0                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn reading_counts_hits_and_misses_of_the_key() {
        check_counted(&[
            ("ARSET k 0 a", 0, 0),
            ("ARGET k 0", 1, 0),
            ("ARGET k 1", 1, 0),
            ("ARMGET n 0 1", 0, 1),
            ("ARGETRANGE k 0 1", 1, 0),
        ]);
    }
}
