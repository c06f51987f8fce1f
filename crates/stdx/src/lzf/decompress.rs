//! What a block stands for: nothing is written before all its instructions were looked at.

use std::fmt;

pub(super) const MAX_LITERAL: usize = 32;
pub(super) const MAX_OFFSET: usize = 1 << 13;
pub(super) const MAX_MATCH: usize = 264;
/// Bytes that the longest copy instruction makes of its three: no block expands more than this.
pub const MAX_EXPANSION: usize = MAX_MATCH / 3;

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
    let mut out = Vec::new();
    decompress_into(block, len, &mut out)?;
    Ok(out)
}

/// As [`decompress`], into a vector whose bytes go and whose room is used.
///
/// # Errors
/// If `block` is damaged, or holds another number of bytes than `len`. Nothing is allocated then.
pub fn decompress_into(block: &[u8], len: usize, out: &mut Vec<u8>) -> Result<(), LzfError> {
    if len > block.len().saturating_mul(MAX_EXPANSION) || check(block)? != len {
        return Err(LzfError::WrongLength);
    }
    out.clear();
    out.reserve_exact(len);
    let mut rest = block;
    while let Some((instruction, after)) = Instruction::read(rest)? {
        match instruction {
            Instruction::Literal(bytes) => out.extend_from_slice(bytes),
            Instruction::Copy { distance, len } => copy_within(out, distance, len)?,
        }
        rest = after;
    }
    Ok(())
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

pub(super) enum Instruction<'a> {
    Literal(&'a [u8]),
    Copy { distance: usize, len: usize },
}

impl<'a> Instruction<'a> {
    /// The first instruction of `block` and what follows it; `None` at the end.
    pub(super) fn read(block: &'a [u8]) -> Result<Option<(Self, &'a [u8])>, LzfError> {
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
pub(super) fn copy_within(out: &mut Vec<u8>, distance: usize, len: usize) -> Result<(), LzfError> {
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
