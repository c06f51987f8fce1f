//! The walk itself: one element after the other, and what stands around them.

use super::Source;
use super::forms::Form;
use crate::{PackError, PackErrorKind};

/// An element on a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    Int(i64),
    /// So many bytes: see [`Walk::text`].
    Text(usize),
}

/// Elements of an encoding in order. See the module.
#[derive(Clone, Debug)]
pub struct Walk<'a> {
    pub(super) source: Source<'a>,
    /// Of the encoding, all in all.
    pub(super) len: usize,
    /// How far it is walked.
    pub(super) offset: usize,
    /// Bytes of the current element's text that were not asked for.
    pub(super) text_left: usize,
    /// What follows that text.
    pub(super) tail: Tail,
    pub(super) form: Form,
    /// Elements so far.
    pub(super) count: usize,
    /// That the header tells, if it does.
    pub(super) stated: Option<usize>,
    ended: bool,
}

/// What follows an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Its length, to be read backwards.
    Back(usize),
    /// Bytes that mean nothing.
    Free(usize),
}

/// What an element begins with.
pub(super) struct Head {
    pub(super) item: Item,
    /// Bytes in front of the text; of an integer, all.
    pub(super) len: usize,
    pub(super) tail: Tail,
}

impl<'a> Walk<'a> {
    pub(super) fn behind_header(
        source: Source<'a>,
        len: usize,
        header_len: usize,
        form: Form,
        stated: Option<usize>,
    ) -> Self {
        let mut walk =
            Self { source, len, offset: 0, text_left: 0, tail: Tail::Free(0), form, count: 0, stated, ended: false };
        walk.pass(header_len);
        walk
    }

    /// The next element; `None` at the end, when all of the encoding was found to be right.
    ///
    /// # Errors
    /// What `from_bytes` would find wrong with it.
    #[expect(clippy::should_implement_trait, reason = "an iterator would go on after an error")]
    pub fn next(&mut self) -> Result<Option<Item>, PackError> {
        if self.ended {
            return Ok(None);
        }
        self.finish_element()?;
        let Some(head) = self.head()? else {
            self.ended = true;
            return Ok(None);
        };
        let text = if let Item::Text(len) = head.item { len } else { 0 };
        self.pass(head.len);
        if text > self.elements_left() {
            return Err(self.error(PackErrorKind::Truncated));
        }
        (self.text_left, self.tail) = (text, head.tail);
        self.count += 1;
        Ok(Some(head.item))
    }

    /// Hands over the text of the element that came last, in pieces; what of it was not handed over before.
    pub fn text(&mut self, take: &mut dyn FnMut(&[u8])) {
        self.source.pieces(self.text_left, take);
        self.offset += self.text_left;
        self.text_left = 0;
    }

    /// Where the rest of that text is.
    #[must_use]
    pub const fn source(&self) -> &Source<'a> {
        &self.source
    }

    /// Elements so far.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    #[must_use]
    pub fn into_source(self) -> Source<'a> {
        self.source
    }

    pub(super) fn error(&self, kind: PackErrorKind) -> PackError {
        PackError { offset: self.offset, kind }
    }

    /// At least `len` bytes to come, if there are as many elements' bytes left.
    pub(super) fn peek(&mut self, len: usize) -> &[u8] {
        let left = self.elements_left();
        let bytes = self.source.peek(len);
        bytes.get(..left).unwrap_or(bytes)
    }

    pub(super) fn pass(&mut self, len: usize) {
        self.source.consume(len);
        self.offset += len;
    }

    fn finish_element(&mut self) -> Result<(), PackError> {
        let left = std::mem::take(&mut self.text_left);
        self.pass(left);
        match std::mem::replace(&mut self.tail, Tail::Free(0)) {
            Tail::Free(len) if len > self.elements_left() => Err(self.error(PackErrorKind::Truncated)),
            Tail::Free(len) => {
                self.pass(len);
                Ok(())
            }
            Tail::Back(body) => self.finish_listpack_element(body),
        }
    }
}
