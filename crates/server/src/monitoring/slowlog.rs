//! SLOWLOG: the last commands that took long.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::command_log::{Kind, newest};
use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const SLOWLOG: ServerCommand =
    ServerCommand::container("slowlog", &[&SLOWLOG_GET, &SLOWLOG_LEN, &SLOWLOG_RESET, &SLOWLOG_HELP])
        .since("2.2.12")
        .arity(-2)
        .docs(&SLOWLOG_DOCS);

const SLOWLOG_GET: ServerCommand = ServerCommand::new("get", slowlog_get)
    .since("2.2.12")
    .arity(-2)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "nondeterministic_output"])
    .docs(&SLOWLOG_GET_DOCS);

const SLOWLOG_LEN: ServerCommand = ServerCommand::new("len", slowlog_len)
    .since("2.2.12")
    .arity(2)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"])
    .docs(&SLOWLOG_LEN_DOCS);

const SLOWLOG_RESET: ServerCommand = ServerCommand::new("reset", slowlog_reset)
    .since("2.2.12")
    .arity(2)
    .admin()
    .loading()
    .stale()
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&SLOWLOG_RESET_DOCS);

const SLOWLOG_HELP: ServerCommand =
    ServerCommand::new("help", slowlog_help).since("6.2.0").arity(2).loading().stale().docs(&SLOWLOG_HELP_DOCS);

const BAD_COUNT: CommandError = CommandError::other("ERR count should be greater than or equal to -1");
const TOO_MANY: CommandError =
    CommandError::other("ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.");

/// How many entries GET answers when it is not told.
const DEFAULT_COUNT: usize = 10;

fn slowlog_get(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(TOO_MANY);
    }
    let count = match args.is_empty() {
        true => DEFAULT_COUNT,
        false => match args.int().map_err(|_| BAD_COUNT)? {
            -1 => usize::MAX,
            count => usize::try_from(count).map_err(|_| BAD_COUNT)?,
        },
    };
    let entries = newest(cx, Kind::Slow, count);
    reply.array(entries.len());
    for entry in &entries {
        reply.array(7);
        entry.write(reply);
        reply.len(entry.argc);
    }
    Ok(Flow::Done)
}

fn slowlog_len(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.len(newest(cx, Kind::Slow, usize::MAX).len());
    Ok(Flow::Done)
}

fn slowlog_reset(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.command_logs.clear(Kind::Slow);
    reply.ok();
    Ok(Flow::Done)
}

fn slowlog_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "SLOWLOG",
        &[
            (
                "GET [<count>]",
                "List the last <count> slow commands, 10 by default, -1 for all: id, time, microseconds, arguments,\n\
                 address and name of the client, number of arguments.",
            ),
            ("LEN", "Tell how many slow commands are logged."),
            ("RESET", "Forget them."),
        ],
    );
    Ok(Flow::Done)
}

const SLOWLOG_DOCS: Docs = Docs::new("Groups the commands on the slow log.", Group::Server, "Depends on subcommand.");

const SLOWLOG_GET_DOCS: Docs = Docs::new(
    "Lists the last commands that took long.",
    Group::Server,
    "O(N) where N is the number of entries returned",
)
.history(&[
    ("4.0.0", "Added client IP address, port and name to the reply."),
    ("8.10.0", "Added original command argument count to the reply."),
])
.arguments(&[Arg::integer("count").optional()]);

const SLOWLOG_LEN_DOCS: Docs = Docs::new("Counts the commands in the slow log.", Group::Server, "O(1)");

const SLOWLOG_RESET_DOCS: Docs =
    Docs::new("Forgets the slow log.", Group::Server, "O(N) where N is the number of entries in the slowlog");

const SLOWLOG_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn commands_that_took_long_are_logged_newest_first() {
        in_memory(
            r"
            @skip-lens restore its own commands are logged too
            @skip-lens not-compact its own commands are logged too
            @skip-lens script what calls them is logged too
            @skip-lens script-resp3 what calls them is logged too
            > CLIENT SETNAME me                        => OK
            > CONFIG SET slowlog-log-slower-than 0     => OK
            > SLOWLOG RESET                            => OK
            > SET k v                                  => OK
            > AUTH a b                                 => (error) WRONGPASS invalid username-password pair or user is disabled.
            > GET                                      => (error) ERR wrong number of arguments for 'get' command
            > NOSUCH                                   => (error) ERR ...
            > MULTI                                    => OK
            > CONFIG SET requirepass ''                => QUEUED
            > EXEC                                     => [OK]
            > SLOWLOG LEN                              => 5
            > SLOWLOG GET 5                            => [
                [(int), 1767225600, 0, ['SLOWLOG', 'LEN'], '127.0.0.1:50001', 'me', 2],
                [(int), 1767225600, 0, ['CONFIG', 'SET', 'requirepass', '(redacted)'], '127.0.0.1:50001', 'me', 4],
                [(int), 1767225600, 0, ['MULTI'], '127.0.0.1:50001', 'me', 1],
                [(int), 1767225600, 0, ['AUTH', '(redacted)', '(redacted)'], '127.0.0.1:50001', 'me', 3],
                [(int), 1767225600, 0, ['SET', 'k', 'v'], '127.0.0.1:50001', 'me', 3]]
            > CONFIG SET slowlog-max-len 2             => OK
            > SLOWLOG LEN                              => 2
            > CONFIG SET slowlog-log-slower-than 10000 => OK
            > SLOWLOG RESET                            => OK
            > DEBUG SLEEP 0.02                         => OK
            > SLOWLOG GET -1                           => [[(int), 1767225600, 20000, ['DEBUG', 'SLEEP', '0.02'], *, *, 3]]
        ",
        );
    }

    #[test]
    fn what_a_script_called_is_logged_before_it() {
        check(
            r#"
            @skip-lens restore its own commands are logged too
            @skip-lens script what calls them is logged too
            @skip-lens script-resp3 what calls them is logged too
            > CONFIG SET slowlog-log-slower-than 0     => OK
            > SLOWLOG RESET                            => OK
            > EVAL 'redis.pcall("multi") redis.pcall("get") redis.pcall("incr","k","x") return redis.call("set","k","v")' 0  => OK
            > SLOWLOG GET 3                            => [
                [(int), (int), (int), ['EVAL', *, '0'], ~'127.0.0.1:*', '', ...],
                [(int), (int), (int), ['set', 'k', 'v'], ...],
                [(int), (int), (int), ['SLOWLOG', 'RESET'], ~'127.0.0.1:*', '', ...]]
        "#,
        );
    }

    #[test]
    fn slowlog_refuses_bad_counts() {
        check(
            r"
            > SLOWLOG RESET      => OK
            > SLOWLOG GET -2     => (error) ERR count should be greater than or equal to -1
            > SLOWLOG GET x      => (error) ERR count should be greater than or equal to -1
            > SLOWLOG GET 1 2    => (error) 'ERR unknown subcommand or wrong number of arguments for \'GET\'. Try SLOWLOG HELP.'
            > SLOWLOG GET 0      => []
            > SLOWLOG GET        => []
        ",
        );
    }
}
