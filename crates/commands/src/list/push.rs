//! LPUSH, RPUSH, LPUSHX, RPUSHX: elements onto an end.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use value::{List, ListEnd};

pub(super) const LPUSH: Command = Command::new("lpush", lpush)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&LPUSH_DOCS);

pub(super) const RPUSH: Command = Command::new("rpush", rpush)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&RPUSH_DOCS);

pub(super) const LPUSHX: Command = Command::new("lpushx", lpushx)
    .since("2.2.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&LPUSHX_DOCS);

pub(super) const RPUSHX: Command = Command::new("rpushx", rpushx)
    .since("2.2.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&RPUSHX_DOCS);

fn lpush(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    push(cx, args, ListEnd::Left, reply)
}

fn rpush(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    push(cx, args, ListEnd::Right, reply)
}

fn lpushx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    push_if_present(cx, args, ListEnd::Left, reply)
}

fn rpushx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    push_if_present(cx, args, ListEnd::Right, reply)
}

fn push(cx: &mut Context<'_>, args: &mut Args<'_>, end: ListEnd, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let tunables = cx.tunables;
    let edited = cx.db.upsert(key, |list: &mut Edit<'_, List>| {
        list.push(end, args.rest(), &tunables.encodings);
        list.changed(args.remaining() as u64);
        Ok::<_, CommandError>(list.len())
    })?;
    cx.notify(Event::List, event(end), key);
    reply.len(edited.result);
    Ok(Flow::Done)
}

fn push_if_present(cx: &mut Context<'_>, args: &mut Args<'_>, end: ListEnd, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let tunables = cx.tunables;
    let edited = cx.db.update(key, |list: &mut Edit<'_, List>| {
        list.push(end, args.rest(), &tunables.encodings);
        list.changed(args.remaining() as u64);
        Ok::<_, CommandError>(list.len())
    })?;
    if edited.is_some() {
        cx.notify(Event::List, event(end), key);
    }
    reply.len(edited.map_or(0, |edited| edited.result));
    Ok(Flow::Done)
}

/// What is told when elements were pushed onto `end`.
pub(super) const fn event(end: ListEnd) -> &'static str {
    match end {
        ListEnd::Left => "lpush",
        ListEnd::Right => "rpush",
    }
}

const LPUSH_DOCS: Docs = Docs::new(
    "Pushes elements onto the left end of a list; a missing key counts as empty.",
    Group::List,
    "O(N) for N elements pushed",
)
.history(&[("2.4.0", "Accepts multiple `element` arguments.")])
.arguments(&[Arg::key("key", 0), Arg::string("element").multiple()]);

const RPUSH_DOCS: Docs = Docs::new(
    "Pushes elements onto the right end of a list; a missing key counts as empty.",
    Group::List,
    "O(N) for N elements pushed",
)
.history(&[("2.4.0", "Accepts multiple `element` arguments.")])
.arguments(&[Arg::key("key", 0), Arg::string("element").multiple()]);

const LPUSHX_DOCS: Docs = Docs::new(
    "Pushes elements onto the left end of a list if there is one.",
    Group::List,
    "O(N) for N elements pushed",
)
.history(&[("4.0.0", "Accepts multiple `element` arguments.")])
.arguments(&[Arg::key("key", 0), Arg::string("element").multiple()]);

const RPUSHX_DOCS: Docs = Docs::new(
    "Pushes elements onto the right end of a list if there is one.",
    Group::List,
    "O(N) for N elements pushed",
)
.history(&[("4.0.0", "Accepts multiple `element` arguments.")])
.arguments(&[Arg::key("key", 0), Arg::string("element").multiple()]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_changes, check_told};

    #[test]
    fn elements_are_pushed_one_after_the_other() {
        check(
            r"
            > LPUSH l a b c             => 3
            > LRANGE l 0 -1             => ['c', 'b', 'a']
            > RPUSH l 1 -1 01           => 6
            > LRANGE l 0 -1             => ['c', 'b', 'a', '1', '-1', '01']
            > RPUSH l ''                => 7
            > LINDEX l -1               => ''
            > LPUSH l                   => (error) ERR wrong number of arguments for 'lpush' command
            > RPUSH l                   => (error) ERR wrong number of arguments for 'rpush' command
            > TYPE l                    => list
            ",
        );
    }

    #[test]
    fn pushx_needs_a_list() {
        check(
            r"
            > LPUSHX l a                => 0
            > RPUSHX l a b              => 0
            > EXISTS l                  => 0
            > RPUSH l m                 => 1
            > LPUSHX l a b              => 3
            > RPUSHX l y z              => 5
            > LRANGE l 0 -1             => ['b', 'a', 'm', 'y', 'z']
            > LPUSHX l                  => (error) ERR wrong number of arguments for 'lpushx' command
            > RPUSHX l                  => (error) ERR wrong number of arguments for 'rpushx' command
            ",
        );
    }

    #[test]
    fn a_string_takes_no_elements() {
        check(
            r"
            > SET s v                   => OK
            > LPUSH s a                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > RPUSH s a                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LPUSHX s a                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > RPUSHX s a                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GET s                     => 'v'
            ",
        );
    }

    #[test]
    fn a_list_outgrows_its_listpack_by_elements_or_bytes() {
        check(
            r"
            @since 7.2
            @skip-encodings restore a list of one node is as small as its limit says, not as half of it
            @config list-max-listpack-size 4
            > RPUSH l 1 2 3 4           => 4
            > OBJECT ENCODING l         => 'listpack'
            > RPUSH l 5                 => 5
            > OBJECT ENCODING l         => 'quicklist'
            > RPUSH m 1 2 3 4 5         => 5
            > OBJECT ENCODING m         => 'quicklist'
            @config list-max-listpack-size -2
            > RPUSH n ${x*8185}         => 1
            > OBJECT ENCODING n         => 'listpack'
            > RPUSH o ${x*8186}         => 1
            > OBJECT ENCODING o         => 'quicklist'
            > RPUSH p ${x*9000}         => 1
            > OBJECT ENCODING p         => 'quicklist'
            > LPOP p                    => '${x*9000}'
            ",
        );
    }

    #[test]
    fn every_element_is_a_change() {
        check_told(&[
            ("LPUSHX l a", "", ""),
            ("LPUSH l a b", "lpush:l", "="),
            ("RPUSH l a", "rpush:l", "="),
            ("LPUSHX l a", "lpush:l", "="),
            ("RPUSHX l a b", "rpush:l", "="),
        ]);
        check_changes(&[("RPUSH l a b c", 3), ("LPUSHX l a b", 2), ("RPUSHX m a", 0)]);
    }
}
