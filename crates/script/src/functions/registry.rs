//! All libraries and the interpreter that runs their functions.
//!
//! Every change is made aside and then put in place: the libraries that come are compiled and run first, compared with each other
//! and with those that stay, and only when nothing is left that could fail do the old ones go. So a FUNCTION RESTORE, or a folder
//! of libraries of which one is broken, changes nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use resp::Reply;

use super::library::{Function, Library};
use super::metadata;
use crate::ffi::{Chunk, Interpreter, Kind};
use crate::{Host, Input, ScriptError, Settings};

/// The interpreter of FCALL and the libraries loaded into it.
#[derive(Debug)]
pub struct Functions {
    settings: Settings,
    interpreter: Interpreter,
    libraries: Vec<Library>,
    /// By the name in lower case: FCALL does not tell `f` from `F`.
    by_name: BTreeMap<String, FunctionId>,
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
        Ok(Self {
            settings: settings.clone(),
            interpreter: Interpreter::new(settings, Kind::Functions)?,
            libraries: Vec::new(),
            by_name: BTreeMap::new(),
        })
    }

    /// FUNCTION LOAD: runs `code`, which registers its functions, and returns the library's name. While it runs, only
    /// [`Host::log`] and [`Host::checkpoint`] of `host` are used: a verdict of Kill is how the server bounds the time it takes.
    ///
    /// # Errors
    /// Metadata, syntax, an error while it ran, a name that is taken; nothing has changed then.
    pub fn load(&mut self, code: &[u8], replace: bool, host: &mut dyn Host) -> Result<&str, ScriptError> {
        let (name, _) = metadata::parse(code)?;
        if !replace && self.libraries.iter().any(|library| library.name == name) {
            return Err(library_exists(&name, "'"));
        }
        let library = self.build(code, host)?;
        let stays = |old: &Library| old.name != library.name;
        if let Some(taken) = first_taken(&self.by_name, &self.libraries, &library, stays) {
            let error = function_exists(&taken);
            self.drop_libraries(vec![library]);
            return Err(error);
        }
        let (kept, replaced) =
            std::mem::take(&mut self.libraries).into_iter().partition(|old| old.name != library.name);
        self.libraries = kept;
        self.libraries.push(library);
        self.drop_libraries(replaced);
        self.index();
        Ok(self.libraries.last().map_or("", |library| &library.name))
    }

    /// FUNCTION DELETE.
    ///
    /// # Errors
    /// There is no such library.
    pub fn delete(&mut self, name: &[u8]) -> Result<(), ScriptError> {
        let (gone, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.libraries).into_iter().partition(|library| library.name.as_bytes() == name);
        self.libraries = kept;
        if gone.is_empty() {
            return Err(ScriptError::new("ERR Library not found"));
        }
        self.drop_libraries(gone);
        self.index();
        Ok(())
    }

    /// FUNCTION FLUSH: forgets all libraries and begins with a fresh interpreter.
    ///
    /// # Errors
    /// Memory.
    pub fn flush(&mut self) -> Result<(), ScriptError> {
        *self = Self::new(&self.settings)?;
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
        let (fresh, plan) = self.prepare(codes, policy, host)?;
        let stays = |old: &Library| policy != RestorePolicy::Flush && !plan.replaced.contains(&old.name);
        let (kept, gone) = std::mem::take(&mut self.libraries).into_iter().partition(stays);
        self.libraries = kept;
        self.libraries.extend(fresh);
        self.drop_libraries(gone);
        self.index();
        Ok(plan)
    }

    /// What [`restore`](Self::restore) would do, without doing it: the libraries are loaded aside and dropped.
    ///
    /// # Errors
    /// Those of [`restore`](Self::restore).
    pub fn plan(&mut self, codes: &[&[u8]], policy: RestorePolicy, host: &mut dyn Host) -> Result<Plan, ScriptError> {
        let (fresh, plan) = self.prepare(codes, policy, host)?;
        self.drop_libraries(fresh);
        Ok(plan)
    }

    /// Loads `codes` aside and compares them with each other and with what stays.
    fn prepare(
        &mut self,
        codes: &[&[u8]],
        policy: RestorePolicy,
        host: &mut dyn Host,
    ) -> Result<(Vec<Library>, Plan), ScriptError> {
        let mut fresh = Vec::new();
        for code in codes {
            match self.build_beside(&fresh, code, host) {
                Ok(library) => fresh.push(library),
                Err(error) => {
                    self.drop_libraries(fresh);
                    return Err(error);
                }
            }
        }
        match self.compare(&fresh, policy) {
            Ok(plan) => Ok((fresh, plan)),
            Err(error) => {
                self.drop_libraries(fresh);
                Err(error)
            }
        }
    }

    /// Loads one more library that must not collide with the `fresh` ones.
    fn build_beside(&mut self, fresh: &[Library], code: &[u8], host: &mut dyn Host) -> Result<Library, ScriptError> {
        let (name, _) = metadata::parse(code)?;
        if fresh.iter().any(|other| other.name == name) {
            return Err(library_exists(&name, "'"));
        }
        let library = self.build(code, host)?;
        let names = fresh.iter().flat_map(|other| &other.functions).map(|function| &function.name);
        let is_taken = |function: &&Function| names.clone().any(|name| name.eq_ignore_ascii_case(&function.name));
        let taken = library.functions.iter().find(is_taken);
        if let Some(error) = taken.map(|function| function_exists(&function.name)) {
            self.drop_libraries(vec![library]);
            return Err(error);
        }
        Ok(library)
    }

    fn compare(&self, fresh: &[Library], policy: RestorePolicy) -> Result<Plan, ScriptError> {
        let mut plan = Plan::default();
        let is_fresh = |old: &Library| fresh.iter().any(|library| library.name == old.name);
        if policy == RestorePolicy::Flush {
            plan.removed = self.libraries.iter().filter(|old| !is_fresh(old)).map(|old| old.name.clone()).collect();
        }
        for library in fresh {
            if !self.libraries.iter().any(|old| old.name == library.name) {
                plan.added.push(library.name.clone());
            } else if policy == RestorePolicy::Append {
                return Err(library_exists(&library.name, ""));
            } else {
                plan.replaced.push(library.name.clone());
            }
        }
        if policy != RestorePolicy::Flush {
            let stays = |old: &Library| !is_fresh(old);
            let taken = fresh.iter().find_map(|library| first_taken(&self.by_name, &self.libraries, library, stays));
            if let Some(taken) = taken {
                return Err(function_exists(&taken));
            }
        }
        Ok(plan)
    }

    /// Compiles and runs a library's text. The functions it registers are kept by the interpreter until they are dropped.
    fn build(&mut self, code: &[u8], host: &mut dyn Host) -> Result<Library, ScriptError> {
        let (name, text) = metadata::parse(code)?;
        let prefixed = |prefix: &[u8], message: &[u8]| ScriptError::new([prefix, message].concat());
        let body = self
            .interpreter
            .compile(text, c"@user_function")
            .map_err(|message| prefixed(b"ERR Error compiling function: ", &message))?;
        let draft = self
            .interpreter
            .load(&body, host)
            .map_err(|error| prefixed(b"ERR Error registering functions: ", error.text()))?;
        if draft.functions.is_empty() {
            return Err(ScriptError::new("ERR No functions registered"));
        }
        let functions = draft.functions.into_iter().map(|draft| Function {
            name: draft.name,
            description: draft.description,
            flags: draft.flags,
            chunk: Chunk::kept(draft.kept),
        });
        Ok(Library { name, code: code.into(), functions: functions.collect() })
    }

    fn drop_libraries(&mut self, libraries: Vec<Library>) {
        for function in libraries.iter().flat_map(|library| &library.functions) {
            self.interpreter.release(&function.chunk);
        }
    }

    fn index(&mut self) {
        self.by_name.clear();
        for (library, at) in self.libraries.iter().zip(0..) {
            for (function, function_at) in library.functions.iter().zip(0..) {
                let id = FunctionId { library: at, function: function_at };
                // Of `f` and `F`, which one library may have both, the first is called by either name.
                self.by_name.entry(function.name.to_ascii_lowercase()).or_insert(id);
            }
        }
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

    /// FCALL: the function of this name in upper or lower case, which is unique over all libraries.
    #[must_use]
    pub fn find(&self, name: &[u8]) -> Option<FunctionId> {
        self.by_name.get(&*folded(str::from_utf8(name).ok()?)).copied()
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
        let library = self.libraries.get(id.library as usize);
        let Some(function) = library.and_then(|library| library.functions.get(id.function as usize)) else {
            return Err(ScriptError::new("ERR Function not found"));
        };
        self.interpreter.run(&function.chunk, function.name.as_bytes(), input, host, reply)
    }

    /// INFO `used_memory_vm_functions`: the interpreter's bytes.
    #[must_use]
    pub fn used_memory_bytes(&self) -> usize {
        self.interpreter.used_memory_bytes()
    }

    /// INFO `used_memory_functions`: the texts and what is known of them.
    #[must_use]
    pub fn cached_bytes(&self) -> usize {
        self.libraries.iter().map(Library::heap_bytes).sum()
    }
}

/// The first function of `library` whose name one of the libraries that stay has.
fn first_taken(
    by_name: &BTreeMap<String, FunctionId>,
    libraries: &[Library],
    library: &Library,
    stays: impl Fn(&Library) -> bool,
) -> Option<String> {
    let owner = |name: &String| libraries.get(by_name.get(&*folded(name))?.library as usize);
    let taken = library.functions.iter().find(|function| owner(&function.name).is_some_and(&stays));
    taken.map(|function| function.name.clone())
}

/// The name as `by_name` has it.
fn folded(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(name.to_ascii_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn library_exists(name: &str, quote: &str) -> ScriptError {
    ScriptError::new(format!("ERR Library {quote}{name}{quote} already exists"))
}

fn function_exists(name: &str) -> ScriptError {
    ScriptError::new(format!("ERR Function {name} already exists"))
}
