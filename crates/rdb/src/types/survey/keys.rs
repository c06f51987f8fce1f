//! That no key comes twice, in bounded memory and whatever the keys are.
//!
//! Each key leaves a keyed hash of 64 bits, so that nobody can prepare keys that collide. The hashes are sorted; equal neighbours
//! are suspects. A second walk tells whether two keys with a suspected hash are equal in a second hash as well: then they are the same.
//! (For two different keys to agree in both takes 2^64 keys.)
//!
//! If the hashes do not fit, those of the upper half of what is wanted are dropped and left to a further walk. The elements of a payload fit
//! as they are; only those that a compressed string stands for can be more.

use value::table::{PieceHasher, hash_of};

const HASH_BYTES: usize = 8;
/// Suspects beyond these are not needed: one that is a duplicate is enough.
const MAX_SUSPECTS: usize = 64;

/// What the second hash begins with.
const SECOND: &[u8] = b"a second look";

/// The keys of a value.
#[derive(Debug)]
pub(super) struct Keys {
    hashes: Vec<u64>,
    /// As many as may be kept.
    room: usize,
    /// The least hash that this walk is about.
    from: u64,
    /// The least that it is not, and that is left to the next.
    to: Option<u64>,
    suspects: Vec<u64>,
    /// In the last walk, both hashes of keys that are suspected.
    known: Option<Vec<(u64, u64)>>,
}

/// A key on its way.
pub(super) struct Key {
    first: PieceHasher,
    second: Option<PieceHasher>,
}

impl Key {
    pub(super) fn write(&mut self, piece: &[u8]) {
        self.first.write(piece);
        if let Some(second) = &mut self.second {
            second.write(piece);
        }
    }
}

impl Keys {
    /// With so many bytes for hashes.
    pub(super) const fn new(bytes: usize) -> Self {
        Self { hashes: Vec::new(), room: bytes / HASH_BYTES, from: 0, to: None, suspects: Vec::new(), known: None }
    }

    pub(super) fn begin(&self) -> Key {
        let second = self.known.is_some().then(second_hasher);
        Key { first: PieceHasher::new(), second }
    }

    /// Takes a key that is whole. False if it is known to have come before.
    pub(super) fn whole(&mut self, key: &[u8]) -> bool {
        self.note(hash_of(key), || {
            let mut second = second_hasher();
            second.write(key);
            second.finish()
        })
    }

    /// Takes a key. False if it is known to have come before.
    pub(super) fn end(&mut self, key: &Key) -> bool {
        let first = key.first.finish();
        self.note(first, || key.second.map_or(0, |second| second.finish()))
    }

    /// Takes a number that is a key.
    pub(super) fn number(&mut self, number: u64) -> bool {
        self.note(number, || 0)
    }

    /// Both hashes of a text that comes in pieces.
    pub(super) fn hashes_of(pieces: impl FnOnce(&mut dyn FnMut(&[u8]))) -> [u64; 2] {
        let (mut first, mut second) = (PieceHasher::new(), second_hasher());
        pieces(&mut |piece| {
            first.write(piece);
            second.write(piece);
        });
        [first.finish(), second.finish()]
    }

    fn note(&mut self, first: u64, second: impl FnOnce() -> u64) -> bool {
        if let Some(known) = &mut self.known {
            if !self.suspects.contains(&first) {
                return true;
            }
            let both = (first, second());
            let is_new = !known.contains(&both);
            known.push(both);
            return is_new;
        }
        if first >= self.from && self.to.is_none_or(|to| first < to) {
            if self.hashes.len() == self.hashes.capacity() {
                self.make_room();
            }
            if self.to.is_none_or(|to| first < to) {
                self.hashes.push(first);
            }
        }
        true
    }

    fn make_room(&mut self) {
        if self.hashes.capacity() == 0 {
            self.hashes.reserve_exact(self.room);
            return;
        }
        self.find_suspects();
        let half = self.hashes.len() / 2;
        if half > self.room / 4
            && let Some(middle) = self.hashes.get(half)
        {
            self.to = Some(*middle);
            self.hashes.truncate(half);
        }
    }

