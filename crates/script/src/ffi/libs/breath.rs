//! A look at the checkpoint every so many values: a text of half a gigabyte takes seconds.

use crate::ffi::run::ask_in_library;
use crate::ffi::state::State;

const VALUES_PER_CHECKPOINT: u32 = 4096;

pub(super) struct Breath {
    lua: State,
    left: u32,
}

impl Breath {
    pub(super) const fn new(lua: State) -> Self {
        Self { lua, left: VALUES_PER_CHECKPOINT }
    }

    /// Counts a value. Raises when the script is to end.
    pub(super) fn take(&mut self) {
        self.left -= 1;
        if self.left == 0 {
            self.left = VALUES_PER_CHECKPOINT;
            ask_in_library(self.lua);
        }
    }
}
