//! The matcher: guesses, goes back, and counts its steps.
//!
//! A guess is a call of `match_rest` for what follows it in the pattern, so calls nest no deeper than a pattern has repetitions and
//! captures, whatever the subject; [`MAX_DEPTH`] bounds that. A stack of its own for the guesses would need memory that outlives a
//! `longjmp`, for patterns that nobody writes.

use super::answer::{Captured, Fault, Found};
use super::class::{is_in_class, is_in_set};

/// How many steps are taken before the question whether to go on: some ten microseconds.
pub(crate) const STEPS_PER_QUESTION: u32 = 10_000;

/// How deep guesses may nest; each repetition and capture of a pattern is at most one. A level takes some hundred bytes of the
/// machine's stack, and below it may lie all that scripts may use of it.
const MAX_DEPTH: u32 = 500;
const MAX_CAPTURES: usize = 32;
/// Bytes that are looked at in one step, where they are compared in bulk.
const BYTES_PER_STEP: usize = 8;
/// Longer sets are charged for every byte that they are asked about.
const SHORT_SET_BYTES: usize = 32;

#[derive(Clone, Copy)]
struct Capture {
    start: usize,
    extent: Extent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Open,
    Position,
    Bytes(usize),
}

/// How the rest of a pattern fares at some place.
#[derive(Clone, Copy)]
enum Outcome {
    /// It matches up to here.
    At(usize),
    No,
    /// The fault is in the matcher.
    Fault,
}

/// What one byte may be.
#[derive(Clone, Copy)]
enum Single<'a> {
    Any,
    Literal(u8),
    Class(u8),
    /// What stands between the brackets.
    Set(&'a [u8]),
}

/// One pattern over one subject. Has no destructor, for a caller that is left by `longjmp`.
pub(crate) struct Matcher<'a, 'q> {
    subject: &'a [u8],
    /// Without its `^` and what follows a NUL, at which Lua ends a pattern.
    pattern: &'a [u8],
    is_anchored: bool,
    /// The byte that every match begins with, if it is plain to see.
    first: Option<u8>,
    captures: [Capture; MAX_CAPTURES],
    level: usize,
    fault: Fault,
    /// Steps until the question.
    steps: u32,
    go_on: &'q mut dyn FnMut() -> bool,
}

impl<'a, 'q> Matcher<'a, 'q> {
    /// `steps` are left until `go_on` is asked the first time. With `anchors` a `^` at the beginning is one.
    pub(crate) fn new(
        subject: &'a [u8],
        pattern: &'a [u8],
        anchors: bool,
        steps: u32,
        go_on: &'q mut dyn FnMut() -> bool,
    ) -> Self {
        let end = memchr::memchr(0, pattern).unwrap_or(pattern.len());
        let pattern = pattern.get(..end).unwrap_or_default();
        let (is_anchored, pattern) = match pattern {
            [b'^', rest @ ..] if anchors => (true, rest),
            _ => (false, pattern),
        };
        let first = match pattern {
            [_, b'*' | b'?' | b'-', ..] => None,
            [byte, ..] if !b"$.([%)".contains(byte) => Some(*byte),
            _ => None,
        };
        let captures = [Capture { start: 0, extent: Extent::Open }; MAX_CAPTURES];
        Self { subject, pattern, is_anchored, first, captures, level: 0, fault: Fault::Stopped, steps, go_on }
    }

    pub(crate) const fn is_anchored(&self) -> bool {
        self.is_anchored
    }

    /// Steps that are left until the question.
    pub(crate) const fn steps_left(&self) -> u32 {
        self.steps
    }

    /// The first match that begins at `from` or, without an anchor, after it.
    pub(crate) fn search(&mut self, from: usize) -> Result<Option<Found>, Fault> {
        let mut start = from;
        while start <= self.subject.len() {
            if let (Some(first), false) = (self.first, self.is_anchored) {
                let rest = self.subject.get(start..).unwrap_or_default();
                let Some(skipped) = memchr::memchr(first, rest) else { break };
                start += skipped;
            }
            self.level = 0;
            match self.match_rest(start, 0, 0) {
                Outcome::At(end) => return Ok(Some(Found { start, end })),
                Outcome::No => {}
                Outcome::Fault => return Err(self.fault),
            }
            if self.is_anchored {
                break;
            }
            start += 1;
        }
        Ok(None)
    }

