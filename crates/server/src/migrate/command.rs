//! MIGRATE, from its arguments to the deletion of what has arrived.

use std::borrow::Cow;
use std::io;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Event, Flow, Group, KeySpec, Loss, Reply};
use keyspace::Key;
use rdb::EncodeError;
use stdx::num::IntText;

use super::arguments::Arguments;
use super::link::Peer;
use crate::{ServerCommand, ServerContext};

pub(super) const MIGRATE: ServerCommand = ServerCommand::new("migrate", migrate)
    .since("2.6.0")
    .arity(-6)
    .write()
    .acl(&[Acl::Keyspace, Acl::Dangerous])
    .keys(&[
        KeySpec::index(3).rw().access().delete(),
        KeySpec::keyword("KEYS", -2).range(-1, 1, 0).rw().access().delete().incomplete(),
    ])
    .extractor(super::arguments::keys)
    .tips(&["nondeterministic_output"])
    .docs(&MIGRATE_DOCS);

const CANNOT_CONNECT: &str = "IOERR error or timeout connecting to the client";
const CANNOT_WRITE: &str = "IOERR error or timeout writing to target instance";
const CANNOT_READ: &str = "IOERR error or timeout reading to target instance";

/// How far a migration came, and what ended it.
struct Outcome {
    /// Keys that the target holds now.
    arrived: usize,
    error: Option<String>,
    /// The connection may have been dead before it was used, and is worth a second try with another.
    may_be_stale: bool,
}

fn migrate(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let hasher = args.clone();
    let told = Arguments::parse(args)?;
    let keys: Vec<Key<'_>> =
        told.keys.iter().map(|key| hasher.key_of(key)).filter(|key| cx.data.db.contains(*key)).collect();
    if keys.is_empty() {
        reply.status("NOKEY");
        return Ok(Flow::Done);
    }
    let mut reduced = Vec::new();
    let restores = encode(cx, &told, &keys, &mut reduced)?;
    for (key, loss) in reduced {
        cx.data.effects.reduce(cx.data.db.index(), key.bytes(), loss);
    }

    let outcome = send(cx, &told, &restores, keys.len());
    if !told.copy {
        remove(cx, &keys[..outcome.arrived]);
    }
    match outcome.error {
        None => reply.ok(),
        // Written, not returned: some keys may be gone from here, and that is no failure without a change.
        Some(error) => {
            cx.node.stats.count_error(cx.client.info.lane, &error);
            reply.error(error);
        }
    }
    Ok(Flow::Done)
}

