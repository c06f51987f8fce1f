//! Slices by number: a vector while they lie close together, a B-tree when they do not.

use std::collections::{BTreeMap, btree_map};

use super::slice::Slice;

/// Numbers that a vector covers for each slice it holds, at most: 16 bytes each.
const SPREAD: usize = 8;

/// Slices by number. None that is held is empty, except inside a vector.
#[derive(Clone, Debug)]
pub(super) enum Directory {
    /// The last is not empty.
    Flat {
        slices: Vec<Slice>,
        held: usize,
    },
    Tree(BTreeMap<u64, Slice>),
}

impl Default for Directory {
    fn default() -> Self {
        Self::Flat { slices: Vec::new(), held: 0 }
    }
}

impl Directory {
    pub(super) fn get(&self, number: u64) -> Option<&Slice> {
        match self {
            Self::Flat { slices, .. } => slices.get(usize::try_from(number).ok()?),
            Self::Tree(tree) => tree.get(&number),
        }
    }

    /// Lets `edit` change slice `number`, which begins empty and is forgotten if it ends so.
    pub(super) fn edit<R>(&mut self, number: u64, edit: impl FnOnce(&mut Slice) -> R) -> R {
        self.make_room_for(number);
        let (result, grew) = match self {
            Self::Flat { slices, held } => {
                // There is room: see above.
                let slice = &mut slices[usize::try_from(number).unwrap_or(0)];
                let before = !slice.is_empty();
                let result = edit(slice);
                *held = *held + usize::from(!slice.is_empty()) - usize::from(before);
                while slices.last().is_some_and(Slice::is_empty) {
                    slices.pop();
                }
                (result, false)
            }
            Self::Tree(tree) => match tree.entry(number) {
                btree_map::Entry::Vacant(entry) => {
                    let mut slice = Slice::Empty;
                    let result = edit(&mut slice);
                    let grew = !slice.is_empty();
                    if grew {
                        entry.insert(slice);
                    }
                    (result, grew)
                }
                btree_map::Entry::Occupied(mut entry) => {
                    let result = edit(entry.get_mut());
                    if entry.get().is_empty() {
                        entry.remove();
                    }
                    (result, false)
                }
            },
        };
        if grew {
            self.flatten_if_close();
        }
        result
    }

    /// How many slices there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Flat { held, .. } => *held,
            Self::Tree(tree) => tree.len(),
        }
    }

    /// For how many slices there is a place.
    pub(super) fn places(&self) -> usize {
        match self {
            Self::Flat { slices, .. } => slices.len(),
            Self::Tree(tree) => tree.len(),
        }
    }

    /// How many nodes the tree has over the slices; none if there is no tree.
    pub(super) fn tree_entries(&self) -> usize {
        if let Self::Tree(tree) = self { tree.len() } else { 0 }
    }

    /// The last slice.
    pub(super) fn last(&self) -> Option<(u64, &Slice)> {
        match self {
            Self::Flat { slices, .. } => Some(((slices.len() as u64).checked_sub(1)?, slices.last()?)),
            Self::Tree(tree) => tree.last_key_value().map(|(&number, slice)| (number, slice)),
        }
    }

    /// The slices from `low` to `high`, both included.
    pub(super) fn range(&self, low: u64, high: u64) -> Slices<'_> {
        match self {
            Self::Flat { slices, .. } => {
                let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(slices.len());
                let (start, end) = (index(low), index(high.saturating_add(1)));
                Slices::Flat { first: start as u64, slices: slices[start..end.max(start)].iter().enumerate() }
            }
            Self::Tree(tree) if low <= high => Slices::Tree(tree.range(low..=high)),
            Self::Tree(_) => Slices::Flat { first: 0, slices: [].iter().enumerate() },
        }
    }

    /// The numbers of the slices from `low` to `high`: to change them while walking.
    pub(super) fn numbers(&self, low: u64, high: u64) -> Vec<u64> {
        self.range(low, high).map(|(number, _)| number).collect()
    }

    fn make_room_for(&mut self, number: u64) {
        let Self::Flat { slices, held } = self else { return };
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if index < slices.len() {
            return;
        }
        if index < held.saturating_add(1).saturating_mul(SPREAD) {
            slices.resize_with(index + 1, Slice::default);
            return;
        }
        let numbered = (0..).zip(std::mem::take(slices)).filter(|(_, slice)| !slice.is_empty());
        *self = Self::Tree(numbered.collect());
    }

    /// Asked at every doubling only, so that growing stays linear.
    fn flatten_if_close(&mut self) {
        let Self::Tree(tree) = self else { return };
        let Some((&last, _)) = tree.last_key_value() else { return };
        let held = tree.len();
        let close = usize::try_from(last).is_ok_and(|last| last < held.saturating_mul(SPREAD / 2));
        if !held.is_power_of_two() || !close {
            return;
        }
        let mut slices = Vec::new();
        for (number, slice) in std::mem::take(tree) {
            slices.resize_with(usize::try_from(number).unwrap_or(0), Slice::default);
            slices.push(slice);
        }
        *self = Self::Flat { slices, held };
    }
}

/// Slices with their numbers, from either end; empty ones are left out.
#[derive(Clone, Debug)]
pub(super) enum Slices<'a> {
    Flat { first: u64, slices: std::iter::Enumerate<std::slice::Iter<'a, Slice>> },
    Tree(btree_map::Range<'a, u64, Slice>),
}

impl<'a> Iterator for Slices<'a> {
    type Item = (u64, &'a Slice);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Flat { first, slices } => {
                slices.find(|(_, slice)| !slice.is_empty()).map(|(at, slice)| (*first + at as u64, slice))
            }
            Self::Tree(range) => range.next().map(|(&number, slice)| (number, slice)),
        }
    }
}

impl DoubleEndedIterator for Slices<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        match self {
            Self::Flat { first, slices } => {
                slices.rfind(|(_, slice)| !slice.is_empty()).map(|(at, slice)| (*first + at as u64, slice))
            }
            Self::Tree(range) => range.next_back().map(|(&number, slice)| (number, slice)),
        }
    }
}
