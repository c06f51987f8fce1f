//! Where the bytes of a walk come from.

use stdx::lzf::Inflate;

/// Bytes to come.
#[derive(Debug)]
pub enum Source<'a> {
    /// They are all there.
    Whole(&'a [u8]),
    /// They are a compressed string's, which was checked to be one.
    Inflate(Inflate<'a>),
}

impl<'a> Source<'a> {
    /// At least `len` of them ([`PEEK_BYTES`](stdx::lzf::PEEK_BYTES) at most) unless there are no more.
    #[inline]
    pub fn peek(&mut self, len: usize) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Inflate(bytes) => bytes.peek(len),
        }
    }

    #[inline]
    pub fn consume(&mut self, len: usize) {
        match self {
            Self::Whole(bytes) => *bytes = bytes.get(len..).unwrap_or_default(),
            Self::Inflate(bytes) => bytes.consume(len),
        }
    }

    /// Hands over the next `len` bytes in pieces, as many as there are.
    pub fn pieces(&mut self, mut len: usize, take: &mut dyn FnMut(&[u8])) {
        while len > 0 {
            let piece = self.peek(1);
            let piece = piece.get(..len).unwrap_or(piece);
            if piece.is_empty() {
                return;
            }
            take(piece);
            let step = piece.len();
            self.consume(step);
            len -= step;
        }
    }

    /// The buffer that inflating took, to be used again.
    #[must_use]
    pub fn into_buffer(self) -> Vec<u8> {
        match self {
            Self::Whole(_) => Vec::new(),
            Self::Inflate(bytes) => bytes.into_buffer(),
        }
    }
}

/// A place to come back to. `clone_from` uses the buffer that is there.
impl Clone for Source<'_> {
    fn clone(&self) -> Self {
        match self {
            Self::Whole(bytes) => Self::Whole(bytes),
            Self::Inflate(bytes) => Self::Inflate(bytes.clone()),
        }
    }

    fn clone_from(&mut self, other: &Self) {
        match (&mut *self, other) {
            (Self::Inflate(bytes), Self::Inflate(other)) => bytes.clone_from(other),
            (this, other) => *this = other.clone(),
        }
    }
}
