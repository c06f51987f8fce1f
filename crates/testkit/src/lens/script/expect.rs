//! What is left of a reply that went through Lua.
//!
//! | a command answers | a script returns |
//! | --- | --- |
//! | an integer past 2^53 | the nearest double; what a double cannot be cut to, the least integer |
//! | a null array | a null: both are `false` |
//! | RESP3: a null in an array | the array ends there: a null is `nil`, which ends a Lua table |
//! | RESP3: a null as a member, key or value | nothing: a table holds no `nil` |
//! | anything else, in arrays, maps and sets too | itself |
//!
//! A pattern may leave open whether something is a null (`*`): then both are right.

use resp::Protocol;

use crate::pattern::{Items, Pattern, Rest};

/// The pattern of what a script returns for a command that is answered `pattern`.
pub(super) fn expect(pattern: &Pattern, protocol: Protocol) -> Pattern {
    let one = |pattern: &Pattern| expect(pattern, protocol);
    match pattern {
        Pattern::NilArray => Pattern::Nil,
        Pattern::Int(int) => Pattern::Int(through_double(*int)),
        Pattern::OneOf(all) => Pattern::OneOf(all.iter().map(one).collect()),
        Pattern::Array(items) | Pattern::Push(items) => array(items, protocol),
        // An array of arrays over RESP3; one array of what can be no null over RESP2.
        Pattern::Flat(list) if protocol == Protocol::Resp3 => {
            array(&Items { list: list.clone(), rest: Rest::None }, protocol)
        }
        Pattern::Flat(list) => Pattern::Flat(list.iter().map(one).collect()),
        Pattern::Unordered(items) => unordered(items, protocol),
        Pattern::Set(items) => set(items, protocol),
        Pattern::Map(pairs, rest) => {
            let (pairs, rest) = map(pairs, *rest, protocol);
            Pattern::Map(pairs, rest)
        }
        Pattern::Pairs(pairs, rest) => {
            let (pairs, rest) = map(pairs, *rest, protocol);
            Pattern::Pairs(pairs, rest)
        }
        Pattern::Any
        | Pattern::Nil
        | Pattern::IntBetween(..)
        | Pattern::Status(_)
        | Pattern::Bulk(_)
        | Pattern::Glob(_)
        | Pattern::Error(_)
        | Pattern::ErrorPrefix(_)
        | Pattern::Double(_)
        | Pattern::Bool(_)
        | Pattern::Big(_)
        | Pattern::Verbatim { .. }
        | Pattern::Capture(_) => pattern.clone(),
    }
}

/// Whether what a pattern matches is `nil` in Lua.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nil {
    Never,
    Perhaps,
    Always,
}

fn is_nil(pattern: &Pattern, protocol: Protocol) -> Nil {
    if protocol == Protocol::Resp2 {
        return Nil::Never;
    }
    match pattern {
        Pattern::Nil | Pattern::NilArray => Nil::Always,
        Pattern::Any => Nil::Perhaps,
        Pattern::OneOf(all) => {
            let mut of_all = all.iter().map(|pattern| is_nil(pattern, protocol));
            let first = of_all.next().unwrap_or(Nil::Never);
            if of_all.all(|nil| nil == first) { first } else { Nil::Perhaps }
        }
        Pattern::Int(_)
        | Pattern::IntBetween(..)
        | Pattern::Status(_)
        | Pattern::Bulk(_)
        | Pattern::Glob(_)
        | Pattern::Error(_)
        | Pattern::ErrorPrefix(_)
        | Pattern::Array(_)
        | Pattern::Unordered(_)
        | Pattern::Flat(_)
        | Pattern::Map(..)
        | Pattern::Pairs(..)
        | Pattern::Set(_)
        | Pattern::Push(_)
        | Pattern::Double(_)
        | Pattern::Bool(_)
        | Pattern::Big(_)
        | Pattern::Verbatim { .. }
        | Pattern::Capture(_) => Nil::Never,
    }
}

/// An array to its first `nil`.
fn array(items: &Items, protocol: Protocol) -> Pattern {
    let mut list = Vec::new();
    let mut ends = Vec::new();
    let mut rest = items.rest;
    for item in &items.list {
        let nil = is_nil(item, protocol);
        if nil == Nil::Perhaps {
            ends.push(Pattern::Array(Items { list: list.clone(), rest: Rest::None }));
        }
        if nil == Nil::Always {
            rest = Rest::None;
            break;
        }
        list.push(expect(item, protocol));
    }
    let whole = Pattern::Array(Items { list, rest });
    if ends.is_empty() {
        return whole;
    }
    ends.push(whole);
    Pattern::OneOf(ends)
}

/// Where a `nil` would end it, nothing is known of an array in any order.
fn unordered(items: &Items, protocol: Protocol) -> Pattern {
    if items.list.iter().any(|item| is_nil(item, protocol) != Nil::Never) {
        return Pattern::Array(Items { list: Vec::new(), rest: Rest::Any });
    }
    Pattern::Unordered(Items { list: items.list.iter().map(|item| expect(item, protocol)).collect(), rest: items.rest })
}

fn set(items: &Items, protocol: Protocol) -> Pattern {
    let (mut list, mut rest) = (Vec::new(), items.rest);
    for item in &items.list {
        match is_nil(item, protocol) {
            Nil::Never => list.push(expect(item, protocol)),
            Nil::Perhaps => rest = Rest::Any,
            Nil::Always => {}
        }
    }
    Pattern::Set(Items { list, rest })
}

fn map(pairs: &[(Pattern, Pattern)], mut rest: Rest, protocol: Protocol) -> (Vec<(Pattern, Pattern)>, Rest) {
    let mut list = Vec::new();
    for (key, value) in pairs {
        match (is_nil(key, protocol), is_nil(value, protocol)) {
            (Nil::Never, Nil::Never) => list.push((expect(key, protocol), expect(value, protocol))),
            (Nil::Always, _) | (_, Nil::Always) => {}
            (_, _) => rest = Rest::Any,
        }
    }
    (list, rest)
}

/// An integer that has been a double.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "what happens to it in a script")]
fn through_double(int: i64) -> i64 {
    let double = int as f64;
    // 2^63, which the largest integers round to, is none: it becomes the least.
    if double >= 9_223_372_036_854_775_808.0 { i64::MIN } else { double as i64 }
}
