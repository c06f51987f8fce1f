//! INCREX: arithmetic within bounds, and the deadline with it. A rate limiter in one command.
//!
//! A result outside the bounds is not stored: the answer is the old value and an increment of 0. SATURATE stores the bound
//! instead. The bounds are those of the number format until others are given. Sums are taken in a wider form than they are
//! stored in, so that "outside" is one comparison and never an overflow. Propagated as the SET that it comes to.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Key, Ttl};
use stdx::num::{self, HumanFloat, IntText};
use value::StringRef;

use super::expiry::{Lifetime, Word};
use super::get::{delete, has_passed};
use super::incr::{as_text, to_float, to_int};
use super::set;

pub(super) const INCREX: Command = Command::new("increx", increx)
    .since("8.8.0")
    .arity(-2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&INCREX_DOCS);

const ENX_ALONE: CommandError = CommandError::other("ERR ENX flag requires an expiration");
const CROSSED_BOUNDS: CommandError = CommandError::other("ERR LBOUND can't be greater than UBOUND");
const APPLIED_OVERFLOW: CommandError = CommandError::other("ERR applied increment would overflow");

fn increx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let options = Options::parse(args)?;
    match options.increment {
        Some(Increment::Float(increment)) => by_float(cx, key, increment, &options, reply),
        Some(Increment::Int(increment)) => by_int(cx, key, increment, &options, reply),
        None => by_int(cx, key, b"1", &options, reply),
    }
}

fn by_int(
    cx: &mut Context<'_>,
    key: Key<'_>,
    increment: &[u8],
    options: &Options<'_>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let steps = Steps {
        increment: i128::from(parse_int(increment, "Increment")?),
        lower: options.lower.map_or(Ok(i64::MIN), |text| parse_int(text, "LBOUND"))?.into(),
        upper: options.upper.map_or(Ok(i64::MAX), |text| parse_int(text, "UBOUND"))?.into(),
    };
    if steps.lower > steps.upper {
        return Err(CROSSED_BOUNDS);
    }
    let ttl = options.lifetime.ttl(cx.name, cx.now())?;
    let current = to_int(cx.db.string_for_update(key)?)?;

    let (sum, applied) = match steps.from(i128::from(current), options.saturate) {
        None => (current, 0),
        Some(sum) => {
            // Within the bounds, hence within 64 bits.
            let sum = i64::try_from(sum).map_err(|_| APPLIED_OVERFLOW)?;
            let applied = sum.checked_sub(current).ok_or(APPLIED_OVERFLOW)?;
            let mut text = IntText::new();
            let change = Change { event: "incrby", value: StringRef::Int(sum), text: text.format(sum) };
            change.make(cx, key, options, ttl);
            (sum, applied)
        }
    };
    reply.array(2);
    reply.int(sum);
    reply.int(applied);
    Ok(Flow::Done)
}

fn by_float(
    cx: &mut Context<'_>,
    key: Key<'_>,
    increment: &[u8],
    options: &Options<'_>,
    reply: &mut Reply<'_>,
) -> CommandResult {
    let steps = Steps {
        increment: parse_float(increment, "Increment")?,
        lower: options.lower.map_or_else(|| Ok(-HumanFloat::MAX), |text| parse_float(text, "LBOUND"))?,
        upper: options.upper.map_or(Ok(HumanFloat::MAX), |text| parse_float(text, "UBOUND"))?,
    };
    if steps.lower > steps.upper {
        return Err(CROSSED_BOUNDS);
    }
    let ttl = options.lifetime.ttl(cx.name, cx.now())?;
    let current = to_float(cx.db.string_for_update(key)?)?;
    if steps.sum(current).is_nan() {
        return Err(CommandError::IncrNanOrInfinity);
    }

    let (sum, applied) = match steps.from(current, options.saturate) {
        None => (current, HumanFloat::from(0)),
        Some(sum) => {
            let applied = if sum == steps.sum(current) { steps.increment } else { sum - current };
            if !sum.is_finite() || !applied.is_finite() {
                return Err(CommandError::IncrNanOrInfinity);
            }
            let mut text = Vec::new();
            sum.append_to(&mut text);
            Change { event: "incrbyfloat", value: as_text(&text), text: &text }.make(cx, key, options, ttl);
            (sum, applied)
        }
    };
    reply.array(2);
    for number in [sum, applied] {
        let mut text = Vec::new();
        number.append_to(&mut text);
        reply.double_text(&text);
    }
    Ok(Flow::Done)
}

