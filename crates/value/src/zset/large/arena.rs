//! Nodes by number, without holes, in pieces that are never copied as a whole.

use std::ops::{Index, IndexMut};

const PIECE: usize = 256;

/// No node.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    /// All full but the last, none empty.
    pieces: Vec<Vec<T>>,
}

impl<T> Arena<T> {
    pub(super) const fn new() -> Self {
        Self { pieces: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.pieces.split_last().map_or(0, |(last, full)| full.len() * PIECE + last.len())
    }

    /// Adds a node and returns its number.
    pub(super) fn push(&mut self, node: T) -> u32 {
        let id = u32::try_from(self.len()).unwrap_or(NONE);
        assert!(id != NONE, "four billion nodes");
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(node),
            _ => self.pieces.push(vec![node]),
        }
        id
    }

    /// Removes a node. The last one takes its number; returns the number that one had, if it was another.
    pub(super) fn swap_remove(&mut self, id: u32) -> Option<u32> {
        let last = self.pieces.last_mut()?;
        let node = last.pop()?;
        if last.is_empty() {
            self.pieces.pop();
        } else if self.pieces.len() == 1 {
            // What was large and is small now does not keep a whole piece.
            give_back(&mut self.pieces[0]);
        }
        let old = u32::try_from(self.len()).unwrap_or(NONE);
        if old == id {
            return None;
        }
        self[id] = node;
        Some(old)
    }
}

/// What it takes.
impl<T> Arena<T> {
    /// Bytes of the nodes themselves.
    pub(super) fn heap_bytes(&self) -> usize {
        let nodes: usize = self.pieces.iter().map(Vec::capacity).sum();
        self.pieces.capacity() * size_of::<Vec<T>>() + nodes * size_of::<T>()
    }

    /// About what `of` makes of all nodes together: a number of them, spread over all, stands for the rest, so that it takes no longer for a
    /// million.
    pub(super) fn estimate(&self, of: impl Fn(&T) -> usize) -> usize {
        const LOOKED_AT: usize = 512;
        let step = self.len().div_ceil(LOOKED_AT).max(1);
        let (mut sum, mut count) = (0, 0);
        for at in (0..self.len()).step_by(step) {
            sum += of(&self.pieces[at / PIECE][at % PIECE]);
            count += 1;
        }
        (sum * self.len()).checked_div(count).unwrap_or(0)
    }
}

impl<T> Index<u32> for Arena<T> {
    type Output = T;

    #[inline]
    fn index(&self, id: u32) -> &T {
        &self.pieces[id as usize / PIECE][id as usize % PIECE]
    }
}

impl<T> IndexMut<u32> for Arena<T> {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.pieces[id as usize / PIECE][id as usize % PIECE]
    }
}

/// Makes room for `added` items more, in sizes that the allocator hands out without rounding.
pub(super) fn make_room<T>(items: &mut Vec<T>, added: usize) {
    let len = items.len() + added;
    if len > items.capacity() {
        items.reserve_exact(fitting::<T>(len) - items.len());
    }
}

/// Gives memory back when less than half of it is in use.
pub(super) fn give_back<T>(items: &mut Vec<T>) {
    if items.len() < items.capacity() / 2 {
        items.shrink_to(fitting::<T>(items.len()));
    }
}

/// Bytes that the allocator set aside for a list, room for more included.
pub(super) const fn room_bytes<T>(items: &Vec<T>) -> usize {
    match items.capacity() * size_of::<T>() {
        0 => 0,
        bytes => crate::table::size::class(bytes),
    }
}

fn fitting<T>(len: usize) -> usize {
    if len == 0 { 0 } else { crate::table::size::class(len * size_of::<T>()) / size_of::<T>() }
}
