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
        cx.db.set_string(key, self.value, ttl);
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
