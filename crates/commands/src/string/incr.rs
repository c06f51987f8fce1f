//! INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT: arithmetic on a string that is a number.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use stdx::num::HumanFloat;
use value::{EMBSTR_MAX_BYTES, StringRef};

use super::set;

pub(super) const INCR: Command = Command::new("incr", incr)
    .since("1.0.0")
    .arity(2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCR_DOCS);

pub(super) const DECR: Command = Command::new("decr", decr)
    .since("1.0.0")
    .arity(2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&DECR_DOCS);

pub(super) const INCRBY: Command = Command::new("incrby", incrby)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCRBY_DOCS);

pub(super) const DECRBY: Command = Command::new("decrby", decrby)
    .since("1.0.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&DECRBY_DOCS);

pub(super) const INCRBYFLOAT: Command = Command::new("incrbyfloat", incrbyfloat)
    .since("2.6.0")
    .arity(3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCRBYFLOAT_DOCS);

/// The one decrement that has no increment to stand for it.
const LEAST_DECREMENT: CommandError = CommandError::other("ERR decrement would overflow");

fn incr(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    add(cx, key, 1, reply)
}

fn decr(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    add(cx, key, -1, reply)
}

fn incrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let increment = args.int()?;
    args.finish()?;
    add(cx, key, increment, reply)
}

fn decrby(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let decrement = args.int()?;
    args.finish()?;
    add(cx, key, decrement.checked_neg().ok_or(LEAST_DECREMENT)?, reply)
}

fn add(cx: &mut Context<'_>, key: Key<'_>, increment: i64, reply: &mut Reply<'_>) -> CommandResult {
    let sum = cx.db.update_string(key, |current| {
        let sum = to_int(current)?.checked_add(increment).ok_or(CommandError::IncrOverflow)?;
        Ok::<_, CommandError>((StringRef::Int(sum), sum))
    })?;
    cx.notify(Event::String, "incrby", key);
    reply.int(sum);
    Ok(Flow::Done)
}

fn incrbyfloat(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let increment = args.bytes()?;
    args.finish()?;
    let current = to_float(cx.db.string_for_update(key)?)?;
    let increment = HumanFloat::parse(increment).ok_or(CommandError::NotFloat)?;
    let sum = current + increment;
    if !sum.is_finite() {
        return Err(CommandError::IncrNanOrInfinity);
    }

    let mut text = Vec::new();
    sum.append_to(&mut text);
    cx.db.rewrite_string(key, as_text(&text), Ttl::Keep);
    cx.notify(Event::String, "incrbyfloat", key);
    // The sum rather than the increment: what the others store must not depend on their arithmetic.
    set::propagate(cx, key, &text, Ttl::Keep);
    reply.bulk(&text);
    Ok(Flow::Done)
}

/// The integer that a string is; nothing counts as 0.
pub(super) fn to_int(string: Option<StringRef<'_>>) -> Result<i64, CommandError> {
    string.map_or(Some(0), StringRef::to_int).ok_or(CommandError::NotInteger)
}

/// The float that a string is; nothing counts as 0.
pub(super) fn to_float(string: Option<StringRef<'_>>) -> Result<HumanFloat, CommandError> {
    match string {
        None => Some(HumanFloat::from(0)),
        Some(StringRef::Int(int)) => Some(HumanFloat::from(int)),
        Some(StringRef::Embstr(text) | StringRef::Raw(text)) => HumanFloat::parse(text),
    }
    .ok_or(CommandError::NotFloat)
}

/// A sum of floats as it is stored: text, even where it is an integer.
pub(super) const fn as_text(text: &[u8]) -> StringRef<'_> {
    if text.len() <= EMBSTR_MAX_BYTES { StringRef::Embstr(text) } else { StringRef::Raw(text) }
}

