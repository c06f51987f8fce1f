//! Where the data is kept: RDB, AOF, save points, and the dialects that data leaves in.

use crate::config::param::{Arity, BYTES_MAX, I32_MAX, I64_MAX, Kind, Param, Setting, at};
use crate::config::settings::{SavePoint, Settings};
use crate::config::value::{self, Reason};

const NO_AOF: &str = "the append-only file is not built yet";
const NO_BACKUP: &str = "BACKUP is not built yet";
const ALWAYS_CHECKED: &str = "every payload is checked, always";

/// The servers whose form data can leave in. `portable` is the lowest stamp that can represent the value.
const DIALECTS: &[&str] = &[
    "portable",
    "redis-6.2",
    "redis-7.0",
    "redis-7.2",
    "redis-7.4",
    "redis-8.0",
    "redis-8.6",
    "redis-8.8",
    "redis-8.10",
    "valkey-7.2",
    "valkey-8",
    "valkey-9",
];

pub(super) const TABLE: &[Param] = &[
    Param::text("dir", ".", at!(persistence.dir)).protected(),
    Param::checked("dbfilename", "dump.rdb", check_dbfilename, at!(persistence.dbfilename)).protected(),
    Param::of(
        "save",
        "3600 1 300 100 60 10000",
        Kind::Custom { words: Arity::Groups(2), get: get_save, set: set_save },
    ),
    Param::of(
        "dump-dialect",
        "portable",
        Kind::Custom { words: Arity::One, get: get_dump_dialect, set: set_dump_dialect },
    ),
    Param::of(
        "rdb-dialect",
        "portable",
        Kind::Custom { words: Arity::One, get: get_rdb_dialect, set: set_rdb_dialect },
    ),
    Param::bool("restore-omitted-checksum", "no", at!(dialects.restore_omitted_checksum)),
    Param::of(
        "restore-key-metadata",
        "ignore",
        Kind::Custom { words: Arity::One, get: get_key_metadata, set: set_key_metadata },
    ),
    Param::of("dialect-loss", "tell", Kind::Custom { words: Arity::One, get: get_loss, set: set_loss }),
    Param::of(
        "sanitize-dump-payload",
        "yes",
        Kind::Custom { words: Arity::One, get: |_| b"yes".into(), set: check_sanitize },
    )
    .unused(ALWAYS_CHECKED),
    Param::choice("rdb-version-check", "strict", &["strict", "relaxed"], None)
        .unused("every version of every dialect is read"),
    Param::bool("rdbcompression", "yes", at!(persistence.rdb_compression)),
    Param::bool("rdbchecksum", "yes", at!(persistence.rdb_checksum)).immutable(),
    Param::of("rdb-on-damage", "refuse", Kind::Custom { words: Arity::One, get: get_on_damage, set: set_on_damage }),
    Param::bool("rdb-save-incremental-fsync", "yes", None).unused("files are synced as they are written"),
    Param::bool("rdb-del-sync-files", "no", None).unused(super::replication::NO_REPLICATION),
    Param::bool("stop-writes-on-bgsave-error", "yes", None).unused("background saving is not built yet"),
    Param::bool("appendonly", "no", at!(persistence.appendonly)),
    Param::checked("appendfilename", "appendonly.aof", check_appendfilename, None).immutable().unused(NO_AOF),
    Param::checked("appenddirname", "appendonlydir", check_appenddirname, None).immutable().unused(NO_AOF),
    Param::choice("appendfsync", "everysec", &["everysec", "always", "no"], None).unused(NO_AOF),
    Param::bool("no-appendfsync-on-rewrite", "no", None).unused(NO_AOF),
    Param::int("auto-aof-rewrite-percentage", "100", 0, I32_MAX, None).unused(NO_AOF),
    Param::memory("auto-aof-rewrite-min-size", "67108864", 0, BYTES_MAX, None).unused(NO_AOF),
    Param::bool("aof-rewrite-incremental-fsync", "yes", None).unused(NO_AOF),
    Param::bool("aof-load-truncated", "yes", None).unused(NO_AOF),
    Param::memory("aof-load-corrupt-tail-max-size", "0", 0, BYTES_MAX, None).unused(NO_AOF),
    Param::bool("aof-use-rdb-preamble", "yes", None).unused(NO_AOF),
    Param::bool("aof-timestamp-enabled", "no", None).unused(NO_AOF),
    Param::bool("aof-disable-auto-gc", "no", None).unused(NO_AOF),
    Param::text("backupdirname", "backupdir", None).immutable().unused(NO_BACKUP),
    Param::int("backup-sealed-ttl", "0", 0, I64_MAX, None).unused(NO_BACKUP),
    Param::text("preload-file", "", None).immutable().unused("the start loads from `dir` alone"),
];

