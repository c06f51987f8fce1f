//! The cache of compiled scripts and the interpreter that runs them.
//!
//! A script is found by the SHA1 of its text, which is also the name that clients call it by. EVAL would fill memory with texts
//! that are never run again (clients that build scripts by pasting values into them), so of those that came by EVAL only the last
//! 500 stay; what SCRIPT LOAD brought is somebody's promise to an EVALSHA and stays until SCRIPT FLUSH.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use resp::Reply;

use super::shebang;
use crate::digest::sha1_hex;
use crate::ffi::{Chunk, Interpreter, Kind};
use crate::{Flags, Host, Input, ScriptError, Settings};

/// Scripts of EVAL that are kept.
const MAX_EVAL_SCRIPTS: usize = 500;

/// The interpreter of EVAL and the scripts it has compiled, by the SHA1 of their text.
#[derive(Debug)]
pub struct Scripts {
    settings: Settings,
    interpreter: Interpreter,
    slots: Vec<Option<Script>>,
    free: Vec<u32>,
    by_sha1: HashMap<[u8; 40], u32, BuildHasherDefault<FirstBytes>>,
    /// The script that ran last: mostly the next one too, and comparing texts is cheaper than hashing one.
    last: Option<u32>,
    clock: u64,
    evictable: usize,
    evicted: u64,
    body_bytes: usize,
}

#[derive(Debug)]
struct Script {
    sha1_hex: [u8; 40],
    body: Box<[u8]>,
    flags: Option<Flags>,
    chunk: Chunk,
    origin: Origin,
    /// When EVAL used it last.
    used: u64,
}

/// One compiled script. Good until the next call that compiles or flushes: do not keep it.
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
        Ok(Self {
            settings: settings.clone(),
            interpreter: Interpreter::new(settings, Kind::Scripts)?,
            slots: Vec::new(),
            free: Vec::new(),
            by_sha1: HashMap::default(),
            last: None,
            clock: 0,
            evictable: 0,
            evicted: 0,
            body_bytes: 0,
        })
    }

    /// The script with this text, compiled if it is new.
    ///
    /// # Errors
    /// Its shebang or its syntax (`ERR Error compiling script (new function): user_script:1: ...`).
    pub fn load(&mut self, body: &[u8], origin: Origin) -> Result<ScriptId, ScriptError> {
        let known = self.last.filter(|slot| self.script(*slot).is_some_and(|script| *script.body == *body));
        if let Some(slot) = known {
            self.touch(slot, origin);
            return Ok(ScriptId(slot));
        }
        let sha1_hex = sha1_hex(body);
        let slot = match self.by_sha1.get(&sha1_hex) {
            Some(slot) => *slot,
            None => self.compile(sha1_hex, body, origin)?,
        };
        self.touch(slot, origin);
        Ok(ScriptId(slot))
    }

    fn compile(&mut self, sha1_hex: [u8; 40], body: &[u8], origin: Origin) -> Result<u32, ScriptError> {
        let (flags, text) = shebang::parse(body)?;
        let chunk = self.interpreter.compile(text, c"@user_script").map_err(|message| {
            ScriptError::new([b"ERR Error compiling script (new function): ", &*message].concat())
        })?;
        if origin == Origin::Eval {
            self.make_room();
            self.evictable += 1;
        }
        self.body_bytes += body.len();
        let script = Script { sha1_hex, body: body.into(), flags, chunk, origin, used: self.clock };
        let slot = match self.free.pop() {
            Some(slot) => {
                if let Some(empty) = self.slots.get_mut(slot as usize) {
                    *empty = Some(script);
                }
                slot
            }
            None => {
                self.slots.push(Some(script));
                u32::try_from(self.slots.len() - 1).map_err(|_| ScriptError::new("ERR too many scripts"))?
            }
        };
        self.by_sha1.insert(sha1_hex, slot);
        Ok(slot)
    }

    /// Forgets the script of EVAL that was not used for longest, when there is no room for another. Scripts are compared one by
    /// one: there are few, and a compilation costs more.
    fn make_room(&mut self) {
        if self.evictable < MAX_EVAL_SCRIPTS {
            return;
        }
        let oldest =
            self.slots.iter().flatten().filter(|script| script.origin == Origin::Eval).min_by_key(|script| script.used);
        let Some(slot) = oldest.and_then(|script| self.by_sha1.get(&script.sha1_hex).copied()) else { return };
        let Some(script) = self.slots.get_mut(slot as usize).and_then(Option::take) else { return };
        self.by_sha1.remove(&script.sha1_hex);
        self.interpreter.release(&script.chunk);
        self.body_bytes -= script.body.len();
        self.free.push(slot);
        self.last = None;
        self.evictable -= 1;
        self.evicted += 1;
    }

    /// Notes that the script was used, and that SCRIPT LOAD asks for it to stay.
    fn touch(&mut self, slot: u32, origin: Origin) {
        self.clock += 1;
        let clock = self.clock;
        self.last = Some(slot);
        let Some(script) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        script.used = clock;
        if origin == Origin::ScriptLoad && script.origin == Origin::Eval {
            script.origin = Origin::ScriptLoad;
            self.evictable -= 1;
        }
    }

    fn script(&self, slot: u32) -> Option<&Script> {
        self.slots.get(slot as usize)?.as_ref()
    }

    /// EVALSHA, SCRIPT EXISTS: the script with this SHA1, 40 hex digits of either case.
    #[must_use]
    pub fn find(&self, sha1_hex: &[u8]) -> Option<ScriptId> {
        let mut key: [u8; 40] = sha1_hex.try_into().ok()?;
        key.make_ascii_lowercase();
        self.by_sha1.get(&key).map(|slot| ScriptId(*slot))
    }

    /// Its flags; `None` when the text has no shebang, which asks for the older, laxer rules.
    #[must_use]
    pub fn flags(&self, id: ScriptId) -> Option<Flags> {
        self.script(id.0)?.flags
    }

    /// Its SHA1, 40 lower-case hex digits.
    #[must_use]
    pub fn sha1_hex(&self, id: ScriptId) -> [u8; 40] {
        self.script(id.0).map_or([b'0'; 40], |script| script.sha1_hex)
    }

    /// SCRIPT SHOW: its text.
    #[must_use]
    pub fn body(&self, id: ScriptId) -> &[u8] {
        self.script(id.0).map_or(&[], |script| &script.body)
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
        let Some(script) = self.slots.get(id.0 as usize).and_then(Option::as_ref) else {
            return Err(ScriptError::new("NOSCRIPT No matching script. Please use EVAL."));
        };
        self.interpreter.run(&script.chunk, &script.sha1_hex, input, host, reply)
    }

    /// SCRIPT FLUSH: forgets all scripts and begins with a fresh interpreter.
    ///
    /// # Errors
    /// Memory.
    pub fn flush(&mut self) -> Result<(), ScriptError> {
        let evicted = self.evicted;
        *self = Self::new(&self.settings)?;
        self.evicted = evicted;
        Ok(())
    }

    /// INFO `number_of_cached_scripts`.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_sha1.len()
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
        self.interpreter.used_memory_bytes()
    }

    /// INFO `used_memory_scripts_eval`: the texts and what the cache needs to find them.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.body_bytes
            + self.slots.capacity() * size_of::<Option<Script>>()
            + self.by_sha1.capacity() * size_of::<([u8; 40], u32)>()
    }
}

/// A digest is its own hash.
#[derive(Debug, Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().take(16).fold(self.0, |hash, byte| hash.rotate_left(4) ^ u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        // Hex digits leave bits unused; the map looks at the upper and the lower ones.
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}
