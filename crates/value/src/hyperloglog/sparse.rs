//! Registers as runs.
//!
//! Raising one register splits the run it lies in into up to three and joins what has become equal to a neighbour, as far as a run may be
//! long. What the bytes are depends on the order of the changes, so the steps are those of Redis: only runs of values are joined, only
//! next to the change, from left to right.

use super::registers::REGISTERS;

const ZERO_MAX: usize = 64;
const VALUE_MAX: u8 = 32;
const VALUE_RUN_MAX: usize = 4;

/// A run of equal registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Zeros in one byte.
    Zeros(usize),
    /// Zeros in two bytes.
    ManyZeros(usize),
    Values {
        value: u8,
        len: usize,
    },
}

impl Run {
    /// The run that `bytes` begins with.
    fn decode(bytes: &[u8]) -> Option<Self> {
        Some(match *bytes {
            [first @ 0..=0x3f, ..] => Self::Zeros(usize::from(first) + 1),
            [first @ 0x40..=0x7f, second, ..] => {
                Self::ManyZeros((usize::from(first & 0x3f) << 8 | usize::from(second)) + 1)
            }
            [first @ 0x80..=0xff, ..] => {
                Self::Values { value: (first >> 2 & 0x1f) + 1, len: usize::from(first & 3) + 1 }
            }
            _ => return None,
        })
    }

    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "no run is empty")]
    pub const fn len(self) -> usize {
        match self {
            Self::Zeros(len) | Self::ManyZeros(len) | Self::Values { len, .. } => len,
        }
    }

    /// Of each of its registers.
    #[must_use]
    pub const fn value(self) -> u8 {
        match self {
            Self::Zeros(_) | Self::ManyZeros(_) => 0,
            Self::Values { value, .. } => value,
        }
    }

    const fn byte_len(self) -> usize {
        if let Self::ManyZeros(_) = self { 2 } else { 1 }
    }
}

/// The runs of `bytes`, up to the first that is cut off.
pub(super) fn runs(mut bytes: &[u8]) -> impl Iterator<Item = Run> {
    std::iter::from_fn(move || {
        let run = Run::decode(bytes)?;
        bytes = bytes.get(run.byte_len()..)?;
        Some(run)
    })
}

/// Whether these are runs of just as many registers as there are.
pub(super) fn is_valid(bytes: &[u8]) -> bool {
    let (mut registers, mut used) = (0, 0);
    for run in runs(bytes) {
        registers += run.len();
        used += run.byte_len();
        if registers > REGISTERS {
            return false;
        }
    }
    registers == REGISTERS && used == bytes.len()
}

/// No register was raised.
pub(super) fn empty() -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2);
    push(&mut bytes, 0, REGISTERS);
    bytes
}

/// Appends a run of at most four registers of a value, or of any number of zeros.
fn push(bytes: &mut impl Extend<u8>, value: u8, len: usize) {
    let short = |len: usize| (len as u64).to_le_bytes()[0];
    match (value, len) {
        (_, 0) => {}
        (0, 1..=ZERO_MAX) => bytes.extend([short(len - 1)]),
        (0, _) => bytes.extend([0x40 | short((len - 1) >> 8), short(len - 1)]),
        (value, _) => bytes.extend([0x80 | (value - 1) << 2 | short(len - 1)]),
    }
}

/// What came of raising a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raised {
    /// It was as high before.
    No,
    Yes,
    /// Runs cannot tell: the value is too great, or the bytes would be more than allowed. Nothing was changed.
    MustBeDense,
}

/// Makes a register at least `value`. `bytes` are valid runs behind the header, which ends at `header`; all together are to be at most
/// `max_bytes`.
pub(super) fn raise(all: &mut Vec<u8>, header: usize, index: usize, value: u8, max_bytes: usize) -> Raised {
    if value > VALUE_MAX {
        return Raised::MustBeDense;
    }
    let Some(Found { previous, at, first, run }) = find(all, header, index) else { return Raised::No };
    if run.value() >= value {
        return Raised::No;
    }
    let mut new = smallvec::SmallVec::<[u8; 8]>::new();
    push(&mut new, run.value(), index - first);
    push(&mut new, value, 1);
    push(&mut new, run.value(), first + run.len() - index - 1);
    let grows = new.len() > run.byte_len();
    if grows && all.len() - run.byte_len() + new.len() > max_bytes {
        return Raised::MustBeDense;
    }
    all.splice(at..at + run.byte_len(), new);
    join(all, previous.unwrap_or(header));
    Raised::Yes
}

struct Found {
    /// Where the run before it begins.
    previous: Option<usize>,
    at: usize,
    /// Its first register.
    first: usize,
    run: Run,
}

fn find(all: &[u8], header: usize, index: usize) -> Option<Found> {
    let (mut previous, mut at, mut first) = (None, header, 0);
    loop {
        let run = Run::decode(all.get(at..)?)?;
        if index < first + run.len() {
            return Some(Found { previous, at, first, run });
        }
        first += run.len();
        previous = Some(at);
        at += run.byte_len();
    }
}

/// Joins equal runs of values among the five from `at` on: the one before the change, up to three new ones, the one behind.
fn join(all: &mut Vec<u8>, mut at: usize) {
    for _ in 0..5 {
        let Some(run) = all.get(at..).and_then(Run::decode) else { return };
        let next = at + run.byte_len();
        if let Run::Values { value, len } = run
            && let Some(Run::Values { value: next_value, len: next_len }) = all.get(next..).and_then(Run::decode)
            && value == next_value
            && len + next_len <= VALUE_RUN_MAX
        {
            let mut joined = smallvec::SmallVec::<[u8; 2]>::new();
            push(&mut joined, value, len + next_len);
            all.splice(at..=next, joined);
        } else {
            at = next;
        }
    }
}
