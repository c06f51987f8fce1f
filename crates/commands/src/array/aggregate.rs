//! AROP: a range folded into one number.
//!
//! Integers are added exactly, however large the sum grows; from the first other number on the sum is a double. Doubles are
//! printed with 17 significant digits.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num::DoubleText;
use value::{Array, ElementText, Elements, Number};

use super::index;

pub(super) const AROP: Command = Command::new("arop", arop)
    .since("8.8.0")
    .arity(-5)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&AROP_DOCS);

#[derive(Clone, Copy, Debug)]
enum Operation<'a> {
    Sum,
    Min,
    Max,
    And,
    Or,
    Xor,
    Match(&'a [u8]),
    Used,
}

fn arop(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, end) = (index::next(args)?, index::next(args)?);
    let operation = parse(args)?;
    args.finish()?;

    let array = cx.db.read::<Array>(key)?;
    let (_, low, high) = index::ordered(start, end);
    let elements = || array.into_iter().flat_map(|array| array.range(low, high));
    match operation {
        Operation::Sum => answer_number(reply, array.and_then(|array| sum(array.range(low, high)))),
        Operation::Min => answer_number(reply, array.and_then(|array| least(array.range(low, high), |a, b| a < b))),
        Operation::Max => answer_number(reply, array.and_then(|array| least(array.range(low, high), |a, b| a > b))),
        Operation::And => answer_bits(reply, array, low, high, |a, b| a & b),
        Operation::Or => answer_bits(reply, array, low, high, |a, b| a | b),
        Operation::Xor => answer_bits(reply, array, low, high, |a, b| a ^ b),
        Operation::Match(value) => {
            let mut scratch = ElementText::new();
            reply.len(elements().filter(|(_, element)| element.text(&mut scratch) == value).count());
        }
        Operation::Used => index::answer(reply, array.map_or(0, |array| array.count_range(low, high))),
    }
    Ok(Flow::Done)
}

fn parse<'a>(args: &mut Args<'a>) -> Result<Operation<'a>, CommandError> {
    for (word, operation) in [
        ("SUM", Operation::Sum),
        ("MIN", Operation::Min),
        ("MAX", Operation::Max),
        ("AND", Operation::And),
        ("OR", Operation::Or),
        ("XOR", Operation::Xor),
        ("USED", Operation::Used),
    ] {
        if args.accept(word) {
            return Ok(operation);
        }
    }
    if args.accept("MATCH") { args.bytes().map(Operation::Match) } else { Err(CommandError::Syntax) }
}

/// A result: exact while all its parts are integers.
#[derive(Clone, Copy, Debug)]
enum Total {
    Int(i128),
    Double(f64),
}

#[expect(clippy::cast_precision_loss, reason = "the sum is a double from here on")]
fn sum(elements: Elements<'_>) -> Option<Total> {
    elements.filter_map(|(_, element)| element.number()).fold(None, |sum, number| {
        Some(match (sum.unwrap_or(Total::Int(0)), number) {
            (Total::Int(sum), Number::Int(int)) => Total::Int(sum + i128::from(int)),
            (Total::Int(sum), Number::Double(double)) => Total::Double(sum as f64 + double),
            (Total::Double(sum), number) => Total::Double(sum + as_double(number)),
        })
    })
}

/// The number that is `before` all others; the first of equal ones.
fn least(elements: Elements<'_>, before: impl Fn(f64, f64) -> bool) -> Option<Total> {
    let found = elements.filter_map(|(_, element)| element.number()).reduce(|best, number| {
        let better = match (number, best) {
            // Doubles do not tell great integers apart.
            (Number::Int(number), Number::Int(best)) => number != best && before(1.0, 0.0) == (number > best),
            (number, best) => before(as_double(number), as_double(best)),
        };
        if better { number } else { best }
    })?;
    Some(match found {
        Number::Int(int) => Total::Int(int.into()),
        Number::Double(double) => Total::Double(double),
    })
}

#[expect(clippy::cast_precision_loss, reason = "compared with or added to a double")]
fn as_double(number: Number) -> f64 {
    match number {
        Number::Int(int) => int as f64,
        Number::Double(double) => double,
    }
}

fn answer_number(reply: &mut Reply<'_>, total: Option<Total>) {
    match total {
        Some(Total::Int(int)) => reply.bulk(int.to_string().as_bytes()),
        Some(Total::Double(double)) => reply.bulk(DoubleText::new().format_17g(double)),
        None => reply.null(),
    }
}

