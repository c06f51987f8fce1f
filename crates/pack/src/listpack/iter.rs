//! Walking over the elements, from both ends.

use super::element::{Element, back_len, decode, decode_back};
use super::view::Position;

/// Elements with their places. See [`Listpack::entries`](super::Listpack::entries).
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    offset: usize,
}

impl<'a> Entries<'a> {
    pub(super) fn new(rest: &'a [u8], offset: usize) -> Self {
        Self { rest, offset }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (Position, Element<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (element, body) = decode(self.rest)?;
        let len = body + back_len(body);
        let position = Position::at(self.offset);
        self.rest = self.rest.get(len..)?;
        self.offset += len;
        Some((position, element))
    }
}

impl DoubleEndedIterator for Entries<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let (body, back) = decode_back(self.rest)?;
        let (before, last) = self.rest.split_at_checked(self.rest.len().checked_sub(body + back)?)?;
        let (element, _) = decode(last)?;
        self.rest = before;
        Some((Position::at(self.offset + before.len()), element))
    }
}

/// Elements. See [`Listpack::iter`](super::Listpack::iter).
#[derive(Clone, Debug)]
pub struct Iter<'a>(pub(super) Entries<'a>);

impl<'a> Iterator for Iter<'a> {
    type Item = Element<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(_, element)| element)
    }
}

impl DoubleEndedIterator for Iter<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(|(_, element)| element)
    }
}

/// Elements two by two. See [`Listpack::pairs`](super::Listpack::pairs).
#[derive(Clone, Debug)]
pub struct Pairs<'a>(pub(super) Iter<'a>);

impl<'a> Iterator for Pairs<'a> {
    type Item = (Element<'a>, Element<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some((self.0.next()?, self.0.next()?))
    }
}

impl DoubleEndedIterator for Pairs<'_> {
    #[inline]
    fn next_back(&mut self) -> Option<Self::Item> {
        let second = self.0.next_back()?;
        Some((self.0.next_back()?, second))
    }
}
