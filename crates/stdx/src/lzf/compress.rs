//! The compressor, with every habit of the original.

use std::cell::RefCell;

use super::decompress::{MAX_LITERAL, MAX_MATCH, MAX_OFFSET};

/// Entries of the hash table. Part of the format, in effect.
const TABLE_LEN: usize = 1 << 16;

/// Compresses `input` into at most `max_len` bytes, or `None` if it does not get that small.
///
/// An RDB string is compressed when it is longer than 20 bytes, with `max_len` 4 less than its length. Inputs of 2 GiB and more are left
/// alone.
///
/// ```
/// use stdx::lzf;
/// let text = b"abcabcabcabcabcabcabcabcabcabc";
/// let packed = lzf::compress(text, text.len() - 4).unwrap();
/// assert_eq!(packed, b"\x03abca\xe0\x0f\x02\x01bc");
/// assert_eq!(lzf::decompress(&packed, text.len()).unwrap(), text);
/// ```
#[must_use]
pub fn compress(input: &[u8], max_len: usize) -> Option<Vec<u8>> {
    thread_local! {
        static TABLE: RefCell<Table> = RefCell::new(Table::new());
    }
    TABLE.with_borrow_mut(|table| table.compress(input, max_len))
}

/// Where each three-byte sequence was last seen.
pub(super) struct Table {
    /// Position + base, by hash; below the base: not seen in this input.
    seen: Box<[u32]>,
    pub(super) base: u32,
}

impl Table {
    pub(super) fn new() -> Self {
        Self { seen: vec![0; TABLE_LEN].into_boxed_slice(), base: 1 }
    }

    /// The last position of the sequence whose first byte is at `at`, if any; `at` takes its place.
    fn exchange(&mut self, input: &[u8], at: usize) -> Option<usize> {
        let [first, second, third] = *input.get(at..)?.first_chunk()?;
        let sequence = u32::from_be_bytes([0, first, second, third]);
        let hash = (sequence >> 8).wrapping_sub(sequence.wrapping_mul(5));
        let slot = &mut self.seen[hash as usize % TABLE_LEN];
        let here = self.base + u32::try_from(at).unwrap_or(0);
        let before = std::mem::replace(slot, here);
        before.checked_sub(self.base).map(|position| position as usize)
    }

    pub(super) fn compress(&mut self, input: &[u8], max_len: usize) -> Option<Vec<u8>> {
        let span = u32::try_from(input.len()).ok().filter(|&len| len <= u32::MAX / 2)?;
        if input.is_empty() || max_len == 0 {
            return None;
        }
        if self.base > u32::MAX / 2 {
            self.seen.fill(0);
            self.base = 1;
        }
        let packed = self.run(input, max_len);
        self.base += span;
        packed
    }

    fn run(&mut self, input: &[u8], max_len: usize) -> Option<Vec<u8>> {
        let mut out = Output { bytes: Vec::with_capacity(max_len.min(input.len())), literals: 0 };
        out.start_run();
        let mut at = 0;
        // Matches are looked for up to the last whole sequence.
        while at + 2 < input.len() {
            let Some((offset, len)) = self.find(input, at) else {
                if out.bytes.len() >= max_len {
                    return None;
                }
                out.literal(input[at]);
                at += 1;
                continue;
            };
            // The original wants room for the longest instruction and one byte more, whatever this one takes.
            let empty_run = usize::from(out.literals == 0);
            if out.bytes.len() - empty_run + 4 >= max_len {
                return None;
            }
            out.copy(offset, len);
            at += len;
            if at + 2 >= input.len() {
                break;
            }
            // The matched bytes are not hashed but for the last two, so that a match may start there later.
            self.exchange(input, at - 2);
            self.exchange(input, at - 1);
        }
        if out.bytes.len() + 3 > max_len {
            return None;
        }
        for &byte in &input[at..] {
            out.literal(byte);
        }
        Some(out.finish())
    }

    /// A match for what stands at `at`: offset (distance less one) and length.
    fn find(&mut self, input: &[u8], at: usize) -> Option<(usize, usize)> {
        // The original cannot tell position 0 from an empty entry and takes it for one.
        let from = self.exchange(input, at).filter(|&from| from > 0)?;
        let offset = at - from - 1;
        if offset >= MAX_OFFSET || input[from..from + 3] != input[at..at + 3] {
            return None;
        }
        // It also stops two bytes before the end. But the first three bytes are known to match by then, and where 17 or more are
        // allowed it compares 16 further ones without looking at the limit.
        let allowed = (input.len() - at - 2).min(MAX_MATCH);
        let limit = allowed.max(if allowed > 16 { 19 } else { 3 });
        Some((offset, 3 + common_prefix(&input[from + 3..], &input[at + 3..at + limit])))
    }
}

/// How many bytes `b` begins with that `a` begins with too; `a` is at least as long.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let (a_words, b_words) = (a.chunks_exact(8), b.chunks_exact(8));
    let same = a_words.zip(b_words).take_while(|(a, b)| a == b).count() * 8;
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

/// The block being written: a literal run is always open, its length byte filled in when it ends.
struct Output {
    bytes: Vec<u8>,
    literals: usize,
}

impl Output {
    fn start_run(&mut self) {
        self.bytes.push(0);
        self.literals = 0;
    }

    fn literal(&mut self, byte: u8) {
        self.bytes.push(byte);
        self.literals += 1;
        if self.literals == MAX_LITERAL {
            self.end_run();
            self.start_run();
        }
    }

    fn end_run(&mut self) {
        let head = self.bytes.len() - self.literals - 1;
        match self.literals.checked_sub(1) {
            Some(less_one) => self.bytes[head] = low_byte(less_one),
            None => self.bytes.truncate(head),
        }
    }

    fn copy(&mut self, offset: usize, len: usize) {
        self.end_run();
        let high = low_byte(offset >> 8);
        match len - 2 {
            short @ ..7 => self.bytes.push(high | low_byte(short) << 5),
            long => self.bytes.extend_from_slice(&[high | 7 << 5, low_byte(long - 7)]),
        }
        self.bytes.push(low_byte(offset));
        self.start_run();
    }

    fn finish(mut self) -> Vec<u8> {
        self.end_run();
        self.bytes
    }
}

fn low_byte(wide: usize) -> u8 {
    u8::try_from(wide & 0xff).unwrap_or(0)
}
