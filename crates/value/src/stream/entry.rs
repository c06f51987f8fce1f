//! An entry as a reader sees it.

use pack::{Element, Iter};

use super::StreamId;

/// An entry of a stream where it lies.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub id: StreamId,
    pub fields: Fields<'a>,
}

/// An entry's fields with their values, in the order in which they were added. Names may repeat.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    /// The names, where the entry shares them with the first of its node.
    pub(super) names: Option<Iter<'a>>,
    /// The values; the names and the values by turns where it does not.
    pub(super) values: Iter<'a>,
    pub(super) left: usize,
}

impl<'a> Iterator for Fields<'a> {
    type Item = (Element<'a>, Element<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let name = match &mut self.names {
            Some(names) => names.next()?,
            None => self.values.next()?,
        };
        Some((name, self.values.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Fields<'_> {}
