//! The pages by number, in chunks: one list of them all would be copied whole whenever it grows, megabytes in a table of millions.

use std::ops::{Index, IndexMut};

use super::page::Page;

/// Pages of a chunk, 10 KiB.
const CHUNK: usize = 256;

#[derive(Clone, Debug, Default)]
pub(super) struct Pages {
    /// All full but the last, none empty.
    chunks: Vec<Vec<Page>>,
}

impl Pages {
    pub(super) const fn len(&self) -> usize {
        match self.chunks.as_slice() {
            [before @ .., last] => before.len() * CHUNK + last.len(),
            [] => 0,
        }
    }

    pub(super) fn get(&self, id: usize) -> Option<&Page> {
        self.chunks.get(id / CHUNK)?.get(id % CHUNK)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Page> + Clone {
        self.chunks.iter().flatten()
    }

    pub(super) fn push(&mut self, page: Page) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => {
                if chunk.len() == chunk.capacity() {
                    chunk.reserve_exact(chunk.len() / 4 + 1);
                }
                chunk.push(page);
            }
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(page);
                self.chunks.push(chunk);
            }
            None => self.chunks = vec![vec![page]],
        }
    }

    /// Takes a page out; the last one gets its number.
    pub(super) fn swap_remove(&mut self, id: usize) -> Page {
        let chunk = self.chunks.last_mut();
        let Some(last) = chunk.and_then(Vec::pop) else { return Page::default() };
        if self.chunks.last().is_some_and(Vec::is_empty) {
            self.chunks.pop();
        }
        if self.chunks.len() == 1 {
            let chunk = &mut self.chunks[0];
            if chunk.capacity() > 2 * chunk.len() + 8 {
                chunk.shrink_to_fit();
            }
            self.chunks.shrink_to_fit();
        }
        if id == self.len() { last } else { std::mem::replace(&mut self[id], last) }
    }

    /// Bytes of the list and of what the pages have allocated.
    pub(super) fn heap_bytes(&self) -> usize {
        let room = self.chunks.iter().map(Vec::capacity).sum::<usize>() * size_of::<Page>();
        let chunks = self.chunks.capacity() * size_of::<Vec<Page>>();
        chunks + room + self.iter().map(Page::heap_bytes).sum::<usize>()
    }
}

impl Index<usize> for Pages {
    type Output = Page;

    #[inline]
    fn index(&self, id: usize) -> &Page {
        &self.chunks[id / CHUNK][id % CHUNK]
    }
}

impl IndexMut<usize> for Pages {
    #[inline]
    fn index_mut(&mut self, id: usize) -> &mut Page {
        &mut self.chunks[id / CHUNK][id % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_keep_their_numbers_while_others_come_and_go() {
        let (mut pages, mut model) = (Pages::default(), Vec::new());
        let mut rng = fastrand::Rng::with_seed(4);
        for round in 0..6000_u32 {
            if model.is_empty() || rng.u32(..3) < if round < 3000 { 2 } else { 1 } {
                pages.push(Page::new(round, 0, 0, Vec::new(), 0, 0));
                model.push(round);
            } else {
                let id = rng.usize(..model.len());
                assert_eq!(pages.swap_remove(id).prefix, model.swap_remove(id));
            }
            assert_eq!(pages.len(), model.len());
            let id = rng.usize(..=model.len());
            assert_eq!(pages.get(id).map(|page| page.prefix), model.get(id).copied());
        }
        assert!(pages.iter().map(|page| page.prefix).eq(model));
    }
}
