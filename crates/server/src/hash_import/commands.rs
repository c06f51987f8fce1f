//! HIMPORT PREPARE, SET, DISCARD, DISCARDALL.
//!
//! SET replaces the whole hash, deadlines included, but refuses a key of another type. It is propagated as what it comes to, DEL and
//! HSET, since the fieldset is known to this connection only.
//!
//! Every hash of a fieldset shares its field names with the others until its fields change (`value::HashTemplate`); how many fields or
//! hashes it takes for that is not asked. Redis's `hash-min-template-entries` and its kin, which make templates of hashes that
//! other commands or files bring, are known to the configuration and have no effect.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::Ttl;
use value::{Hash, NotATemplate, Value};

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
const TOO_LONG: CommandError = CommandError::other("ERR field names of 4 GiB or more in fieldset");
const NO_FIELDSET: CommandError = CommandError::other("ERR no such fieldset");
const COUNT_DIFFERS: CommandError = CommandError::other("ERR value count does not match fieldset field count");

fn prepare(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let name = args.bytes()?;
    let fields: Vec<&[u8]> = args.rest().collect();
    cx.client.fieldsets.prepare(name, &fields, &cx.node.templates).map_err(|error| match error {
        NotATemplate::Duplicate => DUPLICATE,
        NotATemplate::TooLong => TOO_LONG,
        NotATemplate::Empty => CommandError::Syntax,
    })?;
    reply.ok();
    Ok(Flow::Done)
}

