//! The list itself: which form it has, and when that changes.

use std::ops::ControlFlow;

use pack::{Element, Listpack};

use super::limit::NodeLimit;
use super::node::{Node, NodeRef};
use super::quicklist::Quicklist;
use super::{remove, walk};
use crate::{Encoding, EncodingLimits};

/// An end of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Left,
    Right,
}

impl End {
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// A side of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

impl Side {
    /// The end of a node that is on this side.
    pub(super) const fn edge(self) -> End {
        match self {
            Self::Before => End::Left,
            Self::After => End::Right,
        }
    }
}

/// A sequence of elements.
///
/// ```
/// use value::{EncodingLimits, List, ListEnd};
/// let limits = EncodingLimits::default();
/// let mut list = List::default();
/// list.push(ListEnd::Right, [&b"a"[..], b"b"].into_iter(), &limits);
/// assert_eq!(list.pop(ListEnd::Left, &limits, |element| element.to_vec()), Some(b"a".to_vec()));
/// assert_eq!(list.len(), 1);
/// ```
#[derive(Clone, Debug, Default)]
pub struct List {
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Compact(Listpack),
    Nodes(Quicklist),
}

impl Default for Form {
    fn default() -> Self {
        Self::Compact(Listpack::new())
    }
}

impl List {
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Compact(listpack) => listpack.len(),
            Form::Nodes(quicklist) => quicklist.len,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match &self.form {
            Form::Compact(_) => Encoding::Listpack,
            Form::Nodes(_) => Encoding::Quicklist,
        }
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.form {
            Form::Compact(listpack) => listpack.heap_bytes(),
            Form::Nodes(quicklist) => quicklist.heap_bytes(),
        }
    }

    /// How many nodes a dump shows.
    #[must_use]
    pub fn node_count(&self) -> usize {
        match &self.form {
            Form::Compact(_) => 1,
            Form::Nodes(quicklist) => quicklist.nodes.len(),
        }
    }