/// One RESTORE for each key; those that the dialect has no place for in full go to `reduced`.
fn encode<'k>(
    cx: &ServerContext<'_, '_>,
    told: &Arguments<'_>,
    keys: &[Key<'k>],
    reduced: &mut Vec<(Key<'k>, Loss)>,
) -> Result<Vec<u8>, CommandError> {
    let dialect = cx.data.tunables.dump_dialect;
    let mut out = Vec::new();
    let mut payload = Vec::new();
    for key in keys {
        let Some(entry) = cx.data.db.peek(*key) else { continue };
        payload.clear();
        rdb::dump(entry.value(), dialect, &mut payload).map_err(|error| cannot_write(*key, error))?;
        if let Some(what) = rdb::left_out(entry.value(), dialect) {
            if cx.data.tunables.refuse_loss {
                return Err(cannot_write(*key, EncodeError { feature: what, dialect }));
            }
            reduced.push((*key, Loss::NotWritten { dialect, what }));
        }
        let ttl_ms = entry.deadline().map_or(0, |at| at.ms_since(cx.data.now()).max(1));
        let mut text = IntText::new();
        let words: [&[u8]; 5] = [b"RESTORE", key.bytes(), text.format(ttl_ms), &payload, b"REPLACE"];
        let count = if told.replace { 5 } else { 4 };
        resp::write_command(&mut out, &words[..count]);
    }
    Ok(out)
}

fn cannot_write(key: Key<'_>, error: EncodeError) -> CommandError {
    let name = String::from_utf8_lossy(key.bytes().get(..128).unwrap_or_else(|| key.bytes())).into_owned();
    CommandError::Other(Cow::Owned(format!("ERR key '{name}': {error}")))
}

/// Talks to the target, twice if the connection that was kept for it turns out to be dead.
fn send(cx: &ServerContext<'_, '_>, told: &Arguments<'_>, restores: &[u8], count: usize) -> Outcome {
    let now = cx.data.now();
    let kept = cx.node.links.take(told.host, told.port, now);
    let was_kept = kept.is_some();
    let outcome = send_over(cx, told, restores, count, kept);
    if was_kept && outcome.may_be_stale { send_over(cx, told, restores, count, None) } else { outcome }
}

fn send_over(
    cx: &ServerContext<'_, '_>,
    told: &Arguments<'_>,
    restores: &[u8],
    count: usize,
    kept: Option<Peer>,
) -> Outcome {
    let now = cx.data.now();
    let failed = |text: &str, may_be_stale| Outcome { arrived: 0, error: Some(text.to_owned()), may_be_stale };
    let mut peer = match kept {
        Some(peer) => peer,
        None => match cx.node.host.dial(told.host, told.port, told.timeout_ms) {
            Ok(link) => Peer::new(link, now),
            // As Redis has it: a name that is no address is one thing, an address where nobody listens another.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return failed(CANNOT_CONNECT, false),
            Err(_) => return failed(CANNOT_WRITE, false),
        },
    };
    if peer.set_timeout_ms(told.timeout_ms).is_err() {
        return failed(CANNOT_WRITE, true);
    }
    let mut request = Vec::new();
    let mut preface = 0;
    if let Some((user, password)) = told.auth {
        match user {
            Some(user) => resp::write_command(&mut request, [b"AUTH", user, password]),
            None => resp::write_command(&mut request, [b"AUTH".as_slice(), password]),
        }
        preface += 1;
    }
    if peer.db != Some(told.db) {
        let mut text = IntText::new();
        resp::write_command(&mut request, [b"SELECT".as_slice(), text.format(told.db)]);
        preface += 1;
    }
    request.extend_from_slice(restores);
    if let Err(error) = peer.send(&request) {
        return failed(CANNOT_WRITE, !is_timeout(&error));
    }
    let outcome = receive(&mut peer, preface, count);
    if outcome.error.is_none() {
        peer.db = Some(told.db);
        cx.node.links.keep(told.host, told.port, peer, now);
    }
    outcome
}

/// Reads the answers: to AUTH and SELECT, then to one RESTORE after the other.
fn receive(peer: &mut Peer, preface: usize, count: usize) -> Outcome {
    let mut outcome = Outcome { arrived: 0, error: None, may_be_stale: false };
    for at in 0..preface + count {
        match peer.reply() {
            Ok(value) => match value.as_error() {
                None if at >= preface => outcome.arrived += 1,
                None => {}
                Some(text) => {
                    let text = String::from_utf8_lossy(text);
                    outcome.error = Some(format!("ERR Target instance replied with error: {text}"));
                    // Behind a refused AUTH or SELECT the keys go astray; behind a refused key the others may be right, but which
                    // of them arrived is known only as far as their answers came in order.
                    return outcome;
                }
            },
            Err(error) => {
                outcome.error = Some(CANNOT_READ.to_owned());
                outcome.may_be_stale = at == 0 && !is_timeout(&error);
                return outcome;
            }
        }
    }
    outcome
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// Deletes what has arrived.
fn remove(cx: &mut ServerContext<'_, '_>, keys: &[Key<'_>]) {
    if keys.is_empty() {
        return;
    }
    let mut words: Vec<&[u8]> = vec![b"DEL"];
    for key in keys {
        cx.data.db.remove(*key);
        cx.data.notify(Event::Generic, "del", *key);
        words.push(key.bytes());
    }
    cx.data.propagate_as(&words);
}

const MIGRATE_DOCS: Docs = Docs::new(
    "Moves keys to another server.",
    Group::Generic,
    "As DUMP and DEL here and RESTORE there, and O(N) for the transfer of N bytes",
)
.history(&[
    ("3.0.0", "Added the `COPY` and `REPLACE` options."),
    ("3.0.6", "Added the `KEYS` option."),
    ("4.0.7", "Added the `AUTH` option."),
    ("6.0.0", "Added the `AUTH2` option."),
])
.arguments(&[
    Arg::string("host"),
    Arg::integer("port"),
    Arg::one_of("key-selector", &[Arg::key("key", 0), Arg::pure_token("empty-string", "")]),
    Arg::integer("destination-db"),
    Arg::integer("timeout"),
    Arg::pure_token("copy", "COPY").since("3.0.0").optional(),
    Arg::pure_token("replace", "REPLACE").since("3.0.0").optional(),
    Arg::one_of(
        "authentication",
        &[
            Arg::string("auth").token("AUTH").display("password").since("4.0.7"),
            Arg::block("auth2", &[Arg::string("username"), Arg::string("password")]).token("AUTH2").since("6.0.0"),
        ],
    )
    .optional(),
    Arg::key("keys", 1).token("KEYS").display("key").since("3.0.6").optional().multiple(),
]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn arguments_are_checked_before_anybody_is_called() {
        check(
            r"
            > MIGRATE 127.0.0.1 1 k 0 100                  => NOKEY
            > MIGRATE 127.0.0.1 1 '' 0 100 KEYS a b        => NOKEY
            > SET k v                                      => OK
            > MIGRATE 127.0.0.1 1 k x 100                  => (error) ERR value is not an integer or out of range
            > MIGRATE 127.0.0.1 1 k 0 x                    => (error) ERR value is not an integer or out of range
            > MIGRATE 127.0.0.1 1 k 0 100 FOO              => (error) ERR syntax error
            > MIGRATE 127.0.0.1 1 k 0 100 AUTH             => (error) ERR syntax error
            > MIGRATE 127.0.0.1 1 k 0 100 AUTH2 a          => (error) ERR syntax error
            > MIGRATE 127.0.0.1 1 k 0 100 KEYS a           => (error) ERR When using MIGRATE KEYS option, the key argument must be set to the empty string
            > MIGRATE 127.0.0.1 1 k 0 100                  => (error) IOERR error or timeout writing to target instance
            > EXISTS k                                     => 1
        ",
        );
    }
}