    /// How many captures the last match has.
    pub(crate) const fn captures(&self) -> usize {
        self.level
    }

    /// A capture of the last match. The first of a pattern without captures is the whole match.
    pub(crate) fn capture(&self, index: usize, found: Found) -> Result<Captured<'a>, Fault> {
        let Some(capture) = self.captures.get(..self.level).and_then(|captures| captures.get(index)) else {
            return if index == 0 { Ok(Captured::Text(self.text(found))) } else { Err(Fault::InvalidCaptureIndex) };
        };
        match capture.extent {
            Extent::Open => Err(Fault::UnfinishedCapture),
            Extent::Position => Ok(Captured::Position(capture.start + 1)),
            Extent::Bytes(len) => {
                Ok(Captured::Text(self.text(Found { start: capture.start, end: capture.start + len })))
            }
        }
    }

    pub(crate) fn text(&self, found: Found) -> &'a [u8] {
        self.subject.get(found.start..found.end).unwrap_or_default()
    }

    /// Counts work of the caller's on this many bytes.
    pub(crate) fn charge_bytes(&mut self, bytes: usize) -> Result<(), Fault> {
        if self.charge(bytes / BYTES_PER_STEP) { Ok(()) } else { Err(self.fault) }
    }

    #[inline]
    fn charge(&mut self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                true
            }
            None => self.ask(),
        }
    }

    #[cold]
    fn ask(&mut self) -> bool {
        self.steps = STEPS_PER_QUESTION;
        let goes_on = (self.go_on)();
        if !goes_on {
            self.fault = Fault::Stopped;
        }
        goes_on
    }

    fn fail(&mut self, fault: Fault) -> Outcome {
        self.fault = fault;
        Outcome::Fault
    }

    /// The pattern's byte, and NUL at its end, which a pattern does not hold.
    #[inline]
    fn at(&self, index: usize) -> u8 {
        self.pattern.get(index).copied().unwrap_or(0)
    }

    /// Matches the pattern from `p` on at the subject's `s`.
    fn match_rest(&mut self, mut s: usize, mut p: usize, depth: u32) -> Outcome {
        if depth > MAX_DEPTH {
            return self.fail(Fault::TooComplex);
        }
        loop {
            if !self.charge(1) {
                return Outcome::Fault;
            }
            let next = match (self.at(p), self.at(p + 1)) {
                (0, _) => return Outcome::At(s),
                (b'(', b')') => return self.open_capture(s, p + 2, Extent::Position, depth),
                (b'(', _) => return self.open_capture(s, p + 1, Extent::Open, depth),
                (b')', _) => return self.close_capture(s, p + 1, depth),
                (b'$', 0) => return if s == self.subject.len() { Outcome::At(s) } else { Outcome::No },
                (b'%', b'b') => (self.balance(s, p + 2), p + 4),
                (b'%', b'f') => self.frontier(s, p + 2),
                (b'%', digit @ b'0'..=b'9') => (self.back_reference(s, digit), p + 2),
                _ => match self.single(p) {
                    Err(fault) => return self.fail(fault),
                    Ok((single, end)) => match self.at(end) {
                        b'*' => return self.expand_most(s, single, 0, end + 1, depth),
                        b'+' => return self.expand_most(s, single, 1, end + 1, depth),
                        b'-' => return self.expand_least(s, single, end + 1, depth),
                        b'?' => {
                            if self.matches(s, single) {
                                let taken = self.match_rest(s + 1, end + 1, depth + 1);
                                if !matches!(taken, Outcome::No) {
                                    return taken;
                                }
                            }
                            (Outcome::At(s), end + 1)
                        }
                        _ if self.matches(s, single) => (Outcome::At(s + 1), end),
                        _ => return Outcome::No,
                    },
                },
            };
            match next {
                (Outcome::At(after), rest) => (s, p) = (after, rest),
                (Outcome::No | Outcome::Fault, _) => return next.0,
            }
        }
    }

    /// What may stand for one byte at `p`, and where the pattern goes on.
    #[inline]
    fn single(&mut self, p: usize) -> Result<(Single<'a>, usize), Fault> {
        match self.at(p) {
            b'.' => Ok((Single::Any, p + 1)),
            b'%' => match self.at(p + 1) {
                0 => Err(Fault::EndsWithEscape),
                name => Ok((Single::Class(name), p + 2)),
            },
            b'[' => self.set(p),
            byte => Ok((Single::Literal(byte), p + 1)),
        }
    }

    fn set(&mut self, p: usize) -> Result<(Single<'a>, usize), Fault> {
        let start = p + 1;
        let mut end = if self.at(start) == b'^' { start + 1 } else { start };
        // The first byte is a member even if it is the bracket.
        loop {
            let byte = self.at(end);
            if byte == 0 {
                return Err(Fault::MissingBracket);
            }
            end += 1;
            if byte == b'%' && self.at(end) != 0 {
                end += 1;
            }
            if self.at(end) == b']' {
                break;
            }
        }
        if !self.charge((end - start) / BYTES_PER_STEP) {
            return Err(self.fault);
        }
        Ok((Single::Set(self.pattern.get(start..end).unwrap_or_default()), end + 1))
    }

    #[inline]
    fn matches(&self, s: usize, single: Single<'_>) -> bool {
        self.subject.get(s).is_some_and(|byte| match single {
            Single::Any => true,
            Single::Literal(wanted) => *byte == wanted,
            Single::Class(name) => is_in_class(*byte, name),
            Single::Set(set) => is_in_set(*byte, set),
        })
    }

    /// How many bytes at `s` match one after the other; `None` when it was stopped.
    fn run_of(&mut self, s: usize, single: Single<'_>) -> Option<usize> {
        let rest = self.subject.get(s..).unwrap_or_default();
        let (len, bytes_per_step) = match single {
            Single::Any => (rest.len(), usize::MAX),
            Single::Literal(wanted) => (run_len(rest, |byte| byte == wanted), BYTES_PER_STEP),
            Single::Class(name) => (run_len(rest, |byte| is_in_class(byte, name)), BYTES_PER_STEP),
            Single::Set(set) if set.len() <= SHORT_SET_BYTES => (run_len(rest, |byte| is_in_set(byte, set)), 2),
            Single::Set(set) => {
                let mut len = 0;
                while rest.get(len).is_some_and(|byte| is_in_set(*byte, set)) {
                    len += 1;
                    if !self.charge(set.len() / BYTES_PER_STEP) {
                        return None;
                    }
                }
                (len, 1)
            }
        };
        self.charge(len / bytes_per_step).then_some(len)
    }

    /// `*` and `+`: as many as there are, then one less each time.
    fn expand_most(&mut self, s: usize, single: Single<'_>, least: usize, p: usize, depth: u32) -> Outcome {
        let Some(mut count) = self.run_of(s, single) else { return Outcome::Fault };
        if count < least {
            return Outcome::No;
        }
        loop {
            let rest = self.match_rest(s + count, p, depth + 1);
            if !matches!(rest, Outcome::No) {
                return rest;
            }
            if count == least {
                return Outcome::No;
            }
            count -= 1;
        }
    }

    /// `-`: none, then one more each time.
    fn expand_least(&mut self, mut s: usize, single: Single<'_>, p: usize, depth: u32) -> Outcome {
        loop {
            let rest = self.match_rest(s, p, depth + 1);
            if !matches!(rest, Outcome::No) {
                return rest;
            }
            if let Single::Set(set) = single
                && !self.charge(set.len() / BYTES_PER_STEP)
            {
                return Outcome::Fault;
            }
            if !self.matches(s, single) {
                return Outcome::No;
            }
            s += 1;
        }
    }

    fn open_capture(&mut self, s: usize, p: usize, extent: Extent, depth: u32) -> Outcome {
        let Some(capture) = self.captures.get_mut(self.level) else { return self.fail(Fault::TooManyCaptures) };
        *capture = Capture { start: s, extent };
        self.level += 1;
        let rest = self.match_rest(s, p, depth + 1);
        if matches!(rest, Outcome::No) {
            self.level -= 1;
        }
        rest
    }

    fn close_capture(&mut self, s: usize, p: usize, depth: u32) -> Outcome {
        let opened = self.captures.iter().take(self.level).rposition(|capture| capture.extent == Extent::Open);
        let Some(index) = opened else { return self.fail(Fault::InvalidCapture) };
        let capture = &mut self.captures[index];
        capture.extent = Extent::Bytes(s - capture.start);
        let rest = self.match_rest(s, p, depth + 1);
        if matches!(rest, Outcome::No) {
            self.captures[index].extent = Extent::Open;
        }
        rest
    }

    /// `%b()`, of which `p` is at the first bracket.
    fn balance(&mut self, s: usize, p: usize) -> Outcome {
        let (open, close) = (self.at(p), self.at(p + 1));
        if open == 0 || close == 0 {
            return self.fail(Fault::Unbalanced);
        }
        let rest = self.subject.get(s..).unwrap_or_default();
        if rest.first() != Some(&open) {
            return Outcome::No;
        }
        let (mut nesting, mut end) = (1_usize, None);
        for (index, byte) in rest.iter().enumerate().skip(1) {
            if *byte == close {
                nesting -= 1;
                if nesting == 0 {
                    end = Some(index + 1);
                    break;
                }
            } else if *byte == open {
                nesting += 1;
            }
        }
        if !self.charge(end.unwrap_or(rest.len()) / BYTES_PER_STEP) {
            return Outcome::Fault;
        }
        end.map_or(Outcome::No, |end| Outcome::At(s + end))
    }

    /// `%f[set]`, of which `p` is at the bracket. Beyond both ends of the subject there are NULs.
    fn frontier(&mut self, s: usize, p: usize) -> (Outcome, usize) {
        if self.at(p) != b'[' {
            return (self.fail(Fault::MissingBracketAfterFrontier), p);
        }
        let (single, end) = match self.set(p) {
            Ok(set) => set,
            Err(fault) => return (self.fail(fault), p),
        };
        let Single::Set(set) = single else { return (Outcome::No, end) };
        let previous = s.checked_sub(1).and_then(|before| self.subject.get(before)).copied().unwrap_or(0);
        let current = self.subject.get(s).copied().unwrap_or(0);
        let is_frontier = !is_in_set(previous, set) && is_in_set(current, set);
        (if is_frontier { Outcome::At(s) } else { Outcome::No }, end)
    }

    /// `%1`: what that capture holds, once more. A place is nothing that could be found.
    fn back_reference(&mut self, s: usize, digit: u8) -> Outcome {
        let index = usize::from(digit).checked_sub(usize::from(b'1'));
        let capture = index.filter(|index| *index < self.level).and_then(|index| self.captures.get(index)).copied();
        let Some(Capture { start, extent }) = capture else { return self.fail(Fault::InvalidCaptureIndex) };
        let len = match extent {
            Extent::Open => return self.fail(Fault::InvalidCaptureIndex),
            Extent::Position => return Outcome::No,
            Extent::Bytes(len) => len,
        };
        if !self.charge(len / BYTES_PER_STEP) {
            return Outcome::Fault;
        }
        let rest = self.subject.get(s..).unwrap_or_default();
        if rest.starts_with(self.text(Found { start, end: start + len })) { Outcome::At(s + len) } else { Outcome::No }
    }
}

fn run_len(bytes: &[u8], matches: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !matches(*byte)).unwrap_or(bytes.len())
}
