//! DUMP, RESTORE: a value as bytes, in any dialect of the family, and back.
//!
//! Redis checks in this order, and so does this file: options and their values, whether the key is taken, the time, the payload's
//! frame, its value. A payload is decoded whole before anything is changed.

use std::borrow::Cow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flags, Flow, Group, KeySpec, Loss,
    Reply,
};
use keyspace::Key;
use keyspace::table::EntryBox;
use rdb::{Dialect, EncodeError, RestoreOptions};
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

/// What MIGRATE sends to a node that takes the key's slot over.
pub(super) const RESTORE_ASKING: Command = Command::new("restore-asking", restore)
    .since("3.0.0")
    .arity(-4)
    .write()
    .deny_oom()
    .flag(Flags::ASKING)
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&RESTORE_ASKING_DOCS);

/// Room for most payloads: growing to them byte by byte took a sixth of the work.
const USUAL_PAYLOAD_BYTES: usize = 1 << 10;

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
    let mut payload = Vec::with_capacity(USUAL_PAYLOAD_BYTES);
    rdb::dump(entry.value(), dialect, &mut payload).map_err(|error| cannot_write(key, error))?;
    if let Some(what) = rdb::left_out(entry.value(), dialect) {
        if cx.tunables.refuse_loss {
            return Err(cannot_write(key, EncodeError { feature: what, dialect }));
        }
        cx.effects.reduce(cx.db.index(), key.bytes(), Loss::NotWritten { dialect, what });
    }
    reply.bulk(&payload);
    Ok(Flow::Done)
}

