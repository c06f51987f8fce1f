//! CLIENT REPLY, NO-EVICT, NO-TOUCH: how a connection wants to be treated.

use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use crate::session::Replies;
use crate::{ServerCommand, ServerContext};

pub(super) const CLIENT_REPLY: ServerCommand = ServerCommand::new("reply", client_reply)
    .since("3.2.0")
    .arity(3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_REPLY_DOCS);

pub(super) const CLIENT_NO_EVICT: ServerCommand = ServerCommand::new("no-evict", client_no_evict)
    .since("7.0.0")
    .arity(3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_NO_EVICT_DOCS);

pub(super) const CLIENT_NO_TOUCH: ServerCommand = ServerCommand::new("no-touch", client_no_touch)
    .since("7.2.0")
    .arity(3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_NO_TOUCH_DOCS);

fn client_reply(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.accept("ON") {
        cx.client.replies = Replies::On;
        reply.ok();
    } else if args.accept("OFF") {
        cx.client.replies = Replies::Off;
    } else if args.accept("SKIP") {
        if cx.client.replies != Replies::Off {
            cx.client.replies = Replies::SkipNext;
        }
    } else {
        return Err(CommandError::Syntax);
    }
    Ok(Flow::Done)
}

fn client_no_evict(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.client.info.no_evict.store(on_or_off(args)?, Relaxed);
    reply.ok();
    Ok(Flow::Done)
}

fn client_no_touch(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.client.no_touch = on_or_off(args)?;
    reply.ok();
    Ok(Flow::Done)
}

fn on_or_off(args: &mut Args<'_>) -> Result<bool, CommandError> {
    if args.accept("ON") {
        Ok(true)
    } else if args.accept("OFF") {
        Ok(false)
    } else {
        Err(CommandError::Syntax)
    }
}

const CLIENT_REPLY_DOCS: Docs = Docs::new("Chooses whether the connection is answered.", Group::Connection, "O(1)")
    .arguments(&[Arg::one_of(
        "action",
        &[Arg::pure_token("on", "ON"), Arg::pure_token("off", "OFF"), Arg::pure_token("skip", "SKIP")],
    )]);

const CLIENT_NO_EVICT_DOCS: Docs =
    Docs::new("Protects the connection from eviction, or no longer.", Group::Connection, "O(1)")
        .arguments(&[Arg::one_of("enabled", &[Arg::pure_token("on", "ON"), Arg::pure_token("off", "OFF")])]);

const CLIENT_NO_TOUCH_DOCS: Docs =
    Docs::new("Lets the connection read keys without using them, or no longer.", Group::Connection, "O(1)")
        .arguments(&[Arg::one_of("enabled", &[Arg::pure_token("on", "ON"), Arg::pure_token("off", "OFF")])]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn flags_turn_on_and_off() {
        check(
            r"
            > CLIENT NO-EVICT on     => OK
            > CLIENT INFO            => ~'* flags=e *'
            > CLIENT NO-EVICT OFF    => OK
            > CLIENT NO-EVICT foo    => (error) ERR syntax error
            > CLIENT REPLY foo       => (error) ERR syntax error
            > CLIENT REPLY ON        => OK
        ",
        );
        check(
            r"
            @since 7.2
            > CLIENT NO-TOUCH on     => OK
            > CLIENT INFO            => ~'* flags=T *'
            > CLIENT NO-TOUCH off    => OK
            > CLIENT NO-TOUCH foo    => (error) ERR syntax error
        ",
        );
    }
}
