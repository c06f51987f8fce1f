//! LZF, the compression inside RDB strings, byte for byte as liblzf 3.6 writes it.
//!
//! A compressed block is a run of instructions, told apart by the top three bits of their first byte:
//!
//! ```text
//! 000LLLLL  L+1 bytes                    literal: the next 1 to 32 bytes as they are
//! LLLooooo  oooooooo                     copy L+2 bytes (3 to 8) from offset+1 bytes back
//! 111ooooo  LLLLLLLL oooooooo            copy L+9 bytes (9 to 264) from offset+1 bytes back
//!
//! 05 616263616263 e0 2b 02 00 61         "abcabc", then 52 bytes from 3 back, then "a": 59 bytes in 12
//! ```
//!
//! Which matches the compressor finds depends on its hash table: 2^16 entries, the "very fast" hash, empty at the start. Any
//! block that decompresses right would be correct, but a dump that equals the original server's byte for byte can be
//! compared, deduplicated and tested; so [`compress`] keeps every habit of the original, down to where matches end before the
//! end of the input. Instead of a table cleared for each call (256 KiB, far more than most strings), one table a thread lives
//! on with a base that moves past every earlier position: an entry below the base counts as empty.
//!
//! Decompression takes any bytes. It first walks the instructions without writing, so a block that lies about its length is
//! refused before anything is allocated.

use std::cell::RefCell;
use std::fmt;

/// Entries of the hash table. Part of the format, in effect.
const TABLE_LEN: usize = 1 << 16;
const MAX_LITERAL: usize = 32;
const MAX_OFFSET: usize = 1 << 13;
const MAX_MATCH: usize = 264;
/// Bytes that the longest copy instruction makes of its three: no block expands more than this.
pub const MAX_EXPANSION: usize = MAX_MATCH / 3;

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
struct Table {
    /// Position + base, by hash; below the base: not seen in this input.
    seen: Box<[u32]>,
    base: u32,
}

impl Table {
    fn new() -> Self {
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

    fn compress(&mut self, input: &[u8], max_len: usize) -> Option<Vec<u8>> {
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

/// What is wrong with a compressed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LzfError {
    /// The block ends inside an instruction.
    Truncated,
    /// A copy reaches back before the first byte.
    OffsetBeforeStart,
    /// The instructions make another number of bytes than was declared.
    WrongLength,
}

impl fmt::Display for LzfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "compressed string ends inside an instruction",
            Self::OffsetBeforeStart => "compressed string copies from before its beginning",
            Self::WrongLength => "compressed string does not have the declared length",
        })
    }
}

impl std::error::Error for LzfError {}

/// The `len` bytes that `block` stands for.
///
/// # Errors
/// If `block` is damaged, or holds another number of bytes than `len`. Nothing is allocated then.
pub fn decompress(block: &[u8], len: usize) -> Result<Vec<u8>, LzfError> {
    if len > block.len().saturating_mul(MAX_EXPANSION) || check(block)? != len {
        return Err(LzfError::WrongLength);
    }
    let mut out = Vec::with_capacity(len);
    let mut rest = block;
    while let Some((instruction, after)) = Instruction::read(rest)? {
        match instruction {
            Instruction::Literal(bytes) => out.extend_from_slice(bytes),
            Instruction::Copy { distance, len } => copy_within(&mut out, distance, len)?,
        }
        rest = after;
    }
    Ok(out)
}

/// The number of bytes `block` stands for, found by walking its instructions.
///
/// # Errors
/// If `block` is damaged.
pub fn check(block: &[u8]) -> Result<usize, LzfError> {
    let mut total: usize = 0;
    let mut rest = block;
    while let Some((instruction, after)) = Instruction::read(rest)? {
        total += match instruction {
            Instruction::Literal(bytes) => bytes.len(),
            Instruction::Copy { distance, .. } if distance > total => return Err(LzfError::OffsetBeforeStart),
            Instruction::Copy { len, .. } => len,
        };
        rest = after;
    }
    Ok(total)
}

enum Instruction<'a> {
    Literal(&'a [u8]),
    Copy { distance: usize, len: usize },
}

