//! WAIT and WAITAOF: until others have what the client wrote. There are no others, so whoever waits for one waits in vain.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, OnTimeout, Reply};
use stdx::num;

use crate::{ServerCommand, ServerContext};

pub(super) const WAIT: ServerCommand = ServerCommand::new("wait", wait)
    .since("3.0.0")
    .arity(3)
    .blocking()
    .acl(&[Acl::Connection])
    .tips(&["request_policy:all_shards", "response_policy:agg_min"])
    .docs(&WAIT_DOCS);

pub(super) const WAITAOF: ServerCommand = ServerCommand::new("waitaof", waitaof)
    .since("7.2.0")
    .arity(4)
    .blocking()
    .acl(&[Acl::Connection])
    .tips(&["request_policy:all_shards", "response_policy:agg_min"])
    .docs(&WAITAOF_DOCS);

const BAD_LOCAL: CommandError = CommandError::other("ERR value is out of range, value must between 0 and 1");
const NEGATIVE_REPLICAS: CommandError = CommandError::other("ERR value is out of range, must be positive");
const NO_AOF: CommandError =
    CommandError::other("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
const NEGATIVE: CommandError = CommandError::other("ERR timeout is negative");

fn wait(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let replicas = args.int().map_err(|_| CommandError::NotInteger)?;
    let timeout_ms = timeout(args)?;
    if replicas <= 0 {
        reply.int(0);
        return Ok(Flow::Done);
    }
    wait_in_vain(cx, timeout_ms, OnTimeout::Zero)
}

fn waitaof(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let local = num::parse_i64(args.bytes()?).filter(|local| (0..=1).contains(local)).ok_or(BAD_LOCAL)?;
    let replicas = num::parse_i64(args.bytes()?).filter(|replicas| *replicas >= 0).ok_or(NEGATIVE_REPLICAS)?;
    let timeout_ms = timeout(args)?;
    if local > 0 {
        return Err(NO_AOF);
    }
    if replicas == 0 {
        reply.array(2);
        reply.int(0);
        reply.int(0);
        return Ok(Flow::Done);
    }
    wait_in_vain(cx, timeout_ms, OnTimeout::TwoZeros)
}

/// Milliseconds; 0 for ever.
fn timeout(args: &mut Args<'_>) -> Result<i64, CommandError> {
    let timeout_ms = num::parse_i64(args.bytes()?).ok_or(CommandError::NotIntegerOf("timeout"))?;
    if timeout_ms < 0 { Err(NEGATIVE) } else { Ok(timeout_ms) }
}

fn wait_in_vain(cx: &mut ServerContext<'_, '_>, timeout_ms: i64, answer: OnTimeout) -> CommandResult {
    let deadline = match timeout_ms {
        0 => None,
        _ => Some(cx.data.now().checked_add_ms(timeout_ms).ok_or(CommandError::other("ERR timeout is out of range"))?),
    };
    cx.data.wait(deadline, answer)
}

const WAIT_DOCS: Docs =
    Docs::new("Waits until so many replicas have what the connection wrote.", Group::Generic, "O(1)")
        .arguments(&[Arg::integer("numreplicas"), Arg::integer("timeout")]);

const WAITAOF_DOCS: Docs = Docs::new(
    "Waits until the files of this server and of so many replicas have what the connection wrote.",
    Group::Generic,
    "O(1)",
)
.arguments(&[Arg::integer("numlocal"), Arg::integer("numreplicas"), Arg::integer("timeout")]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn nobody_is_waited_for_in_vain_only_until_the_time_is_over() {
        check(
            r"
            > WAIT 0 0              => 0
            > WAIT -1 0             => 0
            > WAIT x 0              => (error) ERR value is not an integer or out of range
            > WAIT 0 x              => (error) ERR timeout is not an integer or out of range
            > WAIT 0 -1             => (error) ERR timeout is negative
            > MULTI                 => OK
            > WAIT 1 0              => QUEUED
            > EXEC                  => [0]
            > WAIT 1 100            => (blocked)
            @now +200ms
            :                       => 0
        ",
        );
    }

    #[test]
    fn nobody_writes_files() {
        check(
            r"
            @since 7.2
            > WAITAOF 0 0 0         => [0, 0]
            > WAITAOF 1 0 0         => (error) ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.
            > WAITAOF 2 0 0         => (error) ERR value is out of range, value must between 0 and 1
            > WAITAOF 0 -1 0        => (error) ERR value is out of range, must be positive
            > WAITAOF 0 0 -1        => (error) ERR timeout is negative
            > WAITAOF 0 1 100       => (blocked)
            @now +200ms
            :                       => [0, 0]
        ",
        );
    }
}
