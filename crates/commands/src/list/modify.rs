//! LSET, LINSERT, LREM, LTRIM: changes anywhere in a list.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use value::{List, ListEnd, ListSide};

use super::answer;

pub(super) const LSET: Command = Command::new("lset", lset)
    .since("1.0.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&LSET_DOCS);

pub(super) const LINSERT: Command = Command::new("linsert", linsert)
    .since("2.2.0")
    .arity(5)
    .write()
    .deny_oom()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&LINSERT_DOCS);

pub(super) const LREM: Command = Command::new("lrem", lrem)
    .since("1.0.0")
    .arity(4)
    .write()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&LREM_DOCS);

pub(super) const LTRIM: Command = Command::new("ltrim", ltrim)
    .since("1.0.0")
    .arity(4)
    .write()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().delete()])
    .docs(&LTRIM_DOCS);

fn lset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    // Redis looks for the list before it looks at the index.
    let index = args.int();
    let element = args.bytes()?;
    args.finish()?;

    let tunables = cx.tunables;
    let edited = cx.db.update(key, |list: &mut Edit<'_, List>| {
        let place = answer::place(index?, list.len()).ok_or(CommandError::IndexOutOfRange)?;
        list.set(place, element, &tunables.encodings);
        list.changed(1);
        Ok::<_, CommandError>(())
    })?;
    if edited.is_none() {
        return Err(CommandError::NoSuchKey);
    }
    cx.notify(Event::List, "lset", key);
    reply.ok();
    Ok(Flow::Done)
}

fn linsert(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let side = if args.accept("BEFORE") {
        ListSide::Before
    } else if args.accept("AFTER") {
        ListSide::After
    } else {
        return Err(CommandError::Syntax);
    };
    let (pivot, element) = (args.bytes()?, args.bytes()?);
    args.finish()?;

    let tunables = cx.tunables;
    let edited = cx.db.update(key, |list: &mut Edit<'_, List>| {
        let found = list.insert(pivot, side, element, &tunables.encodings);
        list.changed(u64::from(found));
        Ok::<_, CommandError>(list.len())
    })?;
    match edited {
        Some(edited) if edited.changed => {
            cx.notify(Event::List, "linsert", key);
            reply.len(edited.result);
        }
        Some(_) => reply.int(-1),
        None => reply.int(0),
    }
    Ok(Flow::Done)
}

fn lrem(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let count = answer::negatable(args)?;
    let element = args.bytes()?;
    args.finish()?;
    let end = if count < 0 { ListEnd::Right } else { ListEnd::Left };
    let most = match count {
        0 => usize::MAX,
        count => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
    };

    let tunables = cx.tunables;
    let edited = cx.db.update(key, |list: &mut Edit<'_, List>| {
        let removed = list.remove_equal(element, end, most, &tunables.encodings);
        list.changed(removed as u64);
        Ok::<_, CommandError>(removed)
    })?;
    let Some(edited) = edited else {
        reply.int(0);
        return Ok(Flow::Done);
    };
    if edited.changed {
        cx.notify(Event::List, "lrem", key);
    }
    if edited.removed {
        cx.notify(Event::Generic, "del", key);
    }
    reply.len(edited.result);
    Ok(Flow::Done)
}

fn ltrim(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, stop) = (args.int()?, args.int()?);
    args.finish()?;

    let tunables = cx.tunables;
    let edited = cx.db.update(key, |list: &mut Edit<'_, List>| {
        let (start, count) = answer::range(start, stop, list.len());
        list.changed((list.len() - count) as u64);
        list.keep_range(start, count, &tunables.encodings);
        Ok::<_, CommandError>(())
    })?;
    if let Some(edited) = edited {
        // Told of even when nothing was cut off.
        cx.notify(Event::List, "ltrim", key);
        if edited.removed {
            cx.notify(Event::Generic, "del", key);
        }
    }
    reply.ok();
    Ok(Flow::Done)
}

const LSET_DOCS: Docs = Docs::new(
    "Replaces the element of a list with an index; a negative one counts from the right.",
    Group::List,
    "O(N) for N elements between it and the nearer end",
)
.arguments(&[Arg::key("key", 0), Arg::integer("index"), Arg::string("element")]);

