//! XGROUP: consumer groups and their consumers.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply, help,
};
use keyspace::Key;
use value::{Group as ConsumerGroup, Stream};

use super::ids;

pub(super) const XGROUP: Command = Command::container(
    "xgroup",
    &[&XGROUP_CREATE, &XGROUP_SETID, &XGROUP_DESTROY, &XGROUP_CREATECONSUMER, &XGROUP_DELCONSUMER, &XGROUP_HELP],
)
.since("5.0.0")
.docs(&XGROUP_DOCS);

const XGROUP_CREATE: Command = Command::new("create", xgroup_create)
    .since("5.0.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).rw().insert()])
    .docs(&XGROUP_CREATE_DOCS);

const XGROUP_SETID: Command = Command::new("setid", xgroup_setid)
    .since("5.0.0")
    .arity(-5)
    .write()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).rw().update()])
    .docs(&XGROUP_SETID_DOCS);

const XGROUP_DESTROY: Command = Command::new("destroy", xgroup_destroy)
    .since("5.0.0")
    .arity(4)
    .write()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).rw().delete()])
    .docs(&XGROUP_DESTROY_DOCS);

const XGROUP_CREATECONSUMER: Command = Command::new("createconsumer", xgroup_createconsumer)
    .since("6.2.0")
    .arity(5)
    .write()
    .deny_oom()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).rw().insert()])
    .docs(&XGROUP_CREATECONSUMER_DOCS);

const XGROUP_DELCONSUMER: Command = Command::new("delconsumer", xgroup_delconsumer)
    .since("5.0.0")
    .arity(5)
    .write()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(2).rw().delete()])
    .docs(&XGROUP_DELCONSUMER_DOCS);

const XGROUP_HELP: Command = Command::new("help", xgroup_help)
    .since("5.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Stream])
    .docs(&XGROUP_HELP_DOCS);

const NEEDS_KEY: CommandError = CommandError::other(
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
);

/// The error of a group that is not there, as XGROUP and XINFO say it.
pub(super) fn no_group_of(key: Key<'_>, group: &[u8]) -> CommandError {
    let (key, group) = (String::from_utf8_lossy(key.bytes()), String::from_utf8_lossy(group));
    CommandError::Other(format!("NOGROUP No such consumer group '{group}' for key name '{key}'").into())
}

#[derive(Clone, Copy, Debug, Default)]
struct Options {
    mkstream: bool,
    entries_read: Option<u64>,
}

impl Options {
    fn parse(args: &mut Args<'_>, allows_mkstream: bool, name: &'static str) -> Result<Self, CommandError> {
        let mut options = Self::default();
        // MKSTREAM, ENTRIESREAD and its number: nothing is said twice.
        if args.remaining() > if allows_mkstream { 3 } else { 2 } {
            return Err(super::info::unknown_subcommand(name, "XGROUP"));
        }
        while !args.is_empty() {
            if allows_mkstream && args.accept("MKSTREAM") {
                options.mkstream = true;
            } else if args.remaining() > 1 && args.accept("ENTRIESREAD") {
                options.entries_read = match args.int()? {
                    -1 => None,
                    count => Some(
                        u64::try_from(count)
                            .map_err(|_| CommandError::other("ERR value for ENTRIESREAD must be positive or -1"))?,
                    ),
                };
            } else {
                return Err(super::info::unknown_subcommand(name, "XGROUP"));
            }
        }
        Ok(options)
    }
}

fn xgroup_create(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, id) = (args.bytes()?, args.bytes()?);
    let options = Options::parse(args, true, "CREATE")?;
    if cx.db.read_for_update::<Stream>(key)?.is_none() && !options.mkstream {
        return Err(NEEDS_KEY);
    }

    let edited = cx.db.upsert(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let id = if id == b"$" { stream.last_id() } else { ids::id(id)? };
        if !stream.add_group(name, ConsumerGroup::new(id, options.entries_read)) {
            return Err(CommandError::other("BUSYGROUP Consumer Group name already exists"));
        }
        stream.changed(1);
        Ok(())
    });
    edited?;
    cx.notify(Event::Stream, "xgroup-create", key);
    reply.ok();
    Ok(Flow::Done)
}

fn xgroup_setid(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, id) = (args.bytes()?, args.bytes()?);
    let options = Options::parse(args, false, "SETID")?;

    edit(cx, key, |stream| {
        let last_id = stream.last_id();
        let group = stream.group_mut(name).ok_or_else(|| no_group_of(key, name))?;
        let id = if id == b"$" { last_id } else { ids::id_or_edge(id, 0)? };
        group.set_last_id(id, options.entries_read);
        stream.changed(1);
        Ok(())
    })?;
    cx.notify(Event::Stream, "xgroup-setid", key);
    reply.ok();
    Ok(Flow::Done)
}

