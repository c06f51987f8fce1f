//! Entries for which their segment has no place and may not split.
//!
//! A keyed hash never comes here: it would take hundreds of keys that share a home and a long prefix. But a table must hold
//! what it is given, whatever the hash, without splitting for ever in the hope that the next bit tells the keys apart. So a segment
//! may get deeper only while the directory stays in proportion to the segments, and what it then cannot place is kept here,
//! by hash. One such list serves the whole table; a segment counts how many entries of it are its own, and lookups come here
//! only when that is not zero.

use std::collections::BTreeMap;

use super::bucket::Slot;
use super::entry::Block;
use super::hash::{self, PREFIX_BITS};

/// Entries by hash. Holds no empty list.
#[derive(Debug, Default)]
pub(super) struct Overflow {
    by_hash: BTreeMap<u64, Vec<Slot>>,
    len: usize,
}

impl Overflow {
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Adds an entry; returns its index among those of the same hash.
    pub(super) fn push(&mut self, hash: u64, block: Block) -> usize {
        let slots = self.by_hash.entry(hash).or_default();
        slots.push(Slot::new(block));
        self.len += 1;
        slots.len() - 1
    }

    pub(super) fn slot(&self, hash: u64, index: usize) -> &Slot {
        &self.by_hash[&hash][index]
    }

    pub(super) fn find(&self, hash: u64, mut accept: impl FnMut(Block) -> bool) -> Option<usize> {
        self.by_hash.get(&hash)?.iter().position(|slot| slot.block().is_some_and(&mut accept))
    }

    pub(super) fn remove(&mut self, hash: u64, index: usize) -> Option<Block> {
        let slots = self.by_hash.get_mut(&hash)?;
        let block = slots.swap_remove(index).block();
        self.len -= 1;
        if slots.is_empty() {
            self.by_hash.remove(&hash);
        }
        block
    }

    /// Every entry whose hash has one of the `count` prefixes from `first` on, with its hash.
    pub(super) fn in_prefixes(&self, first: u64, count: u64) -> impl Iterator<Item = (u64, Block)> {
        let last =
            hash::first_with_prefix(first) + (hash::first_with_prefix(count - 1) | (hash::first_with_prefix(1) - 1));
        self.by_hash
            .range(hash::first_with_prefix(first)..=last)
            .flat_map(|(&hash, slots)| slots.iter().filter_map(move |slot| Some((hash, slot.block()?))))
    }

    /// Offers entries of these prefixes to `place` until it refuses one of a hash; those it took are gone from here.
    pub(super) fn drain_prefixes(&mut self, first: u64, count: u64, mut place: impl FnMut(u64, Block) -> bool) {
        let mut hashes: Vec<u64> = self.in_prefixes(first, count).map(|(hash, _)| hash).collect();
        hashes.dedup();
        for hash in hashes {
            while let Some(block) = self.by_hash.get(&hash).and_then(|slots| slots.last()?.block()) {
                if !place(hash, block) {
                    break;
                }
                let index = self.by_hash[&hash].len() - 1;
                self.remove(hash, index);
            }
        }
    }

    pub(super) fn for_each(&self, visit: impl FnMut(Block)) {
        self.by_hash.values().flatten().filter_map(Slot::block).for_each(visit);
    }

    /// The entry at this index of all.
    pub(super) fn nth(&self, index: usize) -> Option<Block> {
        self.by_hash.values().flatten().nth(index)?.block()
    }

    pub(super) fn bytes(&self) -> usize {
        self.len * size_of::<Slot>() + self.by_hash.len() * size_of::<(u64, Vec<Slot>)>()
    }
}

const _: () = assert!(PREFIX_BITS < 32);
