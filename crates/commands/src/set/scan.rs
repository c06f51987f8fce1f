//! SSCAN.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;
use value::Set;

use crate::generic::scan::{DEFAULT_COUNT, is_match, parse_cursor};

pub(super) const SSCAN: Command = Command::new("sscan", sscan)
    .since("2.8.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&SSCAN_DOCS);

fn sscan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let cursor = parse_cursor(args.bytes()?).ok_or(CommandError::InvalidCursor)?;
    // A missing key is answered before the options are read.
    let Some(set) = cx.db.read::<Set>(key)? else {
        reply.array(2);
        reply.bulk(b"0");
        reply.array(0);
        return Ok(Flow::Done);
    };
    let options = Options::parse(args)?;

    let mut found = Vec::new();
    let mut members = Reply::new(&mut found, reply.protocol());
    let (mut count, mut room) = (0, IntText::new());
    let next = set.scan(cursor, options.count, &mut |member| {
        let text = member.bytes(&mut room);
        if is_match(options.pattern, text) {
            members.bulk(text);
            count += 1;
        }
    });
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(count);
    reply.encoded(&found);
    Ok(Flow::Done)
}

#[derive(Clone, Copy, Debug)]
struct Options<'a> {
    pattern: &'a [u8],
    /// How many members to look at, about.
    count: usize,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self { pattern: b"*", count: DEFAULT_COUNT };
        while !args.is_empty() {
            let has_value = args.remaining() > 1;
            if has_value && args.accept("COUNT") {
                let count = args.int()?;
                if count < 1 {
                    return Err(CommandError::Syntax);
                }
                options.count = usize::try_from(count).unwrap_or(usize::MAX);
            } else if has_value && args.accept("MATCH") {
                options.pattern = args.bytes()?;
            } else if args.accept("NOVALUES") {
                return Err(CommandError::other("ERR NOVALUES option can only be used in HSCAN"));
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

const SSCAN_DOCS: Docs = Docs::new(
    "Walks through the members of a set, some at each call.",
    Group::Set,
    "O(1) for a call, O(N) for all calls from cursor 0 to cursor 0, with N members",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("cursor"),
    Arg::pattern("pattern").token("MATCH").optional(),
    Arg::integer("count").token("COUNT").optional(),
]);
