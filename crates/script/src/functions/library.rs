//! What is known of a library: its text and the functions in it.

use crate::Flags;

/// One library.
#[derive(Debug)]
pub struct Library {
    pub(super) name: String,
    pub(super) code: Vec<u8>,
    pub(super) functions: Vec<Function>,
}

/// One function of a library.
#[derive(Debug)]
pub struct Function {
    pub(super) name: String,
    pub(super) description: Option<Vec<u8>>,
    pub(super) flags: Flags,
}

impl Library {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, byte for byte as it was loaded: FUNCTION DUMP, FUNCTION LIST WITHCODE, RDB and AOF take it.
    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// Its functions in the order they were registered.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }
}

impl Function {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn description(&self) -> Option<&[u8]> {
        self.description.as_deref()
    }

    #[must_use]
    pub const fn flags(&self) -> Flags {
        self.flags
    }
}
