//! The elements, and the order they are brought into.

use std::cmp::Ordering;

use command_api::{Args, CommandError};
use keyspace::{Db, Key, WrongType};
use stdx::num;
use value::{ListEnd, ValueRef};

use super::options::Options;
use super::pattern::Pattern;

const NO_NUMBERS: CommandError = CommandError::other("ERR One or more scores can't be converted into double");

/// What the key holds, and what that means for an order that is to be kept.
pub(super) struct Elements {
    pub(super) all: Vec<Vec<u8>>,
    /// A sorted set: it has an order of its own, which DESC turns round.
    pub(super) is_ordered: bool,
    /// A set: it has none, and what is stored must not depend on chance.
    pub(super) is_set: bool,
}

impl Elements {
    pub(super) fn read(db: &Db<'_>, key: Key<'_>) -> Result<Self, WrongType> {
        let mut elements = Self { all: Vec::new(), is_ordered: false, is_set: false };
        let Some(entry) = db.lookup(key) else { return Ok(elements) };
        match entry.value() {
            ValueRef::List(list) => {
                elements.all.reserve(list.len());
                list.visit(0, ListEnd::Left, list.len(), |element| elements.all.push(element.to_vec()));
            }
            ValueRef::Set(set) => {
                elements.is_set = true;
                elements.all.extend(set.iter().map(|member| member.to_vec()));
            }
            ValueRef::SortedSet(zset) => {
                elements.is_ordered = true;
                elements.all.extend(zset.iter().map(|(member, _)| member.to_vec()));
            }
            ValueRef::String(_) | ValueRef::Hash(_) | ValueRef::Stream(_) | ValueRef::Array(_) => {
                return Err(WrongType);
            }
        }
        Ok(elements)
    }

    /// Brings the elements into the order asked for.
    pub(super) fn arrange(&mut self, db: &Db<'_>, args: &Args<'_>, options: &Options<'_>) -> Result<(), CommandError> {
        let chance_decides = self.is_set && options.store.is_some();
        if options.keeps_order && !chance_decides {
            if self.is_ordered && options.descending {
                self.all.reverse();
            }
            return Ok(());
        }
        let by = if options.keeps_order { None } else { options.by };
        let all = std::mem::take(&mut self.all);
        self.all = if options.alpha || options.keeps_order {
            by_text(all, db, args, by, options.descending)
        } else {
            by_number(all, db, args, by, options.descending)?
        };
        Ok(())
    }
}

const fn directed(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

/// An element without a weight comes before all that have one.
fn by_text(all: Vec<Vec<u8>>, db: &Db<'_>, args: &Args<'_>, by: Option<Pattern<'_>>, descending: bool) -> Vec<Vec<u8>> {
    let Some(by) = by else {
        let mut all = all;
        all.sort_by(|a, b| directed(a.cmp(b), descending));
        return all;
    };
    let mut weighed: Vec<(Option<Vec<u8>>, Vec<u8>)> =
        all.into_iter().map(|element| (by.find(db, args, &element), element)).collect();
    weighed.sort_by(|a, b| directed(a.0.cmp(&b.0), descending));
    weighed.into_iter().map(|(_, element)| element).collect()
}

/// An element without a weight weighs 0. Equal weights are ordered by the elements' bytes.
fn by_number(
    all: Vec<Vec<u8>>,
    db: &Db<'_>,
    args: &Args<'_>,
    by: Option<Pattern<'_>>,
    descending: bool,
) -> Result<Vec<Vec<u8>>, CommandError> {
    let mut weighed = Vec::with_capacity(all.len());
    for element in all {
        let weight = match by {
            None => Some(weight(&element)?),
            Some(by) => by.find(db, args, &element).map(|text| weight(&text)).transpose()?,
        };
        weighed.push((weight.unwrap_or(0.0), element));
    }
    weighed.sort_by(|a, b| {
        let order = a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal).then_with(|| a.1.cmp(&b.1));
        directed(order, descending)
    });
    Ok(weighed.into_iter().map(|(_, element)| element).collect())
}

/// A number as C's strtod reads it: blanks in front are passed over, and nothing at all is 0.
fn weight(text: &[u8]) -> Result<f64, CommandError> {
    let text = text.trim_ascii_start();
    if text.is_empty() {
        return Ok(0.0);
    }
    num::parse_f64(text).ok_or(NO_NUMBERS)
}