fn get_save(settings: &Settings) -> Vec<u8> {
    let points = settings.persistence.save.iter();
    let points: Vec<String> = points.map(|point| format!("{} {}", point.seconds, point.changes)).collect();
    points.join(" ").into_bytes()
}

/// Pairs of seconds and changes. In a file the lines add up, the first one in place of the defaults, and `save ""` drops all
/// that came before; CONFIG SET replaces the list.
fn set_save(settings: &mut Settings, words: &[&[u8]], setting: Setting) -> Result<(), Reason> {
    const INVALID: Reason = Reason::Borrowed("Invalid save parameters");
    let points = &mut settings.persistence.save;
    if words.is_empty() {
        return Ok(());
    }
    if words == [b""] {
        points.clear();
        return Ok(());
    }
    let (pairs, []) = words.as_chunks::<2>() else { return Err(INVALID) };
    let number = |word: &[u8]| value::parse_lenient_int(word).and_then(|number| u64::try_from(number).ok());
    let new = pairs.iter().map(|[seconds, changes]| {
        let seconds = number(seconds).filter(|seconds| *seconds > 0)?;
        Some(SavePoint { seconds, changes: number(changes)? })
    });
    let new = new.collect::<Option<Vec<_>>>().ok_or(INVALID)?;
    if setting != (Setting::Directive { first: false }) {
        points.clear();
    }
    points.extend(new);
    Ok(())
}

fn get_dump_dialect(settings: &Settings) -> Vec<u8> {
    settings.dialects.dump.into()
}

fn set_dump_dialect(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    settings.dialects.dump = parse_dialect(words)?;
    Ok(())
}

fn get_rdb_dialect(settings: &Settings) -> Vec<u8> {
    settings.dialects.rdb.into()
}

fn set_rdb_dialect(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    settings.dialects.rdb = parse_dialect(words)?;
    Ok(())
}

const KEY_METADATA: &[&str] = &["ignore", "refuse"];

fn get_key_metadata(settings: &Settings) -> Vec<u8> {
    KEY_METADATA[usize::from(settings.dialects.refuse_key_metadata)].into()
}

fn set_key_metadata(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    let choice = value::parse_choice(words.first().copied().unwrap_or_default(), KEY_METADATA)?;
    settings.dialects.refuse_key_metadata = choice == 1;
    Ok(())
}

const LOSS: &[&str] = &["tell", "refuse"];

fn get_loss(settings: &Settings) -> Vec<u8> {
    LOSS[usize::from(settings.dialects.refuse_loss)].into()
}

fn set_loss(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    settings.dialects.refuse_loss = value::parse_choice(words.first().copied().unwrap_or_default(), LOSS)? == 1;
    Ok(())
}

const ON_DAMAGE: &[&str] = &["refuse", "quarantine"];

fn get_on_damage(settings: &Settings) -> Vec<u8> {
    ON_DAMAGE[usize::from(settings.persistence.rdb_quarantines_damage)].into()
}

fn set_on_damage(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    let choice = value::parse_choice(words.first().copied().unwrap_or_default(), ON_DAMAGE)?;
    settings.persistence.rdb_quarantines_damage = choice == 1;
    Ok(())
}

fn parse_dialect(words: &[&[u8]]) -> Result<&'static str, Reason> {
    let index = value::parse_choice(words.first().copied().unwrap_or_default(), DIALECTS)?;
    Ok(DIALECTS[index])
}

/// Any of Redis's values is welcome; the answer stays `yes`.
fn check_sanitize(_: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    value::parse_choice(words.first().copied().unwrap_or_default(), &["no", "yes", "clients"]).map(|_| ())
}

fn check_dbfilename(name: &[u8]) -> Result<(), Reason> {
    check_name(name, "dbfilename can't be empty", "dbfilename can't be a path, just a filename")
}

fn check_appendfilename(name: &[u8]) -> Result<(), Reason> {
    check_name(name, "appendfilename can't be empty", "appendfilename can't be a path, just a filename")
}

fn check_appenddirname(name: &[u8]) -> Result<(), Reason> {
    check_name(name, "appenddirname can't be empty", "appenddirname can't be a path, just a dirname")
}

fn check_name(name: &[u8], empty: &'static str, path: &'static str) -> Result<(), Reason> {
    match name {
        [] => Err(empty.into()),
        name if name.contains(&b'/') => Err(path.into()),
        _ => Ok(()),
    }
}
