//! What a reply should be: the notation after `=>`, written once for RESP3 and held against either protocol.
//!
//! ```text
//! notation            a reply of RESP3                under RESP2
//! 42                  integer                         the same
//! OK                  simple string                   the same
//! 'a\n\x00'           bulk string                     the same
//! (nil)               null                            null bulk or null array; (nil array) is the latter alone
//! (error) ERR text    error; text runs to line's end  the same; inside a collection: (error) 'ERR text'
//! ['a', 2, (nil)]     array                           the same
//! {'k': 1}            map, pairs in any order         array, one pair after the other
//! ~{'a', 'b'}         set, in any order               array, in any order
//! >['message', 'x']   push                            array
//! (double) 1.5        double                          bulk string of just this text
//! (true) (false)      boolean                         1 and 0
//! (big) 123           big number                      bulk string
//! (verbatim txt) 'a'  verbatim string                 bulk string
//! (status) 'a, b'     simple string, if a bare word would not read back
//! flat [['m', 1]]     array of arrays                 array of their elements, as WITHSCORES answers
//! pairs {'k': 1}      map                             array of arrays of two, in this order, as XREAD answers
//! ```
//!
//! Patterns stand wherever a reply may:
//!
//! ```text
//! *                   any reply                       ['a', ...]            an array that starts so; likewise maps, sets
//! (int)  (int 1..9)   any integer, one in the range   unordered ['a', 'b']  an array, in any order
//! (error) ERR ...     an error that starts so         one of ['a', (nil)]   one of these
//! ~'*abc*'            any kind of string by a glob, as KEYS reads it
//! ${name}             binds the text of a bulk, status or integer; equals it from then on
//! ```
//!
//! What is said beside a reply (RESP3's attributes) is looked through. A map compares in any order because RESP3 gives its pairs none; where Redis keeps one, an `=>2 [...]` line sees it.
//! JSON was rejected as the notation (it cannot tell 1 from '1' from OK), and so was redis-cli's own (its strings are
//! escaped, its structure is indentation, and it prints a RESP2 map as an array).

mod matches;
mod parse;
#[cfg(test)]
mod tests;

pub use matches::Captures;

/// What one reply should be. See the notation above.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    Any,
    Nil,
    /// A null that RESP2 writes as an array.
    NilArray,
    Int(i64),
    /// An integer from the first to the second, both included; `(int)` is all of them.
    IntBetween(i64, i64),
    Status(Vec<u8>),
    Bulk(Vec<u8>),
    /// Text by a glob, as KEYS reads it.
    Glob(Vec<u8>),
    Error(Vec<u8>),
    ErrorPrefix(Vec<u8>),
    Array(Items),
    /// An array in any order.
    Unordered(Items),
    /// An array of arrays, which RESP2 sends as one.
    Flat(Vec<Pattern>),
    Map(Vec<(Pattern, Pattern)>, Rest),
    /// A map, which RESP2 sends as an array of arrays of two.
    Pairs(Vec<(Pattern, Pattern)>, Rest),
    Set(Items),
    Push(Items),
    /// By its text, which RESP2 sends as it is.
    Double(String),
    Bool(bool),
    Big(String),
    Verbatim {
        format: String,
        text: Vec<u8>,
    },
    OneOf(Vec<Pattern>),
    Capture(String),
}

/// The elements of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Items {
    pub list: Vec<Pattern>,
    pub rest: Rest,
}

/// Whether a collection may hold more than the pattern names: `...` as its last element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    None,
    Any,
}
