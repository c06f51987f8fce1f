//! Loading libraries: the code runs once, to register its functions, without a client and for a short time only.

use resp::{Argv, Protocol, Reply};
use script::{Functions, Host, LogLevel, Plan, RestorePolicy, ScriptError, Verdict};

use super::calls::log_level;
use crate::node::Node;

/// How long a library may take to register its functions.
const LOAD_NS: u64 = 500_000_000;

/// The server as a library sees it while it is loaded.
pub(super) struct Loading<'n> {
    node: &'n Node,
    until_ns: u64,
    pub(super) is_late: bool,
}

impl<'n> Loading<'n> {
    /// It begins now.
    pub(super) fn new(node: &'n Node) -> Self {
        let until_ns = node.host.monotonic_ns().saturating_add(LOAD_NS);
        Self { node, until_ns, is_late: false }
    }
}

impl Host for Loading<'_> {
    fn call(&mut self, _argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        Reply::new(reply, protocol).error("ERR commands can not be called on library load");
    }

    fn may_call(&mut self, _argv: Argv<'_>) -> Result<bool, String> {
        Ok(false)
    }

    fn log(&mut self, level: LogLevel, message: &[u8]) {
        self.node.host.log(log_level(level), &String::from_utf8_lossy(message));
    }

    fn set_propagation(&mut self, _to_aof: bool, _to_replicas: bool) {}

    fn checkpoint(&mut self) -> Verdict {
        self.is_late |= self.node.host.monotonic_ns() > self.until_ns;
        if self.is_late { Verdict::Kill } else { Verdict::GoOn }
    }
}

impl Node {
    /// Changes the libraries by `change`, which may run their code for a short time, and counts what there is then.
    fn change_functions<T>(
        &self,
        change: impl FnOnce(&mut Functions, &mut dyn Host) -> Result<T, ScriptError>,
    ) -> Result<T, ScriptError> {
        let mut functions = self.scripting.functions()?;
        let mut loading = Loading::new(self);
        let result = change(&mut functions, &mut loading);
        self.scripting.figures.note_functions(&functions);
        if loading.is_late { result.map_err(|_| ScriptError::new("ERR FUNCTION LOAD timeout")) } else { result }
    }

    /// FUNCTION LOAD.
    pub(super) fn load_library(&self, code: &[u8], replace: bool) -> Result<String, ScriptError> {
        self.change_functions(|functions, host| functions.load(code, replace, host).map(str::to_owned))
    }

    /// FUNCTION RESTORE: all of `codes` or none.
    pub(super) fn restore_libraries(&self, codes: &[&[u8]], policy: RestorePolicy) -> Result<Plan, ScriptError> {
        self.change_functions(|functions, host| functions.restore(codes, policy, host))
    }

    /// What [`Node::restore_libraries`] would do.
    pub(super) fn plan_libraries(&self, codes: &[&[u8]], policy: RestorePolicy) -> Result<Plan, ScriptError> {
        self.change_functions(|functions, host| functions.plan(codes, policy, host))
    }

    /// FUNCTION DELETE.
    pub(super) fn delete_library(&self, name: &[u8]) -> Result<(), ScriptError> {
        self.change_functions(|functions, _| functions.delete(name))
    }

    /// The sources of all libraries, or of those that are named, in the order in which they were loaded.
    pub(crate) fn library_sources(&self, names: &[&[u8]]) -> Vec<Vec<u8>> {
        if !self.scripting.has_functions() {
            return Vec::new();
        }
        let Ok(functions) = self.scripting.functions() else { return Vec::new() };
        let all = functions.libraries();
        let chosen = all.filter(|library| names.is_empty() || names.contains(&library.name().as_ref()));
        chosen.map(|library| library.code().to_vec()).collect()
    }

    /// A library from an RDB file, in place of one of the same name unless `functions-dir` brought that one.
    pub(crate) fn load_library_of_file(&self, code: &[u8]) -> Result<(), ScriptError> {
        let instead = self.change_functions(|functions, host| functions.load_of_file(code, host))?;
        if let Some(instead) = instead {
            let name = rdb::functions::library_name(code).unwrap_or_default().escape_ascii();
            let line = format!("Function library '{name}' of the file makes room for '{instead}' of functions-dir");
            self.host.log(crate::LogLevel::Notice, &line);
        }
        Ok(())
    }
}
