//! The longest common subsequence of two byte strings, 64 cells of its table at a time.
//!
//! The table has a row for each prefix of `a`, a column for each prefix of `b`, and in each cell the length of the longest
//! common subsequence of both. Along a row a cell is its left neighbour's or one more, so a row is a string of bits:
//!
//! ```text
//!            b =  c  a  b        bits of the row ("rises": 1 more than the cell to the left)
//!              0  0  0  0
//! a =  a       0  0  1  1        0 1 0
//!      b       0  0  1  2        0 1 1
//!      c       0  1  1  2        1 0 1
//! ```
//!
//! The next row follows from a row and the bits where `b` has the byte of `a` by an addition with carry and three logical
//! operations on whole words (Hyyroe, "Bit-Parallel LCS-length Computation Revisited", 2004), kept complemented as there: a bit is
//! clear where the row rises.
//!
//! Which of several longest ones is found shows in the answer, so the walk is the servers': from the last cell, diagonally over
//! equal bytes, else up where the cell above is greater than the one to the left, else left. At unequal bytes the greater of the
//! two is the cell's own value, hence up exactly where the row rises: the bits are all the walk needs. They are not kept for
//! all rows but for every [`SPACING`]th, and computed again for the stretch that the walk is in.
//!
//! Rejected: the table itself, 4 bytes a cell (512 MiB for the longest strings allowed, and half a second to fill; this takes at
//! most a tenth of that, for strings of like length a thousandth, and some milliseconds), and Hirschberg's halving, which finds
//! another of the longest.

/// Rows between those that are kept.
const SPACING: usize = 256;

const WORD_BITS: usize = u64::BITS as usize;

/// The indexes of a byte of the subsequence in both strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) first: usize,
    pub(super) second: usize,
}

/// The length of the longest common subsequence.
///
/// ```text
/// len(b"ohmytext", b"mynewtext") == 6    // mytext
/// ```
pub(super) fn len(a: &[u8], b: &[u8]) -> usize {
    let prefix = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[prefix..], &b[prefix..]);
    let suffix = common_suffix(a, b);
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    // Few rows of many bits are faster than many rows of few.
    let (rows, columns) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let places = Places::new(rows, columns);
    let mut row = places.first_row();
    for &byte in rows {
        places.next_row(byte, &mut row);
    }
    let clear = row.iter().map(|word| word.count_zeros() as usize).sum::<usize>();
    prefix + clear + suffix
}

/// Calls `visit` with each byte of the longest common subsequence, from the last to the first.
pub(super) fn walk_back(a: &[u8], b: &[u8], mut visit: impl FnMut(Pair)) {
    // The walk is diagonal over what both end with, whatever comes before.
    let suffix = common_suffix(a, b);
    for back in 1..=suffix {
        visit(Pair { first: a.len() - back, second: b.len() - back });
    }
    let (a, b) = (&a[..a.len() - suffix], &b[..b.len() - suffix]);
    let places = Places::new(a, b);
    let mut kept = kept_rows(&places, a);
    let mut rows = Vec::with_capacity((a.len().min(SPACING) + 1) * places.words);
    let mut column = b.len();
    for (index, stretch) in a.chunks(SPACING).enumerate().rev() {
        rows.clear();
        rows.extend(kept.drain(kept.len() - places.words..));
        for &byte in stretch {
            rows.extend_from_within(rows.len() - places.words..);
            let at = rows.len() - places.words;
            places.next_row(byte, &mut rows[at..]);
        }
        // Row 0 of `rows` is the kept one; row r + 1 belongs to byte r of the stretch.
        for row in (0..stretch.len()).rev() {
            let byte = stretch[row];
            let bits = &rows[(row + 1) * places.words..(row + 2) * places.words];
            let Some(stop) = places.left_to_stop(byte, bits, column) else { return };
            if b[stop] == byte {
                visit(Pair { first: index * SPACING + row, second: stop });
                column = stop;
            } else {
                column = stop + 1;
            }
        }
    }
}

