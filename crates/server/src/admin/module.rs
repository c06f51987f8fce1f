//! MODULE: there are none.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};

use crate::help::help;
use crate::{ServerCommand, ServerContext, ServerHandler};

pub(super) const MODULE: ServerCommand =
    ServerCommand::container("module", &[&MODULE_HELP, &MODULE_LIST, &MODULE_LOAD, &MODULE_LOADEX, &MODULE_UNLOAD])
        .since("4.0.0")
        .arity(-2)
        .docs(&MODULE_DOCS);

const MODULE_LIST: ServerCommand = ServerCommand::new("list", module_list)
    .since("4.0.0")
    .arity(2)
    .admin()
    .noscript()
    .tips(&["nondeterministic_output_order"])
    .docs(&MODULE_LIST_DOCS);

const MODULE_LOAD: ServerCommand = refused("load", "4.0.0", -3, module_refused).docs(&MODULE_LOAD_DOCS);
const MODULE_LOADEX: ServerCommand = refused("loadex", "7.0.0", -3, module_refused).docs(&MODULE_LOADEX_DOCS);
const MODULE_UNLOAD: ServerCommand = refused("unload", "4.0.0", 3, module_refused).docs(&MODULE_UNLOAD_DOCS);

const MODULE_HELP: ServerCommand =
    ServerCommand::new("help", module_help).since("5.0.0").arity(2).loading().stale().docs(&MODULE_HELP_DOCS);

const fn refused(name: &'static str, since: &'static str, arity: i32, run: ServerHandler) -> ServerCommand {
    ServerCommand::new(name, run).since(since).arity(arity).admin().noscript().flag(Flags::NO_ASYNC_LOADING)
}

const UNSUPPORTED: CommandError = CommandError::other("ERR Modules are not supported");

fn module_list(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.array(0);
    Ok(Flow::Done)
}

fn module_refused(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    Err(UNSUPPORTED)
}

fn module_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(reply, "MODULE", &[("LIST", "List the modules: there are none, and none can be loaded.")]);
    Ok(Flow::Done)
}

const MODULE_DOCS: Docs = Docs::new("Groups the commands on modules.", Group::Server, "Depends on subcommand.");

const MODULE_LIST_DOCS: Docs =
    Docs::new("Lists the modules.", Group::Server, "O(N) where N is the number of loaded modules.");

const MODULE_LOAD_DOCS: Docs = Docs::new("Refuses to load a module.", Group::Server, "O(1)")
    .arguments(&[Arg::string("path"), Arg::string("arg").optional().multiple()]);

const MODULE_LOADEX_DOCS: Docs = Docs::new("Refuses to load a module.", Group::Server, "O(1)").arguments(&[
    Arg::string("path"),
    Arg::block("configs", &[Arg::string("name"), Arg::string("value")])
        .token("CONFIG")
        .optional()
        .multiple()
        .multiple_token(),
    Arg::string("args").token("ARGS").optional().multiple(),
]);

const MODULE_UNLOAD_DOCS: Docs =
    Docs::new("Refuses: no module is loaded.", Group::Server, "O(1)").arguments(&[Arg::string("name")]);

const MODULE_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::in_memory;

    #[test]
    fn there_are_no_modules() {
        in_memory(
            r"
            > MODULE LIST             => []
            > MODULE LOAD x           => (error) ERR Modules are not supported
        ",
        );
    }
}
