//! Whether a reply is what a pattern says, under the protocol it came by.

use std::collections::{BTreeMap, VecDeque};

use resp::reader::NullKind;
use resp::{Protocol, Value};
use stdx::glob;

use super::{Items, Pattern, Rest};

/// What `${name}` stands for, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures(BTreeMap<String, Vec<u8>>);

impl Captures {
    /// The text bound to `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }
}

impl Pattern {
    /// Whether `value`, received under `protocol`, is what this pattern says. A name that is not bound yet matches any text.
    #[must_use]
    pub(crate) fn matches(&self, value: &Value, protocol: Protocol, captures: &Captures) -> bool {
        Matcher { protocol, captures }.one(self, value)
    }

    /// Binds the names in this pattern that are not bound yet to their texts in `value`, which matches it. Names inside
    /// what has no order are left alone: which element they meant would be a guess.
    pub(crate) fn bind(&self, value: &Value, captures: &mut Captures) {
        match (self, value) {
            (Self::Capture(name), value) => {
                if let Some(text) = text_of(value) {
                    captures.0.entry(name.clone()).or_insert(text);
                }
            }
            (Self::Array(items) | Self::Push(items), Value::Array(values) | Value::Push(values)) => {
                items.list.iter().zip(values).for_each(|(item, value)| item.bind(value, captures));
            }
            (Self::Map(pairs, _), _) => {
                for (key, pattern) in pairs {
                    let matcher = Matcher { protocol: Protocol::Resp2, captures };
                    let found = pairs_of(value).into_iter().find(|(k, _)| matcher.one(key, k)).map(|(_, value)| value);
                    if let Some(found) = found {
                        pattern.bind(found, captures);
                    }
                }
            }
            (_, _) => {}
        }
    }
}

struct Matcher<'c> {
    protocol: Protocol,
    captures: &'c Captures,
}

impl Matcher<'_> {
    fn one(&self, pattern: &Pattern, value: &Value) -> bool {
        let resp2 = self.protocol == Protocol::Resp2;
        match (pattern, value) {
            (Pattern::Any, _) => true,
            (Pattern::OneOf(all), _) => all.iter().any(|pattern| self.one(pattern, value)),
            (Pattern::Capture(name), _) => {
                text_of(value).is_some_and(|text| self.captures.get(name).is_none_or(|bound| bound == text))
            }
            (_, Value::Attributed { value, .. }) => self.one(pattern, value),
            (Pattern::Nil, Value::Null(kind)) => resp2 != (*kind == NullKind::Resp3),
            (Pattern::NilArray, Value::Null(kind)) => *kind == if resp2 { NullKind::Array } else { NullKind::Resp3 },
            (Pattern::Int(expected), Value::Int(int)) => expected == int,
            (Pattern::IntBetween(low, high), Value::Int(int)) => (low..=high).contains(&int),
            (Pattern::Status(expected), Value::Status(text))
            | (Pattern::Bulk(expected), Value::Bulk(text))
            | (Pattern::Error(expected), Value::Error(text) | Value::BulkError(text)) => expected == text,
            (Pattern::Glob(expected), Value::Bulk(text) | Value::Status(text) | Value::Verbatim { text, .. }) => {
                // The server's globs do not match an empty text; here a lone `*` means what it says.
                glob::matches(expected, text) || (text.is_empty() && expected == b"*")
            }
            (Pattern::ErrorPrefix(expected), Value::Error(text) | Value::BulkError(text)) => text.starts_with(expected),
            (Pattern::Array(items), Value::Array(values)) => self.in_order(items, values),
            (Pattern::Unordered(items), Value::Array(values)) => self.in_any_order(items, values),
            (Pattern::Push(items), Value::Push(values)) => !resp2 && self.in_order(items, values),
            (Pattern::Push(items), Value::Array(values)) => resp2 && self.in_order(items, values),
            (Pattern::Set(items), Value::Set(values)) => !resp2 && self.in_any_order(items, values),
            (Pattern::Set(items), Value::Array(values)) => resp2 && self.in_any_order(items, values),
            (Pattern::Map(pairs, rest), Value::Map(_)) => !resp2 && self.map(pairs, *rest, value),
            (Pattern::Map(pairs, rest), Value::Array(_)) => resp2 && self.map(pairs, *rest, value),
            (Pattern::Pairs(pairs, rest), Value::Map(_)) => !resp2 && self.map(pairs, *rest, value),
            (Pattern::Pairs(pairs, rest), Value::Array(values)) => resp2 && self.array_of_pairs(pairs, *rest, values),
            (Pattern::Flat(list), Value::Array(values)) => self.flat(list, values),
            (Pattern::Double(expected), Value::Double(text)) => !resp2 && expected.as_bytes() == text,
            (Pattern::Double(expected) | Pattern::Big(expected), Value::Bulk(text)) => {
                resp2 && expected.as_bytes() == text
            }
            (Pattern::Big(expected), Value::BigNumber(digits)) => !resp2 && expected.as_bytes() == digits,
            (Pattern::Bool(expected), Value::Bool(bool)) => !resp2 && expected == bool,
            (Pattern::Bool(expected), Value::Int(int)) => resp2 && i64::from(*expected) == *int,
            (Pattern::Verbatim { text: expected, .. }, Value::Bulk(text)) => resp2 && expected == text,
            (Pattern::Verbatim { format: expected, text: body }, Value::Verbatim { format, text }) => {
                !resp2 && expected.as_bytes() == format && body == text
            }
            (_, _) => false,
        }
    }

    fn in_order(&self, items: &Items, values: &[Value]) -> bool {
        fits(items.list.len(), values.len(), items.rest)
            && items.list.iter().zip(values).all(|(pattern, value)| self.one(pattern, value))
    }

    fn in_any_order(&self, items: &Items, values: &[Value]) -> bool {
        fits(items.list.len(), values.len(), items.rest)
            && assign(items.list.len(), values.len(), |item, value| self.one(&items.list[item], &values[value]))
    }

    fn map(&self, expected: &[(Pattern, Pattern)], rest: Rest, value: &Value) -> bool {
        let pairs = pairs_of(value);
        let even = if let Value::Array(flat) = value { flat.len().is_multiple_of(2) } else { true };
        even && fits(expected.len(), pairs.len(), rest)
            && assign(expected.len(), pairs.len(), |item, pair| {
                self.one(&expected[item].0, pairs[pair].0) && self.one(&expected[item].1, pairs[pair].1)
            })
    }

    fn array_of_pairs(&self, expected: &[(Pattern, Pattern)], rest: Rest, values: &[Value]) -> bool {
        fits(expected.len(), values.len(), rest)
            && expected.iter().zip(values).all(|((key, value), pair)| {
                matches!(pair, Value::Array(pair)
                    if matches!(pair.as_slice(), [k, v] if self.one(key, k) && self.one(value, v)))
            })
    }

    fn flat(&self, list: &[Pattern], values: &[Value]) -> bool {
        let whole = |list: Vec<Pattern>| Items { list, rest: Rest::None };
        if self.protocol == Protocol::Resp3 {
            return self.in_order(&whole(list.to_vec()), values);
        }
        let flattened = list.iter().flat_map(|pattern| {
            if let Pattern::Array(items) = pattern { items.list.as_slice() } else { std::slice::from_ref(pattern) }
                .to_vec()
        });
        self.in_order(&whole(flattened.collect()), values)
    }
}

