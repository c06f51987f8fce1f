//! From the hash of a member to the leaf it lies in.
//!
//! Buckets of pairs (hash, leaf), each for a range of hashes and in their order. As hashes are evenly spread, a pair is close to the place
//! that its hash suggests: no empty slots, and one or two cache lines to look at. A full bucket splits alone; a directory tells which
//! bucket the first bits of a hash belong to. The order of hashes is also that of ZSCAN: its cursor is the next hash to tell, whatever
//! splits or merges in between.

use pack::prefetch;

use super::arena::{Arena, give_back, make_room, room_bytes};

/// A bucket splits when it has more.
const BUCKET_PAIRS: usize = 256;
/// It merges with its neighbour when it has fewer, and both together at most twice as many.
const SPARSE_PAIRS: usize = BUCKET_PAIRS / 8;

/// Most pairs are no further than this from where their hash suggests.
const GUESS_PAIRS: usize = 5;

/// The directory may have so many entries, and so many more for each bucket: hashes that share many bits cannot make it larger.
const DIRECTORY_FREE: usize = 4096;
const DIRECTORY_PER_BUCKET: usize = 8;

const HASH_BITS: u32 = u32::BITS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) hash: u32,
    pub(super) leaf: u32,
}

#[derive(Clone, Debug)]
struct Bucket {
    /// Ascending by hash.
    pairs: Vec<Pair>,
    /// The first `depth` bits of all hashes in it.
    prefix: u32,
    depth: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Index {
    /// For each beginning of a hash the number of its bucket.
    directory: Vec<u32>,
    buckets: Arena<Bucket>,
}

impl Default for Index {
    fn default() -> Self {
        let mut buckets = Arena::new();
        buckets.push(Bucket { pairs: Vec::new(), prefix: 0, depth: 0 });
        Self { directory: vec![0], buckets }
    }
}

impl Index {
    /// The pairs with this hash.
    #[inline]
    pub(super) fn pairs(&self, hash: u32) -> &[Pair] {
        let bucket = &self.buckets[self.bucket_of(hash)];
        let start = bucket.first(hash);
        let rest = &bucket.pairs[start..];
        let count = rest.iter().take_while(|pair| pair.hash == hash).count();
        &rest[..count]
    }

    pub(super) fn insert(&mut self, hash: u32, leaf: u32) {
        let mut id = self.bucket_of(hash);
        while self.buckets[id].pairs.len() >= BUCKET_PAIRS && self.may_split(id) {
            self.split(id);
            id = self.bucket_of(hash);
        }
        let bucket = &mut self.buckets[id];
        let at = bucket.first(hash);
        make_room(&mut bucket.pairs, 1);
        bucket.pairs.insert(at, Pair { hash, leaf });
    }

    /// The member with this hash lies in another leaf now.
    #[inline]
    pub(super) fn replace(&mut self, hash: u32, from: u32, to: u32) {
        let id = self.bucket_of(hash);
        let bucket = &mut self.buckets[id];
        if let Some(at) = bucket.find(hash, from) {
            bucket.pairs[at].leaf = to;
        }
    }

    pub(super) fn remove(&mut self, hash: u32, leaf: u32) {
        let id = self.bucket_of(hash);
        let bucket = &mut self.buckets[id];
        if let Some(at) = bucket.find(hash, leaf) {
            bucket.pairs.remove(at);
            give_back(&mut bucket.pairs);
            if bucket.pairs.len() < SPARSE_PAIRS {
                self.merge(id);
            }
        }
    }

    /// Asks for what finding a pair with this hash would read.
    pub(super) fn prefetch(&self, hash: u32) {
        let bucket = &self.buckets[self.bucket_of(hash)];
        let guess = bucket.guess(hash);
        for at in [guess.saturating_sub(GUESS_PAIRS), guess + GUESS_PAIRS] {
            prefetch::line(bucket.pairs.as_ptr().wrapping_add(at).cast());
        }
    }

    /// Tells the pairs from the hash `cursor` on until there were `count`, and all with the last one's hash. Returns the next hash, 0 at the
    /// end.
    pub(super) fn scan(&self, cursor: u64, count: usize, emit: &mut dyn FnMut(Pair)) -> u64 {
        let mut told = 0_usize;
        let mut next = cursor;
        while let Ok(hash) = u32::try_from(next) {
            let bucket = &self.buckets[self.bucket_of(hash)];
            let mut last = None;
            for pair in &bucket.pairs[bucket.first(hash)..] {
                if told >= count && last.is_some_and(|last| last != pair.hash) {
                    return u64::from(pair.hash);
                }
                emit(*pair);
                told += 1;
                last = Some(pair.hash);
            }
            next = bucket.end();
            if told >= count {
                return if next > u64::from(u32::MAX) { 0 } else { next };
            }
        }
        0
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let pairs = self.buckets.estimate(|bucket| room_bytes(&bucket.pairs));
        self.directory.capacity() * size_of::<u32>() + self.buckets.heap_bytes() + pairs
    }

