//! Writing the file: every key of every database, in the configured dialect.

use std::io::{self, Write};
use std::sync::atomic::Ordering::Relaxed;

use keyspace::Db;
use rdb::{Dialect, EncodeError, FileError, FileErrorKind, FileOptions, FileWriter, KeyFacts};
use value::{Type, ValueRef};

use crate::LogLevel;
use crate::config::EvictionPolicy;
use crate::info::REDIS_VERSION;
use crate::node::{Live, Node};

/// What `portable` writes if nothing asks for more.
const LOWEST_PORTABLE_STAMP: u16 = 10;

/// What Valkey's own files say of their writer in a Valkey dialect.
const VALKEY_VERSION: &str = "9.1.2";

impl Node {
    /// Writes the configured file, whole or not at all. `db` may look at everything.
    ///
    /// # Errors
    /// Why it could not be written; the file that was there is untouched then.
    pub(crate) fn save(&self, live: &Live, db: &mut Db<'_>) -> Result<(), FileError> {
        let began_ns = self.host.monotonic_ns();
        let state = &self.persistence;
        let written = self.replace_file(live, db);
        state.last_save_ok.store(written.is_ok(), Relaxed);
        if let Err(error) = written {
            let name = &live.settings.persistence.dbfilename;
            self.host.log(LogLevel::Warning, &format!("Failed saving the DB to {name}: {error}"));
            return Err(error);
        }
        state.saves.fetch_add(1, Relaxed);
        state.last_save_s.store(self.host.unix_ms().seconds(), Relaxed);
        state.dirty_at_save.store(self.stats.sum(|lane| &lane.dirty), Relaxed);
        #[expect(clippy::cast_precision_loss, reason = "printed with three digits")]
        let seconds = self.host.monotonic_ns().saturating_sub(began_ns) as f64 / 1e9;
        self.host.log(LogLevel::Notice, &format!("DB saved on disk in {seconds:.3} seconds"));
        Ok(())
    }

    /// The last thing before the process ends, when a signal asked for it: saves if there are save points.
    pub fn save_at_exit(&self) {
        let live = self.live();
        let state = &self.persistence;
        if live.settings.persistence.save.is_empty()
            || state.is_loading()
            || state.is_final()
            || self.failure().is_some()
        {
            return;
        }
        self.host.log(LogLevel::Notice, "Saving the final RDB snapshot before exiting.");
        let now = self.host.unix_ms();
        let mut turn = self.keyspace.enter(0);
        let mut db = Db::new(turn.lock_all(), 0, now, live.clock(now), false, 0);
        // The log tells; the process ends all the same.
        let _ = self.save(&live, &mut db);
    }

    /// In `portable`, the stamp in front depends on all that follows. Most data sets need no more than the lowest: that is tried without
    /// a walk over the values, unless it went wrong the last time, and a file that turns out to need more is begun anew.
    fn replace_file(&self, live: &Live, db: &mut Db<'_>) -> Result<(), FileError> {
        let needed_more = &self.persistence.save_needs_stamp;
        let mut stamp = if needed_more.load(Relaxed) { least_stamp(db) } else { 0 };
        loop {
            let mut failure = None;
            let name = &live.settings.persistence.dbfilename;
            let replaced = self.host.replace_file(name, &mut |sink| {
                self.write_all(live, db, stamp, sink).map_err(|error| {
                    let text = error.to_string();
                    failure = Some(error);
                    io::Error::other(text)
                })
            });
            let Err(error) = replaced else {
                needed_more.store(stamp > LOWEST_PORTABLE_STAMP, Relaxed);
                return Ok(());
            };
            let error = failure.unwrap_or(FileError { offset: 0, kind: FileErrorKind::Io(error) });
            if !matches!(error.kind, FileErrorKind::StampTooLow { .. }) {
                return Err(error);
            }
            stamp = least_stamp(db);
        }
    }

    fn write_all(&self, live: &Live, db: &mut Db<'_>, stamp: u16, sink: &mut dyn Write) -> Result<(), FileError> {
        let home = db.index();
        let written = self.write_databases(live, db, stamp, sink);
        db.select(home);
        written
    }

