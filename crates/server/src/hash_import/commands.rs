//! HIMPORT PREPARE, SET, DISCARD, DISCARDALL.
//!
//! SET replaces the whole hash, deadlines included, but refuses a key of another type. It is propagated as what it comes to, DEL and
//! HSET, since the fieldset is known to this connection only.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::Ttl;
use value::{FieldTtl, Hash, Value};

use crate::{ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&HIMPORT];

const HIMPORT: ServerCommand =
    ServerCommand::container("himport", &[&HIMPORT_DISCARD, &HIMPORT_DISCARDALL, &HIMPORT_PREPARE, &HIMPORT_SET])
        .since("8.10.0")
        .acl(&[Acl::Hash])
        .docs(&HIMPORT_DOCS);

const HIMPORT_PREPARE: ServerCommand = ServerCommand::new("prepare", prepare)
    .since("8.10.0")
    .arity(-4)
    .deny_oom()
    .acl(&[Acl::Hash])
    .tips(&["request_policy:all_shards"])
    .docs(&HIMPORT_PREPARE_DOCS);

const HIMPORT_SET: ServerCommand = ServerCommand::new("set", set)
    .since("8.10.0")
    .arity(-5)
    .write()
    .deny_oom()
    .acl(&[Acl::Hash])
    .keys(&[KeySpec::index(2).ow().update()])
    .docs(&HIMPORT_SET_DOCS);

const HIMPORT_DISCARD: ServerCommand = ServerCommand::new("discard", discard)
    .since("8.10.0")
    .arity(3)
    .acl(&[Acl::Hash])
    .tips(&["request_policy:all_shards"])
    .docs(&HIMPORT_DISCARD_DOCS);

const HIMPORT_DISCARDALL: ServerCommand = ServerCommand::new("discardall", discardall)
    .since("8.10.0")
    .arity(2)
    .acl(&[Acl::Hash])
    .tips(&["request_policy:all_shards"])
    .docs(&HIMPORT_DISCARDALL_DOCS);

const DUPLICATE: CommandError = CommandError::other("ERR duplicate field name in fieldset");
const NO_FIELDSET: CommandError = CommandError::other("ERR no such fieldset");
const COUNT_DIFFERS: CommandError = CommandError::other("ERR value count does not match fieldset field count");

fn prepare(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    cx.client.fieldsets.prepare(name, args.rest()).map_err(|_| DUPLICATE)?;
    reply.ok();
    Ok(Flow::Done)
}

fn set(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let fields = cx.client.fieldsets.get(args.bytes()?).ok_or(NO_FIELDSET)?;
    let values = args.rest();
    if values.len() != fields.len() {
        return Err(COUNT_DIFFERS);
    }
    let existed = cx.data.db.read_for_update::<Hash>(key)?.is_some();

    let limits = &cx.data.tunables.encodings;
    let mut hash = Hash::default();
    hash.expect(fields.len(), limits);
    for (field, value) in fields.iter().zip(values.clone()) {
        hash.set(field, value, FieldTtl::Clear, limits);
    }
    cx.data.db.set_value(key, Value::Hash(Box::new(hash)), Ttl::Clear);
    cx.data.notify(Event::Hash, "hset", key);
    cx.data.effects.propagate_nothing();
    if cx.data.effects.interest().propagation {
        if existed {
            cx.data.propagate_as(&[b"DEL", key.bytes()]);
        }
        let mut command: Vec<&[u8]> = vec![b"HSET", key.bytes()];
        for (field, value) in fields.iter().zip(values) {
            command.extend([&**field, value]);
        }
        cx.data.propagate_as(&command);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn discard(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    args.finish()?;
    reply.int(i64::from(cx.client.fieldsets.discard(name)));
    Ok(Flow::Done)
}

fn discardall(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    reply.len(cx.client.fieldsets.clear());
    Ok(Flow::Done)
}

const HIMPORT_DOCS: Docs =
    Docs::new("Imports hashes whose field names are sent once.", Group::Hash, "Depends on the subcommand");

const HIMPORT_PREPARE_DOCS: Docs =
    Docs::new("Names a list of fields for this connection.", Group::Hash, "O(N log(N)) with N fields")
        .arguments(&[Arg::string("fieldset-name"), Arg::string("field").multiple()]);

const HIMPORT_SET_DOCS: Docs =
    Docs::new("Makes a hash of a prepared list of fields and their values.", Group::Hash, "O(N) with N fields")
        .arguments(&[Arg::key("key", 0), Arg::string("fieldset-name"), Arg::string("value").multiple()]);

const HIMPORT_DISCARD_DOCS: Docs =
    Docs::new("Forgets one of this connection's lists of fields.", Group::Hash, "O(log(N)) with N lists")
        .arguments(&[Arg::string("fieldset-name")]);

const HIMPORT_DISCARDALL_DOCS: Docs =
    Docs::new("Forgets all of this connection's lists of fields.", Group::Hash, "O(N) with N lists");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn hashes_are_made_of_a_list_of_fields_and_values() {
        check(
            r"
            @since 8.10
            @only redis ochre
            > HIMPORT PREPARE u name email age            => OK
            > HIMPORT SET k u alice a@example.com 30      => OK
            > HGETALL k                                   => {'name': 'alice', 'email': 'a@example.com', 'age': '30'}
            > EXPIRE k 100                                => 1
            > HSET k more 1                               => 1
            > HIMPORT SET k u bob b@example.com 25        => OK
            > HGETALL k                                   => {'name': 'bob', 'email': 'b@example.com', 'age': '25'}
            > TTL k                                       => -1
            > HIMPORT PREPARE u '' b                      => OK
            > HIMPORT SET k u 1 2                         => OK
            > HGETALL k                                   => {'': '1', 'b': '2'}
            > HIMPORT DISCARD u                           => 1
            > HIMPORT DISCARD u                           => 0
            > HIMPORT PREPARE a x                         => OK
            > HIMPORT PREPARE b x                         => OK
            > HIMPORT DISCARDALL                          => 2
            > HIMPORT DISCARDALL                          => 0
            > HIMPORT SET k a 1                           => (error) ERR no such fieldset
            > HLEN k                                      => 2
        ",
        );
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        check(
            r"
            @since 8.10
            @only redis ochre
            > HIMPORT PREPARE u a b a                     => (error) ERR duplicate field name in fieldset
            > HIMPORT SET k u 1 2 3                       => (error) ERR no such fieldset
            > HIMPORT PREPARE u a b                       => OK
            > HIMPORT PREPARE u a a                       => (error) ERR duplicate field name in fieldset
            > HIMPORT SET k u 1                           => (error) ERR value count does not match fieldset field count
            > HIMPORT SET k u 1 2 3                       => (error) ERR value count does not match fieldset field count
            > EXISTS k                                    => 0
            > SET s x                                     => OK
            > HIMPORT SET s u 1 2                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GET s                                       => 'x'
            > HIMPORT SET k u 1 2                         => OK
            > HIMPORT PREPARE u                           => (error) ERR wrong number of arguments for 'himport|prepare' command
            > HIMPORT SET k u                             => (error) ERR wrong number of arguments for 'himport|set' command
        ",
        );
    }

    #[test]
    fn a_fieldset_belongs_to_its_connection_and_ends_with_reset() {
        check(
            r"
            @since 8.10
            @only redis ochre
            > HIMPORT PREPARE u a                         => OK
            > RESET                                       => RESET
            > HIMPORT SET k u 1                           => (error) ERR no such fieldset
        ",
        );
    }
}
