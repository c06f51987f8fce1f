//! Loading a file into the keyspace, a slice at a time.

use std::fmt;
use std::io::Read;
use std::sync::atomic::Ordering::Relaxed;

use keyspace::table::EntryBox;
use keyspace::{AccessClock, Db, Key};
use rdb::{FileError, FileReader, KeyRecord, Record, RestoreOptions, ValueError};
use stdx::UnixMs;
use value::{StringValue, Value};

use crate::LogLevel;
use crate::node::{Live, Node};
use crate::worker::Worker;

/// Records between two looks at the clock, and keys whose places in the table are fetched into the cache together.
const RECORDS_PER_LOOK: usize = 64;
/// How long a slice may take: what a client may have to wait for its `-LOADING`.
const SLICE_NS: u64 = 10_000_000;
/// How often the log tells how far loading has come.
const TELL_EVERY_NS: u64 = 2_000_000_000;
/// Keys left out that the log names; the rest are counted.
const MOST_NAMED: u64 = 1000;
/// Bytes of a key that the log shows.
const KEY_SHOWN_BYTES: usize = 128;

/// The log's last line of a start: the data is there, and clients are served.
pub const READY: &str = "Ready to accept connections";

/// A file on its way into the keyspace.
pub(super) struct Loader {
    file: FileReader<Box<dyn Read + Send>>,
    db: usize,
    started_ns: u64,
    told_ns: u64,
    found: LoadedKeys,
    /// Keys that were read and are not in the database yet, with their hashes.
    read: Vec<(Box<KeyRecord>, u64)>,
}

/// What a file brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadedKeys {
    pub loaded: u64,
    /// Their time had come before they were loaded.
    pub expired: u64,
    /// Values that could not be read and were left out.
    pub damaged: u64,
    /// Values of modules, left out.
    pub of_modules: u64,
    /// Loaded keys that modules had given metadata, which was left out.
    pub without_metadata: u64,
}

