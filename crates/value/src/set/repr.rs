//! The three forms of a set and when one becomes another.

use pack::{Intset, Listpack};
use stdx::num::{IntText, i64_text_len, parse_i64};

use crate::distinct::all_distinct;
use crate::table::{Bulk, Table};
use crate::{Encoding, EncodingLimits};

/// One member: an integer or bytes. An integer and its decimal text are the same member.
pub type Member<'a> = pack::Element<'a>;

/// Redis's own bound on an intset, whatever the configuration says.
const INTSET_MAX_ENTRIES: u64 = 1 << 30;

/// Distinct members without order.
///
/// ```
/// use value::{EncodingLimits, Set};
/// let (mut set, limits) = (Set::default(), EncodingLimits::default());
/// assert!(set.insert(b"10", &limits) && !set.insert(b"10", &limits));
/// assert_eq!(set.encoding().name(), "intset");
/// assert!(set.insert(b"a", &limits) && set.contains(b"10"));
/// assert_eq!(set.encoding().name(), "listpack");
/// ```
#[derive(Clone, Debug)]
pub struct Set {
    pub(super) repr: Repr,
}

#[derive(Clone, Debug)]
pub(super) enum Repr {
    Intset(Intset),
    Listpack(Listpack),
    /// Boxed: a set of three members is not to be as large as the header of a table.
    Table(Box<Table>),
}

impl Set {
    pub(crate) const fn table(&self) -> Option<&Table> {
        match &self.repr {
            Repr::Table(table) => Some(table),
            Repr::Intset(_) | Repr::Listpack(_) => None,
        }
    }
}

impl Default for Set {
    fn default() -> Self {
        Self { repr: Repr::Intset(Intset::new()) }
    }
}

impl Set {
    /// The set of an intset's integers.
    #[must_use]
    pub fn from_intset(intset: Intset, limits: &EncodingLimits) -> Self {
        let mut set = Self { repr: Repr::Intset(intset) };
        set.check_intset(limits);
        set
    }

    /// The set of a listpack's elements. Gives the elements back if one of them occurs twice.
    ///
    /// # Errors
    /// The listpack, when it is not a set.
    pub fn from_listpack(listpack: Listpack, limits: &EncodingLimits) -> Result<Self, Listpack> {
        if listpack.len() as u64 <= limits.set_max_listpack_entries {
            let is_set = all_distinct(listpack.len(), listpack.iter());
            return if is_set { Ok(Self { repr: Repr::Listpack(listpack) }) } else { Err(listpack) };
        }
        let mut table = Table::new();
        let mut room = IntText::new();
        if !listpack.iter().all(|element| table.insert(element.bytes(&mut room), b"", None)) {
            return Err(listpack);
        }
        Ok(Self { repr: Repr::Table(Box::new(table)) })
    }

    /// The set of a table's keys, in the large form however few they are; `None` if one of them came twice.
    #[must_use]
    pub fn from_bulk(members: Bulk) -> Option<Self> {
        members.finish().map(|table| Self { repr: Repr::Table(Box::new(table)) })
    }

