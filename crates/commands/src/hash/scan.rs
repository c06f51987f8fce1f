//! HSCAN: walks through the fields of a hash, some at each call. A small hash is answered at once, whatever the count.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::IntText;
use value::Hash;

use super::answer;
use crate::generic::scan::{DEFAULT_COUNT, is_match, parse_cursor};

pub(super) const HSCAN: Command = Command::new("hscan", hscan)
    .since("2.8.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&HSCAN_DOCS);

fn hscan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let cursor = parse_cursor(args.bytes()?).ok_or(CommandError::InvalidCursor)?;
    // Redis looks for the key before it looks at the options: a missing key makes any options good.
    let now = cx.now();
    let Some(hash) = cx.db.read::<Hash>(key)? else {
        answer_page(reply, 0, 0, &[]);
        return Ok(Flow::Done);
    };
    let options = Options::parse(args)?;

    // The cursor stands before the fields, but is known only after them.
    let mut found = Vec::new();
    let mut page = Reply::new(&mut found, reply.protocol());
    let mut count = 0;
    let next = hash.scan(cursor, options.count, &mut |entry| {
        if entry.is_live(now) && is_match(options.pattern, entry.field.bytes(&mut IntText::new())) {
            answer::bulk(&mut page, entry.field);
            count += 1;
            if options.values {
                answer::bulk(&mut page, entry.value);
                count += 1;
            }
        }
    });
    answer_page(reply, next, count, &found);
    Ok(Flow::Done)
}

fn answer_page(reply: &mut Reply<'_>, next: u64, count: usize, found: &[u8]) {
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(count);
    reply.encoded(found);
}

/// What HSCAN is asked for besides where to go on.
#[derive(Clone, Copy, Debug)]
struct Options<'a> {
    pattern: &'a [u8],
    /// How many fields to look at, about.
    count: usize,
    values: bool,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self { pattern: b"*", count: DEFAULT_COUNT, values: true };
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
                options.values = false;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

const HSCAN_DOCS: Docs = Docs::new(
    "Walks through the fields of a hash, some at each call.",
    Group::Hash,
    "O(1) for a call, O(N) for all calls from cursor 0 to cursor 0, with N fields",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("cursor"),
    Arg::pattern("pattern").token("MATCH").optional(),
    Arg::integer("count").token("COUNT").optional(),
    Arg::pure_token("novalues", "NOVALUES").optional(),
]);
