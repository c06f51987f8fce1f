//! TTL, PTTL, EXPIRETIME, PEXPIRETIME, PERSIST: read a key's deadline, or take it away.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply};
use stdx::UnixMs;

pub(super) const TTL: Command = Command::new("ttl", ttl)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&TTL_DOCS);

pub(super) const PTTL: Command = Command::new("pttl", pttl)
    .since("2.6.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&PTTL_DOCS);

pub(super) const EXPIRETIME: Command = Command::new("expiretime", expiretime)
    .since("7.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&EXPIRETIME_DOCS);

pub(super) const PEXPIRETIME: Command = Command::new("pexpiretime", pexpiretime)
    .since("7.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&PEXPIRETIME_DOCS);

pub(super) const PERSIST: Command = Command::new("persist", persist)
    .since("2.2.0")
    .arity(2)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&PERSIST_DOCS);

/// Answers for a key that is not there, and for one that lives for ever.
const NO_KEY: i64 = -2;
const NO_DEADLINE: i64 = -1;

fn ttl(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.now();
    answer(cx, args, reply, |at| to_seconds(at.ms_since(now)))
}

fn pttl(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.now();
    answer(cx, args, reply, |at| at.ms_since(now))
}

fn expiretime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    answer(cx, args, reply, |at| to_seconds(at.0))
}

fn pexpiretime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    answer(cx, args, reply, |at| at.0)
}

fn answer(
    cx: &Context<'_>,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
    number: impl FnOnce(UnixMs) -> i64,
) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    let deadline = cx.db.inspect(key).map(|entry| entry.deadline());
    reply.int(match deadline {
        None => NO_KEY,
        Some(None) => NO_DEADLINE,
        Some(Some(at)) => number(at),
    });
    Ok(Flow::Done)
}

/// Rounds to the nearest second, half a second up. A key that is there has not come to its end, so `ms` is not negative.
const fn to_seconds(ms: i64) -> i64 {
    ms / 1000 + (ms % 1000 >= 500) as i64
}

fn persist(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    // Asking counts as a use, whether or not there is a deadline to remove.
    let removed = cx.db.lookup_for_update(key).is_some() && cx.db.clear_deadline(key);
    if removed {
        cx.notify(Event::Generic, "persist", key);
    }
    reply.int(i64::from(removed));
    Ok(Flow::Done)
}

const TTL_DOCS: Docs = Docs::new("Tells how many seconds a key has left.", Group::Generic, "O(1)")
    .history(&[("2.8.0", "A missing key is answered with -2.")])
    .arguments(&[Arg::key("key", 0)]);

const PTTL_DOCS: Docs = Docs::new("Tells how many milliseconds a key has left.", Group::Generic, "O(1)")
    .history(&[("2.8.0", "A missing key is answered with -2.")])
    .arguments(&[Arg::key("key", 0)]);

const EXPIRETIME_DOCS: Docs =
    Docs::new("Tells the Unix time in seconds at which a key expires.", Group::Generic, "O(1)")
        .arguments(&[Arg::key("key", 0)]);

const PEXPIRETIME_DOCS: Docs =
    Docs::new("Tells the Unix time in milliseconds at which a key expires.", Group::Generic, "O(1)")
        .arguments(&[Arg::key("key", 0)]);

const PERSIST_DOCS: Docs =
    Docs::new("Takes a key's deadline away.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_counted, check_told};

    #[test]
    fn a_key_without_a_deadline_and_no_key_are_told_apart() {
        check(
            r"
            > SET k v                      => OK
            > TTL k                        => -1
            > PTTL k                       => -1
            > EXPIRETIME k                 => -1
            > PEXPIRETIME k                => -1
            > TTL none                     => -2
            > PTTL none                    => -2
            > EXPIRETIME none              => -2
            > PEXPIRETIME none             => -2
        ",
        );
    }

    #[test]
    fn seconds_are_rounded_to_the_nearest() {
        check(
            r"
            > SET k v PXAT 4102444800499    => OK
            > EXPIRETIME k                  => 4102444800
            > PEXPIREAT k 4102444800500     => 1
            > EXPIRETIME k                  => 4102444801
            > PEXPIRETIME k                 => 4102444800500
            > PEXPIREAT k 9223372036854775807   => 1
            > EXPIRETIME k                  => 9223372036854776
            > PEXPIRE k 90400               => 1
            > TTL k                         => 90
            > PTTL k                        => (int 90300..90400)
            > PEXPIRE k 90900               => 1
            > TTL k                         => 91
        ",
        );
    }

    #[test]
    fn a_key_past_its_deadline_is_gone() {
        check(
            r"
            > SET k v PX 10                 => OK
            @now +20ms
            > PTTL k                        => -2
            > PEXPIRETIME k                 => -2
            > PERSIST k                     => 0
        ",
        );
    }

    #[test]
    fn persist_tells_whether_there_was_a_deadline() {
        check(
            r"
            > SET k v PX 50                 => OK
            > PERSIST k                     => 1
            > TTL k                         => -1
            > PERSIST k                     => 0
            > PERSIST none                  => 0
            @now +60ms
            > GET k                         => 'v'
        ",
        );
    }

    #[test]
    fn exactly_one_key_is_asked_for() {
        check(
            r"
            > TTL                           => (error) ERR wrong number of arguments for 'ttl' command
            > PTTL a b                      => (error) ERR wrong number of arguments for 'pttl' command
            > EXPIRETIME                    => (error) ERR wrong number of arguments for 'expiretime' command
            > PEXPIRETIME a b               => (error) ERR wrong number of arguments for 'pexpiretime' command
            > PERSIST                       => (error) ERR wrong number of arguments for 'persist' command
        ",
        );
    }

    #[test]
    fn persist_tells_only_what_it_changed() {
        check_told(&[
            ("SET k v", "set:k", "="),
            ("PERSIST k", "", ""),
            ("PEXPIREAT k 2000000", "expire:k", "="),
            ("PERSIST k", "persist:k", "="),
            ("PERSIST none", "", ""),
        ]);
        check_counted(&[
            ("SET k v", 0, 0),
            ("TTL k", 1, 0),
            ("PTTL none", 0, 1),
            ("EXPIRETIME k", 1, 0),
            ("PEXPIRETIME none", 0, 1),
            ("PERSIST k", 0, 0),
        ]);
    }
}