const INCR_DOCS: Docs = Docs::new("Adds one to an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const DECR_DOCS: Docs = Docs::new("Takes one from an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const INCRBY_DOCS: Docs = Docs::new("Adds to an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("increment")]);

const DECRBY_DOCS: Docs = Docs::new("Subtracts from an integer; a missing key counts as 0.", Group::String, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("decrement")]);

const INCRBYFLOAT_DOCS: Docs =
    Docs::new("Adds to a decimal fraction; a missing key counts as 0.", Group::String, "O(1)")
        .arguments(&[Arg::key("key", 0), Arg::double("increment")]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn integers_count_up_and_down() {
        check(
            r"
            > INCR n                    => 1
            > INCR n                    => 2
            > DECR n                    => 1
            > INCRBY n 10               => 11
            > DECRBY n 3                => 8
            > INCRBY n -8               => 0
            > DECR n                    => -1
            > GET n                     => '-1'
            > OBJECT ENCODING n         => 'int'
            > SET n 5 EX 100            => OK
            > INCR n                    => 6
            > TTL n                     => 100
            > DECRBY new 5              => -5
            > INCR                      => (error) ERR wrong number of arguments for 'incr' command
            > DECR n 1                  => (error) ERR wrong number of arguments for 'decr' command
            > INCRBY n                  => (error) ERR wrong number of arguments for 'incrby' command
            > DECRBY n                  => (error) ERR wrong number of arguments for 'decrby' command
            ",
        );
        check_told(&[
            ("INCR n", "incrby:n", "="),
            ("DECR n", "incrby:n", "="),
            ("INCRBY n 5", "incrby:n", "="),
            ("DECRBY n 5", "incrby:n", "="),
        ]);
    }

    #[test]
    fn integers_end_where_64_bits_end() {
        check(
            r"
            > SET n 9223372036854775807   => OK
            > INCR n                      => (error) ERR increment or decrement would overflow
            > INCRBY n 1                  => (error) ERR increment or decrement would overflow
            > INCRBY n -1                 => 9223372036854775806
            > SET n -9223372036854775808  => OK
            > DECR n                      => (error) ERR increment or decrement would overflow
            > DECRBY n 9223372036854775807  => (error) ERR increment or decrement would overflow
            > DECRBY n -9223372036854775808 => (error) ERR decrement would overflow
            > DECRBY new -9223372036854775808  => (error) ERR decrement would overflow
            > INCRBY n -9223372036854775808 => (error) ERR increment or decrement would overflow
            > GET n                       => '-9223372036854775808'
            > EXISTS new                  => 0
            ",
        );
    }

    #[test]
    fn only_the_canonical_form_is_an_integer() {
        check(
            r"
            > SET s abc                 => OK
            > INCR s                    => (error) ERR value is not an integer or out of range
            > SET s ' 5'                => OK
            > INCR s                    => (error) ERR value is not an integer or out of range
            > SET s 05                  => OK
            > DECR s                    => (error) ERR value is not an integer or out of range
            > SET s -0                  => OK
            > INCRBY s 1                => (error) ERR value is not an integer or out of range
            > SET s 1.5                 => OK
            > DECRBY s 1                => (error) ERR value is not an integer or out of range
            > SET s ''                  => OK
            > INCR s                    => (error) ERR value is not an integer or out of range
            > INCRBY n abc              => (error) ERR value is not an integer or out of range
            > INCRBY n 1.5              => (error) ERR value is not an integer or out of range
            > DECRBY n ' 1'             => (error) ERR value is not an integer or out of range
            > EXISTS n                  => 0
            ",
        );
    }

    #[test]
    fn a_counter_that_expired_starts_again() {
        check(
            r"
            > SET n 5 PX 50             => OK
            @now +1s
            > INCR n                    => 1
            > TTL n                     => -1
            > SET n x PX 50             => OK
            @now +1s
            > INCRBY n 7                => 7
            ",
        );
    }

    #[test]
    fn floats_add_in_decimal() {
        check(
            r"
            > INCRBYFLOAT f 10.5        => '10.5'
            > INCRBYFLOAT f 0.1         => '10.6'
            > INCRBYFLOAT f -5          => '5.6'
            > SET f 5.0e3               => OK
            > INCRBYFLOAT f 2.0e2       => '5200'
            > SET f 3 EX 100            => OK
            > INCRBYFLOAT f -3          => '0'
            > INCRBYFLOAT f -0          => '0'
            > TTL f                     => 100
            > INCRBYFLOAT z 0x10        => '16'
            > GET z                     => '16'
            > INCRBYFLOAT f             => (error) ERR wrong number of arguments for 'incrbyfloat' command
            ",
        );
        check(
            r"
            @skip-encodings restore a number comes back as if it had been SET
            > INCRBYFLOAT f 3           => '3'
            > OBJECT ENCODING f         => 'embstr'
            > INCRBYFLOAT f 1e50        => '100000000000000000003583830118858923890798487404544'
            > SET f 1                   => OK
            > INCRBYFLOAT f 1e4000      => *
            > STRLEN f                  => 4000
            ",
        );
    }

    #[test]
    fn floats_refuse_what_is_no_finite_number() {
        check(
            r"
            > SET f 1                   => OK
            > INCRBYFLOAT f abc         => (error) ERR value is not a valid float
            > INCRBYFLOAT f nan         => (error) ERR value is not a valid float
            > INCRBYFLOAT f ' 1'        => (error) ERR value is not a valid float
            > INCRBYFLOAT f ''          => (error) ERR value is not a valid float
            > INCRBYFLOAT f inf         => (error) ERR increment would produce NaN or Infinity
            > INCRBYFLOAT f -inf        => (error) ERR increment would produce NaN or Infinity
            > GET f                     => '1'
            > SET f inf                 => OK
            > INCRBYFLOAT f 1           => (error) ERR increment would produce NaN or Infinity
            > INCRBYFLOAT f -inf        => (error) ERR increment would produce NaN or Infinity
            > SET f '5 '                => OK
            > INCRBYFLOAT f 1           => (error) ERR value is not a valid float
            > SET f ''                  => OK
            > INCRBYFLOAT f 1           => (error) ERR value is not a valid float
            ",
        );
    }

    #[test]
    fn incrbyfloat_propagates_the_sum() {
        check_told(&[
            ("INCRBYFLOAT f 10.5", "incrbyfloat:f", "SET f 10.5 KEEPTTL"),
            ("INCRBYFLOAT f 0.1", "incrbyfloat:f", "SET f 10.6 KEEPTTL"),
        ]);
    }
}
