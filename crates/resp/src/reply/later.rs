//! Collections whose length is known only after their elements are written.
//!
//! `array_later` writes a placeholder of four bytes, `*0\r\n`; settling it rewrites those four bytes in place when the length
//! has one digit, and otherwise moves what was written since by the missing digits: one `memmove` of the elements, some 50 ns
//! per KiB out of cache and far less in it. That is cheaper than counting first wherever counting means a second look-up or a
//! second pass over a filter. Two collections nested into each other move the inner elements twice, so an inner length that is
//! known should be said at once.
//!
//! Rejected: padding with leading zeros (not the bytes a Redis client expects), a list of buffers as Redis has it (an
//! allocation and one more `iovec` per deferred length, and `mark`/`rewind` across pieces).

use super::Reply;
use crate::Protocol;

/// A length still to be said; give it back to one of the `settle_*` methods, innermost first. Dropping it is right only when
/// the answer is rewound to before it.
#[derive(Debug)]
#[must_use = "the collection's length must be settled"]
pub struct DeferredLen {
    /// Where the placeholder stands in the output buffer.
    at: usize,
    /// How many deferred lengths were open around this one.
    depth: u32,
}

const PLACEHOLDER: &[u8; 4] = b"*0\r\n";

impl Reply<'_> {
    /// Starts a collection whose length follows by `settle_array`, `settle_map` or `settle_set`.
    ///
    /// ```
    /// use resp::{Protocol, Reply};
    /// let mut out = Vec::new();
    /// let mut reply = Reply::new(&mut out, Protocol::Resp2);
    /// let evens = reply.array_later();
    /// let mut count = 0;
    /// for int in (1..=5).filter(|int| int % 2 == 0) {
    ///     reply.int(int);
    ///     count += 1;
    /// }
    /// reply.settle_array(evens, count);
    /// assert_eq!(out, b"*2\r\n:2\r\n:4\r\n");
    /// ```
    pub fn array_later(&mut self) -> DeferredLen {
        let later = DeferredLen { at: self.out.len(), depth: self.open };
        self.open = self.open.saturating_add(1);
        self.out.extend_from_slice(PLACEHOLDER);
        later
    }

    /// The collection is an array of `len` answers.
    pub fn settle_array(&mut self, later: DeferredLen, len: usize) {
        self.settle(&later, b'*', len);
    }

    /// The collection is a map of `pairs` keys and values.
    pub fn settle_map(&mut self, later: DeferredLen, pairs: usize) {
        match self.protocol() {
            Protocol::Resp2 => self.settle(&later, b'*', pairs.saturating_mul(2)),
            Protocol::Resp3 => self.settle(&later, b'%', pairs),
        }
    }

    /// The collection is a set of `len` answers.
    pub fn settle_set(&mut self, later: DeferredLen, len: usize) {
        match self.protocol() {
            Protocol::Resp2 => self.settle(&later, b'*', len),
            Protocol::Resp3 => self.settle(&later, b'~', len),
        }
    }

    /// Whether every deferred length has been settled, as must be when a handler returns.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        self.open == 0
    }

    fn settle(&mut self, later: &DeferredLen, kind: u8, len: usize) {
        let innermost = later.depth.checked_add(1) == Some(self.open);
        let end = later.at.saturating_add(PLACEHOLDER.len());
        if stdx::never!(
            !innermost || end > self.out.len(),
            "deferred lengths settle innermost first, before any rewind"
        ) {
            return;
        }
        self.open = later.depth;
        if let Ok(digit @ 0..=9) = u8::try_from(len) {
            if let Some(placeholder) = self.out.get_mut(later.at..end) {
                placeholder.copy_from_slice(&[kind, b'0'.wrapping_add(digit), b'\r', b'\n']);
            }
        } else {
            let mut digits = itoa::Buffer::new();
            let digits = digits.format(len).as_bytes();
            let header = [kind].into_iter().chain(digits.iter().copied()).chain(*b"\r\n");
            self.out.splice(later.at..end, header);
        }
    }
}
