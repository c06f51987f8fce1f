//! FCALL and FCALL_RO.

use command_api::{Acl, Arg, CommandError, Docs, Flags, Group, KeySpec, Reply, Scope};

use super::eval::{UNKNOWN_READ, UNKNOWN_USE, never_called};
use super::run::{Failure, Run};
use crate::ServerCommand;

pub(super) const FCALL: ServerCommand = ServerCommand::new("fcall", never_called)
    .since("7.0.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update().notes(UNKNOWN_USE)])
    .docs(&FCALL_DOCS);

pub(super) const FCALL_RO: ServerCommand = ServerCommand::new("fcall_ro", never_called)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).ro().access().notes(UNKNOWN_READ)])
    .docs(&FCALL_RO_DOCS);

const NO_FUNCTION: CommandError = CommandError::other("ERR Function not found");
const BAD_NUMKEYS: CommandError = CommandError::other("ERR Bad number of keys provided");

/// Finds the function and runs it.
pub(super) fn run(run: &mut Run<'_, '_>, reply: &mut Reply<'_>) -> Result<(), Failure> {
    let node = run.node;
    if !node.scripting.has_functions() {
        return Err(NO_FUNCTION.into());
    }
    let mut functions = node.scripting.functions()?;
    let id = functions.find(run.call.argv.get(1).unwrap_or_default()).ok_or(NO_FUNCTION)?;
    let input = run.input(BAD_NUMKEYS)?;
    let (name, flags) =
        functions.function(id).map(|function| (function.name().into(), function.flags())).unwrap_or_default();
    run.admit(Some(flags))?;
    run.name = name;
    let result = functions.run(id, &input, run, reply);
    node.scripting.figures.note_functions(&functions);
    Ok(result?)
}

const FCALL_DOCS: Docs = Docs::new("Calls a function.", Group::Scripting, "Depends on the function that is executed.")
    .arguments(&[
        Arg::string("function"),
        Arg::integer("numkeys"),
        Arg::key("key", 0).optional().multiple(),
        Arg::string("arg").optional().multiple(),
    ]);

const FCALL_RO_DOCS: Docs =
    Docs::new("Calls a function that may not write.", Group::Scripting, "Depends on the function that is executed.")
        .arguments(&[
            Arg::string("function"),
            Arg::integer("numkeys"),
            Arg::key("key", 0).optional().multiple(),
            Arg::string("arg").optional().multiple(),
        ]);
