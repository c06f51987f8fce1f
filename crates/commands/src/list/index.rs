//! LLEN, LINDEX, LRANGE: a list read by place.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::{List, ListEnd};

use super::answer;

pub(super) const LLEN: Command = Command::new("llen", llen)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&LLEN_DOCS);

pub(super) const LINDEX: Command = Command::new("lindex", lindex)
    .since("1.0.0")
    .arity(3)
    .readonly()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&LINDEX_DOCS);

pub(super) const LRANGE: Command = Command::new("lrange", lrange)
    .since("1.0.0")
    .arity(4)
    .readonly()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&LRANGE_DOCS);

fn llen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    reply.len(cx.db.read::<List>(key)?.map_or(0, List::len));
    Ok(Flow::Done)
}

fn lindex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    // Redis looks for the list before it looks at the index: without one, any index is good.
    let Some(list) = cx.db.read::<List>(key)? else {
        reply.null();
        return Ok(Flow::Done);
    };
    let index = args.int()?;
    args.finish()?;
    let found =
        answer::place(index, list.len()).and_then(|index| list.get(index, |element| answer::element(reply, element)));
    if found.is_none() {
        reply.null();
    }
    Ok(Flow::Done)
}

fn lrange(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, stop) = (args.int()?, args.int()?);
    args.finish()?;
    let Some(list) = cx.db.read::<List>(key)? else {
        reply.array(0);
        return Ok(Flow::Done);
    };
    let (start, count) = answer::range(start, stop, list.len());
    reply.array(count);
    list.visit(start, ListEnd::Left, count, |element| answer::element(reply, element));
    Ok(Flow::Done)
}

const LLEN_DOCS: Docs =
    Docs::new("Returns how many elements a list has.", Group::List, "O(1)").arguments(&[Arg::key("key", 0)]);

const LINDEX_DOCS: Docs = Docs::new(
    "Returns the element of a list with an index; a negative one counts from the right.",
    Group::List,
    "O(N) for N elements between it and the nearer end",
)
.arguments(&[Arg::key("key", 0), Arg::integer("index")]);

const LRANGE_DOCS: Docs = Docs::new(
    "Returns the elements of a list between two indexes.",
    Group::List,
    "O(S+N) for S elements between the first and the nearer end, and N elements returned",
)
.arguments(&[Arg::key("key", 0), Arg::integer("start"), Arg::integer("stop")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_counted;

    #[test]
    fn elements_are_found_by_index_from_either_end() {
        check(
            r"
            > LLEN l                    => 0
            > LINDEX l 0                => (nil)
            > RPUSH l a b 3             => 3
            > LLEN l                    => 3
            > LINDEX l 0                => 'a'
            > LINDEX l 2                => '3'
            > LINDEX l 3                => (nil)
            > LINDEX l -1               => '3'
            > LINDEX l -3               => 'a'
            > LINDEX l -4               => (nil)
            > LINDEX l 9223372036854775807   => (nil)
            > LINDEX l -9223372036854775808  => (nil)
            > LINDEX l x                => (error) ERR value is not an integer or out of range
            > LINDEX nokey x            => (nil)
            > LINDEX l                  => (error) ERR wrong number of arguments for 'lindex' command
            > LLEN l l                  => (error) ERR wrong number of arguments for 'llen' command
            ",
        );
    }

    #[test]
    fn a_range_is_cut_to_the_list() {
        check(
            r"
            > LRANGE l 0 -1             => []
            > RPUSH l a b c d e         => 5
            > LRANGE l 0 -1             => ['a', 'b', 'c', 'd', 'e']
            > LRANGE l 1 2              => ['b', 'c']
            > LRANGE l -2 -1            => ['d', 'e']
            > LRANGE l -100 100         => ['a', 'b', 'c', 'd', 'e']
            > LRANGE l 3 1              => []
            > LRANGE l 5 9              => []
            > LRANGE l 0 -9             => []
            > LRANGE l -9223372036854775808 9223372036854775807  => ['a', 'b', 'c', 'd', 'e']
            > LRANGE l x 1              => (error) ERR value is not an integer or out of range
            > LRANGE nokey 0 x          => (error) ERR value is not an integer or out of range
            > LRANGE l 0                => (error) ERR wrong number of arguments for 'lrange' command
            ",
        );
    }

    #[test]
    fn long_lists_are_read_across_nodes() {
        check(
            r"
            @config list-max-listpack-size 3
            @config list-compress-depth 1
            > RPUSH l ${100: e#}        => 100
            > LINDEX l 50               => 'e51'
            > LINDEX l -50              => 'e51'
            > LRANGE l 40 45            => ['e41', 'e42', 'e43', 'e44', 'e45', 'e46']
            > LRANGE l -3 -1            => ['e98', 'e99', 'e100']
            ",
        );
    }

    #[test]
    fn other_types_are_refused() {
        check(
            r"
            > SET s v                   => OK
            > LLEN s                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LINDEX s 0                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LINDEX s x                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LRANGE s 0 1              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LRANGE s x 1              => (error) ERR value is not an integer or out of range
            ",
        );
    }

    #[test]
    fn reads_count_hits_and_misses_and_writes_do_not() {
        check_counted(&[
            ("LLEN l", 0, 1),
            ("LINDEX l 0", 0, 1),
            ("LRANGE l 0 1", 0, 1),
            ("LPOS l a", 0, 1),
            ("LPOP l", 0, 0),
            ("RPUSH l a b c d e f", 0, 0),
            ("LLEN l", 1, 0),
            ("LINDEX l 0", 1, 0),
            ("LRANGE l 0 1", 1, 0),
            ("LPOS l a", 1, 0),
            ("LSET l 0 x", 0, 0),
            ("LREM l 0 x", 0, 0),
            ("LTRIM l 0 9", 0, 0),
            ("LINSERT l BEFORE b x", 0, 0),
            ("LMOVE l m LEFT LEFT", 0, 0),
            ("LMPOP 2 n l LEFT", 0, 0),
            ("BLPOP n l 0", 0, 0),
        ]);
    }
}