    /// Sorts the hashes, and takes out what is there twice.
    fn find_suspects(&mut self) {
        self.hashes.sort_unstable();
        for pair in self.hashes.windows(2) {
            if let [one, other] = pair
                && one == other
                && self.suspects.len() < MAX_SUSPECTS
                && self.suspects.last() != Some(one)
            {
                self.suspects.push(*one);
            }
        }
        self.hashes.dedup();
    }

    /// After a walk: whether there must be another.
    pub(super) fn want_another_walk(&mut self) -> bool {
        if self.known.is_some() {
            return false;
        }
        self.find_suspects();
        self.hashes.clear();
        if let Some(to) = self.to.take() {
            self.from = to;
            return true;
        }
        if self.suspects.is_empty() {
            return false;
        }
        self.known = Some(Vec::new());
        true
    }
}

fn second_hasher() -> PieceHasher {
    let mut hasher = PieceHasher::new();
    hasher.write(SECOND);
    hasher
}

#[cfg(test)]
mod tests {
    use super::Keys;

    /// Whether a key comes twice, and how many walks it took to know.
    fn walk(keys: &[Vec<u8>], bytes: usize) -> (bool, usize) {
        let mut known = Keys::new(bytes);
        let mut walks = 0;
        loop {
            walks += 1;
            for text in keys {
                let mut key = known.begin();
                text.chunks(3).for_each(|piece| key.write(piece));
                if !known.end(&key) {
                    return (true, walks);
                }
            }
            assert!(known.hashes.capacity() * 8 <= bytes);
            if !known.want_another_walk() {
                return (false, walks);
            }
        }
    }

    fn keys(count: u32) -> Vec<Vec<u8>> {
        (0..count).map(|number| number.to_string().into_bytes()).collect()
    }

    #[test]
    fn a_key_that_comes_twice_is_found_wherever_it_stands() {
        let mut keys = keys(1000);
        assert_eq!(walk(&keys, 1 << 20), (false, 1));
        for at in [0, 1, 500, 998] {
            keys.push(keys[at].clone());
            assert_eq!(walk(&keys, 1 << 20), (true, 2));
            keys.pop();
        }
    }

    #[test]
    fn too_little_memory_takes_more_walks_and_finds_the_same() {
        let mut keys = keys(10_000);
        let (twice, walks) = walk(&keys, 8 * 1000);
        assert!(!twice && (10..60).contains(&walks), "{walks}");
        keys.push(b"77".to_vec());
        let (twice, more) = walk(&keys, 8 * 1000);
        assert!(twice && more == walks + 1, "{more}");
    }

    #[test]
    fn a_key_that_comes_a_hundred_thousand_times_takes_one_place() {
        let keys = vec![b"x".to_vec(); 100_000];
        assert_eq!(walk(&keys, 8 * 100), (true, 2));
    }

    #[test]
    fn a_key_in_pieces_is_the_same_as_a_whole_one() {
        let mut known = Keys::new(800);
        for walk in 0..2 {
            assert!(known.whole(b"a long key"));
            let mut key = known.begin();
            [&b"a long"[..], b" key"].iter().for_each(|piece| key.write(piece));
            assert_eq!(known.end(&key), walk == 0);
            assert_eq!(known.want_another_walk(), walk == 0);
        }
    }

    #[test]
    fn numbers_are_their_own_hashes() {
        let mut known = Keys::new(800);
        assert!([5, 3, u64::MAX, 0].into_iter().all(|number| known.number(number)));
        assert!(!known.want_another_walk());
        let mut known = Keys::new(800);
        assert!([5, 3, 5].into_iter().all(|number| known.number(number)));
        assert!(known.want_another_walk());
        assert_eq!([5, 3, 5].map(|number| known.number(number)), [true, true, false]);
    }
}
