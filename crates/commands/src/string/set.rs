//! SET with its options, and the older words for parts of it: SETNX, SETEX, PSETEX.
//!
//! Without options SET is one look-up and one copy into the entry. What goes to the AOF and to replicas never depends on when or
//! where it runs: times become PXAT, and whatever needed the old value (GET, IFEQ and its siblings) is gone from it, which also
//! keeps the stream readable for servers that lack those options.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeyFlags, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use resp::Argv;
use stdx::num::IntText;
use value::StringRef;

use super::condition::{self, Condition};
use super::expiry::{self, Lifetime};
use super::get::answer;

pub(super) const SET: Command = Command::new("set", set)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1)
        .rw()
        .access()
        .update()
        .variable_flags()
        .notes("RW and ACCESS because of the `GET` option")])
    .key_use(key_use_of_set)
    .docs(&SET_DOCS);

pub(super) const SETNX: Command = Command::new("setnx", setnx)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().insert()])
    .docs(&SETNX_DOCS);

pub(super) const SETEX: Command = Command::new("setex", setex)
    .since("2.0.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&SETEX_DOCS);

pub(super) const PSETEX: Command = Command::new("psetex", psetex)
    .since("2.6.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ow().update()])
    .docs(&PSETEX_DOCS);

/// Words of SET that make it look at the old value.
const LOOKING: [&[u8]; 5] = [b"GET", b"IFEQ", b"IFNE", b"IFDEQ", b"IFDNE"];

fn key_use_of_set(argv: Argv<'_>) -> KeyFlags {
    if argv.iter().skip(3).any(|arg| LOOKING.iter().any(|word| arg.eq_ignore_ascii_case(word))) {
        KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::UPDATE)
    } else {
        KeyFlags::OW.union(KeyFlags::UPDATE)
    }
}

fn set(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    if !args.is_empty() {
        return set_with_options(cx, key, value, args, reply);
    }
    store(cx, key, value, Ttl::Clear);
    reply.ok();
    Ok(Flow::Done)
}

fn set_with_options<'a>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    value: &[u8],
    args: &mut Args<'a>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let options = Options::parse(args)?;
    let ttl = options.lifetime.ttl(cx.name, cx.now())?;
    let condition = options.condition.check()?;

    // The old value is answered before the new one takes its place: it is not copied.
    if options.get {
        answer(reply, cx.db.string(key)?);
    }
    let allowed = match condition {
        None => true,
        Some(Condition::Missing) => cx.db.lookup_for_update(key).is_none(),
        Some(Condition::Present) => cx.db.lookup_for_update(key).is_some(),
        Some(Condition::Value(comparison)) => comparison.holds(cx.db.string_for_update(key)?),
    };
    if allowed {
        store(cx, key, value, ttl);
        let means_the_same_anywhere = match condition {
            None | Some(Condition::Missing | Condition::Present) => options.lifetime.is_absolute() && !options.get,
            Some(Condition::Value(_)) => false,
        };
        if !means_the_same_anywhere {
            propagate(cx, key, value, ttl);
        }
    }
    if !options.get {
        if allowed { reply.ok() } else { reply.null() }
    }
    Ok(Flow::Done)
}

/// The options of SET as they were said.
#[derive(Debug, Default)]
struct Options<'a> {
    condition: condition::Said<'a>,
    lifetime: Lifetime<'a>,
    get: bool,
}

impl<'a> Options<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            let known = args.accept("GET") && {
                options.get = true;
                true
            } || options.condition.accept(args, condition::PRESENCE)?
                || options.lifetime.accept(args, ("KEEPTTL", expiry::Word::KeepTtl))?
                || options.condition.accept(args, condition::COMPARISON)?;
            if !known {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }
}

fn setnx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let value = args.bytes()?;
    args.finish()?;

    let missing = cx.db.lookup_for_update(key).is_none();
    if missing {
        store(cx, key, value, Ttl::Clear);
    }
    reply.int(i64::from(missing));
    Ok(Flow::Done)
}

fn setex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_for(cx, expiry::Word::Ex, args, reply)
}

fn psetex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_for(cx, expiry::Word::Px, args, reply)
}

fn set_for(cx: &mut Context<'_>, unit: expiry::Word, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let time = args.int()?;
    let value = args.bytes()?;
    args.finish()?;
    let at = expiry::deadline(unit, time, cx.now()).ok_or(CommandError::InvalidExpire(cx.name))?;

    store(cx, key, value, Ttl::At(at));
    propagate(cx, key, value, Ttl::At(at));
    reply.ok();
    Ok(Flow::Done)
}

