//! The cache of compiled scripts and the interpreter that runs them.

use resp::Reply;

use crate::{Flags, Host, Input, ScriptError, Settings};

/// The interpreter of EVAL and the scripts it has compiled, by the SHA1 of their text.
#[derive(Debug)]
pub struct Scripts {
    evicted: u64,
}

/// One compiled script. Good until the next call that compiles, flushes or finds: do not keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScriptId(u32);

/// How a script came: those that SCRIPT LOAD brought stay until SCRIPT FLUSH; those of EVAL make room for newer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Eval,
    ScriptLoad,
}

impl Scripts {
    /// An interpreter with no scripts.
    ///
    /// # Errors
    /// Memory.
    pub fn new(settings: &Settings) -> Result<Self, ScriptError> {
        let _ = settings;
        Ok(Self { evicted: 0 })
    }

    /// The script with this text, compiled if it is new.
    ///
    /// # Errors
    /// Its shebang or its syntax (`ERR Error compiling script (new function): user_script:1: ...`).
    pub fn load(&mut self, body: &[u8], origin: Origin) -> Result<ScriptId, ScriptError> {
        let _ = (body, origin);
        Err(ScriptError::new("ERR no interpreter"))
    }

    /// EVALSHA, SCRIPT EXISTS: the script with this SHA1, 40 hex digits of either case.
    #[must_use]
    pub fn find(&self, sha1_hex: &[u8]) -> Option<ScriptId> {
        let _ = sha1_hex;
        None
    }

    /// Its flags; `None` when the text has no shebang, which asks for the older, laxer rules.
    #[must_use]
    pub fn flags(&self, id: ScriptId) -> Option<Flags> {
        let _ = id;
        None
    }

    /// Its SHA1, 40 lower-case hex digits.
    #[must_use]
    pub fn sha1_hex(&self, id: ScriptId) -> [u8; 40] {
        let _ = id;
        [b'0'; 40]
    }

    /// SCRIPT SHOW: its text.
    #[must_use]
    pub fn body(&self, id: ScriptId) -> &[u8] {
        let _ = id;
        &[]
    }

    /// Runs a script to its end and writes what it returns to `reply`, in that reply's protocol.
    ///
    /// # Errors
    /// The error that ended it or that it returned; nothing is written then. [`ScriptError::is_counted`] says whether the error's
    /// code has been counted by the command that gave it.
    pub fn run(
        &mut self,
        id: ScriptId,
        input: &Input<'_>,
        host: &mut dyn Host,
        reply: &mut Reply<'_>,
    ) -> Result<(), ScriptError> {
        let _ = (id, input, host, reply);
        Err(ScriptError::new("ERR no interpreter"))
    }

    /// SCRIPT FLUSH: forgets all scripts and begins with a fresh interpreter.
    ///
    /// # Errors
    /// Memory.
    pub fn flush(&mut self) -> Result<(), ScriptError> {
        Ok(())
    }

    /// INFO `number_of_cached_scripts`.
    #[must_use]
    pub fn len(&self) -> usize {
        0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// INFO `evicted_scripts`: scripts of EVAL that made room for newer ones.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// INFO `used_memory_vm_eval`, `used_memory_lua`: the interpreter's bytes.
    #[must_use]
    pub fn used_memory_bytes(&self) -> usize {
        0
    }

    /// INFO `used_memory_scripts_eval`: the texts and what the cache needs to find them.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        0
    }
}