const LINSERT_DOCS: Docs = Docs::new(
    "Inserts an element in front of or behind the first one of a list that equals the pivot.",
    Group::List,
    "O(N) for N elements up to the pivot",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of("where", &[Arg::pure_token("before", "BEFORE"), Arg::pure_token("after", "AFTER")]),
    Arg::string("pivot"),
    Arg::string("element"),
]);

const LREM_DOCS: Docs = Docs::new(
    "Removes elements that equal the given one: so many from the left, from the right (negative) or all (0).",
    Group::List,
    "O(N+M) for a list of N elements and M removed",
)
.arguments(&[Arg::key("key", 0), Arg::integer("count"), Arg::string("element")]);

const LTRIM_DOCS: Docs =
    Docs::new("Removes all elements but those between two indexes.", Group::List, "O(N) for N elements removed")
        .arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("stop")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn an_element_is_replaced_in_its_place() {
        check(
            r"
            > RPUSH l a b c             => 3
            > LSET l 0 x                => OK
            > LSET l -1 9               => OK
            > LRANGE l 0 -1             => ['x', 'b', '9']
            > LSET l 3 y                => (error) ERR index out of range
            > LSET l -4 y               => (error) ERR index out of range
            > LSET l x y                => (error) ERR value is not an integer or out of range
            > LSET nokey 0 y            => (error) ERR no such key
            > LSET nokey x y            => (error) ERR no such key
            > SET s v                   => OK
            > LSET s x y                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LSET l 0                  => (error) ERR wrong number of arguments for 'lset' command
            > LRANGE l 0 -1             => ['x', 'b', '9']
            ",
        );
    }

    #[test]
    fn an_element_is_inserted_beside_the_first_that_equals_the_pivot() {
        check(
            r"
            > LINSERT l BEFORE a b      => 0
            > RPUSH l a 2 a             => 3
            > LINSERT l BEFORE a x      => 4
            > LINSERT l after 2 y       => 5
            > LINSERT l AFTER a z       => 6
            > LRANGE l 0 -1             => ['x', 'a', 'z', '2', 'y', 'a']
            > LINSERT l BEFORE nope x   => -1
            > LINSERT l MIDDLE a x      => (error) ERR syntax error
            > LINSERT nokey MIDDLE a x  => (error) ERR syntax error
            > SET s v                   => OK
            > LINSERT s MIDDLE a x      => (error) ERR syntax error
            > LINSERT s BEFORE a x      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LINSERT l BEFORE a        => (error) ERR wrong number of arguments for 'linsert' command
            > LLEN l                    => 6
            ",
        );
    }

    #[test]
    fn equal_elements_are_removed_from_the_wanted_end() {
        check(
            r"
            > RPUSH l a b a 1 a b a     => 7
            > LREM l 1 a                => 1
            > LRANGE l 0 -1             => ['b', 'a', '1', 'a', 'b', 'a']
            > LREM l -2 a               => 2
            > LRANGE l 0 -1             => ['b', 'a', '1', 'b']
            > LREM l 0 b                => 2
            > LREM l 5 1                => 1
            > LREM l 0 x                => 0
            > LREM l -9223372036854775807 a  => 1
            > EXISTS l                  => 0
            > LREM l 0 a                => 0
            > LREM l x a                => (error) ERR value is not an integer or out of range
            > SET s v                   => OK
            > LREM s x a                => (error) ERR value is not an integer or out of range
            > LREM s 0 a                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LREM s 0                  => (error) ERR wrong number of arguments for 'lrem' command
            ",
        );
    }

    #[test]
    fn a_count_must_have_a_negation() {
        check(
            r"
            @since 7.2
            > LREM l -9223372036854775808 a  => (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            ",
        );
    }

    #[test]
    fn trim_keeps_what_lies_between() {
        check(
            r"
            > LTRIM nokey 0 1           => OK
            > RPUSH l a b c d e         => 5
            > LTRIM l 1 3               => OK
            > LRANGE l 0 -1             => ['b', 'c', 'd']
            > LTRIM l -2 -1             => OK
            > LRANGE l 0 -1             => ['c', 'd']
            > LTRIM l -100 100          => OK
            > LLEN l                    => 2
            > LTRIM l x 1               => (error) ERR value is not an integer or out of range
            > LTRIM nokey 1 x           => (error) ERR value is not an integer or out of range
            > LTRIM l 5 6               => OK
            > EXISTS l                  => 0
            > RPUSH l a b               => 2
            > LTRIM l 1 0               => OK
            > EXISTS l                  => 0
            > SET s v                   => OK
            > LTRIM s x 1               => (error) ERR value is not an integer or out of range
            > LTRIM s 0 1               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LTRIM s 0                 => (error) ERR wrong number of arguments for 'ltrim' command
            ",
        );
    }

    #[test]
    fn the_middle_of_a_long_list_changes_under_any_nodes() {
        check(
            r"
            @config list-max-listpack-size 2
            @config list-compress-depth 1
            > RPUSH l ${20: element-number-#-which-is-long-enough-to-be-compressed}  => 20
            > LINSERT l AFTER element-number-10-which-is-long-enough-to-be-compressed x  => 21
            > LSET l 5 y                => OK
            > LREM l 0 element-number-8-which-is-long-enough-to-be-compressed  => 1
            > LRANGE l 4 6              => ['element-number-5-which-is-long-enough-to-be-compressed', 'y', 'element-number-7-which-is-long-enough-to-be-compressed']
            > LINDEX l 9                => 'x'
            > LTRIM l 5 9               => OK
            > LRANGE l 0 0              => ['y']
            > LLEN l                    => 5
            ",
        );
    }

    #[test]
    fn a_list_that_shrinks_to_half_a_node_is_a_listpack_again() {
        check(
            r"
            @since 7.2
            @skip-encodings restore a list of one node is as small as its limit says, not as half of it
            @config list-max-listpack-size 4
            > RPUSH l 1 2 3 4 5         => 5
            > RPOP l                    => '5'
            > OBJECT ENCODING l         => 'quicklist'
            > LREM l 0 4                => 1
            > OBJECT ENCODING l         => 'quicklist'
            > LTRIM l 0 1               => OK
            > OBJECT ENCODING l         => 'listpack'
            > RPUSH m 1 2 3 4 5         => 5
            > LSET m 0 x                => OK
            > OBJECT ENCODING m         => 'quicklist'
            > LPOP m 3                  => ['x', '2', '3']
            > OBJECT ENCODING m         => 'quicklist'
            > RPOP m                    => '5'
            > OBJECT ENCODING m         => 'listpack'
            > LSET m 0 ${x*9000}        => OK
            > OBJECT ENCODING m         => 'quicklist'
            > LSET m 0 x                => OK
            > OBJECT ENCODING m         => 'listpack'
            ",
        );
    }

    #[test]
    fn changes_are_told_and_what_changed_nothing_is_not_propagated() {
        check_told(&[
            ("RPUSH l a b c d", "rpush:l", "="),
            ("LSET l 0 a", "lset:l", "="),
            ("LINSERT l BEFORE a x", "linsert:l", "="),
            ("LINSERT l BEFORE nope x", "", ""),
            ("LINSERT m BEFORE nope x", "", ""),
            ("LREM l 0 x", "lrem:l", "="),
            ("LREM l 0 x", "", ""),
            ("LTRIM l 0 -1", "ltrim:l", ""),
            ("LTRIM l 0 1", "ltrim:l", "="),
            ("LTRIM m 0 1", "", ""),
            ("LTRIM l 5 6", "ltrim:l del:l", "="),
            ("RPUSH l 1 1", "rpush:l", "="),
            ("LREM l 0 1", "lrem:l del:l", "="),
        ]);
        check_changes(&[
            ("RPUSH l a b c d a a", 6),
            ("LSET l 0 a", 1),
            ("LREM l 0 a", 3),
            ("LTRIM l 0 0", 2),
            ("LTRIM l 0 0", 0),
        ]);
    }
}
