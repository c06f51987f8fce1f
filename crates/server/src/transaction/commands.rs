//! MULTI, DISCARD, WATCH, UNWATCH, and the declaration of EXEC.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, KeySpec, Reply, Scope};

use super::Transaction;
use crate::waiting::KeyName;
use crate::{ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&MULTI, &EXEC, &DISCARD, &WATCH, &UNWATCH];

const MULTI: ServerCommand = ServerCommand::new("multi", multi)
    .since("1.2.0")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Transaction])
    .docs(&MULTI_DOCS);

const EXEC: ServerCommand = ServerCommand::new("exec", exec)
    .since("1.2.0")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .flag(Flags::SKIP_SLOWLOG)
    .acl(&[Acl::Transaction])
    .scope(Scope::Queued)
    .docs(&EXEC_DOCS);

const DISCARD: ServerCommand = ServerCommand::new("discard", discard)
    .since("2.0.0")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Transaction])
    .docs(&DISCARD_DOCS);

const WATCH: ServerCommand = ServerCommand::new("watch", watch)
    .since("2.2.0")
    .arity(-2)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Transaction])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro()])
    .docs(&WATCH_DOCS);

const UNWATCH: ServerCommand = ServerCommand::new("unwatch", unwatch)
    .since("2.2.0")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Transaction])
    .docs(&UNWATCH_DOCS);

fn multi(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    if cx.client.transaction.is_some() {
        return Err(CommandError::other("ERR MULTI calls can not be nested"));
    }
    cx.client.transaction = Some(Box::new(Transaction::default()));
    reply.ok();
    Ok(Flow::Done)
}

/// Called only outside a transaction: dispatch runs the queued commands itself.
fn exec(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    Err(CommandError::other("ERR EXEC without MULTI"))
}

fn discard(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    if cx.client.transaction.take().is_none() {
        return Err(CommandError::other("ERR DISCARD without MULTI"));
    }
    cx.client.watch.clear(cx.node);
    reply.ok();
    Ok(Flow::Done)
}

fn watch(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if cx.client.transaction.is_some() {
        return Err(CommandError::other("ERR WATCH inside MULTI is not allowed"));
    }
    let db = cx.data.db.index();
    while !args.is_empty() {
        let key = args.key()?;
        // While a script runs for long the keyspace is its own: whether the key was there is not known then.
        let existed = cx.data.db.may_read(key).then(|| cx.data.db.contains(key));
        cx.client.watch.add(cx.node, KeyName { hash: key.hash(), db, key: Box::from(key.bytes()) }, existed);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn unwatch(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    cx.client.watch.clear(cx.node);
    reply.ok();
    Ok(Flow::Done)
}

const MULTI_DOCS: Docs = Docs::new("Queues the commands that follow.", Group::Transactions, "O(1)");

const EXEC_DOCS: Docs = Docs::new(
    "Runs the queued commands, with nobody else's in between.",
    Group::Transactions,
    "Depends on commands in the transaction",
);

const DISCARD_DOCS: Docs =
    Docs::new("Forgets the queued commands.", Group::Transactions, "O(N), when N is the number of queued commands");

const WATCH_DOCS: Docs = Docs::new(
    "Lets the next EXEC run only if these keys have not changed until then.",
    Group::Transactions,
    "O(1) for every key.",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const UNWATCH_DOCS: Docs = Docs::new("Forgets the watched keys.", Group::Transactions, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn queued_commands_run_together() {
        check(
            r"
            > MULTI               => OK
            > SET k 1             => QUEUED
            > INCR k              => QUEUED
            > SELECT 1            => QUEUED
            > GET k               => QUEUED
            > SELECT 0            => QUEUED
            > DBSIZE              => QUEUED
            > EXEC                => [OK, 2, OK, (nil), OK, 1]
            > GET k               => '2'
            > MULTI               => OK
            > EXEC                => []
        ",
        );
    }

    #[test]
    fn a_command_that_fails_in_exec_stops_nothing() {
        check(
            r"
            > SET k abc           => OK
            > MULTI               => OK
            > INCR k              => QUEUED
            > SET k 1             => QUEUED
            > EXEC                => [(error) ERR value is not an integer or out of range, OK]
            > GET k               => '1'
        ",
        );
    }

    #[test]
    fn a_command_that_cannot_be_queued_spoils_all() {
        check(
            r"
            > MULTI               => OK
            > SET k 1             => QUEUED
            > GET                 => (error) ERR wrong number of arguments for 'get' command
            > SET k 2             => QUEUED
            > EXEC                => (error) EXECABORT Transaction discarded because of previous errors.
            > GET k               => (nil)
            > MULTI               => OK
            > NOSUCH              => (error) 'ERR unknown command \'NOSUCH\', with args beginning with: '
            > EXEC                => (error) EXECABORT Transaction discarded because of previous errors.
            > EXEC                => (error) ERR EXEC without MULTI
            > DISCARD             => (error) ERR DISCARD without MULTI
        ",
        );
    }

    #[test]
    fn multi_is_not_nested_and_does_not_watch() {
        check(
            r"
            > MULTI               => OK
            > MULTI               => (error) ERR MULTI calls can not be nested
            > WATCH k             => (error) ERR WATCH inside MULTI is not allowed
            > PING                => QUEUED
            > EXEC                => [PONG]
            > MULTI               => OK
            > SET k 1             => QUEUED
            > DISCARD             => OK
            > EXISTS k            => 0
        ",
        );
    }

    #[test]
    fn a_watched_key_that_changes_keeps_exec_from_running() {
        check(
            r"
            A> SET k 1            => OK
            A> WATCH k other      => OK
            B> SET k 2            => OK
            A> MULTI              => OK
            A> SET k 3            => QUEUED
            A> EXEC               => (nil)
            A> GET k              => '2'
            A> WATCH k            => OK
            B> SET k 4            => OK
            A> UNWATCH            => OK
            A> MULTI              => OK
            A> SET k 5            => QUEUED
            A> EXEC               => [OK]
            A> WATCH k            => OK
            A> SET k 6            => OK
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => (nil)
            A> WATCH k            => OK
            B> GET k              => '6'
            B> DEL nosuch         => 0
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => [PONG]
        ",
        );
    }

    #[test]
    fn watched_keys_that_come_go_or_expire_have_changed() {
        check(
            r"
            A> WATCH new          => OK
            B> SET new 1          => OK
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => (nil)
            A> WATCH new          => OK
            B> FLUSHALL           => OK
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => (nil)
            A> WATCH none         => OK
            B> FLUSHALL           => OK
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => [PONG]
            A> SET k 1 PX 100     => OK
            A> WATCH k            => OK
            @now +200ms
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => (nil)
            A> SET k 1            => OK
            A> WATCH k            => OK
            B> SWAPDB 0 1         => OK
            A> MULTI              => OK
            A> PING               => QUEUED
            A> EXEC               => (nil)
        ",
        );
    }
}
