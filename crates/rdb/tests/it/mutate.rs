//! Damage from a fixed sequence of numbers, so that a failure can be run again. Shared with `examples/damage.rs`.

/// A fixed sequence of numbers (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        // Bytes that mean something to the decoder come often.
        const TELLING: [u8; 12] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc2, 0xc3, 0xe0, 0xff];
        match self.below(2) {
            0 => TELLING[self.below(TELLING.len())],
            _ => u8::try_from(self.below(256)).unwrap(),
        }
    }

    /// One to four changes: bytes replaced, added, removed, cut off, repeated.
    pub(crate) fn damage(&mut self, body: &mut Vec<u8>) {
        for _ in 0..=self.below(4) {
            let at = self.below(body.len());
            match self.below(5) {
                0 => body[at] = self.byte(),
                1 => body.insert(at, self.byte()),
                2 if body.len() > 1 => drop(body.remove(at)),
                3 => body.truncate(at + 1),
                _ => {
                    let end = at + self.below(body.len() - at);
                    body.extend_from_within(at..end);
                }
            }
        }
    }
}
