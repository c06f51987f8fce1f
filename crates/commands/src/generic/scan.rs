//! SCAN, KEYS, RANDOMKEY, DBSIZE: what looks at keys it does not name.
//!
//! SCAN, RANDOMKEY and DBSIZE walk stripe by stripe and hold up nobody; KEYS answers for one moment and stops everybody.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, Reply, Scope};
use stdx::{glob, num};

pub(super) const SCAN: Command = Command::new("scan", scan)
    .since("2.8.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["nondeterministic_output", "request_policy:special", "response_policy:special"])
    .docs(&SCAN_DOCS);

pub(super) const KEYS: Command = Command::new("keys", keys)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .scope(Scope::All)
    .tips(&["request_policy:all_shards", "nondeterministic_output_order"])
    .docs(&KEYS_DOCS);

pub(super) const RANDOMKEY: Command = Command::new("randomkey", randomkey)
    .since("1.0.0")
    .arity(1)
    .readonly()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["request_policy:all_shards", "response_policy:special", "nondeterministic_output"])
    .docs(&RANDOMKEY_DOCS);

pub(super) const DBSIZE: Command = Command::new("dbsize", dbsize)
    .since("1.0.0")
    .arity(1)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .scope(Scope::Walk)
    .tips(&["request_policy:all_shards", "response_policy:agg_sum"])
    .docs(&DBSIZE_DOCS);

/// How many keys SCAN looks at when nobody says.
const DEFAULT_COUNT: usize = 10;

fn scan(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let cursor = parse_cursor(args.bytes()?).ok_or(CommandError::InvalidCursor)?;
    let options = ScanOptions::parse(args)?;

    // The cursor stands before the keys, but is known only after them.
    let mut found = Vec::new();
    let mut keys = Reply::new(&mut found, reply.protocol());
    let mut count = 0;
    let next = cx.db.scan(cursor, options.count, |entry| {
        if options.wants_type(entry.value_type().name()) && is_match(options.pattern, entry.key()) {
            keys.bulk(entry.key());
            count += 1;
        }
    });
    reply.array(2);
    reply.bulk(next.to_string().as_bytes());
    reply.array(count);
    reply.encoded(&found);
    Ok(Flow::Done)
}

/// What SCAN is asked for besides where to go on.
#[derive(Clone, Copy, Debug)]
struct ScanOptions<'a> {
    pattern: &'a [u8],
    /// How many keys to look at, about.
    count: usize,
    type_name: Option<&'a [u8]>,
}

impl<'a> ScanOptions<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self { pattern: b"*", count: DEFAULT_COUNT, type_name: None };
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
            } else if has_value && args.accept("TYPE") {
                options.type_name = Some(args.bytes()?);
            } else if args.accept("NOVALUES") {
                return Err(CommandError::other("ERR NOVALUES option can only be used in HSCAN"));
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }

    fn wants_type(&self, name: &str) -> bool {
        self.type_name.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name.as_bytes()))
    }
}

/// Reads a cursor as liberally as Redis 8 does: what is no canonical integer is read the way of C's `strtoull`, which takes spaces
/// in front, a sign (a negative number counts from the top), zeros, and stops at a NUL.
fn parse_cursor(text: &[u8]) -> Option<u64> {
    if let Some(int) = num::parse_i64(text) {
        return u64::try_from(int).ok();
    }
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0_u64, |sum, &byte| {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 { None } else { sum.checked_mul(10)?.checked_add(u64::from(digit)) }
    })?;
    Some(if negative { number.wrapping_neg() } else { number })
}

/// A bare star takes every key, the empty one too, which no other pattern with a star does.
fn is_match(pattern: &[u8], key: &[u8]) -> bool {
    pattern == b"*" || glob::matches(pattern, key)
}

fn keys(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pattern = args.bytes()?;
    args.finish()?;

    let keys = reply.array_later();
    let mut count = 0;
    if glob::is_literal(pattern) {
        if cx.db.contains(args.key_of(pattern)) {
            reply.bulk(pattern);
            count = 1;
        }
    } else {
        cx.db.for_each(|entry| {
            if is_match(pattern, entry.key()) {
                reply.bulk(entry.key());
                count += 1;
            }
        });
    }
    reply.settle_array(keys, count);
    Ok(Flow::Done)
}

fn randomkey(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;

    let rng = &mut *cx.rng;
    if cx.db.random_key(&mut || rng.u64(..), |key| reply.bulk(key)).is_none() {
        reply.null();
    }
    Ok(Flow::Done)
}

fn dbsize(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;

    reply.len(cx.db.size().keys);
    Ok(Flow::Done)
}

const SCAN_DOCS: Docs = Docs::new(
    "Walks through the keys of the database, some at each call.",
    Group::Generic,
    "O(1) for a call, O(N) for all calls from cursor 0 to cursor 0, with N keys",
)
.history(&[("6.0.0", "The `TYPE` option.")])
.arguments(&[
    Arg::integer("cursor"),
    Arg::pattern("pattern").token("MATCH").optional(),
    Arg::integer("count").token("COUNT").optional(),
    Arg::string("type").token("TYPE").since("6.0.0").optional(),
]);

const KEYS_DOCS: Docs = Docs::new(
    "Lists all keys whose names match a pattern.",
    Group::Generic,
    "O(N) with N keys in the database; O(1) when the pattern is a plain name",
)
.arguments(&[Arg::pattern("pattern")]);

const RANDOMKEY_DOCS: Docs = Docs::new("Picks a key, each being equally likely.", Group::Generic, "O(1)");

const DBSIZE_DOCS: Docs = Docs::new("Counts the keys of the database.", Group::Server, "O(1)");
