//! ZSCAN: a walk through a sorted set in pieces.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::{DoubleText, IntText};
use value::SortedSet;

use super::answer;
use crate::generic::scan::{DEFAULT_COUNT, is_match, parse_cursor};

pub(super) const ZSCAN: Command = Command::new("zscan", zscan)
    .since("2.8.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::SortedSet])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&ZSCAN_DOCS);

fn zscan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let cursor = parse_cursor(args.bytes()?).ok_or(CommandError::InvalidCursor)?;
    let Some(zset) = cx.db.read::<SortedSet>(key)? else {
        // Not even the options are looked at.
        reply.array(2);
        reply.bulk(b"0");
        reply.array(0);
        return Ok(Flow::Done);
    };
    let (pattern, count) = parse_options(args)?;

    // The cursor stands before the members, but is known only after them.
    let mut found = Vec::new();
    let mut entries = Reply::new(&mut found, reply.protocol());
    let mut told = 0;
    let next = zset.scan(cursor, count, |member, score| {
        if is_match(pattern, member.bytes(&mut IntText::new())) {
            answer::member(member, &mut entries);
            entries.bulk(DoubleText::new().format(score));
            told += 2;
        }
    });
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(told);
    reply.encoded(&found);
    Ok(Flow::Done)
}

/// The pattern, and how many members to look at.
fn parse_options<'a>(args: &mut Args<'a>) -> Result<(&'a [u8], usize), CommandError> {
    let (mut pattern, mut count): (&[u8], _) = (b"*", DEFAULT_COUNT);
    while !args.is_empty() {
        let has_value = args.remaining() > 1;
        if has_value && args.accept("COUNT") {
            let number = args.int()?;
            if number < 1 {
                return Err(CommandError::Syntax);
            }
            count = usize::try_from(number).unwrap_or(usize::MAX);
        } else if has_value && args.accept("MATCH") {
            pattern = args.bytes()?;
        } else if args.accept("NOVALUES") {
            return Err(CommandError::other("ERR NOVALUES option can only be used in HSCAN"));
        } else {
            return Err(CommandError::Syntax);
        }
    }
    Ok((pattern, count))
}

const ZSCAN_DOCS: Docs = Docs::new(
    "Walks through a sorted set, some members at each call.",
    Group::SortedSet,
    "O(1) for a call, O(N) for all calls from cursor 0 to cursor 0",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("cursor"),
    Arg::pattern("pattern").token("MATCH").optional(),
    Arg::integer("count").token("COUNT").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn entries_that_match_are_told_with_scores_as_text() {
        check(
            r"
            > ZSCAN z 0                         => ['0', []]
            > ZADD z 1 a 2.5 ab inf b           => 3
            > ZSCAN z 0                         => ['0', unordered ['a', '1', 'ab', '2.5', 'b', 'inf']]
            > ZSCAN z 0 MATCH a?                => ['0', ['ab', '2.5']]
            > ZSCAN z 0 COUNT 100 match b       => ['0', ['b', 'inf']]
            > ZSCAN z 0 MATCH x                 => ['0', []]
        ",
        );
    }

    #[test]
    fn refusals_come_in_redis_order() {
        check(
            r"
            > ZADD z 1 a                        => 1
            > SET s 1                           => OK
            > ZSCAN z x                         => (error) ERR invalid cursor
            > ZSCAN s x                         => (error) ERR invalid cursor
            > ZSCAN none x                      => (error) ERR invalid cursor
            > ZSCAN s 0 COUNT x                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > ZSCAN none 0 foo                  => ['0', []]
            > ZSCAN z 0 COUNT 0                 => (error) ERR syntax error
            > ZSCAN z 0 COUNT x                 => (error) ERR value is not an integer or out of range
            > ZSCAN z 0 MATCH                   => (error) ERR syntax error
            > ZSCAN z 0 TYPE zset               => (error) ERR syntax error
            > ZSCAN z                           => (error) ERR wrong number of arguments for 'zscan' command
        ",
        );
        check(
            r"
            @since 8.0 valkey 9.0
            > ZADD z 1 a                        => 1
            > ZSCAN z 0 NOVALUES                => (error) ERR NOVALUES option can only be used in HSCAN
        ",
        );
    }
}
