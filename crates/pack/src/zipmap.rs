//! Zipmap: small hashes of Redis 2.4 and older. Read only.
//!
//! ```text
//! count  length field  length free value  end
//! 01     01     61     01     00   62     ff        {a: b}
//! ```
//!
//! A length is one byte up to 253, or `fe` and four bytes, little-endian, for 254 and more; `ff` in the place of a field's length is the
//! end. `free` counts bytes behind the value that mean nothing: a value that became shorter left them. The count is the
//! number of pairs up to 253, then 254. Redis does not look at what follows the end, so it is not looked at here.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

use crate::{PackError, PackErrorKind};

pub(crate) const END: u8 = 0xff;
/// What a length of four bytes begins with, and the count that says: too many for one byte.
pub(crate) const LONG: u8 = 0xfe;

/// A zipmap that has been checked.
///
/// ```
/// let zipmap = pack::Zipmap::from_bytes(b"\x01\x01a\x01\0b\xff").unwrap();
/// assert!(zipmap.iter().eq([(&b"a"[..], &b"b"[..])]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Zipmap<'a> {
    /// Without the count and from the end on.
    pairs: &'a [u8],
    len: usize,
}

impl<'a> Zipmap<'a> {
    /// The zipmap that `bytes` begin with. Any bytes may come; every one up to its end is checked.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, PackError> {
        let error = |rest: &[u8], kind| Err(PackError { offset: bytes.len().saturating_sub(rest.len()), kind });
        let Some((&stated, pairs)) = bytes.split_first() else { return error(&[], PackErrorKind::Truncated) };
        let (mut rest, mut len) = (pairs, 0_usize);
        loop {
            match rest.first() {
                Some(&END) => break,
                None => return error(rest, PackErrorKind::NoTerminator),
                Some(_) => {}
            }
            let value = match field(rest) {
                Ok((_, value)) => value,
                Err(kind) => return error(rest, kind),
            };
            if value.first() == Some(&END) {
                return error(value, PackErrorKind::Unpaired);
            }
            rest = match self::value(value) {
                Ok((_, rest)) => rest,
                Err(kind) => return error(value, kind),
            };
            len = len.saturating_add(1);
        }
        let pairs = pairs.split_at_checked(pairs.len().saturating_sub(rest.len())).map_or(pairs, |(pairs, _)| pairs);
        if stated != LONG && usize::from(stated) != len {
            return error(bytes, PackErrorKind::Count { stated: u64::from(stated), actual: len as u64 });
        }
        Ok(Self { pairs, len })
    }

    /// How many pairs there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.len
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Fields and values. A hostile zipmap may hold the same field twice.
    #[must_use]
    pub fn iter(self) -> ZipmapIter<'a> {
        ZipmapIter { rest: self.pairs }
    }
}

impl<'a> IntoIterator for Zipmap<'a> {
    type Item = (&'a [u8], &'a [u8]);
    type IntoIter = ZipmapIter<'a>;

    fn into_iter(self) -> ZipmapIter<'a> {
        self.iter()
    }
}

/// The fields and values of a zipmap.
#[derive(Clone, Debug)]
pub struct ZipmapIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for ZipmapIter<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (field, rest) = field(self.rest).ok()?;
        let (value, rest) = value(rest).ok()?;
        self.rest = rest;
        Some((field, value))
    }
}

type Taken<'a> = Result<(&'a [u8], &'a [u8]), PackErrorKind>;

fn field(bytes: &[u8]) -> Taken<'_> {
    let (len, bytes) = length(bytes)?;
    take(bytes, len)
}

fn value(bytes: &[u8]) -> Taken<'_> {
    let (len, bytes) = length(bytes)?;
    let (&free, bytes) = bytes.split_first().ok_or(PackErrorKind::Truncated)?;
    let (value, bytes) = take(bytes, len)?;
    let (_, rest) = take(bytes, usize::from(free))?;
    Ok((value, rest))
}

pub(crate) fn length(bytes: &[u8]) -> Result<(usize, &[u8]), PackErrorKind> {
    match bytes.split_first() {
        Some((&LONG, bytes)) => {
            let (&len, bytes) = bytes.split_first_chunk().ok_or(PackErrorKind::Truncated)?;
            let len = u32::from_le_bytes(len);
            if len < u32::from(LONG) {
                return Err(PackErrorKind::Overlong);
            }
            Ok((usize::try_from(len).map_err(|_| PackErrorKind::Truncated)?, bytes))
        }
        Some((&END, _)) => Err(PackErrorKind::Encoding(END)),
        Some((&len, bytes)) => Ok((usize::from(len), bytes)),
        None => Err(PackErrorKind::Truncated),
    }
}

fn take(bytes: &[u8], len: usize) -> Taken<'_> {
    bytes.split_at_checked(len).ok_or(PackErrorKind::Truncated)
}

#[cfg(test)]
mod tests {
    use super::Zipmap;
    use crate::{PackError, PackErrorKind};

    fn error(bytes: &[u8]) -> (usize, PackErrorKind) {
        let PackError { offset, kind } = Zipmap::from_bytes(bytes).map(Zipmap::len).unwrap_err();
        (offset, kind)
    }

    #[test]
    fn long_lengths_free_bytes_and_unknown_counts_are_read() {
        let field = [b'f'; 254];
        let bytes = [&b"\xfe\xfe\xfe\0\0\0"[..], &field, b"\x01\x02bzz\0\0\0\xff and whatever follows"].concat();
        let zipmap = Zipmap::from_bytes(&bytes).unwrap();
        assert_eq!(zipmap.len(), 2);
        assert!(zipmap.iter().eq([(&field[..], &b"b"[..]), (b"", b"")]));
        assert!(Zipmap::from_bytes(b"\0\xff").unwrap().is_empty());
    }

    #[test]
    fn errors_say_what_is_wrong_and_where() {
        assert_eq!(error(b""), (0, PackErrorKind::Truncated));
        assert_eq!(error(b"\0"), (1, PackErrorKind::NoTerminator));
        assert_eq!(error(b"\x01\x01a\xff"), (3, PackErrorKind::Unpaired));
        assert_eq!(error(b"\x01\x01a\x01\0b"), (6, PackErrorKind::NoTerminator));
        assert_eq!(error(b"\x01\x06a\x01\0b\xff"), (1, PackErrorKind::Truncated));
        assert_eq!(error(b"\x01\x01a\x01\x02b\xff"), (3, PackErrorKind::Truncated));
        assert_eq!(error(b"\x01\xfe\xfd\0\0\0"), (1, PackErrorKind::Overlong));
        assert_eq!(error(b"\x02\x01a\x01\0b\xff"), (0, PackErrorKind::Count { stated: 2, actual: 1 }));
        assert_eq!(error(b"\xff\x01a\x01\0b\xff"), (0, PackErrorKind::Count { stated: 255, actual: 1 }));
    }

    #[test]
    fn no_cut_of_a_zipmap_is_one() {
        let bytes = b"\x02\x03one\x01\x031zzz\x03two\x02\x0022\xff";
        assert_eq!(Zipmap::from_bytes(bytes).unwrap().len(), 2);
        for len in 0..bytes.len() {
            let PackError { offset, .. } = Zipmap::from_bytes(&bytes[..len]).unwrap_err();
            assert!(offset <= len);
        }
    }
}
