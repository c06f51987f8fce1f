//! CLIENT UNBLOCK: ends a client's waiting for a key.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use crate::monitoring::Cost;
use crate::{Event, ServerCommand, ServerContext};

pub(super) const CLIENT_UNBLOCK: ServerCommand = ServerCommand::new("unblock", client_unblock)
    .since("5.0.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_UNBLOCK_DOCS);

const BAD_REASON: CommandError = CommandError::other("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");

fn client_unblock(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let id = args.bytes()?;
    let as_error = match args.peek() {
        None => false,
        Some(word) if word.eq_ignore_ascii_case(b"TIMEOUT") => false,
        Some(word) if word.eq_ignore_ascii_case(b"ERROR") => true,
        Some(_) => return Err(BAD_REASON),
    };
    let id = stdx::num::parse_i64(id).ok_or(CommandError::NotInteger)?;

    let waiter = u64::try_from(id).ok().and_then(|id| cx.node.waiters.of_client(id));
    let reply_bytes = waiter.as_ref().and_then(|waiter| {
        if as_error {
            waiter.end_with(|reply| reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK"))
        } else {
            waiter.end_in_vain()
        }
    });
    let ended = reply_bytes.is_some();
    if let (Some(waiter), Some(reply_bytes)) = (waiter, reply_bytes) {
        cx.node.count_waited(
            &cx.node.live(),
            cx.client.info.lane,
            &waiter,
            Cost { ns: 0, reply_bytes, is_inner: false },
        );
        cx.node.waiters.remove(&waiter);
        cx.node.host.send(waiter.lane, Event::Wake { client: waiter.client });
    }
    reply.int(i64::from(ended));
    Ok(Flow::Done)
}

const CLIENT_UNBLOCK_DOCS: Docs = Docs::new(
    "Ends a client's waiting as if its time were over, or with an error.",
    Group::Connection,
    "O(log N) where N is the number of client connections",
)
.arguments(&[
    Arg::integer("client-id"),
    Arg::one_of("unblock-type", &[Arg::pure_token("timeout", "TIMEOUT"), Arg::pure_token("error", "ERROR")]).optional(),
]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_client_that_does_not_wait_is_not_unblocked() {
        check(
            r"
            > CLIENT UNBLOCK 99999          => 0
            > CLIENT UNBLOCK 99999 TIMEOUT  => 0
            > CLIENT UNBLOCK 99999 error    => 0
            > CLIENT UNBLOCK x              => (error) ERR value is not an integer or out of range
            > CLIENT UNBLOCK 1 nosuch       => (error) ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR
        ",
        );
    }
}
