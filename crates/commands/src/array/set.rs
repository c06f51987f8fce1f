//! ARSET, ARMSET: elements by index.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use value::{ARRAY_MAX_INDEX, Array};

use super::index::{self, INVALID_INDEX};

pub(super) const ARSET: Command = Command::new("arset", arset)
    .since("8.8.0")
    .arity(-4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ARSET_DOCS);

pub(super) const ARMSET: Command = Command::new("armset", armset)
    .since("8.8.0")
    .arity(-4)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&ARMSET_DOCS);

fn arset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let start = index::next(args)?;
    let values = args.rest();
    let more = (values.len() as u64).saturating_sub(1);
    start.checked_add(more).filter(|&last| last <= ARRAY_MAX_INDEX).ok_or(INVALID_INDEX)?;

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |array: &mut Edit<'_, Array>| {
        array.changed(more + 1);
        Ok::<_, CommandError>((start..).zip(values).filter(|(index, value)| array.set(*index, value, limits)).count())
    })?;
    cx.notify(Event::Array, "arset", key);
    reply.len(edited.result);
    Ok(Flow::Done)
}

fn armset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if !args.remaining().is_multiple_of(2) {
        return Err(cx.wrong_arity());
    }
    let (indexes, values) = (args.rest().step_by(2), args.rest().skip(1).step_by(2));
    indexes.clone().try_for_each(|text| index::parse(text).map(|_| ()))?;

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |array: &mut Edit<'_, Array>| {
        let mut added = 0;
        for (text, value) in indexes.zip(values) {
            added += usize::from(array.set(index::parse(text)?, value, limits));
            array.changed(1);
        }
        Ok::<_, CommandError>(added)
    })?;
    cx.notify(Event::Array, "armset", key);
    reply.len(edited.result);
    Ok(Flow::Done)
}

const ARSET_DOCS: Docs =
    Docs::new("Sets the elements from an index on.", Group::Array, "O(N) where N is the number of values")
        .arguments(&[Arg::key("key", 0), Arg::integer("index"), Arg::string("value").multiple()]);

const ARMSET_DOCS: Docs =
    Docs::new("Sets elements at any indexes.", Group::Array, "O(N) where N is the number of pairs").arguments(&[
        Arg::key("key", 0),
        Arg::block("data", &[Arg::integer("index"), Arg::string("value")]).multiple(),
    ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn arset_fills_from_an_index_on_and_counts_what_was_empty() {
        check(
            "
            @since 8.8
            > ARSET k 0 hello                      => 1
            > ARGET k 0                            => 'hello'
            > ARSET k 2 a b c                      => 3
            > ARSET k 1 x y                        => 1
            > ARGETRANGE k 0 4                     => ['hello', 'x', 'y', 'b', 'c']
            > ARLEN k                              => 5
            > TYPE k                               => array
            > OBJECT ENCODING k                    => 'array'
            ",
        );
    }

    #[test]
    fn armset_takes_any_indexes_in_any_order() {
        check(
            "
            @since 8.8
            > ARMSET k 100 gamma 0 alpha 5 beta    => 3
            > ARMSET k 5 b 6 c 5 d                 => 1
            > ARMGET k 0 5 6 100 7                 => ['alpha', 'd', 'c', 'gamma', (nil)]
            > ARMSET n 3 x 3 y                     => 1
            > ARCOUNT n                            => 1
            ",
        );
    }

    #[test]
    fn indexes_reach_to_two_below_the_word_and_no_farther() {
        check(
            "
            @since 8.8
            > ARSET k 18446744073709551614 last    => 1
            > ARGET k 18446744073709551614         => 'last'
            > ARLEN k                              => (big) 18446744073709551615
            > ARSET k 18446744073709551615 x       => (error) ERR invalid array index
            > ARSET k 18446744073709551616 x       => (error) ERR invalid array index
            > ARSET k 18446744073709551613 a b     => 1
            > ARSET k 18446744073709551613 a b c   => (error) ERR invalid array index
            > ARMSET k 0 a 18446744073709551615 b  => (error) ERR invalid array index
            > ARCOUNT k                            => 2
            > ARSCAN k 9223372036854775807 18446744073709551614 => [[(big) 18446744073709551613, 'a'], [(big) 18446744073709551614, 'b']]
            ",
        );
    }

    #[test]
    fn an_index_is_a_plain_unsigned_number() {
        check(
            "
            @since 8.8
            > ARSET k -1 x                         => (error) ERR invalid array index
            > ARSET k +1 x                         => (error) ERR invalid array index
            > ARSET k 01 x                         => (error) ERR invalid array index
            > ARSET k 1.0 x                        => (error) ERR invalid array index
            > ARSET k '' x                         => (error) ERR invalid array index
            > ARSET k x y                          => (error) ERR invalid array index
            > ARMSET k 1 x y z                     => (error) ERR invalid array index
            > EXISTS k                             => 0
            ",
        );
    }

    #[test]
    fn arguments_and_types_are_checked() {
        check(
            "
            @since 8.8
            > ARSET                                => (error) ERR wrong number of arguments for 'arset' command
            > ARSET k 1                            => (error) ERR wrong number of arguments for 'arset' command
            > ARMSET k 1                           => (error) ERR wrong number of arguments for 'armset' command
            > ARMSET k 1 x 2                       => (error) ERR wrong number of arguments for 'armset' command
            > SET s x                              => OK
            > ARSET s 0 x                          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARSET s x x                          => (error) ERR invalid array index
            > ARMSET s 0 x                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GET s                                => 'x'
            ",
        );
    }

    #[test]
    fn every_text_comes_back_as_it_was_sent() {
        check(
            r#"
            @since 8.8
            > ARSET k 0 12 -0 007 1.50 20.123456 -0.5 '' 9223372036854775807 -9223372036854775808 1e3  => 10
            > ARGETRANGE k 0 9   => ['12', '-0', '007', '1.50', '20.123456', '-0.5', '', '9223372036854775807', '-9223372036854775808', '1e3']
            > ARSET k 10 1152921504606846976 "\x00\xff\r\n" 0.000000000000000000000000000001 -123456789.000 12345678 ${x*200}  => 6
            > ARGETRANGE k 10 15 => ['1152921504606846976', '\x00\xff\r\n', '0.000000000000000000000000000001', '-123456789.000', '12345678', '${x*200}']
            "#,
        );
    }

    #[test]
    fn writes_tell_what_they_did() {
        check_told(&[
            ("ARSET k 0 a b", "arset:k", "="),
            ("ARSET k 0 a b", "arset:k", "="),
            ("ARMSET k 0 a 9 b", "armset:k", "="),
        ]);
        check_changes(&[("ARSET k 0 a b", 2), ("ARMSET k 0 a 9 b 9 c", 3)]);
    }
}
