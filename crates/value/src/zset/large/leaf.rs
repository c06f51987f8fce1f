//! A leaf: up to 64 entries in order, their members one after another.
//!
//! ```text
//! heads  score f64 | end u16 | tag u8     11 bytes each
//! text   member member member ...         entry i ends at byte `end` of it
//! ```
//!
//! A leaf has at most 4 KiB of text, unless it has one entry only, whose member then is as long as it likes.

use super::arena::{NONE, give_back, make_room, room_bytes};

pub(super) const LEAF_ENTRIES: usize = 64;
pub(super) const LEAF_TEXT_BYTES: usize = 4096;

#[derive(Clone, Copy, Debug)]
#[repr(C, packed)]
struct Head {
    score: f64,
    /// Where the member ends in the text; of no meaning in the last entry, which ends with it.
    end: u16,
    tag: u8,
}

#[derive(Clone, Debug)]
pub(super) struct Leaf {
    heads: Vec<Head>,
    text: Vec<u8>,
    /// The inner node above; none above the root.
    pub(super) parent: u32,
    pub(super) prev: u32,
    pub(super) next: u32,
}

impl Leaf {
    pub(super) const fn new() -> Self {
        Self { heads: Vec::new(), text: Vec::new(), parent: NONE, prev: NONE, next: NONE }
    }

    pub(super) const fn len(&self) -> usize {
        self.heads.len()
    }

    pub(super) const fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Bytes of its lists, room for more entries included: that is some tenth of a sorted set.
    pub(super) const fn heap_bytes(&self) -> usize {
        room_bytes(&self.heads) + room_bytes(&self.text)
    }

    /// Whether a member of `len` bytes can come in.
    pub(super) const fn has_room(&self, len: usize) -> bool {
        self.heads.is_empty() || self.heads.len() < LEAF_ENTRIES && self.text.len() + len <= LEAF_TEXT_BYTES
    }

    #[inline]
    pub(super) fn score(&self, at: usize) -> f64 {
        self.heads[at].score
    }

    #[inline]
    pub(super) fn member(&self, at: usize) -> &[u8] {
        &self.text[self.start(at)..self.end(at)]
    }

    #[inline]
    pub(super) fn entry(&self, at: usize) -> (f64, &[u8]) {
        (self.score(at), self.member(at))
    }

    /// The places of the entries with this tag.
    pub(super) fn tagged(&self, tag: u8) -> impl Iterator<Item = usize> + '_ {
        self.heads.iter().enumerate().filter(move |(_, head)| head.tag == tag).map(|(at, _)| at)
    }

    #[inline]
    pub(super) fn find(&self, tag: u8, member: &[u8]) -> Option<usize> {
        self.tagged(tag).find(|at| self.member(*at) == member)
    }

    /// How many entries at the front are as `is_before` says, which holds for those in front of some point and for no others.
    pub(super) fn partition(&self, is_before: impl Fn(f64, &[u8]) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if is_before(self.score(middle), self.member(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// About where half of it is: at least one entry lies on each side if there are two.
    pub(super) fn middle(&self) -> usize {
        let half = self.heads.iter().take_while(|head| usize::from(head.end) * 2 < self.text.len()).count();
        // Where most text belongs to a few members, halving the text is what makes room; elsewhere halving the entries.
        let middle = if self.text.len() * 2 > LEAF_TEXT_BYTES { half } else { self.len() / 2 };
        middle.clamp(1, self.len() - 1)
    }

    pub(super) fn insert(&mut self, at: usize, score: f64, member: &[u8], tag: u8) {
        let (start, len, old) = (self.start(at), member.len(), self.text.len());
        make_room(&mut self.text, len);
        self.text.resize(old + len, 0);
        self.text.copy_within(start..old, start + len);
        self.text[start..start + len].copy_from_slice(member);
        make_room(&mut self.heads, 1);
        self.heads.insert(at, Head { score, end: offset(start + len), tag });
        for head in &mut self.heads[at + 1..] {
            head.end = offset(usize::from(head.end) + len);
        }
    }

    pub(super) fn remove(&mut self, at: usize, count: usize) {
        let (start, end) = (self.start(at), self.end(at + count - 1));
        self.text.drain(start..end);
        self.heads.drain(at..at + count);
        for head in &mut self.heads[at..] {
            head.end = offset(usize::from(head.end).saturating_sub(end - start));
        }
        give_back(&mut self.text);
        give_back(&mut self.heads);
    }

    /// Appends copies of some entries of another leaf.
    pub(super) fn append(&mut self, other: &Self, from: usize) {
        let start = other.start(from);
        let base = self.text.len();
        make_room(&mut self.text, other.text.len() - start);
        self.text.extend_from_slice(&other.text[start..]);
        make_room(&mut self.heads, other.len() - from);
        let heads = other.heads[from..].iter();
        self.heads.extend(heads.map(|head| Head { end: offset(usize::from(head.end) - start + base), ..*head }));
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).map_or(0, |before| self.end(before))
    }

    fn end(&self, at: usize) -> usize {
        if at + 1 < self.heads.len() { usize::from(self.heads[at].end) } else { self.text.len() }
    }
}

/// An offset into the text. Only a leaf of one entry has greater ones, and does not look at them.
fn offset(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}
