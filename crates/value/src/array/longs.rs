//! The texts of an array that do not fit into a word, each at a place that stays the same while it lives.
//!
//! Kept in chunks, so that growing never copies more than one of them. A freed place holds the number of the next free one.

/// Places of a chunk: 8 KiB.
const CHUNK: usize = 512;
/// Ends the list of free places.
const NO_PLACE: usize = usize::MAX;

#[derive(Clone, Debug)]
enum Cell {
    Text(Box<[u8]>),
    Free { next: usize },
}

const _: () = assert!(size_of::<Cell>() == 16);

/// Long texts by place.
#[derive(Clone, Debug)]
pub(super) struct Longs {
    chunks: Vec<Vec<Cell>>,
    free: usize,
    live: usize,
    bytes: usize,
}

impl Default for Longs {
    fn default() -> Self {
        Self { chunks: Vec::new(), free: NO_PLACE, live: 0, bytes: 0 }
    }
}

impl Longs {
    /// Keeps `text` and tells where.
    pub(super) fn put(&mut self, text: &[u8]) -> usize {
        self.live += 1;
        self.bytes += text.len();
        let cell = Cell::Text(text.into());
        let place = self.free;
        if let Some(free) = self.chunks.get_mut(place / CHUNK).and_then(|chunk| chunk.get_mut(place % CHUNK)) {
            if let Cell::Free { next } = free {
                self.free = *next;
            }
            *free = cell;
            return place;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::new());
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else { return before };
        chunk.push(cell);
        before + chunk.len() - 1
    }

    /// The text at `place`.
    pub(super) fn get(&self, place: usize) -> &[u8] {
        match self.chunks.get(place / CHUNK).and_then(|chunk| chunk.get(place % CHUNK)) {
            Some(Cell::Text(text)) => text,
            Some(Cell::Free { .. }) | None => &[],
        }
    }

    /// Gives `place` free.
    pub(super) fn free(&mut self, place: usize) {
        let next = self.free;
        let Some(cell) = self.chunks.get_mut(place / CHUNK).and_then(|chunk| chunk.get_mut(place % CHUNK)) else {
            return;
        };
        let Cell::Text(text) = cell else { return };
        self.bytes -= text.len();
        self.live -= 1;
        *cell = Cell::Free { next };
        self.free = place;
        if self.live == 0 {
            *self = Self::default();
        }
    }

    /// Bytes of heap, about.
    pub(super) fn heap_bytes(&self) -> usize {
        self.bytes + self.chunks.len() * CHUNK * size_of::<Cell>()
    }

    #[cfg(test)]
    pub(super) fn live(&self) -> usize {
        self.live
    }
}
