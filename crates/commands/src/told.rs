//! What commands tell the others, for tests: keyspace events, what goes to the AOF and to replicas, hits and misses.

use command_api::{Args, Caller, Context, Effects, Interest, Protocol, Record, Reply, Tunables};
use keyspace::{AccessClock, Changes, Db, Keyspace};
use resp::{Argv, Span};
use stdx::UnixMs;

/// The time at which all commands of [`check_told`] run.
pub(crate) const NOW: UnixMs = UnixMs(1_000_000);

/// Runs commands one after the other in an empty keyspace and compares what each tells: a row is the command, its events as
/// `name:key` (`name:key@1` in database 1), and what is propagated: nothing, `=` for the command itself, or commands separated
/// by ` ; `.
#[track_caller]
pub(crate) fn check_told(session: &[(&str, &str, &str)]) {
    check_told_by(Caller::default(), session);
}

/// As [`check_told`], the commands coming from a primary or a file.
#[track_caller]
pub(crate) fn check_told_by_primary(session: &[(&str, &str, &str)]) {
    check_told_by(Caller { trusted: true, ..Caller::default() }, session);
}

#[track_caller]
fn check_told_by(caller: Caller, session: &[(&str, &str, &str)]) {
    let keyspace = Keyspace::new(2, 1, [7; 16]);
    let mut effects = Effects::new();
    for (line, events, propagated) in session {
        let told = run(&keyspace, &mut effects, caller, line);
        assert_eq!((told.0.as_str(), told.1.as_str()), (*events, *propagated), "{line}");
    }
}

/// Runs commands one after the other in an empty keyspace and compares how many keys each found, and how many not, as
/// `keyspace_hits` and `keyspace_misses` count them.
#[track_caller]
pub(crate) fn check_counted(session: &[(&str, u32, u32)]) {
    let keyspace = Keyspace::new(2, 1, [7; 16]);
    let mut effects = Effects::new();
    for (line, hits, misses) in session {
        let changes = call_line(&keyspace, &mut effects, Caller::default(), line);
        assert_eq!((changes.hits, changes.misses), (*hits, *misses), "{line}");
    }
}

/// Runs commands one after the other in an empty keyspace and compares how many changes each made, as
/// `rdb_changes_since_last_save` counts them.
#[track_caller]
pub(crate) fn check_changes(session: &[(&str, u64)]) {
    let keyspace = Keyspace::new(2, 1, [7; 16]);
    let mut effects = Effects::new();
    for (line, count) in session {
        let changes = call_line(&keyspace, &mut effects, Caller::default(), line);
        assert_eq!(changes.count, *count, "{line}");
    }
}

fn run(keyspace: &Keyspace, effects: &mut Effects, caller: Caller, line: &str) -> (String, String) {
    let changes = call_line(keyspace, effects, caller, line);

    let text = |range| String::from_utf8_lossy(effects.bytes(range)).into_owned();
    let mut events = Vec::new();
    let mut commands = Vec::new();
    for record in effects.records() {
        match record {
            Record::Notify { name, key, db: 0, .. } => events.push(format!("{name}:{}", text(key))),
            Record::Notify { name, key, db, .. } => events.push(format!("{name}:{}@{db}", text(key))),
            Record::NotifyParts { .. } => panic!("nobody asked for parts: {record:?}"),
            Record::FoundExpired { .. } => {}
            Record::Command { args, .. } => commands.push(args.iter().map(text).collect::<Vec<_>>().join(" ")),
        }
    }
    if changes.count > 0 && effects.propagates_verbatim() {
        commands.insert(0, "=".into());
    }
    (events.join(" "), commands.join(" ; "))
}

fn call_line(keyspace: &Keyspace, effects: &mut Effects, caller: Caller, line: &str) -> Changes {
    let mut spans = Vec::new();
    let mut start = 0;
    for word in line.split(' ') {
        let len = u32::try_from(word.len()).unwrap();
        spans.push(Span { start, len });
        start += len + 1;
    }
    effects.begin(Interest { events: true, parts: false, propagation: true });
    call(keyspace, effects, caller, Argv::new(line.as_bytes(), &spans))
}

fn call(keyspace: &Keyspace, effects: &mut Effects, caller: Caller, argv: Argv<'_>) -> Changes {
    let name = argv.get(0).unwrap();
    let command = crate::tables().flatten().find(|command| command.name.as_bytes().eq_ignore_ascii_case(name)).unwrap();
    let subcommand = argv.get(1).and_then(|name| command.subcommand(name));
    let (command, first_arg) = subcommand.map_or((*command, 1), |subcommand| (subcommand, 2));
    let mut turn = keyspace.enter(0);
    let mut cx = Context {
        db: Db::new(turn.lock_all(), 0, NOW, AccessClock::Lru { now: NOW }, true, 0),
        effects,
        rng: &mut fastrand::Rng::with_seed(7),
        tunables: &Tunables::default(),
        caller,
        block: &mut command_api::Block::default(),
        name: command.name,
    };
    let mut output = Vec::new();
    let mut reply = Reply::new(&mut output, Protocol::Resp3);
    let mut args = Args::new(argv, first_arg, keyspace.hasher(), (0, 0));
    command.handler.unwrap()(&mut cx, &mut args, &mut reply).unwrap();
    assert!(reply.is_settled());
    cx.db.finish()
}
