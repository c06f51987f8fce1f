//! ACL: the container of its subcommands, and those that are about no user in particular: CAT, GENPASS, HELP, WHOAMI.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::command_rules::{find_category, is_in};
use super::{dryrun, file_commands, log_commands, user_commands};
use crate::help::help;
use crate::table::CommandTable;
use crate::{ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&ACL];

const ACL: ServerCommand = ServerCommand::container(
    "acl",
    &[
        &ACL_CAT,
        &user_commands::ACL_DELUSER,
        &dryrun::ACL_DRYRUN,
        &ACL_GENPASS,
        &user_commands::ACL_GETUSER,
        &ACL_HELP,
        &user_commands::ACL_LIST,
        &file_commands::ACL_LOAD,
        &log_commands::ACL_LOG,
        &file_commands::ACL_SAVE,
        &user_commands::ACL_SETUSER,
        &user_commands::ACL_USERS,
        &ACL_WHOAMI,
    ],
)
.since("6.0.0")
.arity(-2)
.docs(&ACL_DOCS);

const ACL_CAT: ServerCommand =
    ServerCommand::new("cat", cat).since("6.0.0").arity(-2).noscript().loading().stale().docs(&CAT_DOCS);

const ACL_GENPASS: ServerCommand =
    ServerCommand::new("genpass", genpass).since("6.0.0").arity(-2).noscript().loading().stale().docs(&GENPASS_DOCS);

const ACL_HELP: ServerCommand =
    ServerCommand::new("help", acl_help).since("6.0.0").arity(2).loading().stale().docs(&HELP_DOCS);

const ACL_WHOAMI: ServerCommand =
    ServerCommand::new("whoami", whoami).since("6.0.0").arity(2).noscript().loading().stale().docs(&WHOAMI_DOCS);

/// Bits of a password without a word on it, and the most.
const DEFAULT_BITS: i64 = 256;
const MAX_BITS: i64 = 4096;

const BAD_BITS: CommandError = CommandError::other(
    "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096",
);

/// The error for surplus arguments of a subcommand that takes one at most.
pub(super) fn too_many(subcommand: &'static str) -> CommandError {
    CommandError::Other(
        format!("ERR unknown subcommand or wrong number of arguments for '{subcommand}'. Try ACL HELP.").into(),
    )
}

fn cat(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(too_many("CAT"));
    }
    let Some(name) = args.peek() else {
        reply.array(command_api::Acl::ALL.len());
        command_api::Acl::ALL.iter().for_each(|category| reply.bulk(category.name().as_bytes()));
        return Ok(Flow::Done);
    };
    let category = find_category(&name.to_ascii_lowercase()).ok_or_else(|| {
        CommandError::Other(format!("ERR Unknown category '{}'", String::from_utf8_lossy(name)).into())
    })?;
    let entries = CommandTable::get().entries().iter();
    let names: Vec<&str> = entries.filter(|entry| is_in(entry, category)).map(|entry| entry.full_name).collect();
    reply.array(names.len());
    names.iter().for_each(|name| reply.bulk(name.as_bytes()));
    Ok(Flow::Done)
}

fn genpass(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(too_many("GENPASS"));
    }
    let bits = if args.is_empty() { DEFAULT_BITS } else { args.int()? };
    let bits = usize::try_from(bits).ok().filter(|_| (1..=MAX_BITS).contains(&bits)).ok_or(BAD_BITS)?;
    reply.bulk(cx.node.acl.passwords.lock().digits(bits.div_ceil(4)).as_bytes());
    Ok(Flow::Done)
}

fn whoami(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.bulk(&cx.client.standing.user().name);
    Ok(Flow::Done)
}

fn acl_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "ACL",
        &[
            ("CAT [<category>]", "List the categories, or the commands of <category>."),
            ("DELUSER <username> [<username> ...]", "Delete users and close their connections."),
            (
                "DRYRUN <username> <command> [<arg> ...]",
                "Tell whether the user may run the command, without running it.",
            ),
            ("GETUSER <username>", "Tell the rules of a user."),
            ("GENPASS [<bits>]", "Make a password of 256, or <bits>, random bits."),
            ("LIST", "List the users with their rules, as lines of a file."),
            ("LOAD", "Replace all users by those of the ACL file."),
            ("LOG [<count> | RESET]", "Show what was refused lately, or forget it."),
            ("SAVE", "Write all users to the ACL file."),
            ("SETUSER <username> <rule> [<rule> ...]", "Create a user or change its rules."),
            ("USERS", "List the names of the users."),
            ("WHOAMI", "Tell the name of this connection's user."),
        ],
    );
    Ok(Flow::Done)
}

const ACL_DOCS: Docs =
    Docs::new("Groups the commands on users and their rights.", Group::Server, "Depends on subcommand.");

const CAT_DOCS: Docs = Docs::new(
    "Lists the categories of commands, or the commands of one.",
    Group::Server,
    "O(1) since the categories and commands are a fixed set.",
)
.arguments(&[Arg::string("category").optional()]);

const GENPASS_DOCS: Docs = Docs::new("Makes a password that nobody guesses.", Group::Server, "O(1)")
    .arguments(&[Arg::integer("bits").optional()]);

const HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const WHOAMI_DOCS: Docs = Docs::new("Tells the name of the connection's user.", Group::Server, "O(1)");
