//! EXPIRE, PEXPIRE, EXPIREAT, PEXPIREAT: give a key a deadline, on conditions.
//!
//! A deadline that has come removes the key at once. What is propagated never depends on when it arrives: PEXPIREAT, or DEL.

use std::borrow::Cow;

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;
use stdx::UnixMs;
use stdx::num::{self, IntText};

pub(super) const EXPIRE: Command = Command::new("expire", expire)
    .since("1.0.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&EXPIRE_DOCS);

pub(super) const PEXPIRE: Command = Command::new("pexpire", pexpire)
    .since("2.6.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&PEXPIRE_DOCS);

pub(super) const EXPIREAT: Command = Command::new("expireat", expireat)
    .since("1.2.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&EXPIREAT_DOCS);

pub(super) const PEXPIREAT: Command = Command::new("pexpireat", pexpireat)
    .since("2.6.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().update()])
    .docs(&PEXPIREAT_DOCS);

/// How the number of such a command counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Milliseconds,
}

/// From when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Now,
    Epoch,
}

fn expire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Seconds, Origin::Now, args, reply)
}

fn pexpire(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Milliseconds, Origin::Now, args, reply)
}

fn expireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Seconds, Origin::Epoch, args, reply)
}

fn pexpireat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    set_deadline(cx, Unit::Milliseconds, Origin::Epoch, args, reply)
}

fn set_deadline(
    cx: &mut Context<'_>,
    unit: Unit,
    origin: Origin,
    args: &mut Args<'_>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let key = args.key()?;
    let number = args.bytes()?;
    let options = args.clone();
    let conditions = Conditions::parse(args)?;
    let number = num::parse_i64(number).ok_or(CommandError::NotInteger)?;
    let at = deadline(unit, origin, number, cx.now()).ok_or(CommandError::InvalidExpire(cx.name))?;

    let current = cx.db.lookup_for_update(key).map(|entry| entry.deadline());
    if !current.is_some_and(|current| conditions.allow(current, at)) {
        reply.int(0);
        return Ok(Flow::Done);
    }
    if has_come(cx, at) {
        remove_expired(cx, key);
    } else {
        cx.db.set_deadline(key, at);
        cx.notify(Event::Generic, "expire", key);
        if unit == Unit::Seconds || origin == Origin::Now {
            propagate(cx, key, at, &options);
        }
    }
    reply.int(1);
    Ok(Flow::Done)
}

/// Whether a key with the deadline `at` is gone before it can be seen. What a primary or a file says is taken as it is: the key's
/// end will be said as well.
pub(super) fn has_come(cx: &Context<'_>, at: UnixMs) -> bool {
    at <= cx.now() && !cx.caller.trusted
}

/// Removes a key because it was given a deadline that has come; to replicas and the AOF it is simply deleted.
pub(super) fn remove_expired(cx: &mut Context<'_>, key: Key<'_>) {
    if cx.db.remove(key) {
        cx.notify(Event::Generic, "del", key);
        cx.propagate_as(&[b"DEL", key.bytes()]);
    }
}

fn propagate(cx: &mut Context<'_>, key: Key<'_>, at: UnixMs, options: &Args<'_>) {
    let mut text = IntText::new();
    let at = text.format(at.0);
    if options.is_empty() {
        cx.propagate_as(&[b"PEXPIREAT", key.bytes(), at]);
    } else {
        let command: Vec<&[u8]> = [&b"PEXPIREAT"[..], key.bytes(), at].into_iter().chain(options.rest()).collect();
        cx.propagate_as(&command);
    }
}

/// The deadline that `number` means; `None` when milliseconds cannot hold it.
fn deadline(unit: Unit, origin: Origin, number: i64, now: UnixMs) -> Option<UnixMs> {
    let ms = match unit {
        Unit::Seconds => number.checked_mul(1000)?,
        Unit::Milliseconds => number,
    };
    match origin {
        Origin::Now => now.checked_add_ms(ms),
        Origin::Epoch => Some(UnixMs(ms)),
    }
}

