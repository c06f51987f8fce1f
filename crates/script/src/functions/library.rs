//! What is known of a library: its text and the functions in it.

use crate::Flags;
use crate::ffi::Chunk;

/// One library.
#[derive(Debug)]
pub struct Library {
    pub(super) name: String,
    pub(super) code: Box<[u8]>,
    pub(super) functions: Vec<Function>,
    /// Whether a directory of files brought it, whose next reading takes it away.
    pub(super) of_directory: bool,
}

/// One function of a library.
#[derive(Debug)]
pub struct Function {
    pub(super) name: String,
    pub(super) description: Option<Vec<u8>>,
    pub(super) flags: Flags,
    pub(super) chunk: Chunk,
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

    pub(super) fn heap_bytes(&self) -> usize {
        let functions: usize = self
            .functions
            .iter()
            .map(|function| {
                size_of::<Function>() + function.name.len() + function.description.as_ref().map_or(0, Vec::len)
            })
            .sum();
        size_of::<Self>() + self.name.len() + self.code.len() + functions
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

/// What a library registers while its body runs.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) functions: Vec<DraftFunction>,
}

#[derive(Debug)]
pub(crate) struct DraftFunction {
    pub(crate) name: String,
    pub(crate) description: Option<Vec<u8>>,
    pub(crate) flags: Flags,
    /// The callback's number in the interpreter's registry.
    pub(crate) kept: std::ffi::c_int,
}

/// What is said of a name that is not one, of a library or of a function.
pub(crate) const NAME_RULE: &[u8] =
    b"Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

pub(crate) fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
