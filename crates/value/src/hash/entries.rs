//! Walking through a hash, whatever its form.

use pack::{Element, Listpack};
use stdx::UnixMs;

use super::template;

/// A field with all that belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub field: Element<'a>,
    pub value: Element<'a>,
    pub deadline: Option<UnixMs>,
}

impl Entry<'_> {
    /// Whether the field is to be seen at `now`: it lives through the millisecond of its deadline.
    #[must_use]
    pub fn is_live(&self, now: UnixMs) -> bool {
        is_live(self.deadline, now)
    }
}

pub(super) fn is_live(deadline: Option<UnixMs>, now: UnixMs) -> bool {
    deadline.is_none_or(|at| at >= now)
}

/// All fields, those past their deadline too. See [`Hash::iter`](super::Hash::iter).
pub struct Entries<'a>(Form<'a>);

enum Form<'a> {
    Pairs(pack::Pairs<'a>),
    Triples(pack::Iter<'a>),
    Templated(template::Entries<'a>),
    Table(Box<dyn Iterator<Item = Entry<'a>> + 'a>),
}

impl<'a> Entries<'a> {
    pub(super) fn pairs(listpack: &'a Listpack) -> Self {
        Self(Form::Pairs(listpack.pairs()))
    }

    pub(super) fn triples(listpack: &'a Listpack) -> Self {
        Self(Form::Triples(listpack.iter()))
    }

    pub(super) const fn templated(entries: template::Entries<'a>) -> Self {
        Self(Form::Templated(entries))
    }

    pub(super) fn table(records: impl Iterator<Item = Entry<'a>> + 'a) -> Self {
        Self(Form::Table(Box::new(records)))
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        match &mut self.0 {
            Form::Pairs(pairs) => pairs.next().map(|(field, value)| Entry { field, value, deadline: None }),
            Form::Triples(elements) => next_triple(elements),
            Form::Templated(entries) => entries.next(),
            Form::Table(records) => records.next(),
        }
    }
}

impl std::fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entries").finish_non_exhaustive()
    }
}

/// The triples of `listpack` in order.
pub(super) fn triples(listpack: &Listpack) -> impl Iterator<Item = Entry<'_>> {
    let mut elements = listpack.iter();
    std::iter::from_fn(move || next_triple(&mut elements))
}

/// The next three elements as field, value and deadline.
pub(super) fn next_triple<'a>(elements: &mut pack::Iter<'a>) -> Option<Entry<'a>> {
    let (field, value) = (elements.next()?, elements.next()?);
    let deadline = match elements.next()?.to_int() {
        None | Some(0) => None,
        Some(at) => Some(UnixMs(at)),
    };
    Some(Entry { field, value, deadline })
}
