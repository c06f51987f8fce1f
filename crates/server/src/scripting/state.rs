//! What the node keeps of scripts and functions: the two interpreters, and figures about them.
//!
//! An interpreter is made when the first script comes: a server that runs none pays nothing. Its lock is held while a script runs,
//! and then nobody else is inside the gate; the figures are copied out after every change, so that INFO asks for no lock, from a
//! script either.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};
use script::{Functions, ScriptError, Scripts, Settings};

use super::busy::BusyState;
use crate::info::{OCHRE_VERSION, REDIS_VERSION};

/// Scripts, functions, and the one that runs.
#[derive(Debug, Default)]
pub(crate) struct Scripting {
    scripts: Mutex<Option<Scripts>>,
    functions: Mutex<Option<Functions>>,
    pub(crate) busy: BusyState,
    pub(crate) figures: Figures,
    /// The digest of what `functions-dir` last brought; empty without one.
    pub(crate) directory_digest: Mutex<String>,
    /// SIGHUP came.
    pub(super) reload_asked: AtomicBool,
}

/// What INFO and MEMORY tell.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) cached_scripts: AtomicUsize,
    pub(crate) evicted_scripts: AtomicU64,
    /// Texts and what is needed to find them.
    pub(crate) scripts_bytes: AtomicUsize,
    pub(crate) functions_bytes: AtomicUsize,
    /// The interpreters.
    pub(crate) scripts_vm_bytes: AtomicUsize,
    pub(crate) functions_vm_bytes: AtomicUsize,
    pub(crate) libraries: AtomicUsize,
    pub(crate) functions: AtomicUsize,
}

impl Scripting {
    /// The interpreter of EVAL.
    pub(super) fn scripts(&self) -> Result<MappedMutexGuard<'_, Scripts>, ScriptError> {
        let mut slot = self.scripts.lock();
        if slot.is_none() {
            *slot = Some(Scripts::new(&settings())?);
        }
        MutexGuard::try_map(slot, Option::as_mut).map_err(|_| ScriptError::new("ERR no interpreter"))
    }

    /// The interpreter of FCALL.
    pub(super) fn functions(&self) -> Result<MappedMutexGuard<'_, Functions>, ScriptError> {
        let mut slot = self.functions.lock();
        if slot.is_none() {
            *slot = Some(Functions::new(&settings())?);
        }
        MutexGuard::try_map(slot, Option::as_mut).map_err(|_| ScriptError::new("ERR no interpreter"))
    }

    /// Whether a library was ever loaded: without one there is no interpreter to ask.
    pub(super) fn has_functions(&self) -> bool {
        self.functions.lock().is_some()
    }

    /// SCRIPT FLUSH: the next script begins with a fresh interpreter. Returns the old one, for whoever frees it.
    pub(super) fn take_scripts(&self) -> Option<Scripts> {
        let scripts = self.scripts.lock().take();
        let evicted = self.figures.evicted_scripts.load(Relaxed);
        self.figures.note_no_scripts();
        self.figures.evicted_scripts.store(evicted, Relaxed);
        scripts
    }

    /// FUNCTION FLUSH.
    pub(super) fn take_functions(&self) -> Option<Functions> {
        let functions = self.functions.lock().take();
        self.figures.note_no_functions();
        functions
    }
}

impl Figures {
    pub(super) fn note_scripts(&self, scripts: &Scripts) {
        self.cached_scripts.store(scripts.len(), Relaxed);
        self.evicted_scripts.store(scripts.evicted(), Relaxed);
        self.scripts_bytes.store(scripts.cached_bytes(), Relaxed);
        self.scripts_vm_bytes.store(scripts.used_memory_bytes(), Relaxed);
    }

    fn note_no_scripts(&self) {
        for figure in [&self.cached_scripts, &self.scripts_bytes, &self.scripts_vm_bytes] {
            figure.store(0, Relaxed);
        }
    }

    pub(super) fn note_functions(&self, functions: &Functions) {
        self.libraries.store(functions.libraries().len(), Relaxed);
        self.functions.store(functions.function_count(), Relaxed);
        self.functions_bytes.store(functions.cached_bytes(), Relaxed);
        self.functions_vm_bytes.store(functions.used_memory_bytes(), Relaxed);
    }

    fn note_no_functions(&self) {
        for figure in [&self.libraries, &self.functions, &self.functions_bytes, &self.functions_vm_bytes] {
            figure.store(0, Relaxed);
        }
    }

    /// Bytes of both interpreters.
    pub(crate) fn vm_bytes(&self) -> usize {
        self.scripts_vm_bytes.load(Relaxed).saturating_add(self.functions_vm_bytes.load(Relaxed))
    }
}

fn settings() -> Settings {
    Settings {
        redis_version: version(REDIS_VERSION),
        server_name: "redis".to_owned(),
        server_version: version(OCHRE_VERSION),
        memory_limit_bytes: 0,
    }
}

/// `8.0.6` as numbers; what is no number is 0.
fn version(text: &str) -> [u8; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_read() {
        assert_eq!(super::version("8.0.6"), [8, 0, 6]);
        assert_eq!(super::version("1.2"), [1, 2, 0]);
    }
}