/// Stores a string that a client sent, and tells of it. A deadline that has passed is set all the same: the key is gone for every
/// reader, and expires like any other.
pub(super) fn store(cx: &mut Context<'_>, key: Key<'_>, value: &[u8], ttl: Ttl) {
    cx.db.set_string(key, StringRef::new(value), ttl);
    cx.notify(Event::String, "set", key);
    if matches!(ttl, Ttl::At(_)) {
        cx.notify(Event::Generic, "expire", key);
    }
}

/// Propagates a SET that says what came of it; several such calls of one command follow each other.
pub(super) fn propagate(cx: &mut Context<'_>, key: Key<'_>, value: &[u8], ttl: Ttl) {
    match ttl {
        Ttl::Clear => cx.propagate_as(&[b"SET", key.bytes(), value]),
        Ttl::Keep => cx.propagate_as(&[b"SET", key.bytes(), value, b"KEEPTTL"]),
        Ttl::At(at) => cx.propagate_as(&[b"SET", key.bytes(), value, b"PXAT", IntText::new().format(at.0)]),
    }
}

const SET_DOCS: Docs = Docs::new("Stores a string under a key, whatever was there before.", Group::String, "O(1)")
    .history(&[
        ("2.6.12", "`EX`, `PX`, `NX` and `XX`."),
        ("6.0.0", "`KEEPTTL`."),
        ("6.2.0", "`GET`, `EXAT` and `PXAT`."),
        ("7.0.0", "`NX` and `GET` may be used together."),
        ("8.4.0", "`IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`."),
    ])
    .arguments(&[
        Arg::key("key", 0),
        Arg::string("value"),
        Arg::one_of(
            "condition",
            &[
                Arg::pure_token("nx", "NX"),
                Arg::pure_token("xx", "XX"),
                Arg::string("ifeq-value").token("IFEQ").since("8.4.0"),
                Arg::string("ifne-value").token("IFNE").since("8.4.0"),
                Arg::string("ifdeq-digest").token("IFDEQ").since("8.4.0"),
                Arg::string("ifdne-digest").token("IFDNE").since("8.4.0"),
            ],
        )
        .since("2.6.12")
        .optional(),
        Arg::pure_token("get", "GET").since("6.2.0").optional(),
        Arg::one_of(
            "expiration",
            &[
                Arg::integer("seconds").token("EX").since("2.6.12"),
                Arg::integer("milliseconds").token("PX").since("2.6.12"),
                Arg::unix_time("unix-time-seconds").token("EXAT").since("6.2.0"),
                Arg::unix_time("unix-time-milliseconds").token("PXAT").since("6.2.0"),
                Arg::pure_token("keepttl", "KEEPTTL").since("6.0.0"),
            ],
        )
        .optional(),
    ]);

const SETNX_DOCS: Docs = Docs::new("Stores a string under a key that is not there.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `NX` argument")
    .arguments(&[Arg::key("key", 0), Arg::string("value")]);

const SETEX_DOCS: Docs = Docs::new("Stores a string that lives for some seconds.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `EX` argument")
    .arguments(&[Arg::key("key", 0), Arg::integer("seconds"), Arg::string("value")]);

