//! What the functions of one `cjson` or `cmsgpack` share: settings, and buffers that outlive a call.

use std::cell::UnsafeCell;
use std::sync::{Mutex, PoisonError};

use crate::ffi::state::{SHARED, State};
use crate::libs::Config;

/// Larger buffers are given back after use.
const KEPT_BYTES: usize = 64 << 10;

/// At an address that does not change while one of its functions lives: each owns a share of it, and points to it.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    config: Mutex<Config>,
    scratch: UnsafeCell<Scratch>,
}

// SAFETY: `scratch` is reached through `State::scratch` alone, by native functions of one Lua state, which one thread runs at a time.
unsafe impl Sync for Instance {}

/// Memory that an error, which leaves by `longjmp`, must not lose: it is only lent to a call.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    pub(super) bytes: Vec<u8>,
    pub(super) frames: Vec<Frame>,
}

/// An array or map that has not ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) is_array: bool,
    /// Elements or pairs done.
    pub(super) done: i32,
    /// How many there are, where that is known.
    pub(super) len: u32,
}

impl Frame {
    pub(super) const fn array(len: u32) -> Self {
        Self { is_array: true, done: 0, len }
    }

    pub(super) const fn map(len: u32) -> Self {
        Self { is_array: false, done: 0, len }
    }
}

impl Instance {
    pub(crate) fn config(&self) -> Config {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_config(&self, config: Config) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

impl Scratch {
    /// Gives back what one large text made of the buffers.
    pub(super) fn trim(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.frames.clear();
        self.frames.shrink_to(KEPT_BYTES / size_of::<Frame>());
    }
}

impl State {
    /// What the running function of a library belongs to.
    pub(super) fn instance<'a>(self) -> &'a Instance {
        // SAFETY: the first upvalue of these functions points to an `Instance` (`native`), of which the second owns a share.
        unsafe { &*self.pointer(SHARED).cast::<Instance>() }
    }

    /// The buffers of [`Self::instance`], empty. Each function takes them once, and calls no Lua code that could call another one.
    pub(super) fn scratch<'a>(self) -> &'a mut Scratch {
        let scratch = self.instance().scratch.get();
        // SAFETY: one thread at a time runs the state; within it one function at a time holds the buffers (see above), since none
        // of them runs code of scripts: tables are read and written past their metatables.
        let scratch = unsafe { &mut *scratch };
        // An error may have left something.
        scratch.trim();
        scratch
    }
}