    fn write_databases(&self, live: &Live, db: &mut Db<'_>, stamp: u16, sink: &mut dyn Write) -> Result<(), FileError> {
        // The parameter's row admits only names of dialects.
        let dialect: Dialect = live.settings.dialects.rdb.parse().unwrap_or_default();
        let options = FileOptions {
            dialect,
            compress: live.settings.persistence.rdb_compression,
            checksum: live.settings.persistence.rdb_checksum,
            least_stamp: stamp,
        };
        let mut file = FileWriter::new(sink, options)?;
        if dialect == Dialect::Valkey9 {
            file.aux(b"valkey-ver", VALKEY_VERSION.as_bytes())?;
        } else {
            file.aux(b"redis-ver", REDIS_VERSION.as_bytes())?;
        }
        file.aux(b"redis-bits", b"64")?;
        file.aux(b"ctime", self.host.unix_ms().seconds().to_string().as_bytes())?;
        file.aux(b"used-mem", self.host.memory().allocated.to_string().as_bytes())?;
        file.aux(b"aof-base", b"0")?;
        for source in self.library_sources(&[]) {
            file.function(&source)?;
        }
        let mut reduced = Reduced { dialect, refuses: live.tunables.refuse_loss, count: 0, first: None };
        for index in 0..db.databases() {
            db.select(index);
            let size = db.size();
            if size.keys == 0 {
                continue;
            }
            file.select_db(index as u64, size.keys as u64, size.volatile_keys as u64)?;
            write_keys(self, db, &mut file, live.settings.memory.policy, &mut reduced)?;
        }
        file.finish()?;
        if let Some((key, what)) = reduced.first {
            let (count, key) = (reduced.count, key.escape_ascii());
            let line = format!(
                "{dialect} has no place for parts of {count} keys, which were saved without. The first: {what}, key '{key}'"
            );
            self.host.log(LogLevel::Warning, &line);
        }
        Ok(())
    }
}

/// Keys that the dialect holds but for times or counters.
struct Reduced {
    dialect: Dialect,
    /// There must be none.
    refuses: bool,
    count: u64,
    /// A key, and what it lost.
    first: Option<(Vec<u8>, &'static str)>,
}

impl Reduced {
    /// Notes what the value will lose.
    ///
    /// # Errors
    /// If it must lose nothing.
    fn look_at(&mut self, node: &Node, key: &[u8], value: ValueRef<'_>) -> Result<(), FileError> {
        if let Some(what) = rdb::left_out(value, self.dialect) {
            if self.refuses {
                let error = EncodeError { feature: what, dialect: self.dialect };
                return Err(FileError { offset: 0, kind: FileErrorKind::Encode { key: key.to_vec(), error } });
            }
            self.count += 1;
            node.persistence.losses.not_written.fetch_add(1, Relaxed);
            self.first.get_or_insert_with(|| (key.to_vec(), what));
        }
        Ok(())
    }
}

/// The keys of the selected database.
fn write_keys<W: Write>(
    node: &Node,
    db: &Db<'_>,
    file: &mut FileWriter<W>,
    policy: EvictionPolicy,
    reduced: &mut Reduced,
) -> Result<(), FileError> {
    let clock = db.clock();
    let mut result = Ok(());
    db.for_each(|entry| {
        if result.is_err() {
            return;
        }
        let mut facts = KeyFacts { deadline: entry.deadline(), ..KeyFacts::default() };
        if policy.is_lru() || policy.is_lrm() {
            facts.idle_s = Some(u64::from(clock.idle_seconds(entry.clock())));
        } else if policy.is_lfu() {
            facts.frequency = Some(clock.frequency(entry.clock()));
        }
        let value = entry.value();
        let is_stream = value.value_type() == Type::Stream;
        let looked_at = if is_stream { reduced.look_at(node, entry.key(), value) } else { Ok(()) };
        result = looked_at.and_then(|()| file.key(entry.key(), value, facts));
    });
    result
}

/// The lowest stamp that holds every value.
fn least_stamp(db: &mut Db<'_>) -> u16 {
    let (home, mut least) = (db.index(), 0);
    for index in 0..db.databases() {
        db.select(index);
        db.for_each(|entry| least = least.max(rdb::least_stamp(entry.value())));
    }
    db.select(home);
    least
}
