//! Members by chance: drawn, or drawn and removed.
//!
//! **One of many.** A compact set is walked to a place drawn first; a hash table draws by itself.
//!
//! **Several different ones.** Where a good part of the set is wanted, one walk over it picks each member with the probability that
//! is left to it (so many still wanted out of so many still to come), which is fair and remembers nothing. Where few are wanted out of a
//! hash table, they are drawn one by one and repetitions are thrown away.

use pack::{Intset, Listpack};
use smallvec::SmallVec;
use stdx::num::IntText;

use super::repr::{Member, Repr, Set};
use crate::EncodingLimits;
use crate::table::Table;

/// Few are wanted when they are less than one in so many.
const FEW: usize = 3;

/// So many times more taken than left, and what is left of a hash table becomes a new set.
const MOST: usize = 5;

impl Set {
    /// A member, each as probable as any other; `None` of an empty set.
    #[must_use]
    pub fn random(&self, rng: &mut fastrand::Rng) -> Option<Member<'_>> {
        match &self.repr {
            Repr::Intset(intset) if !intset.is_empty() => intset.get(rng.usize(..intset.len())).map(Member::Int),
            Repr::Listpack(listpack) if !listpack.is_empty() => listpack.iter().nth(rng.usize(..listpack.len())),
            Repr::Table(table) => table.random(rng).map(|record| Member::Bytes(record.key)),
            Repr::Intset(_) | Repr::Listpack(_) => None,
        }
    }

    /// Tells `count` different members, or all if there are no more, each choice of so many as probable as any other.
    pub fn sample(&self, count: usize, rng: &mut fastrand::Rng, emit: &mut dyn FnMut(Member<'_>)) {
        match &self.repr {
            Repr::Table(table) if count < table.len() / FEW => {
                let mut seen = Table::new();
                while seen.len() < count {
                    let Some(record) = table.random(rng) else { return };
                    if seen.insert(record.key, b"", None) {
                        emit(Member::Bytes(record.key));
                    }
                }
            }
            Repr::Intset(_) | Repr::Listpack(_) | Repr::Table(_) => {
                let mut choice = Choice::new(count, self.len());
                self.iter().filter(|_| choice.next(rng)).for_each(emit);
            }
        }
    }

    /// Removes a member by chance and tells its text. Nothing is told of an empty set.
    pub fn pop(&mut self, rng: &mut fastrand::Rng, emit: impl FnOnce(&[u8])) {
        match &mut self.repr {
            Repr::Intset(intset) => {
                if let Some(int) = intset.get(rng.usize(..intset.len().max(1))) {
                    intset.remove(int);
                    emit(IntText::new().format(int));
                }
            }
            Repr::Listpack(listpack) => {
                if let Some((position, element)) = listpack.entries().nth(rng.usize(..listpack.len().max(1))) {
                    emit(element.bytes(&mut IntText::new()));
                    listpack.remove(position);
                }
            }
            Repr::Table(table) => {
                if let Some(record) = table.random(rng) {
                    let member: SmallVec<[u8; 128]> = SmallVec::from_slice(record.key);
                    emit(&member);
                    table.remove(&member);
                }
            }
        }
    }

    /// Removes `count` members by chance, or all if there are no more, and tells the text of each.
    pub fn pop_many(
        &mut self,
        count: usize,
        rng: &mut fastrand::Rng,
        limits: &EncodingLimits,
        emit: &mut dyn FnMut(&[u8]),
    ) {
        let left = self.len().saturating_sub(count);
        let mut choice = Choice::new(count, self.len());
        let mut room = IntText::new();
        match &mut self.repr {
            Repr::Intset(intset) => {
                let mut kept = Intset::new();
                for int in intset.iter() {
                    if choice.next(rng) {
                        emit(room.format(int));
                    } else {
                        kept.insert(int);
                    }
                }
                *intset = kept;
            }
            Repr::Listpack(listpack) => {
                let mut kept = Listpack::with_capacity(listpack.byte_len());
                for element in listpack.iter() {
                    if choice.next(rng) {
                        emit(element.bytes(&mut room));
                    } else {
                        kept.push(element);
                    }
                }
                *listpack = kept;
            }
            Repr::Table(_) if left.saturating_mul(MOST) <= count => self.keep_few(left, rng, limits, emit),
            Repr::Table(_) => (0..count).for_each(|_| self.pop(rng, &mut *emit)),
        }
    }

    /// Removes all but `left` members, which become a listpack if they fit one.
    fn keep_few(&mut self, left: usize, rng: &mut fastrand::Rng, limits: &EncodingLimits, emit: &mut dyn FnMut(&[u8])) {
        let mut kept = Self { repr: Repr::Listpack(Listpack::new()) };
        self.sample(left, rng, &mut |member| {
            kept.insert_member(member, limits);
        });
        let gone = std::mem::replace(self, kept);
        let mut room = IntText::new();
        gone.iter().filter(|member| !self.contains_member(*member)).for_each(|member| emit(member.bytes(&mut room)));
    }
}

/// Picks so many out of so many that come one after another.
#[derive(Clone, Copy, Debug)]
struct Choice {
    wanted: usize,
    to_come: usize,
}

impl Choice {
    fn new(wanted: usize, to_come: usize) -> Self {
        Self { wanted: wanted.min(to_come), to_come }
    }

    /// Whether the one that comes now is picked.
    fn next(&mut self, rng: &mut fastrand::Rng) -> bool {
        let picked = self.wanted > 0 && (self.wanted == self.to_come || rng.usize(..self.to_come) < self.wanted);
        self.to_come = self.to_come.saturating_sub(1);
        self.wanted -= usize::from(picked);
        picked
    }
}
