//! Walks over elements from any place, in either direction.
//!
//! The visitor is called from inside rather than an iterator handed out, because the elements of a compressed node live only as long
//! as the walk is in it.

use std::ops::ControlFlow;

use pack::{Element, Listpack};

use super::node::Opened;
use super::quicklist::Quicklist;
use super::sequence::End;

/// Visits the elements of `listpack` from the one with index `from` on: to the right if the walk comes from the left.
pub(super) fn listpack(
    listpack: &Listpack,
    from: usize,
    coming: End,
    visit: &mut impl FnMut(Element<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    match coming {
        End::Left => {
            let Some(at) = isize::try_from(from).ok().and_then(|index| listpack.position_of(index)) else {
                return ControlFlow::Continue(());
            };
            listpack.iter_from(at).try_for_each(visit)
        }
        End::Right => {
            let Some(behind) = listpack.len().checked_sub(from + 1) else { return ControlFlow::Continue(()) };
            listpack.iter().rev().skip(behind).try_for_each(visit)
        }
    }
}

impl Quicklist {
    /// Visits the elements from the one with index `from` on: to the right if the walk comes from the left.
    pub(super) fn walk(
        &self,
        from: usize,
        coming: End,
        visit: &mut impl FnMut(Element<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if from >= self.len {
            return ControlFlow::Continue(());
        }
        let (mut at, mut offset) = self.find(from);
        loop {
            match self.nodes[at].open() {
                Opened::Packed(packed) => listpack(&packed, offset, coming, visit)?,
                Opened::Plain(element) => visit(Element::Bytes(&element))?,
            }
            match coming {
                End::Left if at + 1 < self.nodes.len() => (at, offset) = (at + 1, 0),
                End::Right if at > 0 => (at, offset) = (at - 1, self.nodes[at - 1].count() - 1),
                End::Left | End::Right => return ControlFlow::Continue(()),
            }
        }
    }
}
