//! What the node remembers of saving and loading.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

use parking_lot::Mutex;
use stdx::UnixMs;

use super::load::Loader;
use super::losses::Losses;

/// Saving and loading, as INFO tells of it.
#[derive(Debug)]
pub(crate) struct Persistence {
    pub(super) loader: Mutex<Option<Loader>>,
    /// Whether `loader` is at work: looked at by every command.
    pub(super) loading: AtomicBool,
    pub(crate) load_started_s: AtomicI64,
    pub(crate) load_total_bytes: AtomicU64,
    pub(crate) load_done_bytes: AtomicU64,
    pub(crate) loaded_keys: AtomicU64,
    pub(crate) load_expired_keys: AtomicU64,
    /// Keys that were left out when the file was loaded.
    pub(crate) load_skipped_keys: AtomicU64,
    /// Changes counted when the data was last saved or loaded.
    pub(crate) dirty_at_save: AtomicU64,
    pub(crate) last_save_s: AtomicI64,
    pub(crate) last_save_ok: AtomicBool,
    pub(crate) saves: AtomicU64,
    /// The last portable file needed a higher stamp than the lowest.
    pub(super) save_needs_stamp: AtomicBool,
    /// What values lost on their way out or in.
    pub(crate) losses: Losses,
    /// What a shutdown saves is saved, or is not to be.
    is_final: AtomicBool,
}

impl Persistence {
    pub(crate) fn new(now: UnixMs) -> Self {
        Self {
            loader: Mutex::default(),
            loading: AtomicBool::new(false),
            load_started_s: AtomicI64::new(0),
            load_total_bytes: AtomicU64::new(0),
            load_done_bytes: AtomicU64::new(0),
            loaded_keys: AtomicU64::new(0),
            load_expired_keys: AtomicU64::new(0),
            load_skipped_keys: AtomicU64::new(0),
            dirty_at_save: AtomicU64::new(0),
            last_save_s: AtomicI64::new(now.seconds()),
            last_save_ok: AtomicBool::new(true),
            saves: AtomicU64::new(0),
            save_needs_stamp: AtomicBool::new(false),
            losses: Losses::default(),
            is_final: AtomicBool::new(false),
        }
    }

    /// Nothing more is to be saved: SHUTDOWN has decided.
    pub(crate) fn mark_final(&self) {
        self.is_final.store(true, Relaxed);
    }

    pub(crate) fn is_final(&self) -> bool {
        self.is_final.load(Relaxed)
    }

    /// Whether the data set is still being loaded.
    pub(crate) fn is_loading(&self) -> bool {
        self.loading.load(Relaxed)
    }
}
