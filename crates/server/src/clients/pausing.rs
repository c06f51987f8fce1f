//! CLIENT PAUSE and UNPAUSE.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};
use stdx::num;

use crate::{Event, ServerCommand, ServerContext};

pub(super) const CLIENT_PAUSE: ServerCommand = ServerCommand::new("pause", client_pause)
    .since("3.0.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_PAUSE_DOCS);

pub(super) const CLIENT_UNPAUSE: ServerCommand = ServerCommand::new("unpause", client_unpause)
    .since("6.2.0")
    .arity(2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_UNPAUSE_DOCS);

const BAD_MODE: CommandError = CommandError::other("ERR CLIENT PAUSE mode must be WRITE or ALL");
const NEGATIVE: CommandError = CommandError::other("ERR timeout is negative");

fn client_pause(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let timeout = args.bytes()?;
    let writes_only = match args.peek() {
        None => false,
        Some(mode) if mode.eq_ignore_ascii_case(b"WRITE") => true,
        Some(mode) if mode.eq_ignore_ascii_case(b"ALL") => false,
        Some(_) => return Err(BAD_MODE),
    };
    if args.remaining() > 1 {
        return Err(CommandError::Syntax);
    }
    let timeout_ms = num::parse_i64(timeout).ok_or(CommandError::NotIntegerOf("timeout"))?;
    if timeout_ms < 0 {
        return Err(NEGATIVE);
    }
    let until = cx.data.now().checked_add_ms(timeout_ms).ok_or(CommandError::NotIntegerOf("timeout"))?;
    cx.node.clients.pause.start(until, writes_only);
    reply.ok();
    Ok(Flow::Done)
}

fn client_unpause(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.clients.pause.end();
    for lane in 0..cx.node.stats.lanes.len() {
        cx.node.host.send(lane, Event::Resume);
    }
    reply.ok();
    Ok(Flow::Done)
}

const CLIENT_PAUSE_DOCS: Docs = Docs::new("Lets commands wait for a while.", Group::Connection, "O(1)")
    .history(&[("6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option.")])
    .arguments(&[
        Arg::integer("timeout"),
        Arg::one_of("mode", &[Arg::pure_token("write", "WRITE"), Arg::pure_token("all", "ALL")])
            .since("6.2.0")
            .optional(),
    ]);

const CLIENT_UNPAUSE_DOCS: Docs =
    Docs::new("Ends a pause.", Group::Connection, "O(N) Where N is the number of paused clients");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn paused_commands_wait_and_then_run() {
        check(
            r"
            @only ochre
            @skip-lens restore its own connection is paused too
            @skip-lens script a pause of writes holds scripts
            @skip-lens script-resp3 a pause of writes holds scripts
            B> PING                       => PONG
            A> CLIENT PAUSE 1000          => OK
            B> PING                       => (blocked)
            @now +1001ms
            B:                            => PONG
            A> CLIENT PAUSE 1000 WRITE    => OK
            B> GET k                      => (nil)
            B> SET k v                    => (blocked)
            A> CLIENT UNPAUSE             => OK
            B:                            => OK
        ",
        );
    }

    #[test]
    fn pause_refuses_bad_times_and_modes() {
        check(
            r"
            > CLIENT PAUSE x         => (error) ERR timeout is not an integer or out of range
            > CLIENT PAUSE -1        => (error) ERR timeout is negative
            > CLIENT PAUSE 1 foo     => (error) ERR CLIENT PAUSE mode must be WRITE or ALL
            > CLIENT UNPAUSE         => OK
        ",
        );
    }
}
