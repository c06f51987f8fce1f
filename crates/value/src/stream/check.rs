//! Whether the elements of a listpack are a node: told one after the other, remembered none.
//!
//! One rule for both who has the node and who only walks over what would become one. The layout is in `node`.

use super::node::{DELETED, SAME_FIELDS};
use super::{NodeError, StreamId};

/// Takes the elements of a node in order, and checks them.
///
/// ```
/// use value::{NodeCheck, StreamId};
/// // One entry, none deleted, one field, its name, 0; then flags, ms, seq, the value, and 4 elements in front.
/// let elements = [Some(1), Some(0), Some(1), None, Some(0), Some(2), Some(0), Some(0), None, Some(4)];
/// let mut check = NodeCheck::new(StreamId::new(5, 1));
/// elements.iter().try_for_each(|element| check.element(*element)).unwrap();
/// assert_eq!(check.finish(), Ok((1, StreamId::new(5, 1))));
/// ```
#[derive(Clone, Debug)]
pub struct NodeCheck {
    first: StreamId,
    next: Next,
    /// As the master entry states them, less what came.
    live: u64,
    deleted: u64,
    live_seen: u64,
    /// Field names of the master entry.
    fields: u64,
    last: Option<StreamId>,
    flags: i64,
    ms: u64,
}

/// What the next element has to be.
#[derive(Clone, Copy, Debug)]
enum Next {
    Live,
    Deleted,
    FieldCount,
    /// So many names, then 0.
    Names(u64),
    Flags,
    Ms,
    Seq,
    /// Of an entry with names of its own.
    EntryFields,
    /// So many names and values, then how many elements the entry has, which is the second.
    Texts(u64, u64),
}

impl NodeCheck {
    /// Of the node whose entries count their ids from `first` on.
    #[must_use]
    pub const fn new(first: StreamId) -> Self {
        Self { first, next: Next::Live, live: 0, deleted: 0, live_seen: 0, fields: 0, last: None, flags: 0, ms: 0 }
    }

    /// Takes the next element: the integer it is or its text is the canonical form of.
    ///
    /// # Errors
    /// If it cannot be the next of a node.
    pub fn element(&mut self, int: Option<i64>) -> Result<(), NodeError> {
        let number = || int.and_then(|int| u64::try_from(int).ok()).ok_or(NodeError::Layout);
        let delta = || int.map(i64::cast_unsigned).ok_or(NodeError::Layout);
        self.next = match self.next {
            Next::Live => {
                self.live = number()?;
                Next::Deleted
            }
            Next::Deleted => {
                self.deleted = number()?;
                Next::FieldCount
            }
            Next::FieldCount => {
                self.fields = number()?;
                Next::Names(self.fields)
            }
            Next::Names(0) if int == Some(0) => Next::Flags,
            Next::Names(0) => return Err(NodeError::Layout),
            Next::Names(left) => Next::Names(left - 1),
            Next::Flags => {
                self.flags = int.filter(|flags| flags & !(DELETED | SAME_FIELDS) == 0).ok_or(NodeError::Layout)?;
                Next::Ms
            }
            Next::Ms => {
                self.ms = self.first.ms.wrapping_add(delta()?);
                Next::Seq
            }
            Next::Seq => {
                self.id(StreamId::new(self.ms, self.first.seq.wrapping_add(delta()?)))?;
                if self.flags & SAME_FIELDS == 0 {
                    Next::EntryFields
                } else {
                    Next::Texts(self.fields, self.fields.checked_add(3).ok_or(NodeError::Layout)?)
                }
            }
            Next::EntryFields => {
                let texts = number()?.checked_mul(2).ok_or(NodeError::Layout)?;
                Next::Texts(texts, texts.checked_add(4).ok_or(NodeError::Layout)?)
            }
            // Read backwards, the entry must begin where it begins.
            Next::Texts(0, in_front) if int.and_then(|int| u64::try_from(int).ok()) == Some(in_front) => Next::Flags,
            Next::Texts(0, _) => return Err(NodeError::Layout),
            Next::Texts(left, in_front) => Next::Texts(left - 1, in_front),
        };
        Ok(())
    }

    fn id(&mut self, id: StreamId) -> Result<(), NodeError> {
        if id < self.first || self.last.is_some_and(|last| id <= last) {
            return Err(NodeError::Order);
        }
        self.last = Some(id);
        let left = if self.flags & DELETED == 0 {
            self.live_seen += 1;
            &mut self.live
        } else {
            &mut self.deleted
        };
        *left = left.checked_sub(1).ok_or(NodeError::Count)?;
        Ok(())
    }

    /// How many entries live in the node, and the last id.
    ///
    /// # Errors
    /// If it ends too soon, or holds other numbers of entries than it says.
    pub fn finish(self) -> Result<(u64, StreamId), NodeError> {
        match (self.next, self.last) {
            (Next::Flags, Some(last)) if self.live == 0 && self.deleted == 0 => Ok((self.live_seen, last)),
            (Next::Flags, _) => Err(NodeError::Count),
            _ => Err(NodeError::Layout),
        }
    }
}
