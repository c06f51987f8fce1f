//! DUMP, RESTORE: a value as bytes, in any dialect of the family, and back.
//!
//! Redis checks in this order, and so does this file: options and their values, whether the key is taken, the time, the payload's
//! frame, its value. A payload is decoded whole before anything is changed.

use std::borrow::Cow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;
use keyspace::table::EntryBox;
use rdb::{Dialect, RestoreOptions};
use stdx::UnixMs;
use stdx::num::{self, IntText};

use super::expire;

pub(super) const DUMP: Command = Command::new("dump", dump)
    .since("2.6.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&DUMP_DOCS);

pub(super) const RESTORE: Command = Command::new("restore", restore)
    .since("2.6.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&RESTORE_DOCS);

fn dump(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let dialect = match args.remaining() {
        0 => cx.tunables.dump_dialect,
        2 if args.accept("AS") => parse_dialect(args.bytes()?)?,
        // Without our addition the arity would have said so.
        _ => return Err(cx.wrong_arity()),
    };

    let Some(entry) = cx.db.lookup(key) else {
        reply.null();
        return Ok(Flow::Done);
    };
    let mut payload = Vec::new();
    rdb::dump(entry.value(), dialect, &mut payload)
        .map_err(|error| CommandError::Other(Cow::Owned(format!("ERR {error}"))))?;
    reply.bulk(&payload);
    Ok(Flow::Done)
}

fn parse_dialect(name: &[u8]) -> Result<Dialect, CommandError> {
    let name = String::from_utf8_lossy(name);
    name.to_ascii_lowercase().parse().map_err(|error| CommandError::Other(Cow::Owned(format!("ERR {error}"))))
}

fn restore(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let ttl = args.bytes()?;
    let payload = args.bytes()?;
    let rest = args.clone();
    let options = Options::parse(args)?;

    if !options.replace && cx.db.contains(key) {
        return Err(CommandError::BusyKey);
    }
    let deadline = options.deadline(ttl, cx)?;
    let value = rdb::restore(payload, restore_options(cx))
        .map_err(|error| CommandError::Other(Cow::Owned(format!("ERR {error}"))))?;

    if deadline.is_some_and(|at| expire::has_come(cx, at)) {
        expire::remove_expired(cx, key);
    } else {
        let entry = EntryBox::new(key.bytes(), value.into(), deadline, options.clock(cx));
        cx.db.put(key, entry);
        cx.notify(Event::Generic, "restore", key);
        if let Some(at) = deadline
            && !options.absolute_ttl
        {
            propagate(cx, key, at, payload, &rest);
        }
    }
    reply.ok();
    Ok(Flow::Done)
}

/// What a primary or a file says was accepted before; a client's payload is a stranger's.
fn restore_options(cx: &Context<'_>) -> RestoreOptions {
    RestoreOptions {
        allow_omitted_checksum: cx.tunables.restore_omitted_checksum || cx.caller.trusted,
        ignore_trailing_bytes: cx.caller.trusted,
        max_string_bytes: usize::try_from(cx.tunables.proto_max_bulk_len_bytes).unwrap_or(usize::MAX),
    }
}

/// The same RESTORE with its time made absolute.
fn propagate(cx: &mut Context<'_>, key: Key<'_>, at: UnixMs, payload: &[u8], options: &Args<'_>) {
    let mut text = IntText::new();
    let at = text.format(at.0);
    let command = [&b"RESTORE"[..], key.bytes(), at, payload].into_iter().chain(options.rest()).chain([&b"ABSTTL"[..]]);
    cx.propagate_as(&command.collect::<Vec<_>>());
}

/// How RESTORE is to go about it.
#[derive(Clone, Copy, Debug, Default)]
struct Options {
    replace: bool,
    absolute_ttl: bool,
    idle_seconds: Option<u64>,
    frequency: Option<u8>,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            let has_value = args.remaining() > 1;
            if args.accept("REPLACE") {
                options.replace = true;
            } else if args.accept("ABSTTL") {
                options.absolute_ttl = true;
            } else if has_value && options.frequency.is_none() && args.accept("IDLETIME") {
                let seconds = u64::try_from(args.int()?);
                let refusal = CommandError::other("ERR Invalid IDLETIME value, must be >= 0");
                options.idle_seconds = Some(seconds.map_err(|_| refusal)?);
            } else if has_value && options.idle_seconds.is_none() && args.accept("FREQ") {
                let frequency = u8::try_from(args.int()?);
                let refusal = CommandError::other("ERR Invalid FREQ value, must be >= 0 and <= 255");
                options.frequency = Some(frequency.map_err(|_| refusal)?);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }

    /// When the key is to expire; a time of zero means never.
    fn deadline(&self, ttl: &[u8], cx: &Context<'_>) -> Result<Option<UnixMs>, CommandError> {
        match num::parse_i64(ttl).ok_or(CommandError::NotInteger)? {
            ..0 => Err(CommandError::other("ERR Invalid TTL value, must be >= 0")),
            0 => Ok(None),
            ms if self.absolute_ttl => Ok(Some(UnixMs(ms))),
            ms => cx.now().checked_add_ms(ms).map(Some).ok_or(CommandError::InvalidExpire(cx.name)),
        }
    }

    /// The access clock of the new key. What the policy in force does not keep is let go.
    fn clock(&self, cx: &Context<'_>) -> u32 {
        let clock = cx.db.clock();
        match (self.frequency, self.idle_seconds) {
            (Some(frequency), _) if cx.tunables.policy_is_lfu => clock.with_frequency(frequency),
            (_, Some(seconds)) if !cx.tunables.policy_is_lfu => clock.with_idle_seconds(seconds),
            _ => clock.fresh(),
        }
    }
}

const DUMP_DOCS: Docs = Docs::new(
    "Writes a value as bytes for RESTORE, here or elsewhere.",
    Group::Generic,
    "O(1) to find the key and O(N*M) to write its N elements of M bytes",
)
.arguments(&[Arg::key("key", 0), Arg::string("dialect").token("AS").optional()]);

const RESTORE_DOCS: Docs = Docs::new(
    "Makes a key from bytes that DUMP wrote, on any server of the family.",
    Group::Generic,
    "O(1) to make the key and O(N*M) to read its N elements of M bytes; O(N*M*log(N)) for a sorted set",
)
.history(&[("3.0.0", "`REPLACE`."), ("5.0.0", "`ABSTTL`."), ("5.0.0", "`IDLETIME` and `FREQ`.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("ttl"),
    Arg::string("serialized-value"),
    Arg::pure_token("replace", "REPLACE").since("3.0.0").optional(),
    Arg::pure_token("absttl", "ABSTTL").since("5.0.0").optional(),
    Arg::integer("seconds").token("IDLETIME").since("5.0.0").optional(),
    Arg::integer("frequency").token("FREQ").since("5.0.0").optional(),
]);