/// Names key and feature: with many keys dumped in one pipeline, the client learns which one to treat otherwise.
fn cannot_write(key: Key<'_>, error: EncodeError) -> CommandError {
    const SHOWN_BYTES: usize = 128;
    let name = key.bytes().get(..SHOWN_BYTES).unwrap_or_else(|| key.bytes());
    CommandError::Other(Cow::Owned(format!("ERR key '{}': {error}", String::from_utf8_lossy(name))))
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
    let restored = rdb::restore_told(payload, restore_options(cx))
        .map_err(|error| CommandError::Other(Cow::Owned(format!("ERR {error}"))))?;
    if restored.metadata > 0 {
        cx.effects.reduce(cx.db.index(), key.bytes(), Loss::Metadata { pieces: restored.metadata });
    }

    if deadline.is_some_and(|at| expire::has_come(cx, at)) {
        expire::remove_expired(cx, key);
    } else {
        let entry = EntryBox::new(key.bytes(), restored.value.into(), deadline, options.clock(cx));
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
        max_string_bytes: if cx.caller.trusted {
            usize::MAX
        } else {
            usize::try_from(cx.tunables.proto_max_bulk_len_bytes).unwrap_or(usize::MAX)
        },
        refuse_metadata: cx.tunables.refuse_key_metadata,
        encodings: cx.tunables.encodings,
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
    RESTORE_COMPLEXITY,
)
.history(RESTORE_HISTORY)
.arguments(RESTORE_ARGUMENTS);

const RESTORE_ASKING_DOCS: Docs =
    Docs::new("RESTORE on a node that is about to own the key's slot.", Group::Server, RESTORE_COMPLEXITY)
        .system_command()
        .history(RESTORE_HISTORY)
        .arguments(RESTORE_ARGUMENTS);

const RESTORE_COMPLEXITY: &str =
    "O(1) to make the key and O(N*M) to read its N elements of M bytes; O(N*M*log(N)) for a sorted set";

const RESTORE_HISTORY: &[(&str, &str)] =
    &[("3.0.0", "`REPLACE`."), ("5.0.0", "`ABSTTL`."), ("5.0.0", "`IDLETIME` and `FREQ`.")];

const RESTORE_ARGUMENTS: &[Arg] = &[
    Arg::key("key", 0),
    Arg::integer("ttl"),
    Arg::string("serialized-value"),
    Arg::pure_token("replace", "REPLACE").since("3.0.0").optional(),
    Arg::pure_token("absttl", "ABSTTL").since("5.0.0").optional(),
    Arg::integer("seconds").token("IDLETIME").since("5.0.0").optional(),
    Arg::integer("frequency").token("FREQ").since("5.0.0").optional(),
];

#[cfg(test)]
mod tests {
    use keyspace::Key;
    use rdb::{Dialect, EncodeError};
    use server::testing::{MemoryServer, check};
    use testkit::{Subject, Wait};
    use value::{StringRef, ValueRef};

    use crate::told::{check_counted, check_told, check_told_by_primary};

    #[test]
    fn what_dump_wrote_comes_back() {
        check(
            r"
            > SET i 10                      => OK
            > SET s 'a b'                   => OK
            > SET long ${abc*500}           => OK
            > DUMP i                        => ${i}
            > DUMP s                        => ${s}
            > DUMP long                     => ${long}
            > RESTORE i2 0 ${i}             => OK
            > RESTORE s2 0 ${s}             => OK
            > RESTORE long2 0 ${long}       => OK
            > MGET i2 s2                    => ['10', 'a b']
            > GET long2                     => '${abc*500}'
            > TTL i2                        => -1
            > OBJECT ENCODING i2            => 'int'
            > OBJECT ENCODING s2            => 'embstr'
            > OBJECT ENCODING long2         => 'raw'
            > DUMP none                     => (nil)
            > DUMP                          => (error) ERR wrong number of arguments for 'dump' command
            > DUMP i x                      => (error) ERR wrong number of arguments for 'dump' command
            > DUMP i x y                    => (error) ERR wrong number of arguments for 'dump' command
        ",
        );
    }

    #[test]
    fn every_dialect_writes_its_own_bytes() {
        check(
            r#"
            @only ochre
            > SET k 10                      => OK
            > DUMP k                        => '\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb'
            > DUMP k AS portable            => '\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb'
            > DUMP k AS redis-6.2           => '\x00\xc0\n\t\x00\xbem\x06\x89Z(\x00\n'
            > DUMP k as REDIS-7.4           => ${redis}
            > DUMP k AS valkey-9            => ${valkey}
            > RESTORE a 0 ${redis}          => OK
            > RESTORE b 0 ${valkey}         => OK
            > MGET a b                      => ['10', '10']
            > DUMP none AS valkey-9         => (nil)
            > DUMP none AS nosuch           => (error) ERR dialect must be one of: portable, ...
            > DUMP k AS                     => (error) ERR wrong number of arguments for 'dump' command
            > DUMP k AS valkey-9 x          => (error) ERR wrong number of arguments for 'dump' command
        "#,
        );
    }

    #[test]
    fn a_value_that_the_dialect_cannot_hold_is_named() {
        let error = EncodeError { feature: "hash field expiry", dialect: Dialect::Redis7_0 };
        let shown = |name: &[u8]| super::cannot_write(Key::with_hash(name, 0), error).to_string();
        assert_eq!(shown(b"k"), "ERR key 'k': hash field expiry cannot be written in the dialect redis-7.0");
        assert!(shown(&[b'x'; 10_000]).len() < 300);
    }

    #[test]
    fn restore_sets_the_time_that_is_given() {
        check(
            r#"
            > RESTORE k 100000 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("                  => OK
            > TTL k                                                                      => 100
            > RESTORE k 0 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" REPLACE               => OK
            > TTL k                                                                      => -1
            > RESTORE k 4102444800000 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" REPLACE absttl    => OK
            > PEXPIRETIME k                                                              => 4102444800000
            > RESTORE k 0 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" ABSTTL replace REPLACE        => OK
            > TTL k                                                                      => -1
            > RESTORE k 9223372036854775807 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" ABSTTL REPLACE    => OK
            > PEXPIRETIME k                                                              => 9223372036854775807
            > RESTORE j 10 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("                      => OK
            @now +20ms
            > EXISTS j                                                                   => 0
            > RESTORE j 0 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("                       => OK
            > GET j                                                                      => '10'
        "#,
        );
    }

    #[test]
    fn a_time_that_has_come_makes_no_key_and_removes_the_old_one() {
        check(
            r#"
            > RESTORE k 1 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" ABSTTL                => OK
            > EXISTS k                                                                   => 0
            > SET k old                                                                  => OK
            > RESTORE k 1 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" ABSTTL                => (error) BUSYKEY Target key name already exists.
            > RESTORE k 1 damaged ABSTTL REPLACE       => (error) ERR DUMP payload version or checksum are wrong...
            > GET k                                                                      => 'old'
            > RESTORE k 1 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(" ABSTTL REPLACE        => OK
            > EXISTS k                                                                   => 0
        "#,
        );
    }

    #[test]
    fn options_come_before_the_key_the_time_and_the_payload() {
        check(
            r"
            > SET k old                                => OK
            > RESTORE k x damaged FREQ 300 FOO         => (error) ERR Invalid FREQ value, must be >= 0 and <= 255
            > RESTORE k x damaged FOO FREQ 300         => (error) ERR syntax error
            > RESTORE k x damaged                      => (error) BUSYKEY Target key name already exists.
            > RESTORE k -1 damaged                     => (error) BUSYKEY Target key name already exists.
            > RESTORE n x damaged                      => (error) ERR value is not an integer or out of range
            > RESTORE n '' damaged                     => (error) ERR value is not an integer or out of range
            > RESTORE n 1.5 damaged                    => (error) ERR value is not an integer or out of range
            > RESTORE n 9223372036854775808 damaged    => (error) ERR value is not an integer or out of range
            > RESTORE n -1 damaged                     => (error) ERR Invalid TTL value, must be >= 0
            > RESTORE n -1 damaged ABSTTL              => (error) ERR Invalid TTL value, must be >= 0
            > RESTORE n 0 damaged                      => (error) ERR DUMP payload version or checksum are wrong...
            > RESTORE k 0 damaged REPLACE              => (error) ERR DUMP payload version or checksum are wrong...
            > RESTORE n 0 ''                           => (error) ERR DUMP payload version or checksum are wrong...
            > RESTORE n 0                              => (error) ERR wrong number of arguments for 'restore' command
            > GET k                                    => 'old'
            > EXISTS n                                 => 0
        ",
        );
    }

    #[test]
    fn idle_time_and_frequency_are_checked_and_exclude_each_other() {
        check(
            r"
            > RESTORE n 0 damaged IDLETIME             => (error) ERR syntax error
            > RESTORE n 0 damaged IDLETIME x           => (error) ERR value is not an integer or out of range
            > RESTORE n 0 damaged IDLETIME -1          => (error) ERR Invalid IDLETIME value, must be >= 0
            > RESTORE n 0 damaged FREQ                 => (error) ERR syntax error
            > RESTORE n 0 damaged FREQ x               => (error) ERR value is not an integer or out of range
            > RESTORE n 0 damaged FREQ -1              => (error) ERR Invalid FREQ value, must be >= 0 and <= 255
            > RESTORE n 0 damaged FREQ 256             => (error) ERR Invalid FREQ value, must be >= 0 and <= 255
            > RESTORE n 0 damaged FREQ 1 IDLETIME 1    => (error) ERR syntax error
            > RESTORE n 0 damaged IDLETIME 1 FREQ 1    => (error) ERR syntax error
            > RESTORE n 0 damaged FREQ 1 FREQ 300      => (error) ERR Invalid FREQ value, must be >= 0 and <= 255
            > RESTORE n 0 damaged FREQ 1 FREQ 2        => (error) ERR DUMP payload version or checksum are wrong...
        ",
        );
    }

    #[test]
    fn a_restored_key_was_last_used_when_it_says() {
        check(
            r"
            @skip-lens restore a restored key counts as used
            > SET s text                               => OK
            > DUMP s                                   => ${s}
            > RESTORE k 0 ${s} IDLETIME 777            => OK
            > OBJECT IDLETIME k                        => (int 777..778)
            > RESTORE f 0 ${s} FREQ 77                 => OK
            > OBJECT IDLETIME f                        => (int 0..1)
            @config maxmemory-policy allkeys-lfu
            > RESTORE f 0 ${s} FREQ 77 REPLACE         => OK
            > OBJECT FREQ f                            => 77
            > RESTORE f 0 ${s} REPLACE IDLETIME 777    => OK
            > OBJECT FREQ f                            => 5
            > RESTORE f 0 ${s} REPLACE FREQ 0          => OK
            > OBJECT FREQ f                            => 0
        ",
        );
    }

    #[test]
    fn a_relative_time_past_the_end_of_time_is_refused() {
        check(
            r#"
            @only ochre
            > RESTORE k 9000000000000000000 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("     => OK
            > RESTORE n 9223372036854775807 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("     => (error) ERR invalid expire time in 'restore' command
            > EXISTS k n                                                                 => 1
        "#,
        );
    }

    #[test]
    fn restore_asking_is_restore() {
        check(
            r#"
            > RESTORE-ASKING k 0 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("                => OK
            > GET k                                                                      => '10'
            > RESTORE-ASKING k 0 damaged                                                 => (error) BUSYKEY Target key name already exists.
            > RESTORE-ASKING k 0             => (error) ERR wrong number of arguments for 'restore-asking' command
        "#,
        );
    }

    /// A payload that is text without blanks, as the words of a `check_told` line are.
    fn text_payload() -> String {
        let payloads = (0..10_000).map(|number| {
            let mut payload = Vec::new();
            let text = format!("text:{number}");
            rdb::dump(ValueRef::String(StringRef::new(text.as_bytes())), Dialect::Portable, &mut payload).unwrap();
            payload
        });
        payloads.filter(|payload| !payload.contains(&b' ')).find_map(|payload| String::from_utf8(payload).ok()).unwrap()
    }

    #[test]
    fn restore_is_propagated_with_an_absolute_time() {
        let payload = text_payload();
        let line = |rest: &str| rest.replace("PAYLOAD", &payload);
        let session = [
            ("RESTORE k 0 PAYLOAD", "restore:k", "="),
            ("RESTORE k 5000 PAYLOAD REPLACE", "restore:k", "RESTORE k 1005000 PAYLOAD REPLACE ABSTTL"),
            ("RESTORE k 2000000 PAYLOAD replace absttl", "restore:k", "="),
            ("RESTORE k 1 PAYLOAD ABSTTL REPLACE", "del:k", "DEL k"),
            ("RESTORE k 1 PAYLOAD ABSTTL REPLACE", "", ""),
            ("RESTORE k 1000000 PAYLOAD ABSTTL", "", ""),
        ];
        let session = session.map(|(command, events, propagated)| (line(command), events, line(propagated)));
        let session: Vec<(&str, &str, &str)> =
            session.iter().map(|(command, events, propagated)| (&command[..], *events, &propagated[..])).collect();
        check_told(&session);
        check_counted(&[
            ("SET k v", 0, 0),
            ("DUMP k", 1, 0),
            ("DUMP none", 0, 1),
            (&line("RESTORE r 0 PAYLOAD"), 0, 0),
        ]);
    }

    #[test]
    fn what_a_primary_sends_is_taken_without_a_checksum_and_whatever_its_time() {
        let payload = "\0\u{1}v\u{6}\0\0\0\0\0\0\0\0\0";
        check_told_by_primary(&[
            (&format!("RESTORE k 1 {payload} ABSTTL"), "restore:k", "="),
            (&format!("RESTORE k 1 \0\u{1}vrest{} ABSTTL REPLACE", &payload[3..]), "restore:k", "="),
        ]);
    }

    #[test]
    fn a_key_that_modules_noted_something_of_is_restored_without_unless_that_is_refused() {
        check(
            r#"
            @only ochre
            > CONFIG GET restore-key-metadata          => {'restore-key-metadata': 'ignore'}
            > RESTORE k 0 "\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v\x0d\x00D\x13\x91\xc4\xb8b\x14T"                      => OK
            > GET k                                    => 'v'
            > RESTORE k 0 "\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v\x0c\x00-\xcc,\xb7E\xfd\xfd\xdd" REPLACE    => (error) ERR Bad data format: values of type 243...
            > CONFIG SET restore-key-metadata refuse   => OK
            > RESTORE k 0 "\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v\x0d\x00D\x13\x91\xc4\xb8b\x14T" REPLACE              => (error) 'ERR Bad data format: 1 pieces of metadata of modules, which would be lost at offset 0'
            > RESTORE l 0 "\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_("    => OK
            > MGET k l                                 => ['v', '10']
            > CONFIG SET restore-key-metadata maybe    => (error) ERR CONFIG SET failed...
        "#,
        );
    }

    #[test]
    fn what_an_older_stream_has_no_place_for_is_left_out_or_refused() {
        check(
            r"
            @only ochre
            @resp2
            > XADD s 1-1 a 1                           => '1-1'
            > XGROUP CREATE s g 0                      => OK
            > XREADGROUP GROUP g c STREAMS s >         => [['s', [['1-1', ['a', '1']]]]]
            > CONFIG SET dialect-loss refuse           => OK
            > DUMP s AS redis-7.0                      => ${same}
            > DUMP s AS redis-6.2                      => ${old}
            @now +5s
            > XREADGROUP GROUP g c STREAMS s >         => (nil)
            > DUMP s AS redis-7.0                      => (error) ERR key 's': when a stream's consumers last succeeded cannot be written in the dialect redis-7.0
            > DUMP s AS redis-6.2                      => (error) ERR key 's': when a stream's consumers last succeeded cannot be written in the dialect redis-6.2
            > DUMP s AS redis-7.2                      => ${whole}
            > DUMP s                                   => ${portable}
            > CONFIG SET dialect-loss tell             => OK
            > DUMP s AS redis-7.0                      => ${less}
            > RESTORE a 0 ${whole}                     => OK
            > RESTORE b 0 ${less}                      => OK
            > XINFO CONSUMERS a g                      => [{'name': 'c', 'pending': 1, 'idle': (int 0..999), 'inactive': (int 5000..5999)}]
            > XINFO CONSUMERS b g                      => [{'name': 'c', 'pending': 1, 'idle': (int 0..999), 'inactive': (int 0..999)}]
            > RESTORE c 0 ${old}                       => OK
            > XINFO CONSUMERS c g                      => [{'name': 'c', 'pending': 1, 'idle': (int 5000..5999), 'inactive': (int 5000..5999)}]
            > XINFO GROUPS c                           => [{'name': 'g', 'consumers': 1, 'pending': 1, 'last-delivered-id': '1-1', 'entries-read': 1, 'lag': 0}]
        ",
        );
    }

    /// What the log says when these commands were sent, and the counters of INFO.
    fn told(commands: &[Vec<u8>]) -> (Vec<String>, String) {
        let mut server = MemoryServer::new(1);
        let conn = server.connect().unwrap();
        for command in commands.iter().map(Vec::as_slice).chain([&b"INFO stats\r\n"[..]]) {
            server.send(conn, command).unwrap();
        }
        let reply = server.receive(conn, Wait::Poll).unwrap().bytes;
        let counters = String::from_utf8_lossy(&reply);
        let counters = counters.lines().filter(|line| line.starts_with("values_")).collect::<Vec<_>>().join(" ");
        (server.log_lines(), counters)
    }

    #[test]
    fn the_log_names_what_was_left_out_and_info_counts_it() {
        let payload = b"\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v\x0d\x00D\x13\x91\xc4\xb8b\x14T";
        let restore = |key: &[u8]| resp::encode_command(&[&b"RESTORE"[..], key, b"0", payload]);
        let dump = |dialect: &[u8]| resp::encode_command(&[&b"DUMP"[..], b"s", b"AS", dialect]);
        let (log, counters) = told(&[restore(b"k1"), restore(b"k2"), restore(b"k2")]);
        let line = "Left out: what modules had noted of key 'k1' of database 0, which was restored (1 pieces)";
        assert_eq!(log.iter().filter(|told| told.contains("Left out")).collect::<Vec<_>>(), [line]);
        // The third one found its key taken.
        assert_eq!(counters, "values_written_reduced:0 values_read_without_metadata:2");

        let stream = [
            &b"XADD s 1-1 a 1\r\nXADD s 2-1 a 1\r\nXDEL s 2-1\r\n"[..].to_vec(),
            &dump(b"redis-7.0"),
            &dump(b"redis-6.2"),
        ];
        let (log, counters) = told(&stream.map(Clone::clone));
        let line =
            "redis-6.2 has no place for a stream's counters of entries: key 's' of database 0 was written without";
        assert_eq!(log.iter().filter(|told| told.contains("no place")).collect::<Vec<_>>(), [line]);
        assert_eq!(counters, "values_written_reduced:1 values_read_without_metadata:0");
    }
}