const fn fits(expected: usize, got: usize, rest: Rest) -> bool {
    match rest {
        Rest::None => expected == got,
        Rest::Any => expected <= got,
    }
}

/// The pairs of a map, or of the array that RESP2 makes of it.
fn pairs_of(value: &Value) -> Vec<(&Value, &Value)> {
    if let Value::Map(pairs) = value {
        pairs.iter().map(|(key, value)| (key, value)).collect()
    } else if let Value::Array(flat) = value {
        flat.chunks_exact(2).map(|pair| (&pair[0], &pair[1])).collect()
    } else {
        Vec::new()
    }
}

fn text_of(value: &Value) -> Option<Vec<u8>> {
    if let Value::Int(int) = value { Some(int.to_string().into_bytes()) } else { value.as_bytes().map(<[u8]>::to_vec) }
}

/// Whether each of `items` can have a value of its own among `values`: a bipartite matching by augmenting paths, since with
/// patterns (`*`, globs) the first value that fits one item may be the only one that fits another.
fn assign(items: usize, values: usize, fits: impl Fn(usize, usize) -> bool) -> bool {
    let mut owner: Vec<Option<usize>> = vec![None; values];
    (0..items).all(|item| {
        // Breadth first, so that the depth of the search costs no stack.
        let mut came_from: Vec<Option<usize>> = vec![None; values];
        let mut seen = vec![false; values];
        let mut queue = VecDeque::from([(item, None)]);
        while let Some((seeker, held)) = queue.pop_front() {
            for value in 0..values {
                if seen[value] || !fits(seeker, value) {
                    continue;
                }
                seen[value] = true;
                came_from[value] = held;
                if let Some(holder) = owner[value] {
                    queue.push_back((holder, Some(value)));
                    continue;
                }
                // Free: everyone on the path moves one value on.
                let mut free = value;
                while let Some(previous) = came_from[free] {
                    owner[free] = owner[previous];
                    free = previous;
                }
                owner[free] = Some(item);
                return true;
            }
        }
        false
    })
}