const PSETEX_DOCS: Docs = Docs::new("Stores a string that lives for some milliseconds.", Group::String, "O(1)")
    .deprecated("2.6.12", "`SET` with the `PX` argument")
    .arguments(&[Arg::key("key", 0), Arg::integer("milliseconds"), Arg::string("value")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn set_overwrites_and_clears_the_deadline() {
        check(
            r"
            > SET k v                   => OK
            > GET k                     => 'v'
            > set k w ex 100            => OK
            > TTL k                     => 100
            > SET k x                   => OK
            > TTL k                     => -1
            > SET k                     => (error) ERR wrong number of arguments for 'set' command
            > SET k v FOO               => (error) ERR syntax error
            > SET k v PERSIST           => (error) ERR syntax error
            > GET k                     => 'x'
            ",
        );
    }

    #[test]
    fn set_picks_the_encoding_of_the_value() {
        check(
            r"
            > SET k 12                  => OK
            > OBJECT ENCODING k         => 'int'
            > SET k -9223372036854775808  => OK
            > OBJECT ENCODING k         => 'int'
            > SET k 9223372036854775808   => OK
            > OBJECT ENCODING k         => 'embstr'
            > SET k 012                 => OK
            > OBJECT ENCODING k         => 'embstr'
            > SET k -0                  => OK
            > OBJECT ENCODING k         => 'embstr'
            > SET k ''                  => OK
            > OBJECT ENCODING k         => 'embstr'
            > SET k ${x*44}             => OK
            > OBJECT ENCODING k         => 'embstr'
            ",
        );
        check(
            r"
            @only redis ochre
            > SET k ${x*45}             => OK
            > OBJECT ENCODING k         => 'raw'
            ",
        );
    }

    #[test]
    fn set_takes_its_deadline_in_four_forms() {
        check(
            r"
            @since 6.2
            > SET k v EX 100            => OK
            > TTL k                     => 100
            > SET k v PX 200000         => OK
            > TTL k                     => 200
            > SET k v EXAT 9999999999   => OK
            > PEXPIRETIME k             => 9999999999000
            > SET k v PXAT 9999999999999  => OK
            > PEXPIRETIME k             => 9999999999999
            > SET k w KEEPTTL           => OK
            > PEXPIRETIME k             => 9999999999999
            > SET new v KEEPTTL         => OK
            > TTL new                   => -1
            > SET k v PX 50             => OK
            @now +1s
            > GET k                     => (nil)
            > SET k v KEEPTTL           => OK
            > TTL k                     => -1
            ",
        );
    }

    #[test]
    fn set_takes_the_last_of_equal_words_and_refuses_unequal_ones() {
        check(
            r"
            @since 7.0
            > SET k v EX 10 EX 20       => OK
            > TTL k                     => 20
            > SET k v KEEPTTL KEEPTTL   => OK
            > SET k v XX XX             => OK
            > SET k v GET GET           => 'v'
            > SET k v EX 10 PX 10       => (error) ERR syntax error
            > SET k v EX 10 KEEPTTL     => (error) ERR syntax error
            > SET k v KEEPTTL PXAT 10   => (error) ERR syntax error
            > SET k v NX XX             => (error) ERR syntax error
            > SET k v EX                => (error) ERR syntax error
            > SET k v EX 10 GET PX      => (error) ERR syntax error
            ",
        );
    }

    #[test]
    fn set_refuses_times_outside_the_calendar() {
        check(
            r"
            @since 6.2
            > SET k v EX 0              => (error) ERR invalid expire time in 'set' command
            > SET k v EX -1             => (error) ERR invalid expire time in 'set' command
            > SET k v PXAT 0            => (error) ERR invalid expire time in 'set' command
            > SET k v EX 9223372036854775807    => (error) ERR invalid expire time in 'set' command
            > SET k v PX 9223372036854775807    => (error) ERR invalid expire time in 'set' command
            > SET k v EXAT 9223372036854776     => (error) ERR invalid expire time in 'set' command
            > SET k v EX abc            => (error) ERR value is not an integer or out of range
            > SET k v EX ' 10'          => (error) ERR value is not an integer or out of range
            > SET k v EX 010            => (error) ERR value is not an integer or out of range
            > SET k v EX 0 FOO          => (error) ERR syntax error
            > SET k v EX 0 XX           => (error) ERR invalid expire time in 'set' command
            > EXISTS k                  => 0
            > SET k v EXAT 9223372036854775     => OK
            > PEXPIRETIME k             => 9223372036854775000
            > SET k v PXAT 9223372036854775807  => OK
            > PEXPIRETIME k             => 9223372036854775807
            ",
        );
    }

    #[test]
    fn set_with_a_deadline_that_has_passed_leaves_no_key() {
        check(
            r"
            @since 6.2
            > SET k v EXAT 1            => OK
            > GET k                     => (nil)
            > SET k v                   => OK
            > SET k w PXAT 1 GET        => 'v'
            > EXISTS k                  => 0
            > SET k v NX                => OK
            ",
        );
    }

    #[test]
    fn set_nx_and_xx_ask_for_the_key() {
        check(
            r"
            > SET k v XX                => (nil)
            > SET k v NX                => OK
            > SET k w nx                => (nil)
            > GET k                     => 'v'
            > SET k w xx                => OK
            > GET k                     => 'w'
            ",
        );
    }

    #[test]
    fn set_get_answers_the_old_value_whether_it_sets_or_not() {
        check(
            r"
            @since 7.0
            > SET k one GET             => (nil)
            > SET k two GET             => 'one'
            > SET k three NX GET        => 'two'
            > GET k                     => 'two'
            > SET k four XX GET EX 100  => 'two'
            > TTL k                     => 100
            > SET new v XX GET          => (nil)
            > EXISTS new                => 0
            > SET new 7 NX GET          => (nil)
            > GET new                   => '7'
            ",
        );
    }

    #[test]
    fn set_compares_the_value() {
        check(
            r"
            @since 8.4
            > SET k v IFEQ v            => (nil)
            > EXISTS k                  => 0
            > SET k one IFNE one        => OK
            > SET k two IFNE one        => (nil)
            > SET k two IFEQ one        => OK
            > SET k three IFEQ one      => (nil)
            > SET k three IFEQ one GET  => 'two'
            > GET k                     => 'two'
            > SET k three IFEQ two GET EX 100  => 'two'
            > TTL k                     => 100
            > SET k 12                  => OK
            > SET k 13 IFEQ 12          => OK
            > SET k 14 IFEQ 013         => (nil)
            > SET missing v IFEQ '' GET => (nil)
            > SET missing v IFNE x GET  => (nil)
            > GET missing               => 'v'
            > SET k v IFEQ              => (error) ERR syntax error
            > SET k v NX IFEQ 13        => (error) ERR syntax error
            > SET k v IFEQ 13 XX        => (error) ERR syntax error
            > SET k v IFEQ 13 IFNE 12   => (error) ERR syntax error
            > GET k                     => '13'
            ",
        );
    }

    #[test]
    fn set_compares_the_digest() {
        check(
            r"
            @since 8.4
            > SET k hello                       => OK
            > SET k w IFDEQ 9555e8555c62dcfe    => (nil)
            > SET k w IFDNE 9555e8555c62dcfd    => (nil)
            > SET k w IFDEQ 9555E8555C62DCFD    => OK
            > SET k hello IFDNE 9555e8555c62dcfd  => OK
            > SET k w IFDEQ 9555e8555c62dcfd GET  => 'hello'
            > SET new v IFDEQ 9555e8555c62dcfd  => (nil)
            > SET new v IFDNE 9555e8555c62dcfd  => OK
            > SET k v IFDEQ 9555e8555c62dcf     => (error) ERR must be exactly 16 hexadecimal characters
            > SET k v IFDNE 9555e8555c62dcfg    => (error) ERR must be exactly 16 hexadecimal characters
            > GET k                             => 'w'
            ",
        );
    }

    #[test]
    fn set_is_propagated_so_that_it_means_the_same_later_and_elsewhere() {
        check_told(&[
            ("SET k v", "set:k", "="),
            ("SET k v XX", "set:k", "="),
            ("SET k v NX", "", ""),
            ("SET k v KEEPTTL", "set:k", "="),
            ("SET k v PXAT 2000000", "set:k expire:k", "="),
            ("SET k v KEEPTTL GET", "set:k", "SET k v KEEPTTL"),
            ("SET k v EX 10 XX", "set:k expire:k", "SET k v PXAT 1010000"),
            ("SET k v PX 10", "set:k expire:k", "SET k v PXAT 1000010"),
            ("SET k v EXAT 2000", "set:k expire:k", "SET k v PXAT 2000000"),
            ("SET k v GET", "set:k", "SET k v"),
            ("SET k w IFEQ v", "set:k", "SET k w"),
            ("SET k v IFEQ v", "", ""),
            ("SET k v IFNE v PXAT 2000000", "set:k expire:k", "SET k v PXAT 2000000"),
            ("SET k v EXAT 1", "set:k expire:k", "SET k v PXAT 1000"),
        ]);
    }

    #[test]
    fn setnx_stores_only_what_is_missing() {
        check(
            r"
            > SETNX k v                 => 1
            > SETNX k w                 => 0
            > GET k                     => 'v'
            > SETNX k                   => (error) ERR wrong number of arguments for 'setnx' command
            ",
        );
        check_told(&[("SETNX k v", "set:k", "="), ("SETNX k v", "", "")]);
    }

    #[test]
    fn setex_and_psetex_say_set_with_a_deadline() {
        check(
            r"
            > SETEX k 100 v             => OK
            > TTL k                     => 100
            > PSETEX k 200000 w         => OK
            > TTL k                     => 200
            > GET k                     => 'w'
            > SETEX k 0 v               => (error) ERR invalid expire time in 'setex' command
            > SETEX k -1 v              => (error) ERR invalid expire time in 'setex' command
            > SETEX k abc v             => (error) ERR value is not an integer or out of range
            > SETEX k 9223372036854775807 v   => (error) ERR invalid expire time in 'setex' command
            > PSETEX k 0 v              => (error) ERR invalid expire time in 'psetex' command
            > PSETEX k 9223372036854775807 v  => (error) ERR invalid expire time in 'psetex' command
            > SETEX k 10                => (error) ERR wrong number of arguments for 'setex' command
            > PSETEX k 10 v v           => (error) ERR wrong number of arguments for 'psetex' command
            > GET k                     => 'w'
            ",
        );
        check_told(&[
            ("SETEX k 10 v", "set:k expire:k", "SET k v PXAT 1010000"),
            ("PSETEX k 10 v", "set:k expire:k", "SET k v PXAT 1000010"),
        ]);
    }
}
