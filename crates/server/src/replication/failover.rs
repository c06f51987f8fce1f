//! FAILOVER: there is no replica that could take over.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Group, Reply};

use crate::{ServerCommand, ServerContext};

pub(super) const FAILOVER: ServerCommand =
    ServerCommand::new("failover", failover).since("6.2.0").arity(-1).admin().noscript().stale().docs(&FAILOVER_DOCS);

const NO_REPLICAS: CommandError = CommandError::other("ERR FAILOVER requires connected replicas.");
const NOTHING_TO_ABORT: CommandError = CommandError::other("ERR No failover in progress.");
const BAD_TIMEOUT: CommandError = CommandError::other("ERR FAILOVER timeout must be greater than 0");

fn failover(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() == 1 && args.accept("ABORT") {
        return Err(NOTHING_TO_ABORT);
    }
    while !args.is_empty() {
        if args.remaining() >= 2 && args.accept("TIMEOUT") {
            if args.int()? <= 0 {
                return Err(BAD_TIMEOUT);
            }
        } else if args.remaining() >= 3 && args.accept("TO") {
            args.skip(1)?;
            args.int()?;
        } else if !args.accept("FORCE") {
            return Err(CommandError::Syntax);
        }
    }
    Err(NO_REPLICAS)
}

const FAILOVER_DOCS: Docs = Docs::new("Lets a replica take over.", Group::Server, "O(1)").arguments(&[
    Arg::block("target", &[Arg::string("host"), Arg::integer("port"), Arg::pure_token("force", "FORCE").optional()])
        .token("TO")
        .optional(),
    Arg::pure_token("abort", "ABORT").optional(),
    Arg::integer("milliseconds").token("TIMEOUT").optional(),
]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn nobody_can_take_over() {
        check(
            r"
            > FAILOVER                      => (error) ERR FAILOVER requires connected replicas.
            > FAILOVER ABORT                => (error) ERR No failover in progress.
            > FAILOVER TO 127.0.0.1 1       => (error) ERR FAILOVER requires connected replicas.
            > FAILOVER TO 127.0.0.1 x       => (error) ERR value is not an integer or out of range
            > FAILOVER TIMEOUT -1           => (error) ERR FAILOVER timeout must be greater than 0
            > FAILOVER nosuch               => (error) ERR syntax error
        ",
        );
    }
}
