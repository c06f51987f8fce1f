//! All libraries and the interpreter that runs their functions.

use resp::Reply;

use super::library::{Function, Library};
use crate::{Host, Input, ScriptError, Settings};

/// The interpreter of FCALL and the libraries loaded into it.
#[derive(Debug)]
pub struct Functions {
    libraries: Vec<Library>,
}

/// One function. Good until the next change of the libraries: do not keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionId {
    library: u32,
    function: u32,
}

/// FUNCTION RESTORE: what to do with the libraries there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RestorePolicy {
    /// All of them go.
    Flush,
    /// They stay; a library of the same name is an error.
    #[default]
    Append,
    /// They stay, but those of the same name are replaced.
    Replace,
}

/// What [`Functions::restore`] would do, or has done: names of libraries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub added: Vec<String>,
    pub replaced: Vec<String>,
    /// Those that go because of [`RestorePolicy::Flush`] and do not come back.
    pub removed: Vec<String>,
}

impl Functions {
    /// An interpreter with no libraries.
    ///
    /// # Errors
    /// Memory.
    pub fn new(settings: &Settings) -> Result<Self, ScriptError> {
        let _ = settings;
        Ok(Self { libraries: Vec::new() })
    }

    /// FUNCTION LOAD: runs `code`, which registers its functions, and returns the library's name. While it runs, only
    /// [`Host::log`] and [`Host::checkpoint`] of `host` are used: a verdict of Kill is how the server bounds the time it takes.
    ///
    /// # Errors
    /// Metadata, syntax, an error while it ran, a name that is taken; nothing has changed then.
    pub fn load(&mut self, code: &[u8], replace: bool, host: &mut dyn Host) -> Result<&str, ScriptError> {
        let _ = (code, replace, host);
        Err(ScriptError::new("ERR no interpreter"))
    }

    /// FUNCTION DELETE.
    ///
    /// # Errors
    /// There is no such library.
    pub fn delete(&mut self, name: &[u8]) -> Result<(), ScriptError> {
        let _ = name;
        Err(ScriptError::new("ERR Library not found"))
    }

    /// FUNCTION FLUSH: forgets all libraries and begins with a fresh interpreter.
    ///
    /// # Errors
    /// Memory.
    pub fn flush(&mut self) -> Result<(), ScriptError> {
        self.libraries.clear();
        Ok(())
    }

    /// FUNCTION RESTORE, and loading a whole set from a file or a folder: all of `codes` or none of them.
    ///
    /// # Errors
    /// Those of [`load`](Self::load), the first that occurs; nothing has changed then.
    pub fn restore(
        &mut self,
        codes: &[&[u8]],
        policy: RestorePolicy,
        host: &mut dyn Host,
    ) -> Result<Plan, ScriptError> {
        self.plan(codes, policy, host)
    }

    /// What [`restore`](Self::restore) would do, without doing it: the libraries are loaded aside and dropped.
    ///
    /// # Errors
    /// Those of [`restore`](Self::restore).
    pub fn plan(&mut self, codes: &[&[u8]], policy: RestorePolicy, host: &mut dyn Host) -> Result<Plan, ScriptError> {
        let _ = (codes, policy, host);
        Err(ScriptError::new("ERR no interpreter"))
    }

    /// The libraries, in the order they were loaded; a replaced one keeps no place and comes last.
    pub fn libraries(&self) -> impl ExactSizeIterator<Item = &Library> {
        self.libraries.iter()
    }

    /// How many functions all libraries have together.
    #[must_use]
    pub fn function_count(&self) -> usize {
        self.libraries.iter().map(|library| library.functions.len()).sum()
    }

    /// FCALL: the function of this name, which is unique over all libraries.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<FunctionId> {
        let _ = name;
        None
    }

    /// What is known of a function: name, flags.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.libraries.get(id.library as usize)?.functions.get(id.function as usize)
    }

    /// Runs a function to its end and writes what it returns to `reply`, in that reply's protocol.
    ///
    /// # Errors
    /// As [`Scripts::run`](crate::Scripts::run).
    pub fn run(
        &mut self,
        id: FunctionId,
        input: &Input<'_>,
        host: &mut dyn Host,
        reply: &mut Reply<'_>,
    ) -> Result<(), ScriptError> {
        let _ = (id, input, host, reply);
        Err(ScriptError::new("ERR no interpreter"))
    }

    /// INFO `used_memory_vm_functions`: the interpreter's bytes.
    #[must_use]
    pub fn used_memory_bytes(&self) -> usize {
        0
    }

    /// INFO `used_memory_functions`: the texts and what is known of them.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        0
    }
}