/// What is added, and where the sum may lie.
#[derive(Clone, Copy, Debug)]
struct Steps<N> {
    increment: N,
    lower: N,
    upper: N,
}

impl<N: Copy + PartialOrd + std::ops::Add<Output = N>> Steps<N> {
    fn sum(&self, current: N) -> N {
        current + self.increment
    }

    /// What is to be stored after `current`: the sum, or the bound it has passed; `None`: nothing.
    fn from(&self, current: N, saturate: bool) -> Option<N> {
        let sum = self.sum(current);
        if sum > self.upper {
            saturate.then_some(self.upper)
        } else if sum < self.lower {
            saturate.then_some(self.lower)
        } else {
            Some(sum)
        }
    }
}

/// A new value and how to tell of it.
struct Change<'a> {
    event: &'static str,
    value: StringRef<'a>,
    text: &'a [u8],
}

impl Change<'_> {
    /// Stores the value and does to the deadline what the options say.
    fn make(self, cx: &mut Context<'_>, key: Key<'_>, options: &Options<'_>, ttl: Ttl) {
        let had_deadline = cx.db.peek(key).is_some_and(|entry| entry.deadline().is_some());
        let ttl = match options.lifetime.word() {
            None => Ttl::Keep,
            Some(_) if options.only_without_deadline && had_deadline => Ttl::Keep,
            Some(_) => ttl,
        };
        cx.db.rewrite_string(key, self.value, ttl);
        cx.notify(Event::String, self.event, key);
        match ttl {
            Ttl::At(at) if has_passed(cx, at) => return delete(cx, key),
            Ttl::At(_) => cx.notify(Event::Generic, "expire", key),
            Ttl::Clear if had_deadline => cx.notify(Event::Generic, "persist", key),
            Ttl::Clear | Ttl::Keep => {}
        }
        set::propagate(cx, key, self.text, ttl);
    }
}

/// The options as they were said; numbers are read when it is known of which kind they are.
#[derive(Debug, Default)]
struct Options<'a> {
    increment: Option<Increment<'a>>,
    lower: Option<&'a [u8]>,
    upper: Option<&'a [u8]>,
    saturate: bool,
    lifetime: Lifetime<'a>,
    only_without_deadline: bool,
}

#[derive(Clone, Copy, Debug)]
enum Increment<'a> {
    Int(&'a [u8]),
    Float(&'a [u8]),
}

impl<'a> Options<'a> {
    /// Unlike SET, INCREX refuses an option that is said twice.
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            let said_before = if args.accept("BYINT") {
                options.increment.replace(Increment::Int(args.bytes()?)).is_some()
            } else if args.accept("BYFLOAT") {
                options.increment.replace(Increment::Float(args.bytes()?)).is_some()
            } else if args.accept("LBOUND") {
                options.lower.replace(args.bytes()?).is_some()
            } else if args.accept("UBOUND") {
                options.upper.replace(args.bytes()?).is_some()
            } else if args.accept("SATURATE") {
                std::mem::replace(&mut options.saturate, true)
            } else if args.accept("ENX") {
                std::mem::replace(&mut options.only_without_deadline, true)
            } else {
                let said_before = options.lifetime.word().is_some();
                !options.lifetime.accept(args, ("PERSIST", Word::Persist))? || said_before
            };
            if said_before {
                return Err(CommandError::Syntax);
            }
        }
        match options.lifetime.word() {
            None if options.only_without_deadline => Err(ENX_ALONE),
            Some(Word::Persist) if options.only_without_deadline => Err(CommandError::Syntax),
            None | Some(_) => Ok(options),
        }
    }
}

fn parse_int(text: &[u8], what: &'static str) -> Result<i64, CommandError> {
    num::parse_i64(text).ok_or(CommandError::NotIntegerOf(what))
}

