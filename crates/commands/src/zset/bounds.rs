//! The ends of ranges as commands write them: `(1.5`, `[name`, `-1`.

use std::ops::{Bound, Range};

use command_api::CommandError;
use value::{LexBound, LexRange, ScoreRange};

const NOT_SCORES: CommandError = CommandError::other("ERR min or max is not a float");
const NOT_NAMES: CommandError = CommandError::other("ERR min or max not valid string range item");

pub(super) fn parse_score_range(min: &[u8], max: &[u8]) -> Result<ScoreRange, CommandError> {
    Ok(ScoreRange { min: parse_score_bound(min)?, max: parse_score_bound(max)? })
}

fn parse_score_bound(text: &[u8]) -> Result<Bound<f64>, CommandError> {
    match text {
        [b'(', score @ ..] => parse_score(score).map(Bound::Excluded),
        score => parse_score(score).map(Bound::Included),
    }
    .ok_or(NOT_SCORES)
}

/// A bound is read more liberally than a score, as Redis 8 does: nothing at all is 0, what is too great is infinite, what is too small 0.
fn parse_score(text: &[u8]) -> Option<f64> {
    if text.is_empty() {
        return Some(0.0);
    }
    str::from_utf8(text).ok()?.parse::<f64>().ok().filter(|score| !score.is_nan())
}

pub(super) fn parse_lex_range<'a>(min: &'a [u8], max: &'a [u8]) -> Result<LexRange<'a>, CommandError> {
    Ok(LexRange { min: parse_lex_bound(min)?, max: parse_lex_bound(max)? })
}

fn parse_lex_bound(text: &[u8]) -> Result<LexBound<'_>, CommandError> {
    match text {
        b"-" => Ok(LexBound::Least),
        b"+" => Ok(LexBound::Greatest),
        [b'[', member @ ..] => Ok(LexBound::Included(member)),
        [b'(', member @ ..] => Ok(LexBound::Excluded(member)),
        _ => Err(NOT_NAMES),
    }
}

/// The ranks from the first to the last, both included, that there are among `len`. Negative ones count from the end.
pub(super) fn ranks_within(first: i64, last: i64, len: usize) -> Range<usize> {
    let from_start = |rank: i64| if rank < 0 { rank.saturating_add_unsigned(len as u64) } else { rank };
    let start = usize::try_from(from_start(first)).unwrap_or(0).min(len);
    let end = usize::try_from(from_start(last).saturating_add(1)).unwrap_or(0).min(len);
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::ranks_within;

    #[test]
    fn ranks_are_cut_to_those_there_are() {
        for (first, last, expected) in [
            (0, -1, 0..5),
            (1, 2, 1..3),
            (-2, -1, 3..5),
            (-9, 0, 0..1),
            (3, 1, 3..3),
            (7, 9, 5..5),
            (0, -9, 0..0),
            (i64::MIN, i64::MAX, 0..5),
            (i64::MAX, i64::MIN, 5..5),
        ] {
            assert_eq!(ranks_within(first, last, 5), expected, "{first} {last}");
        }
        assert_eq!(ranks_within(0, -1, 0), 0..0);
    }
}