    /// The nodes as a dump shows them. A compact list is one.
    pub fn nodes(&self) -> impl Iterator<Item = NodeRef<'_>> {
        let (compact, nodes) = match &self.form {
            Form::Compact(listpack) => (Some(NodeRef::Packed(listpack.as_bytes())), None),
            Form::Nodes(quicklist) => (None, Some(&quicklist.nodes)),
        };
        compact.into_iter().chain(nodes.into_iter().flatten().map(Node::as_ref))
    }

    /// Pushes elements one after the other onto an end.
    pub fn push<'e>(
        &mut self,
        end: End,
        elements: impl ExactSizeIterator<Item = &'e [u8]> + Clone,
        limits: &EncodingLimits,
    ) {
        self.grow(elements.clone().map(<[u8]>::len).sum(), elements.len(), limits);
        self.push_grown(end, elements, limits);
    }

    /// Pushes an element that was in a list before onto an end. An integer counts for nothing when the form is chosen: Redis has it
    /// as a number then, and only texts are measured.
    pub fn push_moved(&mut self, end: End, element: &[u8], limits: &EncodingLimits) {
        let bytes = match Element::of(element) {
            Element::Int(_) => 0,
            Element::Bytes(text) => text.len(),
        };
        self.grow(bytes, 1, limits);
        self.push_grown(end, std::iter::once(element), limits);
    }

    fn push_grown<'e>(&mut self, end: End, elements: impl Iterator<Item = &'e [u8]>, limits: &EncodingLimits) {
        match &mut self.form {
            Form::Compact(listpack) => {
                for element in elements {
                    match end {
                        End::Left => listpack.push_front(element),
                        End::Right => listpack.push(element),
                    }
                }
            }
            Form::Nodes(quicklist) => {
                let limit = limit(limits);
                let before = quicklist.nodes.len();
                for element in elements {
                    quicklist.push(end, element, limit);
                }
                let (count, depth) = (quicklist.nodes.len(), depth(limits));
                match end {
                    _ if count == before => {}
                    End::Left => quicklist.settle(depth, 0, (count - before).saturating_add(depth)),
                    End::Right => quicklist.settle(depth, before.saturating_sub(depth), count),
                }
            }
        }
    }

    /// Takes the element at an end, if there is one.
    pub fn pop<R>(&mut self, end: End, limits: &EncodingLimits, take: impl FnOnce(Element<'_>) -> R) -> Option<R> {
        match &mut self.form {
            Form::Compact(listpack) => {
                let at = listpack.position_of(if end == End::Left { 0 } else { -1 })?;
                let taken = take(listpack.at(at)?);
                listpack.remove(at);
                Some(taken)
            }
            Form::Nodes(quicklist) => {
                let nodes = quicklist.nodes.len();
                let taken = quicklist.pop(end, take)?;
                if quicklist.nodes.len() < nodes {
                    quicklist.settle(depth(limits), 0, 0);
                }
                self.shrink(limits);
                Some(taken)
            }
        }
    }

    /// Takes the element at an end, if there is one, and pushes it onto an end. Returns it.
    pub fn rotate(&mut self, from: End, to: End, limits: &EncodingLimits) -> Option<Vec<u8>> {
        // The form is looked at afterwards: a list that goes round its single element does not change it on the way.
        let element = match &mut self.form {
            Form::Compact(_) => self.pop(from, limits, |element| element.to_vec())?,
            Form::Nodes(quicklist) => quicklist.pop(from, |element| element.to_vec())?,
        };
        self.push_moved(to, &element, limits);
        if let Form::Nodes(quicklist) = &mut self.form {
            quicklist.settle(depth(limits), 0, 0);
        }
        self.shrink(limits);
        Some(element)
    }

    /// Removes `count` elements, or as many as there are, from the one with index `start` on.
    pub fn remove_range(&mut self, start: usize, count: usize, limits: &EncodingLimits) {
        let count = count.min(self.len().saturating_sub(start));
        match &mut self.form {
            Form::Compact(listpack) => {
                if let Ok(index) = isize::try_from(start) {
                    listpack.remove_range(index, count);
                }
            }
            Form::Nodes(quicklist) => {
                if count > 0 {
                    let gap = quicklist.remove_range(start, count);
                    quicklist.settle(depth(limits), gap, gap + 2);
                }
                self.shrink(limits);
            }
        }
    }

    /// Removes all but `count` elements from the one with index `start` on.
    pub fn keep_range(&mut self, start: usize, count: usize, limits: &EncodingLimits) {
        let end = start.saturating_add(count).min(self.len());
        self.remove_range(end, usize::MAX, limits);
        self.remove_range(0, start, limits);
    }

    /// Removes up to `most` elements whose text is `text`, coming from `end`. Returns how many.
    pub fn remove_equal(&mut self, text: &[u8], end: End, most: usize, limits: &EncodingLimits) -> usize {
        let removed = match &mut self.form {
            Form::Compact(listpack) => remove::remove_equal(listpack, text, end, most),
            Form::Nodes(quicklist) => quicklist.remove_equal(text, end, most, depth(limits)),
        };
        if removed > 0 {
            self.shrink(limits);
        }
        removed
    }

    /// Reads the element with this index, if there is one.
    pub fn get<R>(&self, index: usize, read: impl FnOnce(Element<'_>) -> R) -> Option<R> {
        if index >= self.len() {
            return None;
        }
        match &self.form {
            Form::Compact(listpack) => listpack.get(isize::try_from(index).ok()?).map(read),
            Form::Nodes(quicklist) => quicklist.get(index, read),
        }
    }

    /// Puts `element` in the place of the one with this index. Returns whether there was one; nothing is changed otherwise.
    pub fn set(&mut self, index: usize, element: &[u8], limits: &EncodingLimits) -> bool {
        if index >= self.len() {
            return false;
        }
        self.grow(element.len(), 1, limits);
        match &mut self.form {
            Form::Compact(listpack) => {
                if let Some(at) = isize::try_from(index).ok().and_then(|index| listpack.position_of(index)) {
                    listpack.replace(at, element);
                }
            }
            Form::Nodes(quicklist) => {
                if let Some(place) = quicklist.place(index) {
                    quicklist.replace(place, element, limit(limits));
                    quicklist.settle(depth(limits), place.node.saturating_sub(2), place.node + 4);
                }
                self.shrink(limits);
            }
        }
        true
    }

    /// Inserts `element` beside the first one whose text is `pivot`. Returns whether there is one. Either way the list takes the form
    /// that it has with one element more, as Redis's does.
    pub fn insert(&mut self, pivot: &[u8], side: Side, element: &[u8], limits: &EncodingLimits) -> bool {
        if self.is_empty() {
            return false;
        }
        self.grow(element.len(), 1, limits);
        match &mut self.form {
            Form::Compact(listpack) => {
                let Some(at) = listpack.find(pivot, 0) else { return false };
                let at = match side {
                    Side::Before => at,
                    Side::After => listpack.next(at).unwrap_or_else(|| listpack.end()),
                };
                listpack.insert(at, element);
            }
            Form::Nodes(quicklist) => {
                let Some(place) = quicklist.search(pivot) else { return false };
                quicklist.insert(place, side, element, limit(limits));
                quicklist.settle(depth(limits), place.node.saturating_sub(2), place.node + 4);
            }
        }
        true
    }

    /// Visits the elements from the one with index `from` on until `visit` breaks off: to the right if the walk comes from the left.
    pub fn walk(&self, from: usize, coming: End, mut visit: impl FnMut(Element<'_>) -> ControlFlow<()>) {
        let _ = match &self.form {
            Form::Compact(listpack) => walk::listpack(listpack, from, coming, &mut visit),
            Form::Nodes(quicklist) => quicklist.walk(from, coming, &mut visit),
        };
    }

    /// Visits `count` elements, or as many as there are, from the one with index `from` on. See [`Self::walk`].
    pub fn visit(&self, from: usize, coming: End, count: usize, mut visit: impl FnMut(Element<'_>)) {
        let mut left = count;
        if left == 0 {
            return;
        }
        self.walk(from, coming, |element| {
            visit(element);
            left -= 1;
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    /// The list that these nodes are: compact if it is a single one and `is_small` says so of its bytes and elements.
    pub(super) fn of_quicklist(quicklist: Quicklist, is_small: impl FnOnce(usize, usize) -> bool) -> Self {
        let mut list = Self { form: Form::Nodes(quicklist) };
        list.compact_if(is_small);
        list
    }

    /// Takes the form for so many bytes and elements more.
    fn grow(&mut self, bytes: usize, count: usize, limits: &EncodingLimits) {
        if let Form::Compact(listpack) = &mut self.form
            && !limit(limits).holds(listpack.byte_len().saturating_add(bytes), listpack.len() + count)
        {
            self.form = Form::Nodes(Quicklist::of(std::mem::take(listpack)));
        }
    }

    /// Takes the compact form if there is little left.
    fn shrink(&mut self, limits: &EncodingLimits) {
        let limit = limit(limits);
        self.compact_if(|bytes, count| limit.shrinks_to_listpack(bytes, count));
    }

    fn compact_if(&mut self, is_small: impl FnOnce(usize, usize) -> bool) {
        let Form::Nodes(quicklist) = &mut self.form else { return };
        if quicklist.nodes.len() > 1 {
            return;
        }
        let listpack = match quicklist.nodes.front_mut() {
            None => Some(Listpack::new()),
            Some(node) if !node.is_plain() && is_small(node.byte_len(), node.count()) => {
                node.listpack_mut().map(std::mem::take)
            }
            Some(_) => None,
        };
        if let Some(listpack) = listpack {
            self.form = Form::Compact(listpack);
        }
    }

    /// Copies of all elements: for comparing.
    pub(super) fn to_vecs(&self) -> Vec<Vec<u8>> {
        let mut elements = Vec::with_capacity(self.len());
        self.visit(0, End::Left, self.len(), |element| elements.push(element.to_vec()));
        elements
    }
}

/// Lists are equal if their elements are, whatever their form.
impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.to_vecs() == other.to_vecs()
    }
}

impl Eq for List {}

fn limit(limits: &EncodingLimits) -> NodeLimit {
    NodeLimit::new(limits.list_max_listpack_size)
}

fn depth(limits: &EncodingLimits) -> usize {
    limits.list_compress_depth as usize
}
