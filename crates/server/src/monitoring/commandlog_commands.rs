//! COMMANDLOG, Valkey's: SLOWLOG for three kinds of commands.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::command_log::{Kind, newest};
use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const COMMANDLOG: ServerCommand =
    ServerCommand::container("commandlog", &[&COMMANDLOG_GET, &COMMANDLOG_HELP, &COMMANDLOG_LEN, &COMMANDLOG_RESET])
        .since("8.1.0")
        .arity(-2)
        .docs(&COMMANDLOG_DOCS);

const COMMANDLOG_GET: ServerCommand = ServerCommand::new("get", commandlog_get)
    .since("8.1.0")
    .arity(4)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "nondeterministic_output"])
    .docs(&COMMANDLOG_GET_DOCS);

const COMMANDLOG_HELP: ServerCommand =
    ServerCommand::new("help", commandlog_help).since("8.1.0").arity(2).loading().stale().docs(&COMMANDLOG_HELP_DOCS);

const COMMANDLOG_LEN: ServerCommand = ServerCommand::new("len", commandlog_len)
    .since("8.1.0")
    .arity(3)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"])
    .docs(&COMMANDLOG_LEN_DOCS);

const COMMANDLOG_RESET: ServerCommand = ServerCommand::new("reset", commandlog_reset)
    .since("8.1.0")
    .arity(3)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&COMMANDLOG_RESET_DOCS);

const BAD_COUNT: CommandError = CommandError::other("ERR count should be greater than or equal to -1");
const BAD_KIND: CommandError =
    CommandError::other("ERR type should be one of the following: slow, large-request, large-reply");

fn commandlog_get(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let count = match args.int().map_err(|_| BAD_COUNT)? {
        -1 => usize::MAX,
        count => usize::try_from(count).map_err(|_| BAD_COUNT)?,
    };
    let entries = newest(cx, kind(args)?, count);
    reply.array(entries.len());
    for entry in &entries {
        reply.array(6);
        entry.write(reply);
    }
    Ok(Flow::Done)
}

fn commandlog_len(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.len(newest(cx, kind(args)?, usize::MAX).len());
    Ok(Flow::Done)
}

fn commandlog_reset(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.command_logs.clear(kind(args)?);
    reply.ok();
    Ok(Flow::Done)
}

fn kind(args: &mut Args<'_>) -> Result<Kind, CommandError> {
    if args.accept("SLOW") {
        Ok(Kind::Slow)
    } else if args.accept("LARGE-REQUEST") {
        Ok(Kind::LargeRequest)
    } else if args.accept("LARGE-REPLY") {
        Ok(Kind::LargeReply)
    } else {
        Err(BAD_KIND)
    }
}

fn commandlog_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "COMMANDLOG",
        &[
            (
                "GET <count> <type>",
                "List the last <count> commands of a log, -1 for all: id, time, amount, arguments, address and name of\n\
                 the client. The amount is microseconds in the log SLOW, bytes in LARGE-REQUEST and LARGE-REPLY.",
            ),
            ("LEN <type>", "Tell how many commands are logged."),
            ("RESET <type>", "Forget them."),
        ],
    );
    Ok(Flow::Done)
}

const KIND: Arg = Arg::one_of(
    "type",
    &[
        Arg::pure_token("slow", "SLOW"),
        Arg::pure_token("large-request", "LARGE-REQUEST"),
        Arg::pure_token("large-reply", "LARGE-REPLY"),
    ],
);

const COMMANDLOG_DOCS: Docs =
    Docs::new("Groups the commands on the logs of slow and large commands.", Group::Server, "Depends on subcommand.");

const COMMANDLOG_GET_DOCS: Docs =
    Docs::new("Lists the last commands of a log.", Group::Server, "O(N) where N is the number of entries returned")
        .arguments(&[Arg::integer("count"), KIND]);

const COMMANDLOG_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

const COMMANDLOG_LEN_DOCS: Docs = Docs::new("Counts the commands in a log.", Group::Server, "O(1)").arguments(&[KIND]);

const COMMANDLOG_RESET_DOCS: Docs =
    Docs::new("Forgets a log.", Group::Server, "O(N) where N is the number of entries in the commandlog")
        .arguments(&[KIND]);

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn large_requests_and_replies_are_logged_by_their_bytes() {
        in_memory(
            r"
            @skip-lens restore its own commands are logged too
            @skip-lens not-compact its own commands are logged too
            @skip-lens script what calls them is logged too
            @skip-lens script-resp3 what calls them is logged too
            > CONFIG SET commandlog-request-larger-than 42 commandlog-reply-larger-than 22 => OK
            > SET k vvvvvvvvvvvvvvv                    => OK
            > SET k2 v                                 => OK
            > GET k                                    => 'vvvvvvvvvvvvvvv'
            > CONFIG SET commandlog-request-larger-than -1 commandlog-reply-larger-than -1 => OK
            > COMMANDLOG GET -1 large-request          => [
                [1, 1767225600, (int), ['CONFIG', 'SET', 'commandlog-request-larger-than', '-1', 'commandlog-reply-larger-than', '-1'], *, ''],
                [0, 1767225600, 42, ['SET', 'k', 'vvvvvvvvvvvvvvv'], *, '']]
            > COMMANDLOG GET 1 LARGE-REPLY             => [[0, 1767225600, 22, ['GET', 'k'], *, '']]
            > COMMANDLOG LEN large-request             => 2
            > CONFIG SET commandlog-large-request-max-len 1 => OK
            > COMMANDLOG LEN large-request             => 1
            > COMMANDLOG RESET large-reply             => OK
            > COMMANDLOG LEN large-reply               => 0
            > COMMANDLOG LEN slow                      => 0
        ",
        );
    }

    #[test]
    fn commandlog_names_its_three_logs() {
        check(
            r"
            @only valkey ochre
            > COMMANDLOG GET                 => (error) 'ERR wrong number of arguments for \'commandlog|get\' command'
            > COMMANDLOG GET 1               => (error) 'ERR wrong number of arguments for \'commandlog|get\' command'
            > COMMANDLOG GET 1 foo           => (error) ERR type should be one of the following: slow, large-request, large-reply
            > COMMANDLOG GET x slow          => (error) ERR count should be greater than or equal to -1
            > COMMANDLOG GET -2 slow         => (error) ERR count should be greater than or equal to -1
            > COMMANDLOG LEN foo             => (error) ERR type should be one of the following: slow, large-request, large-reply
            > COMMANDLOG RESET slow          => OK
            > COMMANDLOG LEN SLOW            => 0
            > COMMANDLOG GET 0 slow          => []
            > COMMANDLOG RESET foo           => (error) ERR type should be one of the following: slow, large-request, large-reply
        ",
        );
    }
}