fn parse_float(text: &[u8], what: &'static str) -> Result<HumanFloat, CommandError> {
    HumanFloat::parse(text).ok_or_else(|| CommandError::Other(format!("ERR {what} is not a valid float").into()))
}

const INCREX_DOCS: Docs = Docs::new(
    "Adds to a number within bounds and sets or removes the key's deadline; a missing key counts as 0.",
    Group::String,
    "O(1)",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of("increment", &[Arg::double("float").token("BYFLOAT"), Arg::integer("integer").token("BYINT")])
        .optional(),
    Arg::pure_token("saturate", "SATURATE")
        .summary(
            "Store the bound that the sum has passed; without it nothing is stored, and the reply is the value and 0.",
        )
        .optional(),
    Arg::string("lowerbound").token("LBOUND").summary("An integer with BYINT, a float with BYFLOAT.").optional(),
    Arg::string("upperbound").token("UBOUND").summary("An integer with BYINT, a float with BYFLOAT.").optional(),
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
    Arg::pure_token("enx", "ENX")
        .summary("Set the deadline only if the key has none; goes with EX, PX, EXAT or PXAT, not with PERSIST.")
        .optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn increx_counts_by_one_unless_told_otherwise() {
        check(
            r"
            @since 8.8
            > INCREX n                  => [1, 1]
            > INCREX n                  => [2, 1]
            > INCREX n BYINT 10         => [12, 10]
            > INCREX n byint -15        => [-3, -15]
            > GET n                     => '-3'
            > OBJECT ENCODING n         => 'int'
            > INCREX f BYFLOAT 1.5      => [(double) 1.5, (double) 1.5]
            > INCREX f BYFLOAT 0.25     => [(double) 1.75, (double) 0.25]
            > GET f                     => '1.75'
            > SET f 5                   => OK
            > INCREX f BYFLOAT 0.5      => [(double) 5.5, (double) 0.5]
            ",
        );
    }

    #[test]
    fn increx_stores_nothing_outside_the_bounds() {
        check(
            r"
            @since 8.8
            > INCREX n BYINT 10 UBOUND 5      => [0, 0]
            > EXISTS n                        => 0
            > SET n 99 EX 100                 => OK
            > INCREX n UBOUND 100             => [100, 1]
            > INCREX n UBOUND 100 PERSIST     => [100, 0]
            > INCREX n BYINT -1 LBOUND 100    => [100, 0]
            > TTL n                           => 100
            > SET n 9223372036854775807       => OK
            > INCREX n                        => [9223372036854775807, 0]
            > SET n -9223372036854775808      => OK
            > INCREX n BYINT -1               => [-9223372036854775808, 0]
            > SET f 1.5                       => OK
            > INCREX f BYFLOAT 1 UBOUND 2     => [(double) 1.5, (double) 0]
            > INCREX f BYFLOAT inf            => [(double) 1.5, (double) 0]
            > GET f                           => '1.5'
            ",
        );
    }

    #[test]
    fn increx_saturates_at_the_bound() {
        check(
            r"
            @since 8.8
            > SET n 99                        => OK
            > INCREX n BYINT 5 UBOUND 100 SATURATE    => [100, 1]
            > INCREX n BYINT 5 UBOUND 100 SATURATE    => [100, 0]
            > INCREX n BYINT -500 SATURATE LBOUND -7  => [-7, -107]
            > INCREX n BYINT 3 UBOUND -20 SATURATE    => [-20, -13]
            > SET n 9223372036854775800       => OK
            > INCREX n BYINT 100 SATURATE     => [9223372036854775807, 7]
            > INCREX n BYINT -1 UBOUND -2 SATURATE    => (error) ERR applied increment would overflow
            > GET n                           => '9223372036854775807'
            > SET f 1.5                       => OK
            > INCREX f BYFLOAT 10 UBOUND 2.25 SATURATE  => [(double) 2.25, (double) 0.75]
            > INCREX f BYFLOAT -10 LBOUND 0 SATURATE    => [(double) 0, (double) -2.25]
            > INCREX f BYFLOAT inf SATURATE   => *
            > STRLEN f                        => 4933
            ",
        );
    }

    #[test]
    fn increx_moves_the_deadline() {
        check(
            r"
            @since 8.8
            > INCREX n EX 100                 => [1, 1]
            > TTL n                           => 100
            > INCREX n                        => [2, 1]
            > TTL n                           => 100
            > INCREX n PX 200000              => [3, 1]
            > TTL n                           => 200
            > INCREX n EX 300 ENX             => [4, 1]
            > TTL n                           => 200
            > INCREX n PERSIST                => [5, 1]
            > TTL n                           => -1
            > INCREX n ENX EXAT 9999999999    => [6, 1]
            > PEXPIRETIME n                   => 9999999999000
            > INCREX n PXAT 9999999999999     => [7, 1]
            > PEXPIRETIME n                   => 9999999999999
            > INCREX n BYINT 0 UBOUND 7 SATURATE EX 100  => [7, 0]
            > TTL n                           => 100
            > INCREX n EXAT 1                 => [8, 1]
            > EXISTS n                        => 0
            ",
        );
    }

    #[test]
    fn increx_refuses_what_it_cannot_mean() {
        check(
            r"
            @since 8.8
            > INCREX n FOO                    => (error) ERR syntax error
            > INCREX n BYINT                  => (error) ERR syntax error
            > INCREX n BYINT 1 BYINT 2        => (error) ERR syntax error
            > INCREX n BYINT 1 BYFLOAT 2      => (error) ERR syntax error
            > INCREX n UBOUND 1 UBOUND 1      => (error) ERR syntax error
            > INCREX n LBOUND                 => (error) ERR syntax error
            > INCREX n EX 1 EX 1              => (error) ERR syntax error
            > INCREX n EX 1 PERSIST           => (error) ERR syntax error
            > INCREX n SATURATE SATURATE      => (error) ERR syntax error
            > INCREX n ENX PERSIST            => (error) ERR syntax error
            > INCREX n KEEPTTL                => (error) ERR syntax error
            > INCREX n ENX                    => (error) ERR ENX flag requires an expiration
            > INCREX n BYINT abc              => (error) ERR Increment is not an integer or out of range
            > INCREX n BYFLOAT abc            => (error) ERR Increment is not a valid float
            > INCREX n UBOUND abc             => (error) ERR UBOUND is not an integer or out of range
            > INCREX n LBOUND 1.5             => (error) ERR LBOUND is not an integer or out of range
            > INCREX n BYFLOAT 1 LBOUND x     => (error) ERR LBOUND is not a valid float
            > INCREX n LBOUND 10 UBOUND 5     => (error) ERR LBOUND can't be greater than UBOUND
            > INCREX n EX 0                   => (error) ERR invalid expire time in 'increx' command
            > INCREX n EX abc                 => (error) ERR value is not an integer or out of range
            > INCREX                          => (error) ERR wrong number of arguments for 'increx' command
            > SET n abc                       => OK
            > INCREX n                        => (error) ERR value is not an integer or out of range
            > INCREX n BYFLOAT 1              => (error) ERR value is not a valid float
            > SET n 1.5                       => OK
            > INCREX n                        => (error) ERR value is not an integer or out of range
            > SET n inf                       => OK
            > INCREX n BYFLOAT -inf           => (error) ERR increment would produce NaN or Infinity
            > GET n                           => 'inf'
            ",
        );
    }

    #[test]
    fn increx_is_propagated_as_a_set() {
        check_told(&[
            ("INCREX n", "incrby:n", "SET n 1 KEEPTTL"),
            ("INCREX n EX 10", "incrby:n expire:n", "SET n 2 PXAT 1010000"),
            ("INCREX n EX 20 ENX", "incrby:n", "SET n 3 KEEPTTL"),
            ("INCREX n BYINT 10 UBOUND 5", "", ""),
            ("INCREX n BYINT 10 UBOUND 5 SATURATE", "incrby:n", "SET n 5 KEEPTTL"),
            ("INCREX n PERSIST", "incrby:n persist:n", "SET n 6"),
            ("INCREX n PERSIST", "incrby:n", "SET n 7"),
            ("INCREX n BYFLOAT 0.5", "incrbyfloat:n", "SET n 7.5 KEEPTTL"),
            ("INCREX n BYFLOAT 1 PXAT 1", "incrbyfloat:n del:n", "DEL n"),
        ]);
    }
}
