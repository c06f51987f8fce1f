//! ARLEN, ARCOUNT: an array's two sizes.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::Array;

use super::index;

pub(super) const ARLEN: Command = Command::new("arlen", arlen)
    .since("8.8.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARLEN_DOCS);

pub(super) const ARCOUNT: Command = Command::new("arcount", arcount)
    .since("8.8.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARCOUNT_DOCS);

fn arlen(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    index::answer(reply, cx.db.read::<Array>(key)?.map_or(0, Array::len));
    Ok(Flow::Done)
}

fn arcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    index::answer(reply, cx.db.read::<Array>(key)?.map_or(0, Array::count));
    Ok(Flow::Done)
}

const ARLEN_DOCS: Docs = Docs::new("Answers the highest index that is set, plus one.", Group::Array, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const ARCOUNT_DOCS: Docs =
    Docs::new("Answers how many elements there are.", Group::Array, "O(1)").arguments(&[Arg::key("key", 0)]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn the_length_spans_gaps_and_the_count_does_not() {
        check(
            "
            @since 8.8
            > ARLEN k                              => 0
            > ARCOUNT k                            => 0
            > ARSET k 0 a                          => 1
            > ARSET k 1000000 b                    => 1
            > ARLEN k                              => 1000001
            > ARCOUNT k                            => 2
            > ARDEL k 1000000                      => 1
            > ARLEN k                              => 1
            > ARCOUNT k                            => 1
            > SET s x                              => OK
            > ARLEN s                              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARCOUNT s                            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ARLEN k x                            => (error) ERR wrong number of arguments for 'arlen' command
            > ARCOUNT                              => (error) ERR wrong number of arguments for 'arcount' command
            ",
        );
    }
}