/// NX, XX, GT and LT: when the new deadline is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Conditions {
    /// Only without a deadline.
    nx: bool,
    /// Only with one.
    xx: bool,
    /// Only later. No deadline is later than any.
    gt: bool,
    /// Only earlier.
    lt: bool,
}

impl Conditions {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut conditions = Self::default();
        while let Some(word) = args.peek() {
            let condition = if args.accept("NX") {
                &mut conditions.nx
            } else if args.accept("XX") {
                &mut conditions.xx
            } else if args.accept("GT") {
                &mut conditions.gt
            } else if args.accept("LT") {
                &mut conditions.lt
            } else {
                return Err(unsupported(word));
            };
            *condition = true;
        }
        if conditions.nx && (conditions.xx || conditions.gt || conditions.lt) {
            return Err(CommandError::other("ERR NX and XX, GT or LT options at the same time are not compatible"));
        }
        if conditions.gt && conditions.lt {
            return Err(CommandError::other("ERR GT and LT options at the same time are not compatible"));
        }
        Ok(conditions)
    }

    fn allow(self, current: Option<UnixMs>, at: UnixMs) -> bool {
        match current {
            None => !self.xx && !self.gt,
            Some(current) => !self.nx && (!self.gt || at > current) && (!self.lt || at < current),
        }
    }
}

/// Repeats `word` up to a NUL, as Redis prints it.
fn unsupported(word: &[u8]) -> CommandError {
    let word = word.split(|byte| *byte == 0).next().unwrap_or_default();
    CommandError::Other(Cow::Owned(format!("ERR Unsupported option {}", String::from_utf8_lossy(word))))
}

const CONDITION: Arg = Arg::one_of(
    "condition",
    &[
        Arg::pure_token("nx", "NX"),
        Arg::pure_token("xx", "XX"),
        Arg::pure_token("gt", "GT"),
        Arg::pure_token("lt", "LT"),
    ],
)
.since("7.0.0")
.optional();

const CONDITIONS_CAME: &[(&str, &str)] = &[("7.0.0", "`NX`, `XX`, `GT` and `LT`.")];