    const fn depth(&self) -> u32 {
        self.directory.len().trailing_zeros()
    }

    #[inline]
    fn bucket_of(&self, hash: u32) -> u32 {
        let prefix = u64::from(hash) >> (HASH_BITS - self.depth());
        // A directory has at most 2^32 entries, fewer than a `usize` counts.
        self.directory[usize::try_from(prefix).unwrap_or(usize::MAX)]
    }

    fn may_split(&self, id: u32) -> bool {
        let (depth, directory) = (self.buckets[id].depth, self.directory.len());
        depth < self.depth()
            || depth < HASH_BITS && directory < DIRECTORY_FREE + DIRECTORY_PER_BUCKET * self.buckets.len()
    }

    fn split(&mut self, id: u32) {
        if self.buckets[id].depth == self.depth() {
            self.directory = self.directory.iter().flat_map(|id| [*id, *id]).collect();
        }
        let bucket = &mut self.buckets[id];
        bucket.depth += 1;
        bucket.prefix <<= 1;
        let (prefix, depth) = (bucket.prefix | 1, bucket.depth);
        let half = prefix << (HASH_BITS - depth);
        let at = bucket.pairs.partition_point(|pair| pair.hash < half);
        let mut pairs = Vec::new();
        make_room(&mut pairs, bucket.pairs.len() - at);
        pairs.extend(bucket.pairs.drain(at..));
        give_back(&mut bucket.pairs);
        let id = self.buckets.push(Bucket { pairs, prefix, depth });
        self.enter(id);
    }

    /// Merges a sparse bucket with its neighbour, if that has not been split further and is not full.
    fn merge(&mut self, id: u32) {
        let Bucket { prefix, depth, .. } = self.buckets[id];
        if depth == 0 {
            return;
        }
        let neighbour = self.directory[((prefix ^ 1) as usize) << (self.depth() - depth)];
        let together = self.buckets[id].pairs.len() + self.buckets[neighbour].pairs.len();
        if self.buckets[neighbour].depth != depth || together > 2 * SPARSE_PAIRS {
            return;
        }
        let (stays, goes) = if prefix & 1 == 0 { (id, neighbour) } else { (neighbour, id) };
        let right = std::mem::take(&mut self.buckets[goes].pairs);
        let left = &mut self.buckets[stays];
        make_room(&mut left.pairs, right.len());
        left.pairs.extend(right);
        left.depth -= 1;
        left.prefix >>= 1;
        self.enter(stays);
        if self.buckets.swap_remove(goes).is_some() {
            // Another bucket has this number now: perhaps the one that stays.
            self.enter(goes);
        }
        self.halve(depth);
    }

    /// Gives up the bits of the directory that no bucket looks at, where that is likely: after one `depth` deep went.
    fn halve(&mut self, depth: u32) {
        let pairwise_equal = |directory: &[u32]| directory.chunks(2).all(|pair| pair.first() == pair.last());
        // To look is as much work as to double was, so only where there are far fewer buckets than entries.
        if depth == self.depth() && self.directory.len() > 4 * self.buckets.len() && pairwise_equal(&self.directory) {
            self.directory = self.directory.iter().step_by(2).copied().collect();
        }
    }

    /// Enters the bucket for all beginnings of hashes that are its.
    fn enter(&mut self, id: u32) {
        let Bucket { prefix, depth, .. } = self.buckets[id];
        let shift = self.depth() - depth;
        let first = (prefix as usize) << shift;
        self.directory[first..first + (1 << shift)].fill(id);
    }
}

impl Bucket {
    /// The place of the first pair with this hash or a greater one.
    #[inline]
    fn first(&self, hash: u32) -> usize {
        let pairs = &self.pairs[..];
        let mut at = self.guess(hash);
        while at > 0 && pairs[at - 1].hash >= hash {
            at -= 1;
        }
        while at < pairs.len() && pairs[at].hash < hash {
            at += 1;
        }
        at
    }

    /// About where the hash is: the bits behind the prefix say how far on in the bucket.
    #[inline]
    fn guess(&self, hash: u32) -> usize {
        let share = u64::from(hash) << self.depth & u64::from(u32::MAX);
        usize::try_from((share * self.pairs.len() as u64) >> HASH_BITS).unwrap_or(0)
    }

    fn find(&self, hash: u32, leaf: u32) -> Option<usize> {
        let start = self.first(hash);
        let same = self.pairs[start..].iter().take_while(|pair| pair.hash == hash);
        same.into_iter().position(|pair| pair.leaf == leaf).map(|at| start + at)
    }

    /// The first hash behind the bucket.
    fn end(&self) -> u64 {
        (u64::from(self.prefix) + 1) << (HASH_BITS - self.depth)
    }
}