    /// Makes ready for `count` members, the first of which is `first`: an empty set takes the form that Redis gives to a new set of so
    /// many, and a compact one becomes a hash table at once if it could not hold that many alone. Repeated members count each time.
    pub fn expect(&mut self, first: &[u8], count: usize, limits: &EncodingLimits) {
        let count = count as u64;
        let (few_ints, few) = (count <= limits.set_max_intset_entries, count <= limits.set_max_listpack_entries);
        match &self.repr {
            Repr::Intset(intset) if intset.is_empty() => {
                if !(few_ints && parse_i64(first).is_some()) {
                    self.repr = if few { Repr::Listpack(Listpack::new()) } else { Repr::Table(Box::default()) };
                }
            }
            Repr::Intset(_) if !few_ints => self.make_table(),
            Repr::Listpack(_) if !few => self.make_table(),
            Repr::Intset(_) | Repr::Listpack(_) | Repr::Table(_) => {}
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        match &self.repr {
            Repr::Intset(intset) => intset.len(),
            Repr::Listpack(listpack) => listpack.len(),
            Repr::Table(table) => table.len(),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn encoding(&self) -> Encoding {
        match &self.repr {
            Repr::Intset(_) => Encoding::Intset,
            Repr::Listpack(_) => Encoding::Listpack,
            Repr::Table(_) => Encoding::Hashtable,
        }
    }

    /// Bytes of heap that dropping the value gives back, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        match &self.repr {
            Repr::Intset(intset) => intset.heap_bytes(),
            Repr::Listpack(listpack) => listpack.heap_bytes(),
            Repr::Table(table) => size_of::<Table>() + table.heap_bytes(),
        }
    }

    /// The bytes of an intset, if it is one: what DUMP writes.
    #[must_use]
    pub fn as_intset(&self) -> Option<&Intset> {
        if let Repr::Intset(intset) = &self.repr { Some(intset) } else { None }
    }

    /// The listpack, if it is one.
    #[must_use]
    pub fn as_listpack(&self) -> Option<&Listpack> {
        if let Repr::Listpack(listpack) = &self.repr { Some(listpack) } else { None }
    }

    #[must_use]
    pub fn contains(&self, member: &[u8]) -> bool {
        match &self.repr {
            Repr::Intset(intset) => parse_i64(member).is_some_and(|int| intset.contains(int)),
            Repr::Listpack(listpack) => listpack.find(member, 0).is_some(),
            Repr::Table(table) => table.contains(member),
        }
    }

    /// As [`Self::contains`], for a member of another set.
    #[must_use]
    pub fn contains_member(&self, member: Member<'_>) -> bool {
        match (&self.repr, member) {
            (Repr::Intset(intset), Member::Int(int)) => intset.contains(int),
            (Repr::Intset(_) | Repr::Listpack(_) | Repr::Table(_), member) => {
                self.contains(member.bytes(&mut IntText::new()))
            }
        }
    }

    /// Adds a member. Returns whether it was none before.
    pub fn insert(&mut self, member: &[u8], limits: &EncodingLimits) -> bool {
        match &mut self.repr {
            Repr::Intset(intset) => {
                if let Some(int) = parse_i64(member) {
                    let is_new = intset.insert(int);
                    if is_new {
                        self.check_intset(limits);
                    }
                    return is_new;
                }
                self.leave_intset(member, limits);
                self.insert(member, limits)
            }
            Repr::Listpack(listpack) => {
                if listpack.find(member, 0).is_some() {
                    return false;
                }
                let short = member.len() as u64 <= limits.set_max_listpack_value_bytes;
                if short
                    && (listpack.len() as u64) < limits.set_max_listpack_entries
                    && listpack.fits(Member::Bytes(member).encoded_len())
                {
                    listpack.push(member);
                } else {
                    self.make_table();
                    self.insert(member, limits);
                }
                true
            }
            Repr::Table(table) => table.insert(member, b"", None),
        }
    }

    /// As [`Self::insert`], for a member of another set.
    pub fn insert_member(&mut self, member: Member<'_>, limits: &EncodingLimits) -> bool {
        self.insert(member.bytes(&mut IntText::new()), limits)
    }

    /// Removes a member. Returns whether it was one.
    pub fn remove(&mut self, member: &[u8]) -> bool {
        match &mut self.repr {
            Repr::Intset(intset) => parse_i64(member).is_some_and(|int| intset.remove(int)),
            Repr::Listpack(listpack) => match listpack.find(member, 0) {
                Some(position) => {
                    listpack.remove(position);
                    true
                }
                None => false,
            },
            Repr::Table(table) => table.remove(member),
        }
    }

    /// As [`Self::remove`], for a member of another set.
    pub fn remove_member(&mut self, member: Member<'_>) -> bool {
        self.remove(member.bytes(&mut IntText::new()))
    }

    /// All members: of an intset ascending, of a listpack in the order of their coming.
    pub fn iter(&self) -> impl Iterator<Item = Member<'_>> + Clone {
        match &self.repr {
            Repr::Intset(intset) => Members::Ints(intset.iter().map(Member::Int)),
            Repr::Listpack(listpack) => Members::Elements(listpack.iter()),
            Repr::Table(table) => Members::Records(table.iter().map(|record| Member::Bytes(record.key))),
        }
    }

    /// Tells some members, at least `count` while there are as many, from `cursor` on, and answers the next cursor, 0 at the end. A
    /// compact set tells all at once. See [`Table::scan`] for what is promised when the set changes in between.
    pub fn scan(&self, cursor: u64, count: usize, emit: &mut dyn FnMut(Member<'_>)) -> u64 {
        match &self.repr {
            Repr::Intset(intset) => intset.iter().map(Member::Int).for_each(emit),
            Repr::Listpack(listpack) => listpack.iter().for_each(emit),
            Repr::Table(table) => return table.scan(cursor, count, &mut |record| emit(Member::Bytes(record.key))),
        }
        0
    }

    /// The form for the intset's members and `member`, which is no integer.
    fn leave_intset(&mut self, member: &[u8], limits: &EncodingLimits) {
        let Repr::Intset(intset) = &self.repr else { return };
        let longest = [intset.first(), intset.last()].into_iter().flatten().map(i64_text_len).max().unwrap_or(0);
        let longest = longest.max(member.len()) as u64;
        if (intset.len() as u64) < limits.set_max_listpack_entries && longest <= limits.set_max_listpack_value_bytes {
            let mut listpack = Listpack::new();
            intset.iter().for_each(|int| listpack.push_int(int));
            self.repr = Repr::Listpack(listpack);
        } else {
            self.make_table();
        }
    }

    fn check_intset(&mut self, limits: &EncodingLimits) {
        let most = limits.set_max_intset_entries.min(INTSET_MAX_ENTRIES);
        if self.as_intset().is_some_and(|intset| intset.len() as u64 > most) {
            self.make_table();
        }
    }

    fn make_table(&mut self) {
        let (mut table, mut room) = (Table::new(), IntText::new());
        for member in self.iter() {
            table.insert(member.bytes(&mut room), b"", None);
        }
        self.repr = Repr::Table(Box::new(table));
    }
}

/// The same members, in whatever form and order.
impl PartialEq for Set {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|member| other.contains_member(member))
    }
}

impl Eq for Set {}

/// One of three iterators.
#[derive(Clone, Debug)]
enum Members<I, E, R> {
    Ints(I),
    Elements(E),
    Records(R),
}

impl<'a, I, E, R> Iterator for Members<I, E, R>
where
    I: Iterator<Item = Member<'a>>,
    E: Iterator<Item = Member<'a>>,
    R: Iterator<Item = Member<'a>>,
{
    type Item = Member<'a>;

    #[inline]
    fn next(&mut self) -> Option<Member<'a>> {
        match self {
            Self::Ints(ints) => ints.next(),
            Self::Elements(elements) => elements.next(),
            Self::Records(records) => records.next(),
        }
    }
}
