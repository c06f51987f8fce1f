//! ARSCAN: the elements of a range that exist.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use value::Array;

use super::index;

pub(super) const ARSCAN: Command = Command::new("arscan", arscan)
    .since("8.8.0")
    .arity(-4)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARSCAN_DOCS);

fn arscan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, end) = (index::next(args)?, index::next(args)?);
    let limit = if args.accept("LIMIT") { index::limit(args)? } else { usize::MAX };
    args.finish()?;

    let array = cx.db.read::<Array>(key)?;
    let (backwards, low, high) = index::ordered(start, end);
    let pairs = reply.array_later();
    let mut count = 0;
    if let Some(array) = array {
        let mut elements = array.range(low, high);
        while count < limit
            && let Some((at, element)) = if backwards { elements.next_back() } else { elements.next() }
        {
            reply.array(2);
            index::answer(reply, at);
            index::answer_element(reply, Some(element));
            count += 1;
        }
    }
    reply.settle_array(pairs, count);
    Ok(Flow::Done)
}

const ARSCAN_DOCS: Docs = Docs::new(
    "Answers the elements of a range with their indexes.",
    Group::Array,
    "O(P) where P is the number of slots visited in the slices touched: about the number of elements in the range",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("start"),
    Arg::integer("end"),
    Arg::integer("limit").token("LIMIT").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn only_what_exists_is_answered_in_either_direction() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 5 b 9 c 1000000000000 d => 4
            > ARSCAN k 0 10                        => [[0, 'a'], [5, 'b'], [9, 'c']]
            > ARSCAN k 10 0                        => [[9, 'c'], [5, 'b'], [0, 'a']]
            > ARSCAN k 5 5                         => [[5, 'b']]
            > ARSCAN k 6 8                         => []
            > ARSCAN k 9 18446744073709551614      => [[9, 'c'], [1000000000000, 'd']]
            > ARSCAN missing 0 10                  => []
            ",
        );
    }

    #[test]
    fn limit_counts_elements() {
        check(
            "
            @since 8.8
            > ARMSET k 0 a 5 b 9 c                 => 3
            > ARSCAN k 0 10 LIMIT 2                => [[0, 'a'], [5, 'b']]
            > ARSCAN k 10 0 limit 1                => [[9, 'c']]
            > ARSCAN k 0 10 LIMIT 100              => [[0, 'a'], [5, 'b'], [9, 'c']]
            > ARSCAN k 0 10 LIMIT 0                => (error) ERR value is out of range, must be positive
            > ARSCAN k 0 10 LIMIT -1               => (error) ERR value is out of range, must be positive
            > ARSCAN k 0 10 LIMIT x                => (error) ERR value is not an integer or out of range
            > ARSCAN k 0 10 LIMIT                  => (error) ERR syntax error
            > ARSCAN k 0 10 LIMIT 1 2              => (error) ERR syntax error
            > ARSCAN k 0 10 COUNT 1                => (error) ERR syntax error
            ",
        );
    }

    #[test]
    fn bounds_and_types_are_checked() {
        check(
            "
            @since 8.8
            > ARSCAN k - +                         => (error) ERR invalid array index
            > ARSCAN k 0 -1                        => (error) ERR invalid array index
            > ARSCAN k 0                           => (error) ERR wrong number of arguments for 'arscan' command
            > SET s x                              => OK
            > ARSCAN s 0 1                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }
}