fn answer_bits(reply: &mut Reply<'_>, array: Option<&Array>, low: u64, high: u64, fold: fn(i64, i64) -> i64) {
    let numbers =
        array.into_iter().flat_map(|array| array.range(low, high)).filter_map(|(_, element)| element.number());
    match numbers.map(as_bits).reduce(fold) {
        Some(bits) => reply.int(bits),
        None => reply.null(),
    }
}

/// Doubles are cut towards zero, and what is too great is the greatest.
#[expect(clippy::cast_possible_truncation, reason = "cutting is what is asked for")]
const fn as_bits(number: Number) -> i64 {
    match number {
        Number::Int(int) => int,
        Number::Double(double) => double as i64,
    }
}

const AROP_DOCS: Docs = Docs::new(
    "Folds the elements of a range into one number.",
    Group::Array,
    "O(P) where P is the number of slots visited in the slices touched: about the number of elements in the range",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::integer("start"),
    Arg::integer("end"),
    Arg::one_of(
        "operation",
        &[
            Arg::pure_token("sum", "SUM"),
            Arg::pure_token("min", "MIN"),
            Arg::pure_token("max", "MAX"),
            Arg::pure_token("and", "AND"),
            Arg::pure_token("or", "OR"),
            Arg::pure_token("xor", "XOR"),
            Arg::block("match", &[Arg::pure_token("match", "MATCH"), Arg::string("value")]),
            Arg::pure_token("used", "USED"),
        ],
    ),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn numbers_are_summed_and_compared() {
        check(
            "
            @since 8.8
            > ARMSET k 0 10 1 20 2 30              => 3
            > AROP k 0 2 SUM                       => '60'
            > AROP k 0 2 MIN                       => '10'
            > AROP k 0 2 max                       => '30'
            > AROP k 2 1 SUM                       => '50'
            > AROP k 0 2 MATCH 10                  => 1
            > AROP k 0 2 USED                      => 3
            > AROP k 1 18446744073709551614 USED   => 2
            > ARMSET k 5 2.5 6 -1 7 text 8 ''      => 4
            > AROP k 0 9 SUM                       => '61.5'
            > AROP k 0 9 MIN                       => '-1'
            > AROP k 5 5 MAX                       => '2.5'
            > AROP k 7 8 SUM                       => (nil)
            > AROP k 7 8 MIN                       => (nil)
            > AROP k 7 8 USED                      => 2
            ",
        );
    }

    #[test]
    fn great_integers_stay_exact() {
        check(
            "
            @since 8.8
            > ARSET k 0 9223372036854775807 9223372036854775806 -9223372036854775808  => 3
            > AROP k 0 1 SUM                       => '18446744073709551613'
            > AROP k 0 2 MAX                       => '9223372036854775807'
            > AROP k 0 1 MIN                       => '9223372036854775806'
            > AROP k 0 2 MIN                       => '-9223372036854775808'
            ",
        );
    }

    #[test]
    fn bits_are_folded_as_integers() {
        check(
            "
            @since 8.8
            > ARMSET f 0 255 1 15 2 240            => 3
            > AROP f 0 2 AND                       => 0
            > AROP f 0 1 AND                       => 15
            > AROP f 0 2 OR                        => 255
            > AROP f 0 2 XOR                       => 0
            > ARMSET f 3 7.9 4 -1.5 5 text         => 3
            > AROP f 3 3 OR                        => 7
            > AROP f 4 5 AND                       => -1
            > AROP f 5 5 AND                       => (nil)
            > AROP f 100 200 XOR                   => (nil)
            ",
        );
    }

    #[test]
    fn a_missing_key_is_an_empty_range() {
        check(
            "
            @since 8.8
            > AROP missing 0 9 SUM                 => (nil)
            > AROP missing 0 9 MIN                 => (nil)
            > AROP missing 0 9 AND                 => (nil)
            > AROP missing 0 9 MATCH x             => 0
            > AROP missing 0 9 USED                => 0
            > AROP missing 0 9 AVG                 => (error) ERR syntax error
            > AROP missing 0 9 MATCH               => (error) ERR syntax error
            > AROP missing 0 9 SUM x               => (error) ERR syntax error
            > AROP missing - + SUM                 => (error) ERR invalid array index
            > AROP missing 0 9                     => (error) ERR wrong number of arguments for 'arop' command
            > SET s x                              => OK
            > AROP s 0 9 SUM                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }
}
