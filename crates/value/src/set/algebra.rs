//! Intersection, difference and union, told member by member: nothing is collected that nobody asked for, and no set is copied where
//! looking into the others will do.
//!
//! **Intersection** walks the smallest set and asks the others, smallest first.
//!
//! **Difference** either walks the first set and asks the others (largest first, where a hit is likeliest), or copies the first set and
//! removes what the others hold. The first costs about half of members times sets, the second the sum of all sizes; the cheaper is taken.
//!
//! **Union** walks all sets and asks those walked before, or, where they are many or slow to ask, remembers what was told.

use std::ops::ControlFlow;

use pack::{Intset, Listpack};
use smallvec::SmallVec;
use stdx::num::IntText;

use super::repr::{Member, Repr, Set};
use crate::EncodingLimits;
use crate::table::Table;

/// Up to so many sets a union asks those walked before.
const UNION_ASKS: usize = 4;

type Sets<'a> = SmallVec<[&'a Set; 8]>;

/// Tells the members that all `sets` have, in the order of the smallest, until `visit` breaks off. Of no sets it tells none.
pub fn intersection(sets: &[&Set], visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
    let mut sets: Sets<'_> = SmallVec::from_slice(sets);
    sets.sort_by_key(|set| set.len());
    let Some((smallest, others)) = sets.split_first() else { return };
    for member in smallest.iter() {
        if others.iter().all(|other| std::ptr::eq(*other, *smallest) || other.contains_member(member))
            && visit(member).is_break()
        {
            return;
        }
    }
}

/// Tells the members of `first` that none of `others` has, until `visit` breaks off.
pub fn difference(first: &Set, others: &[&Set], visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
    if prefers_asking(first, others) {
        ask_others(first, others, visit);
    } else {
        let rest = remove_others(first, others, &EncodingLimits::default());
        let _ = rest.iter().try_for_each(visit);
    }
}

/// The members of `first` that none of `others` has, as a set.
#[must_use]
pub fn difference_of(first: &Set, others: &[&Set], limits: &EncodingLimits) -> Set {
    if !prefers_asking(first, others) {
        return remove_others(first, others, limits);
    }
    let mut rest = Set::default();
    ask_others(first, others, &mut |member| {
        rest.insert_member(member, limits);
        ControlFlow::Continue(())
    });
    rest
}

fn prefers_asking(first: &Set, others: &[&Set]) -> bool {
    let asking = first.len().saturating_mul(others.len() + 1) / 2;
    let removing = others.iter().fold(first.len(), |sum, other| sum.saturating_add(other.len()));
    asking <= removing
}

fn ask_others(first: &Set, others: &[&Set], visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
    let mut others: Sets<'_> = SmallVec::from_slice(others);
    others.sort_by_key(|other| std::cmp::Reverse(other.len()));
    if others.iter().any(|other| std::ptr::eq(*other, first)) {
        return;
    }
    for member in first.iter() {
        if !others.iter().any(|other| other.contains_member(member)) && visit(member).is_break() {
            return;
        }
    }
}

fn remove_others(first: &Set, others: &[&Set], limits: &EncodingLimits) -> Set {
    let mut rest = Set::default();
    for member in first.iter() {
        rest.insert_member(member, limits);
    }
    for other in others {
        if rest.is_empty() {
            break;
        }
        for member in other.iter() {
            rest.remove_member(member);
        }
    }
    rest
}

/// Tells the members that any of `sets` has, each once, until `visit` breaks off.
pub fn union(sets: &[&Set], visit: &mut dyn FnMut(Member<'_>) -> ControlFlow<()>) {
    let slow = |set: &&Set| matches!(set.repr, Repr::Listpack(_));
    let asks = match sets.split_last() {
        None => return,
        Some((_, [])) => true,
        Some((_, before)) => sets.len() <= UNION_ASKS && !before.iter().any(slow),
    };
    let mut told = Table::new();
    let mut room = IntText::new();
    for (index, set) in sets.iter().enumerate() {
        let before = sets.get(..index).unwrap_or_default();
        if before.iter().any(|other| std::ptr::eq(*other, *set)) {
            continue;
        }
        for member in set.iter() {
            let is_new = if asks {
                !before.iter().any(|other| other.contains_member(member))
            } else {
                told.insert(member.bytes(&mut room), b"", None)
            };
            if is_new && visit(member).is_break() {
                return;
            }
        }
    }
}

/// The members that any of `sets` has, as a set.
#[must_use]
pub fn union_of(sets: &[&Set], limits: &EncodingLimits) -> Set {
    let mut all = Set::default();
    for member in sets.iter().flat_map(|set| set.iter()) {
        all.insert_member(member, limits);
    }
    all
}

/// The members that all `sets` have, as a set.
#[must_use]
pub fn intersection_of(sets: &[&Set], limits: &EncodingLimits) -> Set {
    let mut common = Set::default();
    if let Some(smallest) = sets.iter().min_by_key(|set| set.len())
        && smallest.as_listpack().is_some()
    {
        // In the order of the listpack, not with its integers first.
        common.repr = Repr::Listpack(Listpack::new());
    }
    intersection(sets, &mut |member| {
        common.insert_member(member, limits);
        ControlFlow::Continue(())
    });
    settle_ints(common, limits)
}

/// A listpack of nothing but integers is an intset, if it may.
fn settle_ints(set: Set, limits: &EncodingLimits) -> Set {
    let Repr::Listpack(listpack) = &set.repr else { return set };
    let all_ints = listpack.iter().all(|element| matches!(element, Member::Int(_)));
    if !all_ints || listpack.len() as u64 > limits.set_max_intset_entries {
        return set;
    }
    let mut intset = Intset::new();
    for int in listpack.iter().filter_map(Member::to_int) {
        intset.insert(int);
    }
    Set { repr: Repr::Intset(intset) }
}