impl<'a> Instruction<'a> {
    /// The first instruction of `block` and what follows it; `None` at the end.
    fn read(block: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, LzfError> {
        let Some((&head, rest)) = block.split_first() else { return Ok(None) };
        if usize::from(head) < MAX_LITERAL {
            let (bytes, rest) = rest.split_at_checked(usize::from(head) + 1).ok_or(LzfError::Truncated)?;
            return Ok(Some((Self::Literal(bytes), rest)));
        }
        let (extra, rest) = match (head >> 5, rest) {
            (7, [extra, rest @ ..]) => (usize::from(*extra), rest),
            (_, rest) => (0, rest),
        };
        let (&low, rest) = rest.split_first().ok_or(LzfError::Truncated)?;
        let distance = (usize::from(head & 0x1f) << 8 | usize::from(low)) + 1;
        Ok(Some((Self::Copy { distance, len: usize::from(head >> 5) + extra + 2 }, rest)))
    }
}

/// Appends `len` bytes from `distance` back; the source may overlap what is being written.
fn copy_within(out: &mut Vec<u8>, distance: usize, len: usize) -> Result<(), LzfError> {
    let start = out.len().checked_sub(distance).ok_or(LzfError::OffsetBeforeStart)?;
    let mut left = len;
    // Each round copies all that lies behind `start`, so overlapping runs double.
    while left > 0 {
        let take = left.min(out.len() - start);
        out.extend_from_within(start..start + take);
        left -= take;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LzfError, MAX_EXPANSION, Table, compress, decompress};

    #[test]
    fn worked_example_of_the_module_comment() {
        let block = b"\x05abcabc\xe0\x2b\x02\x00a";
        let text = b"abc".repeat(20);
        assert_eq!(decompress(block, 59).unwrap(), text[..58].iter().chain(b"a").copied().collect::<Vec<_>>());
    }

    #[test]
    fn any_input_comes_back() {
        arbtest::arbtest(|u| {
            let alphabet = u.int_in_range(1..=255)?;
            let len = u.int_in_range(0..=3000)?;
            let input: Vec<u8> = (0..len).map(|_| u.int_in_range(0..=alphabet)).collect::<Result<_, _>>()?;
            let room = u.int_in_range(0..=input.len() + 100)?;
            if let Some(block) = compress(&input, room) {
                assert!(block.len() <= room);
                assert_eq!(decompress(&block, input.len()).as_deref(), Ok(&input[..]));
            }
            Ok(())
        });
    }

    #[test]
    fn what_was_compressed_before_does_not_show() {
        let mut used = Table::new();
        for round in 0..200_u32 {
            let input: Vec<u8> = (0..600 + round).map(|at| (at * at / 7 % (round + 2)).to_le_bytes()[0]).collect();
            assert_eq!(used.compress(&input, input.len()), Table::new().compress(&input, input.len()));
        }
        used.base = u32::MAX / 2 + 1;
        let input = b"abcabcabcabcabcabcabcabcabcabc";
        assert_eq!(used.compress(input, 26), Table::new().compress(input, 26));
    }

    #[test]
    fn damaged_blocks_are_refused() {
        for (block, len, error) in [
            (&b"\x05abc"[..], 6, LzfError::Truncated),
            (b"\x00a\xe0", 12, LzfError::Truncated),
            (b"\x00a\xe0\x01", 12, LzfError::Truncated),
            (b"\x00a\x20", 12, LzfError::Truncated),
            (b"\x20\x00", 3, LzfError::OffsetBeforeStart),
            (b"\x00a\x20\x01", 4, LzfError::OffsetBeforeStart),
            (b"\x00a\x20\x00", 5, LzfError::WrongLength),
            (b"\x00a\x20\x00", 3, LzfError::WrongLength),
            (b"", 1, LzfError::WrongLength),
            (b"\x00a", usize::MAX, LzfError::WrongLength),
        ] {
            assert_eq!(decompress(block, len), Err(error), "{block:?}");
        }
        assert_eq!(decompress(b"", 0), Ok(Vec::new()));
    }

    #[test]
    fn longest_run_reaches_the_greatest_expansion() {
        let block = b"\x00a".iter().chain(b"\xe0\xff\x00".repeat(100).iter()).copied().collect::<Vec<_>>();
        let text = decompress(&block, 1 + 264 * 100).unwrap();
        assert!(text.iter().all(|&byte| byte == b'a'));
        assert!(text.len() <= block.len() * MAX_EXPANSION);
    }
}
