//! GET, and reading with something more: GETSET, GETDEL, GETEX.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::{Key, Ttl};
use stdx::UnixMs;
use stdx::num::IntText;
use value::StringRef;

use super::expiry::{Lifetime, Word};
use super::set;

pub(super) const GET: Command = Command::new("get", get)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GET_DOCS);

pub(super) const GETSET: Command = Command::new("getset", getset)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&GETSET_DOCS);

pub(super) const GETDEL: Command = Command::new("getdel", getdel)
    .since("6.2.0")
    .arity(2)
    .write()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().delete()])
    .docs(&GETDEL_DOCS);

pub(super) const GETEX: Command = Command::new("getex", getex)
    .since("6.2.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update().notes("RW and UPDATE because it changes the TTL")])
    .docs(&GETEX_DOCS);

fn get(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    answer(reply, cx.db.string(key)?);
    Ok(Flow::Done)
}

fn getset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    args.finish()?;
    // Answered first: the old value lies where the new one goes.
    answer(reply, cx.db.string(key)?);

    set::store(cx, key, value, Ttl::Clear);
    set::propagate(cx, key, value, Ttl::Clear);
    Ok(Flow::Done)
}

fn getdel(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    let string = cx.db.string(key)?;
    let found = string.is_some();
    answer(reply, string);

    if found {
        delete(cx, key);
    }
    Ok(Flow::Done)
}

fn getex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let mut lifetime = Lifetime::default();
    while lifetime.accept(args, ("PERSIST", Word::Persist))? {}
    args.finish()?;

    // Redis looks for the key before it looks at the time: a missing key makes any time good.
    let Some(string) = cx.db.string(key)? else {
        reply.null();
        return Ok(Flow::Done);
    };
    let ttl = lifetime.ttl(cx.name, cx.now())?;
    answer(reply, Some(string));

    match ttl {
        Ttl::At(at) if has_passed(cx, at) => delete(cx, key),
        Ttl::At(at) => {
            cx.db.set_deadline(key, at);
            cx.notify(Event::Generic, "expire", key);
            cx.propagate_as(&[b"PEXPIREAT", key.bytes(), IntText::new().format(at.0)]);
        }
        Ttl::Clear if lifetime.word() == Some(Word::Persist) => {
            if cx.db.clear_deadline(key) {
                cx.notify(Event::Generic, "persist", key);
                cx.propagate_as(&[b"PERSIST", key.bytes()]);
            }
        }
        Ttl::Clear | Ttl::Keep => {}
    }
    Ok(Flow::Done)
}

/// A string as GET answers it.
pub(super) fn answer(reply: &mut Reply<'_>, string: Option<StringRef<'_>>) {
    match string {
        None => reply.null(),
        Some(StringRef::Int(int)) => reply.bulk_int(int),
        Some(StringRef::Embstr(bytes) | StringRef::Raw(bytes)) => reply.bulk(bytes),
    }
}

/// Whether a deadline of `at` means deletion at once. A replication stream and a file decide that for themselves.
pub(super) fn has_passed(cx: &Context<'_>, at: UnixMs) -> bool {
    at <= cx.now() && !cx.caller.trusted
}

/// Deletes a key that is there, and tells of it in place of the command.
pub(super) fn delete(cx: &mut Context<'_>, key: Key<'_>) {
    cx.db.remove(key);
    cx.notify(Event::Generic, "del", key);
    cx.propagate_as(&[b"DEL", key.bytes()]);
}

const GET_DOCS: Docs =
    Docs::new("Returns the string under a key.", Group::String, "O(1)").arguments(&[Arg::key("key", 0)]);

const GETSET_DOCS: Docs = Docs::new("Stores a string and returns the one it replaced.", Group::String, "O(1)")
    .deprecated("6.2.0", "`SET` with the `!GET` argument")
    .arguments(&[Arg::key("key", 0), Arg::string("value")]);

