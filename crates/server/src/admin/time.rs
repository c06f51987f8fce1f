//! TIME: the wall clock, in seconds and microseconds.

use command_api::{Args, CommandResult, Docs, Flow, Group, Reply};

use crate::{ServerCommand, ServerContext};

pub(super) const TIME: ServerCommand = ServerCommand::new("time", time)
    .since("2.6.0")
    .arity(1)
    .loading()
    .stale()
    .fast()
    .tips(&["nondeterministic_output"])
    .docs(&TIME_DOCS);

fn time(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now_us = cx.client.script_time_us.unwrap_or_else(|| cx.node.host.unix_us());
    reply.array(2);
    reply.bulk_int(now_us.div_euclid(1_000_000));
    reply.bulk_int(now_us.rem_euclid(1_000_000));
    Ok(Flow::Done)
}

const TIME_DOCS: Docs = Docs::new("Tells the server's time.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::in_memory;

    #[test]
    fn time_tells_seconds_and_microseconds() {
        in_memory(
            "
            > TIME       => ['1767225600', '0']
            @now +1500ms
            > TIME       => ['1767225601', '500000']
            > TIME x     => (error) ERR wrong number of arguments for 'time' command
        ",
        );
    }
}
