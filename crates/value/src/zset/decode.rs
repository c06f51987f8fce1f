//! Sorted sets out of dumps: the compact form's bytes from anyone, checked completely.
//!
//! A listpack is not taken as it is but written anew: the text of a score differs from server to server (`0.10000000000000001` up to
//! Redis 7.0), and in memory there is one.

use std::fmt;

use pack::{Element, Listpack, PackError, PackErrorKind, Ziplist};
use stdx::num::{DoubleText, IntText};

use super::bounds::by_entry;
use super::compact::{Compact, parse_score, push_pair};
use super::set::SortedSet;
use crate::EncodingLimits;
use crate::distinct::all_distinct;

/// Why bytes are no sorted set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZsetError {
    /// From the first byte of the listpack or ziplist; 0 where no single place is at fault.
    pub offset: usize,
    pub kind: ZsetErrorKind,
}

impl From<PackError> for ZsetError {
    fn from(error: PackError) -> Self {
        Self { offset: error.offset, kind: ZsetErrorKind::Pack(error.kind) }
    }
}

/// The ways in which bytes can fail to be a sorted set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZsetErrorKind {
    /// The encoding itself is damaged.
    Pack(PackErrorKind),
    /// A member without a score.
    Unpaired,
    /// A score that is no number.
    Score,
    /// Entries that are not in order.
    Order,
    /// A member that stands there twice.
    Duplicate,
    /// No entry at all: such a key does not exist.
    Empty,
}

impl fmt::Display for ZsetErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pack(_) => "the encoding is damaged",
            Self::Unpaired => "a member without a score",
            Self::Score => "a score that is no number",
            Self::Order => "entries out of order",
            Self::Duplicate => "a member twice",
            Self::Empty => "a sorted set without entries",
        })
    }
}

impl fmt::Display for ZsetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (offset {})", self.kind, self.offset)
    }
}

impl std::error::Error for ZsetError {}

impl SortedSet {
    /// The sorted set whose compact form these bytes are, which may come from anyone. It is kept so if it has no more entries than `limits`
    /// allow, however long they are: so does Redis.
    ///
    /// ```
    /// use value::{EncodingLimits, SortedSet};
    /// let limits = EncodingLimits::default();
    /// let mut zset = SortedSet::new();
    /// zset.insert(b"a", 1.5, &limits);
    /// let bytes = zset.as_listpack().unwrap().to_vec();
    /// assert_eq!(SortedSet::from_listpack(&bytes, &limits), Ok(zset));
    /// assert!(SortedSet::from_listpack(&bytes[1..], &limits).is_err());
    /// ```
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_listpack(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, ZsetError> {
        Self::from_pack(&Listpack::from_bytes(bytes)?, limits)
    }

    /// As [`Self::from_listpack`], of one that was found to be a listpack.
    ///
    /// # Errors
    /// What is wrong with the elements.
    pub fn from_pack(pack: &Listpack, limits: &EncodingLimits) -> Result<Self, ZsetError> {
        let elements = pack.entries().map(|(position, element)| (position.offset(), element));
        from_elements(pack.len(), pack.byte_len(), elements, limits)
    }

    /// As [`Self::from_listpack`], for the ziplists of old dumps.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn from_ziplist(bytes: &[u8], limits: &EncodingLimits) -> Result<Self, ZsetError> {
        let ziplist = Ziplist::from_bytes(bytes)?;
        from_elements(ziplist.len(), bytes.len(), ziplist.iter().map(|element| (0, element)), limits)
    }

    /// The compact form as Redis up to 7.0 wrote it, the scores with 17 digits; `None` if that is not the form it has.
    #[must_use]
    pub fn to_long_listpack(&self) -> Option<Vec<u8>> {
        self.as_listpack()?;
        let mut pack = Listpack::new();
        for (member, score) in self.iter() {
            pack.push(member);
            pack.push(DoubleText::new().format_17g(score));
        }
        Some(pack.as_bytes().to_vec())
    }

    /// Makes it compact if `limits` allow that, as a whole value that was built up in the large form.
    pub fn compact(&mut self, limits: &EncodingLimits) {
        let longest = || self.iter().map(|(member, _)| member.text_len()).max().unwrap_or(0);
        let is_few = self.len() as u64 <= limits.zset_max_listpack_entries;
        if self.as_listpack().is_some() || !is_few || longest() as u64 > limits.zset_max_listpack_value_bytes {
            return;
        }
        let mut pack = Listpack::new();
        for (member, score) in self.iter() {
            push_pair(&mut pack, member, score);
        }
        *self = Self::of_compact(Compact::new(pack));
    }
}

/// `elements` are members and scores in turn, each with its place, out of so many bytes.
fn from_elements<'a>(
    len: usize,
    byte_len: usize,
    elements: impl Iterator<Item = (usize, Element<'a>)> + Clone,
    limits: &EncodingLimits,
) -> Result<SortedSet, ZsetError> {
    if len == 0 {
        return Err(ZsetError { offset: 0, kind: ZsetErrorKind::Empty });
    }
    if len / 2 > usize::try_from(limits.zset_max_listpack_entries).unwrap_or(usize::MAX) {
        let mut large = SortedSet::large();
        for_each_pair(elements, |offset, member, score| {
            match large.insert(member.bytes(&mut IntText::new()), score, limits) {
                None => Ok(()),
                Some(_) => Err(ZsetError { offset, kind: ZsetErrorKind::Duplicate }),
            }
        })?;
        return Ok(large);
    }
    let mut pack = Listpack::with_capacity(byte_len);
    for_each_pair(elements, |_, member, score| {
        if score == 0.0 && score.is_sign_negative() {
            // What was packed keeps the sign that a new score loses by becoming an integer, as on the servers.
            pack.push(member);
            pack.push(&b"-0"[..]);
        } else {
            push_pair(&mut pack, member, score);
        }
        Ok(())
    })?;
    if !all_distinct(pack.len() / 2, pack.pairs().map(|(member, _)| member)) {
        return Err(ZsetError { offset: 0, kind: ZsetErrorKind::Duplicate });
    }
    Ok(SortedSet::of_compact(Compact::new(pack)))
}

/// Hands over members with their scores, which are checked to be scores and in order.
fn for_each_pair<'a>(
    mut elements: impl Iterator<Item = (usize, Element<'a>)>,
    mut take: impl FnMut(usize, Element<'a>, f64) -> Result<(), ZsetError>,
) -> Result<(), ZsetError> {
    let mut before: Option<(f64, Element<'a>)> = None;
    while let Some((offset, member)) = elements.next() {
        let (at, score) = elements.next().ok_or(ZsetError { offset, kind: ZsetErrorKind::Unpaired })?;
        let score = parse_score(score).ok_or(ZsetError { offset: at, kind: ZsetErrorKind::Score })?;
        if let Some((before_score, before)) = before {
            let (mut room, mut before_room) = (IntText::new(), IntText::new());
            let one = (before_score, before.bytes(&mut before_room));
            if by_entry(one, (score, member.bytes(&mut room))).is_gt() {
                return Err(ZsetError { offset, kind: ZsetErrorKind::Order });
            }
        }
        take(offset, member, score)?;
        before = Some((score, member));
    }
    Ok(())
}
