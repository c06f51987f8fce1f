//! OBJECT: how a value is kept, and when or how often its key was used.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};

pub(super) const OBJECT: Command =
    Command::container("object", &[&OBJECT_ENCODING, &OBJECT_FREQ, &OBJECT_IDLETIME, &OBJECT_REFCOUNT, &OBJECT_HELP])
        .since("2.2.3")
        .arity(-2)
        .docs(&OBJECT_DOCS);

pub(super) const OBJECT_ENCODING: Command = Command::new("encoding", object_encoding)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_ENCODING_DOCS);

pub(super) const OBJECT_FREQ: Command = Command::new("freq", object_freq)
    .since("4.0.0")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_FREQ_DOCS);

pub(super) const OBJECT_IDLETIME: Command = Command::new("idletime", object_idletime)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_IDLETIME_DOCS);

pub(super) const OBJECT_REFCOUNT: Command = Command::new("refcount", object_refcount)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_REFCOUNT_DOCS);

pub(super) const OBJECT_HELP: Command = Command::new("help", object_help)
    .since("6.2.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Keyspace])
    .docs(&OBJECT_HELP_DOCS);

fn object_encoding(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        Some(entry) => reply.bulk(entry.encoding().name().as_bytes()),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn object_freq(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        None => reply.null(),
        Some(_) if !cx.tunables.policy_is_lfu => return Err(CommandError::other(NO_FREQUENCY)),
        Some(entry) => reply.int(i64::from(cx.db.clock().frequency(entry.clock()))),
    }
    Ok(Flow::Done)
}

fn object_idletime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        None => reply.null(),
        Some(_) if cx.tunables.policy_is_lfu => return Err(CommandError::other(NO_IDLE_TIME)),
        Some(entry) => reply.int(i64::from(cx.db.clock().idle_seconds(entry.clock()))),
    }
    Ok(Flow::Done)
}

/// Values are never shared here, so each has one owner, its key.
fn object_refcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        Some(_) => reply.int(1),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn object_help(_cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    command_api::help(
        reply,
        "OBJECT",
        &[
            ("ENCODING <key>", "The name of the form in which the value of <key> is kept."),
            (
                "FREQ <key>",
                "How often <key> was used lately, on a logarithmic scale from 0 to 255.\nNeeds an LFU maxmemory policy.",
            ),
            ("IDLETIME <key>", "Seconds since <key> was used last. Not kept under an LFU maxmemory policy."),
            ("REFCOUNT <key>", "How many owners the value of <key> has."),
        ],
    );
    Ok(Flow::Done)
}

const NO_FREQUENCY: &str = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
    switching between policies at runtime LRU and LFU data will take some time to adjust.";

const NO_IDLE_TIME: &str = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when \
    switching between policies at runtime LRU and LFU data will take some time to adjust.";

const OBJECT_DOCS: Docs = Docs::new("Tells how values are kept and used.", Group::Generic, "As the subcommand says.");

const OBJECT_ENCODING_DOCS: Docs =
    Docs::new("Names the form in which a value is kept.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

const OBJECT_FREQ_DOCS: Docs =
    Docs::new("Tells how often a key was used lately, on a logarithmic scale.", Group::Generic, "O(1)")
        .arguments(&[Arg::key("key", 0)]);

const OBJECT_IDLETIME_DOCS: Docs = Docs::new("Tells how many seconds ago a key was used last.", Group::Generic, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const OBJECT_REFCOUNT_DOCS: Docs =
    Docs::new("Tells how many owners a value has.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

const OBJECT_HELP_DOCS: Docs = Docs::new("Lists the subcommands.", Group::Generic, "O(1)");