const GETDEL_DOCS: Docs = Docs::new("Returns the string under a key and deletes the key.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const GETEX_DOCS: Docs =
    Docs::new("Returns the string under a key and sets or removes its deadline.", Group::String, "O(1)").arguments(&[
        Arg::key("key", 0),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX"),
                Arg::integer("milliseconds").token("PX"),
                Arg::unix_time("unix-time-seconds").token("EXAT"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT"),
                Arg::pure_token("persist", "PERSIST"),
            ],
        )
        .optional(),
    ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_counted, check_told};

    #[test]
    fn get_answers_the_string_or_nothing() {
        check(
            r#"
            > GET k                     => (nil)
            > SET k hello               => OK
            > GET k                     => 'hello'
            > SET k ''                  => OK
            > GET k                     => ''
            > SET k "a\r\n\x00\xff"     => OK
            > GET k                     => 'a\r\n\x00\xff'
            > SET k -9223372036854775808  => OK
            > GET k                     => '-9223372036854775808'
            > SET k 007                 => OK
            > GET k                     => '007'
            > GET                       => (error) ERR wrong number of arguments for 'get' command
            > GET k k                   => (error) ERR wrong number of arguments for 'get' command
            "#,
        );
    }

    #[test]
    fn getset_exchanges_and_clears_the_deadline() {
        check(
            r"
            > GETSET k one              => (nil)
            > GETSET k 2                => 'one'
            > SET k v EX 100            => OK
            > GETSET k w                => 'v'
            > TTL k                     => -1
            > GET k                     => 'w'
            > GETSET k                  => (error) ERR wrong number of arguments for 'getset' command
            ",
        );
        check_told(&[("GETSET k v", "set:k", "SET k v"), ("GETSET k 12", "set:k", "SET k 12")]);
    }

    #[test]
    fn getdel_leaves_nothing() {
        check(
            r"
            @since 6.2
            > GETDEL k                  => (nil)
            > SET k 12                  => OK
            > GETDEL k                  => '12'
            > GETDEL k                  => (nil)
            > EXISTS k                  => 0
            > GETDEL k k                => (error) ERR wrong number of arguments for 'getdel' command
            ",
        );
        check_told(&[("GETDEL k", "", ""), ("SET k v", "set:k", "="), ("GETDEL k", "del:k", "DEL k")]);
    }

    #[test]
    fn getex_sets_and_removes_the_deadline() {
        check(
            r"
            @since 6.2
            > SET k v                   => OK
            > GETEX k                   => 'v'
            > TTL k                     => -1
            > GETEX k EX 100            => 'v'
            > TTL k                     => 100
            > GETEX k                   => 'v'
            > TTL k                     => 100
            > GETEX k px 200000         => 'v'
            > TTL k                     => 200
            > GETEX k EXAT 9999999999   => 'v'
            > PEXPIRETIME k             => 9999999999000
            > GETEX k PXAT 9999999999999  => 'v'
            > PEXPIRETIME k             => 9999999999999
            > GETEX k PERSIST PERSIST   => 'v'
            > TTL k                     => -1
            > GETEX k EX 10 EX 20       => 'v'
            > TTL k                     => 20
            ",
        );
    }

    #[test]
    fn getex_with_a_time_that_has_passed_deletes() {
        check(
            r"
            @since 6.2
            > SET k v                   => OK
            > GETEX k EXAT 1            => 'v'
            > EXISTS k                  => 0
            > SET k 5                   => OK
            > GETEX k PXAT 1            => '5'
            > EXISTS k                  => 0
            ",
        );
    }

    #[test]
    fn getex_looks_for_the_key_between_the_words_and_the_time() {
        // Valkey looks at the time first.
        check(
            r"
            @since 6.2
            @only redis ochre
            > GETEX k EX abc            => (nil)
            > GETEX k EX 0              => (nil)
            > GETEX k EX                => (error) ERR syntax error
            > GETEX k FOO               => (error) ERR syntax error
            > GETEX k KEEPTTL           => (error) ERR syntax error
            > GETEX k NX                => (error) ERR syntax error
            > SET k v                   => OK
            > GETEX k EX abc            => (error) ERR value is not an integer or out of range
            > GETEX k EX 0              => (error) ERR invalid expire time in 'getex' command
            > GETEX k PX -1             => (error) ERR invalid expire time in 'getex' command
            > GETEX k EX 9223372036854775807  => (error) ERR invalid expire time in 'getex' command
            > GETEX k PX 9223372036854775807  => (error) ERR invalid expire time in 'getex' command
            > GETEX k EX 10 PX 10       => (error) ERR syntax error
            > GETEX k EX 10 PERSIST     => (error) ERR syntax error
            > GETEX k PERSIST EX 10     => (error) ERR syntax error
            > TTL k                     => -1
            ",
        );
    }

    #[test]
    fn getex_tells_of_the_deadline_alone() {
        check_told(&[
            ("GETEX k EX 10", "", ""),
            ("SET k v", "set:k", "="),
            ("GETEX k", "", ""),
            ("GETEX k PERSIST", "", ""),
            ("GETEX k EX 10", "expire:k", "PEXPIREAT k 1010000"),
            ("GETEX k EXAT 2000", "expire:k", "PEXPIREAT k 2000000"),
            ("GETEX k PERSIST", "persist:k", "PERSIST k"),
            ("GETEX k PXAT 1000000", "del:k", "DEL k"),
        ]);
    }

    #[test]
    fn a_list_is_no_string() {
        check(
            r"
            > RPUSH l a                 => 1
            > SET m x                   => OK
            > GET l                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GETSET l x                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > STRLEN l                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > APPEND l x                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GETRANGE l 0 1            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SUBSTR l 0 1              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SETRANGE l 0 x            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SETRANGE l 0 ''           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > INCR l                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > DECR l                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > INCRBY l 1                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > DECRBY l 1                => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > INCRBYFLOAT l 1           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > INCRBYFLOAT l x           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GETRANGE l x 1            => (error) ERR value is not an integer or out of range
            > SETRANGE l -1 x           => (error) ERR offset is out of range
            > INCRBY l x                => (error) ERR value is not an integer or out of range
            > SET l x NX                => (nil)
            > SETNX l x                 => 0
            > MGET l m                  => [(nil), 'x']
            > LRANGE l 0 -1             => ['a']
            > SET l x XX KEEPTTL        => OK
            > GET l                     => 'x'
            ",
        );
    }

    #[test]
    fn a_list_is_no_string_to_newer_commands() {
        check(
            r"
            @since 7.0
            > RPUSH l a                 => 1
            > SET m x                   => OK
            > GETDEL l                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > GETEX l                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SET l x GET               => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > LCS l m                   => (error) ERR The specified keys must contain string values
            > LCS l nokey               => (error) ERR The specified keys must contain string values
            > LCS nokey l               => (error) ERR The specified keys must contain string values
            > LLEN l                    => 1
            ",
        );
    }

    #[test]
    fn reads_count_hits_and_misses_and_writes_do_not() {
        // As counted by INFO of Redis 8.0.6.
        check_counted(&[
            ("GET k", 0, 1),
            ("STRLEN k", 0, 1),
            ("GETEX k", 0, 1),
            ("GETDEL k", 0, 1),
            ("SET k v XX", 0, 0),
            ("SET k v XX GET", 0, 1),
            ("MGET k k", 0, 2),
            ("LCS k k", 0, 2),
            ("SET k v", 0, 0),
            ("GET k", 1, 0),
            ("STRLEN k", 1, 0),
            ("GETRANGE k 0 1", 1, 0),
            ("DIGEST k", 1, 0),
            ("APPEND k w", 0, 0),
            ("SETRANGE k 0 x", 0, 0),
            ("SET k v GET", 1, 0),
            ("GETSET k v", 1, 0),
            ("SETNX k v", 0, 0),
            ("SET k v XX", 0, 0),
            ("SET k v IFEQ v", 0, 0),
            ("MSETNX k 1 l 1", 0, 0),
            ("MGET k l", 1, 1),
            ("GETEX k EX 100", 1, 0),
            ("LCS k k", 2, 0),
            ("INCR n", 0, 0),
            ("INCRBYFLOAT n 1", 0, 0),
            ("INCREX n", 0, 0),
            ("DELEX k IFEQ x", 0, 0),
            ("GETDEL k", 1, 0),
        ]);
    }
}