/// Why a file was not loaded.
#[derive(Debug)]
pub enum LoadError {
    File(FileError),
    /// The configuration allows no damage.
    Damaged {
        count: u64,
    },
    /// A key of a database that is not configured.
    NoSuchDb {
        db: u64,
        databases: usize,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Damaged { count } => {
                write!(f, "{count} keys could not be read (see above); 'rdb-on-damage quarantine' loads the others")
            }
            Self::NoSuchDb { db, databases } => {
                write!(f, "it has keys in database {db}, and 'databases' is {databases}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl From<FileError> for LoadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("db", &self.db).field("found", &self.found).finish_non_exhaustive()
    }
}

impl Loader {
    fn new(source: Box<dyn Read + Send>, live: &Live, now_ns: u64) -> Result<Self, LoadError> {
        let options = RestoreOptions {
            allow_omitted_checksum: true,
            max_string_bytes: usize::MAX,
            refuse_metadata: live.tunables.refuse_key_metadata,
            encodings: live.tunables.encodings,
            ..RestoreOptions::default()
        };
        let mut file = FileReader::new(source, options)?;
        if !live.settings.persistence.rdb_checksum {
            file.ignore_checksum();
        }
        Ok(Self { file, db: 0, started_ns: now_ns, told_ns: now_ns, found: LoadedKeys::default(), read: Vec::new() })
    }

    /// Loads some records into `db`; returns whether there are more.
    fn slice(&mut self, node: &Node, db: &mut Db<'_>) -> Result<bool, LoadError> {
        for _ in 0..RECORDS_PER_LOOK {
            match self.file.next()? {
                None => {
                    self.put_read(node, db);
                    return self.end(node).map(|()| false);
                }
                Some(Record::SelectDb(index)) => {
                    self.put_read(node, db);
                    let databases = db.databases();
                    let known = usize::try_from(index).ok().filter(|index| *index < databases);
                    self.db = known.ok_or(LoadError::NoSuchDb { db: index, databases })?;
                }
                Some(Record::Key(key)) => {
                    let hash = node.keyspace.hasher().hash(&key.key);
                    self.read.push((key, hash));
                }
                Some(Record::Function(source)) => self.library(node, &source),
                Some(Record::FunctionPreGa(library)) => {
                    self.library(node, &library.to_source());
                }
                Some(Record::ModuleAux(id)) => {
                    node.host.log(LogLevel::Warning, &format!("Left out: data of module {id}, beside its keys"));
                }
                Some(
                    Record::Aux { .. }
                    | Record::ResizeDb { .. }
                    | Record::SlotInfo { .. }
                    | Record::HashTemplate { .. },
                ) => {}
                Some(Record::SlotImport { job, slots }) => {
                    let (job, slots) = (job.escape_ascii(), slots.escape_ascii());
                    let line = format!("Left out: that slots {slots} were being imported (work {job})");
                    node.host.log(LogLevel::Warning, &line);
                }
            }
        }
        self.put_read(node, db);
        let state = &node.persistence;
        state.load_done_bytes.store(self.file.offset(), Relaxed);
        state.loaded_keys.store(self.found.loaded, Relaxed);
        Ok(true)
    }

    /// Puts what was read into the database.
    fn put_read(&mut self, node: &Node, db: &mut Db<'_>) {
        db.select(self.db);
        let mut read = std::mem::take(&mut self.read);
        db.prefetch(read.iter().map(|(record, hash)| Key::with_hash(&record.key, *hash)));
        for (mut record, hash) in read.drain(..) {
            self.key(node, db, &mut record, hash);
            self.file.recycle(record);
        }
        self.read = read;
    }

    fn key(&mut self, node: &Node, db: &mut Db<'_>, record: &mut KeyRecord, hash: u64) {
        let taken = Ok(Value::String(StringValue::Int(0)));
        let value = match std::mem::replace(&mut record.value, taken) {
            Ok(value) => value,
            Err(why) => return self.left_out(node, &record.key, record.offset, why),
        };
        if record.deadline.is_some_and(|at| db.now() > at) {
            self.found.expired += 1;
            return;
        }
        if record.metadata > 0 {
            self.found.without_metadata += 1;
            node.persistence.losses.without_metadata.fetch_add(1, Relaxed);
        }
        let clock = db.clock();
        let access = match (clock, record.idle_s, record.frequency) {
            (AccessClock::Lru { .. } | AccessClock::Lrm { .. }, Some(idle), _) => clock.with_idle_seconds(idle),
            (AccessClock::Lfu { .. }, _, Some(frequency)) => clock.with_frequency(frequency),
            (AccessClock::Lru { .. } | AccessClock::Lrm { .. } | AccessClock::Lfu { .. }, ..) => clock.fresh(),
        };
        db.load(hash, EntryBox::new(&record.key, value.into(), record.deadline, access));
        self.found.loaded += 1;
    }

    fn library(&mut self, node: &Node, source: &[u8]) {
        if let Err(why) = node.load_library_of_file(source) {
            self.found.damaged += 1;
            let name = rdb::functions::library_name(source).unwrap_or_default().escape_ascii();
            node.host.log(LogLevel::Warning, &format!("Left out: function library '{name}': {why}"));
        }
    }

    fn left_out(&mut self, node: &Node, key: &[u8], offset: u64, why: ValueError) {
        let named = self.found.damaged + self.found.of_modules < MOST_NAMED;
        let reason = match why {
            ValueError::Module(id) => {
                self.found.of_modules += 1;
                format!("it is a value of module {id}")
            }
            ValueError::Damaged { offset, error } => {
                self.found.damaged += 1;
                format!("{} at byte {offset}", error.kind)
            }
        };
        if named {
            let shown = key.get(..KEY_SHOWN_BYTES).unwrap_or(key).escape_ascii();
            let line = format!("Left out: key '{shown}' of database {}, byte {offset}: {reason}", self.db);
            node.host.log(LogLevel::Warning, &line);
        }
    }

    fn end(&self, node: &Node) -> Result<(), LoadError> {
        let damaged = self.found.damaged;
        if damaged > 0 && !node.live().settings.persistence.rdb_quarantines_damage {
            return Err(LoadError::Damaged { count: damaged });
        }
        Ok(())
    }
}

impl Node {
    /// Begins to load `source`, a file of `total_bytes`; lane 0 goes on with it until it ends.
    ///
    /// # Errors
    /// When it is no file that could be loaded.
    pub fn begin_loading(&self, source: Box<dyn Read + Send>, total_bytes: u64) -> Result<(), LoadError> {
        let loader = Loader::new(source, &self.live(), self.host.monotonic_ns())?;
        let state = &self.persistence;
        state.load_total_bytes.store(total_bytes, Relaxed);
        state.load_started_s.store(self.host.unix_ms().seconds(), Relaxed);
        *state.loader.lock() = Some(loader);
        state.loading.store(true, Relaxed);
        Ok(())
    }

    /// Whether the data set is still being loaded.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.persistence.is_loading()
    }

    /// Loads a whole file into `db`'s keyspace at once: DEBUG RELOAD.
    pub(crate) fn load_at_once(&self, source: Box<dyn Read + Send>, db: &mut Db<'_>) -> Result<LoadedKeys, LoadError> {
        let mut loader = Loader::new(source, &self.live(), self.host.monotonic_ns())?;
        let home = db.index();
        let result = loop {
            match loader.slice(self, db) {
                Ok(true) => {}
                Ok(false) => break Ok(loader.found),
                Err(error) => break Err(error),
            }
        };
        db.select(home);
        result
    }
}

impl Worker {
    /// A slice of loading, if that is going on; returns whether it goes on.
    pub(crate) fn load_slice(&self, node: &Node, live: &Live, now: UnixMs) -> bool {
        let state = &node.persistence;
        if !state.is_loading() {
            return false;
        }
        let mut slot = state.loader.lock();
        let Some(loader) = slot.as_mut() else { return false };
        let began_ns = node.host.monotonic_ns();
        let mut turn = node.keyspace.enter(self.lane);
        let mut db = Db::new(turn.lock_all(), 0, now, live.clock(now), false, 0);
        let result = loop {
            match loader.slice(node, &mut db) {
                Ok(true) if node.host.monotonic_ns().saturating_sub(began_ns) < SLICE_NS => {}
                other => break other,
            }
        };
        // Nobody watches or waits yet, and what was loaded is no change.
        drop(db.finish());
        drop(turn);
        match result {
            Ok(true) => {
                tell_progress(node, loader);
                return true;
            }
            Ok(false) => tell_end(node, loader),
            Err(error) => {
                node.host.log(LogLevel::Warning, &format!("The RDB file was not loaded: {error}. Exiting."));
                node.fail(format!("the RDB file was not loaded: {error}"));
            }
        }
        *slot = None;
        state.loading.store(false, Relaxed);
        false
    }
}

fn tell_progress(node: &Node, loader: &mut Loader) {
    let now_ns = node.host.monotonic_ns();
    if now_ns.saturating_sub(loader.told_ns) < TELL_EVERY_NS {
        return;
    }
    loader.told_ns = now_ns;
    let total = node.persistence.load_total_bytes.load(Relaxed).max(1);
    let percent = loader.file.offset().saturating_mul(100) / total;
    let line = format!("Loading: {percent} %, {} keys", loader.found.loaded);
    node.host.log(LogLevel::Notice, &line);
}

fn tell_end(node: &Node, loader: &Loader) {
    let LoadedKeys { loaded, expired, damaged, of_modules, without_metadata } = loader.found;
    let state = &node.persistence;
    state.loaded_keys.store(loaded, Relaxed);
    state.load_expired_keys.store(expired, Relaxed);
    state.load_skipped_keys.store(damaged + of_modules, Relaxed);
    state.load_done_bytes.store(loader.file.offset(), Relaxed);
    let line = format!(
        "Done loading RDB, keys loaded: {loaded}, keys expired: {expired}, left out: {}.",
        damaged + of_modules
    );
    node.host.log(LogLevel::Notice, &line);
    if without_metadata > 0 {
        let line = format!("Left out: what modules had noted of {without_metadata} keys, which were loaded");
        node.host.log(LogLevel::Warning, &line);
    }
    #[expect(clippy::cast_precision_loss, reason = "printed with three digits")]
    let seconds = node.host.monotonic_ns().saturating_sub(loader.started_ns) as f64 / 1e9;
    node.host.log(LogLevel::Notice, &format!("DB loaded from disk: {seconds:.3} seconds"));
    node.host.log(LogLevel::Notice, READY);
}
