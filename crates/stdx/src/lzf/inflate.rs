//! A block inflated piece by piece, in a buffer whose size does not depend on the block's.
//!
//! No instruction copies from further back than [`MAX_OFFSET`], so that much of what was made and what has not been looked at
//! yet is all that has to be there: enough to check what a stranger's block holds before memory is spent on it.

use super::decompress::{Instruction, MAX_MATCH, MAX_OFFSET, copy_within};

/// What [`Inflate::peek`] can be asked for.
pub const PEEK_BYTES: usize = MAX_OFFSET;
/// As far as it looks ahead when it has to inflate at all.
const FILL_BYTES: usize = MAX_OFFSET / 2;
/// History, what is ahead, and as much again so that moving them is rare.
const BUFFER_BYTES: usize = 3 * MAX_OFFSET;

/// The bytes that a block stands for, in order.
///
/// ```
/// use stdx::lzf::Inflate;
/// let mut bytes = Inflate::new(b"\x05abcabc\xe0\x2b\x02\x00a", Vec::new());
/// assert_eq!(bytes.peek(3).get(..3), Some(&b"abc"[..]));
/// bytes.consume(58);
/// assert_eq!(bytes.peek(2), b"a");
/// ```
#[derive(Debug, Default)]
pub struct Inflate<'a> {
    /// Instructions not yet followed.
    block: &'a [u8],
    /// The end of what they made so far.
    buffer: Vec<u8>,
    /// What of the buffer was consumed.
    consumed: usize,
}

impl<'a> Inflate<'a> {
    /// Begins with a block that [`check`](super::check) has accepted; any other ends where it is damaged. `buffer` is used, whatever it holds.
    #[must_use]
    pub fn new(block: &'a [u8], mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        buffer.reserve_exact(BUFFER_BYTES);
        Self { block, buffer, consumed: 0 }
    }

    /// The bytes to come: at least `len`, [`PEEK_BYTES`] at most, unless there are no more.
    pub fn peek(&mut self, len: usize) -> &[u8] {
        if self.buffer.len() - self.consumed < len {
            let ahead = len.clamp(FILL_BYTES, PEEK_BYTES);
            while self.buffer.len() - self.consumed < ahead && self.follow() {}
        }
        &self.buffer[self.consumed..]
    }

    /// Passes over so many bytes.
    pub fn consume(&mut self, mut len: usize) {
        loop {
            let step = self.peek(len.min(1)).len().min(len);
            self.consumed += step;
            len -= step;
            if len == 0 || step == 0 {
                return;
            }
        }
    }

    /// The buffer, for another block.
    #[must_use]
    pub fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Follows an instruction, if there is one.
    fn follow(&mut self) -> bool {
        let Ok(Some((instruction, rest))) = Instruction::read(self.block) else { return false };
        if self.buffer.len() + MAX_MATCH > BUFFER_BYTES {
            let past = self.consumed.min(self.buffer.len().saturating_sub(MAX_OFFSET));
            self.buffer.drain(..past);
            self.consumed -= past;
        }
        self.block = rest;
        match instruction {
            Instruction::Literal(bytes) => self.buffer.extend_from_slice(bytes),
            Instruction::Copy { distance, len } => return copy_within(&mut self.buffer, distance, len).is_ok(),
        }
        true
    }
}

/// A place to come back to. `clone_from` uses the buffer that is there.
impl Clone for Inflate<'_> {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.block, Vec::new());
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, other: &Self) {
        self.block = other.block;
        self.buffer.clear();
        self.buffer.reserve_exact(BUFFER_BYTES);
        self.buffer.extend_from_slice(&other.buffer);
        self.consumed = other.consumed;
    }
}

#[cfg(test)]
mod tests {
    use super::{Inflate, PEEK_BYTES};
    use crate::lzf::{compress, decompress};

    /// Reads all of it in steps of these lengths.
    fn read(mut bytes: Inflate<'_>, mut steps: impl Iterator<Item = usize>) -> Vec<u8> {
        let mut text = Vec::new();
        loop {
            let wanted = steps.next().unwrap_or(1).clamp(1, PEEK_BYTES);
            let piece = bytes.peek(wanted);
            if piece.is_empty() {
                return text;
            }
            let taken = piece.len().min(wanted);
            text.extend_from_slice(&piece[..taken]);
            bytes.consume(taken);
        }
    }

    #[test]
    fn in_whatever_steps_the_bytes_are_those_of_the_block() {
        arbtest::arbtest(|u| {
            let alphabet = u.int_in_range(1..=4)?;
            let len = u.int_in_range(0..=60_000)?;
            let seed: u64 = u.arbitrary()?;
            let mut state = seed | 1;
            let input: Vec<u8> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    state.to_be_bytes()[0] % alphabet
                })
                .collect();
            let Some(block) = compress(&input, input.len()) else { return Ok(()) };
            let step = u.int_in_range(1..=PEEK_BYTES)?;
            assert_eq!(read(Inflate::new(&block, Vec::new()), std::iter::repeat(step)), input);
            Ok(())
        });
    }

    #[test]
    fn the_longest_run_takes_no_more_room_than_a_short_one() {
        let block = b"\x00a".iter().chain(b"\xe0\xff\x00".repeat(10_000).iter()).copied().collect::<Vec<_>>();
        let mut bytes = Inflate::new(&block, Vec::new());
        let capacity = bytes.buffer.capacity();
        bytes.consume(264 * 10_000);
        assert_eq!(bytes.peek(2), b"a");
        assert_eq!(bytes.buffer.capacity(), capacity);
        bytes.consume(usize::MAX);
        assert_eq!(bytes.peek(1), b"");
    }

    #[test]
    fn a_copy_goes_on_where_it_was_made() {
        let text = (0..20_000_u32).flat_map(|number| (number % 700).to_le_bytes()).collect::<Vec<_>>();
        let block = compress(&text, text.len()).unwrap();
        assert_eq!(decompress(&block, text.len()).as_deref(), Ok(&text[..]));
        let mut bytes = Inflate::new(&block, Vec::new());
        bytes.consume(12_345);
        let mut copy = bytes.clone();
        bytes.consume(40_000);
        copy.clone_from(&copy.clone());
        assert_eq!(read(copy, std::iter::repeat(100)), text[12_345..]);
        assert_eq!(read(bytes, std::iter::repeat(8000)), text[52_345..]);
    }

    #[test]
    fn a_damaged_block_ends_where_it_is_damaged() {
        assert_eq!(read(Inflate::new(b"\x00a\x20\x01", Vec::new()), std::iter::repeat(1)), b"a");
        assert_eq!(read(Inflate::new(b"\x05abc", Vec::new()), std::iter::repeat(1)), b"");
    }
}