fn common_suffix(a: &[u8], b: &[u8]) -> usize {
    a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Rows 0, [`SPACING`], 2 * [`SPACING`] ... one behind the other, up to the last that a stretch of `a` begins with.
fn kept_rows(places: &Places, a: &[u8]) -> Vec<u64> {
    let mut kept = Vec::with_capacity(a.len().div_ceil(SPACING) * places.words);
    let mut row = places.first_row();
    for stretch in a.chunks(SPACING) {
        kept.extend_from_slice(&row);
        for &byte in stretch {
            places.next_row(byte, &mut row);
        }
    }
    kept
}

/// Where each byte of the rows' string stands in the columns' string, as bits.
struct Places {
    /// Words in a row.
    words: usize,
    /// By byte: which of the bit strings is its, counted in words.
    starts: [usize; 256],
    bits: Vec<u64>,
}

impl Places {
    fn new(rows: &[u8], columns: &[u8]) -> Self {
        let words = columns.len().div_ceil(WORD_BITS);
        // Bytes that the rows lack need no bits: a short string against a long one would pay for all 256.
        let mut present = [false; 256];
        for &byte in rows {
            present[usize::from(byte)] = true;
        }
        let mut starts = [0; 256];
        let mut len = 0;
        for (start, _) in starts.iter_mut().zip(present).filter(|(_, present)| *present) {
            *start = len;
            len += words;
        }
        let mut bits = vec![0; len];
        for (column, &byte) in columns.iter().enumerate().filter(|(_, byte)| present[usize::from(**byte)]) {
            bits[starts[usize::from(byte)] + column / WORD_BITS] |= 1 << (column % WORD_BITS);
        }
        Self { words, starts, bits }
    }

    /// The row of the empty prefix: it rises nowhere.
    fn first_row(&self) -> Vec<u64> {
        vec![u64::MAX; self.words]
    }

    /// Makes of a row the next one, for the prefix that ends with `byte`, which is one of the rows' string.
    fn next_row(&self, byte: u8, row: &mut [u64]) {
        let start = self.starts[usize::from(byte)];
        let mut carry = false;
        for (word, &places) in row.iter_mut().zip(&self.bits[start..start + self.words]) {
            let (sum, carried) = word.overflowing_add(*word & places);
            let (sum, carried_twice) = sum.overflowing_add(u64::from(carry));
            carry = carried || carried_twice;
            *word = sum | (*word & !places);
        }
    }

    /// The last column before `column` where a walk to the left along the row of `byte` stops: the bytes are equal there, or the
    /// row rises. `None`: it goes on to the edge.
    fn left_to_stop(&self, byte: u8, row: &[u64], column: usize) -> Option<usize> {
        let start = self.starts[usize::from(byte)];
        let mut end = column;
        while end > 0 {
            let word = (end - 1) / WORD_BITS;
            // The bits from `end` on are shifted out at the top.
            let beyond = (word + 1) * WORD_BITS - end;
            let stops = (!row[word] | self.bits[start + word]) << beyond;
            if stops != 0 {
                return Some(end - 1 - stops.leading_zeros() as usize);
            }
            end = word * WORD_BITS;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table, cell by cell, and the walk through it.
    fn by_table(a: &[u8], b: &[u8]) -> Vec<Pair> {
        let mut table = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate() {
                table[i + 1][j + 1] = if x == y { table[i][j] + 1 } else { table[i][j + 1].max(table[i + 1][j]) };
            }
        }
        let (mut i, mut j) = (a.len(), b.len());
        let mut pairs = Vec::new();
        while i > 0 && j > 0 {
            if a[i - 1] == b[j - 1] {
                (i, j) = (i - 1, j - 1);
                pairs.push(Pair { first: i, second: j });
            } else if table[i - 1][j] > table[i][j - 1] {
                i -= 1;
            } else {
                j -= 1;
            }
        }
        pairs
    }

    fn agree(a: &[u8], b: &[u8]) {
        let expected = by_table(a, b);
        let mut pairs = Vec::new();
        walk_back(a, b, |pair| pairs.push(pair));
        assert_eq!(pairs, expected, "{a:?} {b:?}");
        assert_eq!(len(a, b), expected.len(), "{a:?} {b:?}");
    }

    #[test]
    fn the_bits_find_what_the_table_finds() {
        arbtest::arbtest(|u| {
            // A small alphabet makes ties; lengths on both sides of a word and of the spacing make carries and stretches.
            let alphabet = u.int_in_range(1..=6)?;
            let mut string = |max| -> arbitrary::Result<Vec<u8>> {
                let len = u.int_in_range(0..=max)?;
                (0..len).map(|_| Ok(b'a' + u.int_in_range(0..=alphabet)?)).collect()
            };
            let (a, b) = (string(700)?, string(200)?);
            agree(&a, &b);
            agree(&b, &a);
            Ok(())
        });
    }

    #[test]
    fn short_strings_are_all_right() {
        let strings: Vec<Vec<u8>> = (0..=4_u32)
            .flat_map(|len| {
                (0..3_u32.pow(len))
                    .map(move |code| (0..len).map(|at| b"abc"[(code / 3_u32.pow(at) % 3) as usize]).collect())
            })
            .collect();
        for a in &strings {
            for b in &strings {
                agree(a, b);
            }
        }
    }

    #[test]
    fn edges_of_words_and_stretches_are_all_right() {
        for len_a in [1, 63, 64, 65, SPACING - 1, SPACING, SPACING + 1, 2 * SPACING + 1] {
            for len_b in [1, 63, 64, 65, 127, 128, 129] {
                let a: Vec<u8> = (0..len_a).map(|at| b"abcab"[at % 5]).collect();
                let b: Vec<u8> = (0..len_b).map(|at| b"acb"[at % 3]).collect();
                agree(&a, &b);
                agree(&a, &vec![b'z'; len_b]);
                agree(&vec![b'a'; len_a], &vec![b'a'; len_b]);
            }
        }
    }

    #[test]
    fn ties_are_broken_as_the_servers_break_them() {
        // Asked of Redis 8.0.6: LCS fahd acbfhdgbda is `ahd`, and IDX tells where.
        let mut pairs = Vec::new();
        walk_back(b"fahd", b"acbfhdgbda", |pair| pairs.push((pair.first, pair.second)));
        assert_eq!(pairs, [(3, 8), (2, 4), (1, 0)]);
    }
}
