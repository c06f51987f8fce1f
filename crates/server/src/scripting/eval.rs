//! EVAL, EVALSHA and their read-only twins.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Group, KeySpec, Reply, Scope};
use script::Origin;

use super::run::{Failure, Run};
use crate::{ServerCommand, ServerContext};

pub(super) const EVAL: ServerCommand = ServerCommand::new("eval", never_called)
    .since("2.6.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update().notes(UNKNOWN_USE)])
    .docs(&EVAL_DOCS);

pub(super) const EVALSHA: ServerCommand = ServerCommand::new("evalsha", never_called)
    .since("2.6.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update()])
    .docs(&EVALSHA_DOCS);

pub(super) const EVAL_RO: ServerCommand = ServerCommand::new("eval_ro", never_called)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).ro().access().notes(UNKNOWN_READ)])
    .docs(&EVAL_RO_DOCS);

pub(super) const EVALSHA_RO: ServerCommand = ServerCommand::new("evalsha_ro", never_called)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).ro().access()])
    .docs(&EVALSHA_RO_DOCS);

/// As Redis tells it, since clients compare.
pub(super) const UNKNOWN_USE: &str = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";
pub(super) const UNKNOWN_READ: &str = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS";

const NO_SCRIPT: CommandError = CommandError::other("NOSCRIPT No matching script. Please use EVAL.");

/// How long a SHA1 is in hex.
const SHA1_HEX_BYTES: usize = 40;

/// The worker runs scripts itself (`Worker::run_script`): a handler has neither the locks nor the other commands.
pub(super) fn never_called(
    _cx: &mut ServerContext<'_, '_>,
    _args: &mut Args<'_>,
    _reply: &mut Reply<'_>,
) -> CommandResult {
    Err(CommandError::Syntax)
}

/// Finds or compiles the script, and runs it.
pub(super) fn run(run: &mut Run<'_, '_>, reply: &mut Reply<'_>) -> Result<(), Failure> {
    let argv = run.call.argv;
    let by_sha1 = matches!(run.call.entry.full_name, "evalsha" | "evalsha_ro");
    let text = argv.get(1).unwrap_or_default();
    if by_sha1 && text.len() != SHA1_HEX_BYTES {
        return Err(NO_SCRIPT.into());
    }
    let input = run.input(CommandError::NotInteger)?;
    let node = run.node;
    let mut scripts = node.scripting.scripts()?;
    let id = if by_sha1 { scripts.find(text).ok_or(NO_SCRIPT)? } else { scripts.load(text, Origin::Eval)? };
    run.admit(scripts.flags(id))?;
    run.name = scripts.sha1_hex(id).to_vec();
    let result = scripts.run(id, &input, run, reply);
    node.scripting.figures.note_scripts(&scripts);
    Ok(result?)
}

const EVAL_DOCS: Docs = Docs::new("Runs a Lua script.", Group::Scripting, "Depends on the script that is executed.")
    .arguments(&[
        Arg::string("script"),
        Arg::integer("numkeys"),
        Arg::key("key", 0).optional().multiple(),
        Arg::string("arg").optional().multiple(),
    ]);

const EVALSHA_DOCS: Docs =
    Docs::new("Runs a Lua script known by its SHA1.", Group::Scripting, "Depends on the script that is executed.")
        .arguments(&[
            Arg::string("sha1"),
            Arg::integer("numkeys"),
            Arg::key("key", 0).optional().multiple(),
            Arg::string("arg").optional().multiple(),
        ]);

const EVAL_RO_DOCS: Docs =
    Docs::new("Runs a Lua script that may not write.", Group::Scripting, "Depends on the script that is executed.")
        .arguments(&[
            Arg::string("script"),
            Arg::integer("numkeys"),
            Arg::key("key", 0).optional().multiple(),
            Arg::string("arg").optional().multiple(),
        ]);

const EVALSHA_RO_DOCS: Docs = Docs::new(
    "Runs a Lua script known by its SHA1 that may not write.",
    Group::Scripting,
    "Depends on the script that is executed.",
)
.arguments(&[
    Arg::string("sha1"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).optional().multiple(),
    Arg::string("arg").optional().multiple(),
]);