fn set(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let fieldset = cx.client.fieldsets.get(args.bytes()?).ok_or(NO_FIELDSET)?;
    if args.remaining() != fieldset.order.len() {
        return Err(COUNT_DIFFERS);
    }
    let existed = cx.data.db.read_for_update::<Hash>(key)?.is_some();

    let argv = args.argv();
    let first = argv.len() - args.remaining();
    let values = fieldset.order.iter().map(|at| argv.get(first + *at as usize).unwrap_or_default());
    let hash = Hash::of_template(&fieldset.template, values.clone(), &cx.data.tunables.encodings);
    cx.data.db.set_value(key, Value::Hash(Box::new(hash)), Ttl::Clear);
    cx.data.notify_fields(Event::Hash, "hset", key, fieldset.template.names());
    cx.data.effects.propagate_nothing();
    if cx.data.effects.interest().propagation {
        if existed {
            cx.data.propagate_as(&[b"DEL", key.bytes()]);
        }
        let mut command: Vec<&[u8]> = vec![b"HSET", key.bytes()];
        for (field, value) in fieldset.template.names().zip(values) {
            command.extend([field, value]);
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
    use crate::testing::{check, in_memory};

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
    fn hashes_of_a_fieldset_share_their_names_until_a_field_has_a_deadline() {
        check(
            r"
            @since 8.10
            @only redis ochre
            @skip-encodings restore the portable dialect has no templates
            > HIMPORT PREPARE u name email age            => OK
            > HIMPORT PREPARE v age name email            => OK
            > HIMPORT SET a u alice a@example.com 30      => OK
            > HIMPORT SET b v 25 bob b@example.com        => OK
            > OBJECT ENCODING a                           => 'template-listpack'
            > HGET b email                                => 'b@example.com'
            > HMGET a age name none                       => ['30', 'alice', (nil)]
            > HSTRLEN a name                              => 5
            > HEXISTS a none                              => 0
            > HINCRBY a age 1                             => 31
            > HSET a name eve                             => 0
            > HTTL a FIELDS 2 age none                    => [-1, -2]
            > HPERSIST a FIELDS 1 age                     => [-1]
            > HDEL a none                                 => 0
            > OBJECT ENCODING a                           => 'template-listpack'
            > HGETALL a                                   => {'age': '31', 'name': 'eve', 'email': 'a@example.com'}
            > COPY b c                                    => 1
            > OBJECT ENCODING c                           => 'template-listpack'
            > HDEL c name                                 => 1
            > OBJECT ENCODING c                           => 'template-listpack'
            > HGETALL c                                   => {'age': '25', 'email': 'b@example.com'}
            > HSET a more 1                               => 1
            > OBJECT ENCODING a                           => 'template-listpack'
            > HGETALL a                                   => {'age': '31', 'more': '1', 'name': 'eve', 'email': 'a@example.com'}
            > HDEL c age email                            => 2
            > EXISTS c                                    => 0
            > HPEXPIREAT b 4102444800000 FIELDS 1 age     => [1]
            > OBJECT ENCODING b                           => 'listpackex'
            > HPEXPIRETIME b FIELDS 2 age name            => [4102444800000, -1]
        ",
        );
    }

    #[test]
    fn what_is_too_much_for_a_listpack_shares_its_names_too() {
        check(
            r"
            @since 8.10
            @only redis ochre
            @skip-encodings restore the portable dialect has no templates
            > CONFIG SET hash-max-listpack-value 8        => OK
            > HIMPORT PREPARE u f g                       => OK
            > HIMPORT SET k u 12345678 x                  => OK
            > OBJECT ENCODING k                           => 'template-listpack'
            > HSET k g 123456789                          => 0
            > OBJECT ENCODING k                           => 'template-array'
            > HIMPORT SET k u 123456789 x                 => OK
            > OBJECT ENCODING k                           => 'template-array'
            > HGETALL k                                   => {'f': '123456789', 'g': 'x'}
            > HSCAN k 0 MATCH g                           => ['0', ['g', 'x']]
            > HRANDFIELD k 5                              => unordered ['f', 'g']
            > HSET k h y                                  => 1
            > OBJECT ENCODING k                           => 'template-array'
            > HPEXPIREAT k 4102444800000 FIELDS 1 h       => [1]
            > OBJECT ENCODING k                           => 'hashtable'
            > HLEN k                                      => 3
        ",
        );
    }

    #[test]
    fn plain_hashes_come_to_share_their_names_on_their_next_write() {
        check(
            r"
            @since 8.10
            @only redis ochre
            @skip-encodings restore the portable dialect has no templates
            > HSET old a 1 b 2                            => 2
            > CONFIG SET hash-min-template-entries 2 hash-max-template-entries 3 => OK
            > OBJECT ENCODING old                         => 'listpack'
            > HSET old a 3                                => 0
            > OBJECT ENCODING old                         => 'template-listpack'
            > HSET k a 1                                  => 1
            > OBJECT ENCODING k                           => 'listpack'
            > HINCRBY k b 5                               => 5
            > OBJECT ENCODING k                           => 'template-listpack'
            > HSET wide a 1 b 2 c 3 d 4                   => 4
            > OBJECT ENCODING wide                        => 'listpack'
            > HSET k c 1 d 2                              => 2
            > OBJECT ENCODING k                           => 'template-listpack'
            > HSET timed a 1                              => 1
            > HPEXPIREAT timed 4102444800000 FIELDS 1 a   => [1]
            > HSET timed b 1                              => 1
            > OBJECT ENCODING timed                       => 'listpackex'
            > CONFIG SET hash-min-template-entries 0      => OK
            > HSET k e 1                                  => 1
            > OBJECT ENCODING k                           => 'template-listpack'
            > HGETALL old                                 => {'a': '3', 'b': '2'}
        ",
        );
    }

    #[test]
    fn plain_hashes_of_a_file_come_to_share_their_names_if_enough_keys_have_them() {
        in_memory(
            r"
            @skip-encodings restore the portable dialect has no templates
            > CONFIG SET hash-rdb-load-min-template-entries 2 hash-rdb-load-max-template-entries 3 hash-rdb-load-template-disassembly-threshold 2 => OK
            > HSET a x 1 y 2                              => 2
            > HSET b y 3 x 4                              => 2
            > HSET few q 1 r 2                            => 2
            > HSET small x 1                              => 1
            > HSET wide a 1 b 2 c 3 d 4                   => 4
            > DEBUG RELOAD                                => OK
            > OBJECT ENCODING a                           => 'template-listpack'
            > OBJECT ENCODING b                           => 'template-listpack'
            > OBJECT ENCODING few                         => 'listpack'
            > OBJECT ENCODING small                       => 'listpack'
            > OBJECT ENCODING wide                        => 'listpack'
            > HGETALL b                                   => {'x': '4', 'y': '3'}
            > HGETALL few                                 => {'q': '1', 'r': '2'}
            > CONFIG SET hash-rdb-load-min-template-entries 0    => OK
            > DEBUG RELOAD                                => OK
            > OBJECT ENCODING a                           => 'listpack'
        ",
        );
    }

    #[test]
    fn payloads_of_templates_are_restored_as_such() {
        check(
            r#"
            @only ochre
            @skip-encodings restore the portable dialect has no templates
            > RESTORE k 0 "\x1f\x01\x02\x01\x61\x02\x62\x62\xc0\x01\x01\x78\x0f\x00\x34\x8b\xd7\xd3\x12\x00\xdc\x4e"                       => OK
            > OBJECT ENCODING k                           => 'template-listpack'
            > HGETALL k                                   => {'a': '1', 'bb': 'x'}
            > RESTORE l 0 "\x1f\x01\x02\x01\x61\x02\x62\x62\xc0\x01\x01\x78\x0f\x00\x34\x8b\xd7\xd3\x12\x00\xdc\x4e"                       => OK
            > HDEL l a                                    => 1
            > HGETALL l                                   => {'bb': 'x'}
        "#,
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