fn xgroup_destroy(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;

    let removed = edit(cx, key, |stream| {
        let removed = stream.remove_group(name);
        stream.changed(u64::from(removed));
        Ok(removed)
    })?;
    if removed {
        cx.notify(Event::Stream, "xgroup-destroy", key);
    }
    reply.int(i64::from(removed));
    Ok(Flow::Done)
}

fn xgroup_createconsumer(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, consumer) = (args.bytes()?, args.bytes()?);

    let now = cx.now();
    let created = edit(cx, key, |stream| {
        let group = stream.group_mut(name).ok_or_else(|| no_group_of(key, name))?;
        let created = group.add_consumer(consumer, now).is_some();
        stream.changed(u64::from(created));
        Ok(created)
    })?;
    if created {
        cx.notify(Event::Stream, "xgroup-createconsumer", key);
    }
    reply.int(i64::from(created));
    Ok(Flow::Done)
}

fn xgroup_delconsumer(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (name, consumer) = (args.bytes()?, args.bytes()?);

    let removed = edit(cx, key, |stream| {
        let group = stream.group_mut(name).ok_or_else(|| no_group_of(key, name))?;
        let removed = group.remove_consumer(consumer);
        stream.changed(u64::from(removed.is_some()));
        Ok(removed)
    })?;
    if removed.is_some() {
        cx.notify(Event::Stream, "xgroup-delconsumer", key);
    }
    reply.len(removed.unwrap_or(0));
    Ok(Flow::Done)
}

/// Edits a stream that must be there.
fn edit<R>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    edit: impl FnOnce(&mut keyspace::Edit<'_, Stream>) -> Result<R, CommandError>,
) -> Result<R, CommandError> {
    Ok(cx.db.update(key, edit)?.ok_or(NEEDS_KEY)?.result)
}

fn xgroup_help(_cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    help(
        reply,
        "XGROUP",
        &[
            (
                "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]",
                "Creates a group that starts behind an id.",
            ),
            ("CREATECONSUMER <key> <group> <consumer>", "Creates a consumer."),
            ("DELCONSUMER <key> <group> <consumer>", "Removes a consumer with what it has pending."),
            ("DESTROY <key> <group>", "Removes a group."),
            ("SETID <key> <group> <id|$> [ENTRIESREAD <count>]", "Moves a group to behind an id."),
        ],
    );
    Ok(Flow::Done)
}

const XGROUP_DOCS: Docs =
    Docs::new("Manages the consumer groups of a stream.", Group::Stream, "Depends on subcommand.");

const XGROUP_CREATE_DOCS: Docs =
    Docs::new("Creates a consumer group.", Group::Stream, "O(1)").history(&[("7.0.0", "`ENTRIESREAD`.")]).arguments(&[
        Arg::key("key", 0),
        Arg::string("group"),
        Arg::one_of("id-selector", &[Arg::string("id"), Arg::pure_token("new-id", "$")]),
        Arg::pure_token("mkstream", "MKSTREAM").optional(),
        Arg::integer("entriesread").token("ENTRIESREAD").display("entries-read").optional(),
    ]);

const XGROUP_SETID_DOCS: Docs = Docs::new("Sets the last id delivered to a group.", Group::Stream, "O(1)")
    .history(&[("7.0.0", "`ENTRIESREAD`.")])
    .arguments(&[
        Arg::key("key", 0),
        Arg::string("group"),
        Arg::one_of("id-selector", &[Arg::string("id"), Arg::pure_token("new-id", "$")]),
        Arg::integer("entriesread").token("ENTRIESREAD").display("entries-read").optional(),
    ]);

const XGROUP_DESTROY_DOCS: Docs = Docs::new("Removes a consumer group.", Group::Stream, "O(n) of the pending entries")
    .arguments(&[Arg::key("key", 0), Arg::string("group")]);

const XGROUP_CREATECONSUMER_DOCS: Docs = Docs::new("Creates a consumer in a group.", Group::Stream, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::string("group"), Arg::string("consumer")]);

const XGROUP_DELCONSUMER_DOCS: Docs =
    Docs::new("Removes a consumer from its group.", Group::Stream, "O(n) of its pending entries").arguments(&[
        Arg::key("key", 0),
        Arg::string("group"),
        Arg::string("consumer"),
    ]);

const XGROUP_HELP_DOCS: Docs = Docs::new("Lists the subcommands.", Group::Stream, "O(1)");