const EXPIRE_DOCS: Docs = Docs::new("Lets a key expire so many seconds from now.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::integer("seconds"), CONDITION]);

const PEXPIRE_DOCS: Docs = Docs::new("Lets a key expire so many milliseconds from now.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::integer("milliseconds"), CONDITION]);

const EXPIREAT_DOCS: Docs = Docs::new("Lets a key expire at a Unix time in seconds.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::unix_time("unix-time-seconds"), CONDITION]);

const PEXPIREAT_DOCS: Docs = Docs::new("Lets a key expire at a Unix time in milliseconds.", Group::Generic, "O(1)")
    .history(CONDITIONS_CAME)
    .arguments(&[Arg::key("key", 0), Arg::unix_time("unix-time-milliseconds"), CONDITION]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_counted, check_told, check_told_by_primary};

    #[test]
    fn a_key_lives_until_its_deadline_is_over() {
        check(
            r"
            > SET k v                      => OK
            > EXPIRE k 10                  => 1
            > TTL k                        => 10
            > PEXPIRE k 300                => 1
            @now +200ms
            > GET k                        => 'v'
            @now +110ms
            > GET k                        => (nil)
            > TTL k                        => -2
            > SET k v                      => OK
            > TTL k                        => -1
            > PEXPIRE k 50                 => 1
            @now +60ms
            > EXPIRE k 10                  => 0
            > EXISTS k                     => 0
        ",
        );
    }

    #[test]
    fn all_four_units_and_origins_set_the_same_deadline() {
        check(
            r"
            > MSET a 1 b 2                 => OK
            > EXPIREAT a 4102444800        => 1
            > PEXPIREAT b 4102444800000    => 1
            > PEXPIRETIME a                => 4102444800000
            > PEXPIRETIME b                => 4102444800000
            > EXPIRE a 100                 => 1
            > PEXPIRE b 100000             => 1
            > TTL a                        => 100
            > TTL b                        => 100
            > EXPIRE none 100              => 0
            > EXPIREAT none 4102444800     => 0
        ",
        );
    }

    #[test]
    fn a_deadline_that_has_come_removes_the_key() {
        check(
            r"
            > SET k v                      => OK
            > EXPIRE k 0                   => 1
            > EXISTS k                     => 0
            > SET k v                      => OK
            > EXPIRE k -1                  => 1
            > EXISTS k                     => 0
            > SET k v                      => OK
            > PEXPIRE k -9223372036854775808    => 1
            > EXISTS k                     => 0
            > SET k v                      => OK
            > EXPIREAT k 1                 => 1
            > EXISTS k                     => 0
            > SET k v                      => OK
            > PEXPIREAT k -9223372036854775808  => 1
            > EXISTS k                     => 0
            > EXPIRE k -1                  => 0
        ",
        );
    }

    #[test]
    fn nx_and_xx_look_at_whether_there_is_a_deadline() {
        check(
            r"
            > SET k v                      => OK
            > EXPIRE k 100 XX              => 0
            > TTL k                        => -1
            > EXPIRE k 100 NX              => 1
            > EXPIRE k 200 nx              => 0
            > TTL k                        => 100
            > EXPIRE k 300 xx XX           => 1
            > TTL k                        => 300
            > EXPIRE k -1 NX               => 0
            > EXPIRE k -1 XX               => 1
            > EXISTS k                     => 0
        ",
        );
    }

    #[test]
    fn gt_and_lt_take_no_deadline_for_the_latest() {
        check(
            r"
            > SET k v                              => OK
            > PEXPIREAT k 4102444800000 GT         => 0
            > PEXPIREAT k 4102444800000 LT         => 1
            > PEXPIREAT k 4102444800000 LT         => 0
            > PEXPIREAT k 4102444800000 GT         => 0
            > PEXPIREAT k 4102444800001 GT         => 1
            > PEXPIREAT k 4102444800001 LT XX      => 0
            > PEXPIREAT k 4102444799999 XX LT      => 1
            > PEXPIREAT k 4102444799998 GT XX      => 0
            > PEXPIRETIME k                        => 4102444799999
            > EXPIRE k -1 GT                       => 0
            > EXPIRE k -1 LT                       => 1
            > EXISTS k                             => 0
            > SET k v                              => OK
            > EXPIRE k 100 LT XX                   => 0
            > EXPIRE k 100 GT XX                   => 0
            > TTL k                                => -1
        ",
        );
    }

    #[test]
    fn options_are_checked_before_the_number_and_the_key() {
        check(
            r"
            > SET k v                      => OK
            > EXPIRE k 10 NX XX            => (error) ERR NX and XX, GT or LT options at the same time are not compatible
            > EXPIRE k 10 GT NX            => (error) ERR NX and XX, GT or LT options at the same time are not compatible
            > EXPIRE k 10 NX LT XX GT      => (error) ERR NX and XX, GT or LT options at the same time are not compatible
            > EXPIRE k 10 GT LT            => (error) ERR GT and LT options at the same time are not compatible
            > EXPIRE k 10 GT LT XX         => (error) ERR GT and LT options at the same time are not compatible
            > EXPIRE k 10 NX XX FOO        => (error) ERR Unsupported option FOO
            > EXPIRE k x FOO               => (error) ERR Unsupported option FOO
            > EXPIRE k x NX XX             => (error) ERR NX and XX, GT or LT options at the same time are not compatible
            > EXPIRE k x                   => (error) ERR value is not an integer or out of range
            > EXPIRE none x                => (error) ERR value is not an integer or out of range
            > EXPIRE none 9223372036854775807   => (error) ERR invalid expire time in 'expire' command
            > TTL k                        => -1
        ",
        );
    }

    #[test]
    fn unknown_options_are_repeated_as_far_as_a_line_holds_them() {
        check(
            r#"
            > EXPIRE k 1 ""                => (error) 'ERR Unsupported option '
            > EXPIRE k 1 "a\nb"            => (error) ERR Unsupported option a b
            > EXPIRE k 1 "a\x00b"          => (error) ERR Unsupported option a
        "#,
        );
    }

    #[test]
    fn times_that_milliseconds_cannot_hold_are_refused() {
        check(
            r"
            > SET k v                           => OK
            > EXPIRE k 9223372036854775807      => (error) ERR invalid expire time in 'expire' command
            > EXPIRE k -9223372036854775808     => (error) ERR invalid expire time in 'expire' command
            > EXPIRE k 9223372036854775         => (error) ERR invalid expire time in 'expire' command
            > EXPIRE k 9223372036854775 NX      => (error) ERR invalid expire time in 'expire' command
            > PEXPIRE k 9223372036854775807     => (error) ERR invalid expire time in 'pexpire' command
            > EXPIREAT k 9223372036854776       => (error) ERR invalid expire time in 'expireat' command
            > EXPIREAT k -9223372036854776      => (error) ERR invalid expire time in 'expireat' command
            > EXPIREAT k 99999999999999999999   => (error) ERR value is not an integer or out of range
            > EXPIREAT k 9223372036854775       => 1
            > PEXPIRETIME k                     => 9223372036854775000
            > PEXPIREAT k 9223372036854775807   => 1
            > PEXPIRETIME k                     => 9223372036854775807
        ",
        );
    }

    #[test]
    fn numbers_are_canonical_and_arguments_complete() {
        check(
            r"
            > EXPIRE k 01                  => (error) ERR value is not an integer or out of range
            > EXPIRE k ' 1'                => (error) ERR value is not an integer or out of range
            > EXPIRE k 1.5                 => (error) ERR value is not an integer or out of range
            > EXPIRE k ''                  => (error) ERR value is not an integer or out of range
            > EXPIRE k                     => (error) ERR wrong number of arguments for 'expire' command
            > PEXPIRE k                    => (error) ERR wrong number of arguments for 'pexpire' command
            > EXPIREAT k                   => (error) ERR wrong number of arguments for 'expireat' command
            > PEXPIREAT k                  => (error) ERR wrong number of arguments for 'pexpireat' command
        ",
        );
    }

    #[test]
    fn deadlines_are_propagated_as_milliseconds_since_the_epoch() {
        check_told(&[
            ("SET k v", "set:k", "="),
            ("EXPIRE k 100", "expire:k", "PEXPIREAT k 1100000"),
            ("EXPIRE k 100 NX", "", ""),
            ("PEXPIRE k 200000 GT", "expire:k", "PEXPIREAT k 1200000 GT"),
            ("EXPIREAT k 1300 XX gt", "expire:k", "PEXPIREAT k 1300000 XX gt"),
            ("PEXPIREAT k 1400000 XX", "expire:k", "="),
            ("EXPIRE none 100", "", ""),
        ]);
    }

    #[test]
    fn a_key_removed_by_its_deadline_was_deleted() {
        check_told(&[
            ("SET k v", "set:k", "="),
            ("EXPIRE k 0", "del:k", "DEL k"),
            ("SET k v", "set:k", "="),
            ("PEXPIREAT k 1000000", "del:k", "DEL k"),
            ("SET k v", "set:k", "="),
            ("EXPIREAT k 1 NX", "del:k", "DEL k"),
            ("EXPIREAT k 1 NX", "", ""),
        ]);
        check_counted(&[("SET k v", 0, 0), ("EXPIRE k 100", 0, 0), ("EXPIRE none 100", 0, 0)]);
    }

    #[test]
    fn a_primary_says_itself_when_a_key_is_gone() {
        check_told_by_primary(&[("SET k v", "set:k", "="), ("PEXPIREAT k 1000", "expire:k", "=")]);
    }
}
