//! What each encoding has around its elements. The rules are those of its `from_bytes`.

use super::elements::{Head, Item, Tail};
use super::{Source, Walk};
use crate::{PackError, PackErrorKind, intset, listpack, ziplist, zipmap};

/// The encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packed {
    Listpack,
    Ziplist,
    /// Fields and values in turn. It ends where it says, whatever follows.
    Zipmap,
    Intset,
}

/// Which encoding it is, and what has to be remembered of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Listpack,
    /// Where the header says that the last element begins, and where the last one so far does.
    Ziplist {
        stated_last: u64,
        last: usize,
    },
    Zipmap,
    Intset {
        width: usize,
        before: Option<i64>,
    },
}

/// No element begins with more bytes than this.
const HEAD_BYTES: usize = 16;

impl<'a> Walk<'a> {
    /// The elements of an encoding of `len` bytes.
    ///
    /// # Errors
    /// If its header is wrong.
    pub fn new(packed: Packed, source: Source<'a>, len: usize) -> Result<Self, PackError> {
        match packed {
            Packed::Listpack => Self::listpack(source, len),
            Packed::Ziplist => Self::ziplist(source, len),
            Packed::Zipmap => Self::zipmap(source, len),
            Packed::Intset => Self::intset(source, len),
        }
    }

    fn listpack(mut source: Source<'a>, len: usize) -> Result<Self, PackError> {
        let error = |offset, kind| Err(PackError { offset, kind });
        let Some(&[a, b, c, d, e, f]) = source.peek(HEAD_BYTES).first_chunk() else {
            return error(len, PackErrorKind::Truncated);
        };
        let stated = u64::from(u32::from_le_bytes([a, b, c, d]));
        if stated != len as u64 {
            return error(0, PackErrorKind::Size { stated, actual: len as u64 });
        }
        let stated = Some(u16::from_le_bytes([e, f])).filter(|stated| *stated != u16::MAX).map(usize::from);
        Ok(Self::behind_header(source, len, 6, Form::Listpack, stated))
    }

    fn ziplist(mut source: Source<'a>, len: usize) -> Result<Self, PackError> {
        let error = |offset, kind| Err(PackError { offset, kind });
        let Some(&[s0, s1, s2, s3, t0, t1, t2, t3, c0, c1]) = source.peek(HEAD_BYTES).first_chunk() else {
            return error(len, PackErrorKind::Truncated);
        };
        let stated = u64::from(u32::from_le_bytes([s0, s1, s2, s3]));
        if stated != len as u64 {
            return error(0, PackErrorKind::Size { stated, actual: len as u64 });
        }
        if len == 10 {
            return error(len, PackErrorKind::NoTerminator);
        }
        let stated = Some(u16::from_le_bytes([c0, c1])).filter(|stated| *stated != u16::MAX).map(usize::from);
        let stated_last = u64::from(u32::from_le_bytes([t0, t1, t2, t3]));
        let form = Form::Ziplist { stated_last, last: 10 };
        Ok(Self::behind_header(source, len, 10, form, stated))
    }

    fn zipmap(mut source: Source<'a>, len: usize) -> Result<Self, PackError> {
        let Some(&stated) = source.peek(1).first() else {
            return Err(PackError { offset: 0, kind: PackErrorKind::Truncated });
        };
        let stated = Some(stated).filter(|stated| *stated != zipmap::LONG).map(|pairs| 2 * usize::from(pairs));
        Ok(Self::behind_header(source, len, 1, Form::Zipmap, stated))
    }

    fn intset(mut source: Source<'a>, len: usize) -> Result<Self, PackError> {
        let error = |offset, kind| Err(PackError { offset, kind });
        let Some(&[a, b, c, d, e, f, g, h]) = source.peek(HEAD_BYTES).first_chunk() else {
            return error(len, PackErrorKind::Truncated);
        };
        let width = match u32::from_le_bytes([a, b, c, d]) {
            2 => 2,
            4 => 4,
            8 => 8,
            other => return error(0, PackErrorKind::Width(other)),
        };
        let (stated, actual) = (u64::from(u32::from_le_bytes([e, f, g, h])), (len - 8) as u64);
        if stated * width != actual {
            return error(4, PackErrorKind::Count { stated, actual: actual / width });
        }
        let form = Form::Intset { width: usize::try_from(width).unwrap_or(8), before: None };
        Ok(Self::behind_header(source, len, 8, form, None))
    }

    /// Bytes in front of where the last element must end.
    pub(super) fn elements_left(&self) -> usize {
        let end = match self.form {
            Form::Ziplist { .. } => self.len - 1,
            Form::Listpack | Form::Zipmap | Form::Intset { .. } => self.len,
        };
        end.saturating_sub(self.offset)
    }

    /// The element that begins here; `None` if that is the end, and the right one.
    pub(super) fn head(&mut self) -> Result<Option<Head>, PackError> {
        match self.form {
            Form::Listpack => self.listpack_head(),
            Form::Ziplist { stated_last, last } => self.ziplist_head(stated_last, last),
            Form::Zipmap => self.zipmap_head(),
            Form::Intset { width, before } => self.intset_head(width, before),
        }
    }

    fn listpack_head(&mut self) -> Result<Option<Head>, PackError> {
        let bytes = self.peek(HEAD_BYTES);
        let Some(&first) = bytes.first() else { return Err(self.error(PackErrorKind::NoTerminator)) };
        if first == listpack::END {
            self.pass(1);
            if self.offset != self.len {
                return Err(self.error(PackErrorKind::TrailingBytes));
            }
            return self.check_count(4, self.count);
        }
        let Some((item, len)) = listpack::decode_head(bytes) else {
            let kind = if first > 0xf4 { PackErrorKind::Encoding(first) } else { PackErrorKind::Truncated };
            return Err(self.error(kind));
        };
        let body = if let Item::Text(text) = item { len + text } else { len };
        if body + listpack::back_len(body) > self.elements_left() {
            return Err(self.error(PackErrorKind::Truncated));
        }
        Ok(Some(Head { item, len, tail: Tail::Back(body) }))
    }

    pub(super) fn finish_listpack_element(&mut self, body: usize) -> Result<(), PackError> {
        let back = listpack::back_len(body);
        let stated = self.peek(back).get(..back).and_then(listpack::decode_back);
        if stated != Some((body, back)) {
            return Err(self.error(PackErrorKind::BackLength));
        }
        self.pass(back);
        Ok(())
    }

    fn ziplist_head(&mut self, stated_last: u64, last: usize) -> Result<Option<Head>, PackError> {
        let start = self.offset;
        let before = if self.count == 0 { 0 } else { start - last };
        if self.elements_left() == 0 {
            if self.source.peek(1).first() != Some(&ziplist::END) {
                return Err(PackError { offset: self.len, kind: PackErrorKind::NoTerminator });
            }
            if stated_last != last as u64 {
                let kind = PackErrorKind::Tail { stated: stated_last, actual: last as u64 };
                return Err(PackError { offset: 4, kind });
            }
            return self.check_count(8, self.count);
        }
        let bytes = self.peek(HEAD_BYTES);
        if bytes.first() == Some(&ziplist::END) {
            return Err(PackError { offset: start + 1, kind: PackErrorKind::TrailingBytes });
        }
        let (stated, item, len) = ziplist::decode_head(bytes).map_err(|kind| PackError { offset: start, kind })?;
        if u64::from(stated) != before as u64 {
            return Err(self.error(PackErrorKind::BackLength));
        }
        self.form = Form::Ziplist { stated_last, last: start };
        Ok(Some(Head { item, len, tail: Tail::Free(0) }))
    }

    fn zipmap_head(&mut self) -> Result<Option<Head>, PackError> {
        let is_value = !self.count.is_multiple_of(2);
        let bytes = self.peek(HEAD_BYTES);
        match bytes.first() {
            None => {
                return Err(self.error(if is_value { PackErrorKind::Truncated } else { PackErrorKind::NoTerminator }));
            }
            Some(&zipmap::END) if is_value => return Err(self.error(PackErrorKind::Unpaired)),
            // What follows the end is not looked at.
            Some(&zipmap::END) => return self.check_count(0, self.count),
            Some(_) => {}
        }
        let found = zipmap::length(bytes).and_then(|(text, rest)| {
            let len = bytes.len() - rest.len();
            if !is_value {
                return Ok(Head { item: Item::Text(text), len, tail: Tail::Free(0) });
            }
            let free = rest.first().ok_or(PackErrorKind::Truncated)?;
            Ok(Head { item: Item::Text(text), len: len + 1, tail: Tail::Free(usize::from(*free)) })
        });
        found.map(Some).map_err(|kind| self.error(kind))
    }

    fn intset_head(&mut self, width: usize, before: Option<i64>) -> Result<Option<Head>, PackError> {
        if self.elements_left() == 0 {
            return Ok(None);
        }
        let Some(int) = intset::read(width, self.peek(width)) else { return Err(self.error(PackErrorKind::Truncated)) };
        if before.is_some_and(|before| before >= int) {
            return Err(self.error(PackErrorKind::Order));
        }
        self.form = Form::Intset { width, before: Some(int) };
        Ok(Some(Head { item: Item::Int(int), len: width, tail: Tail::Free(0) }))
    }

    /// The end, if there are as many elements as the header says.
    fn check_count(&self, offset: usize, actual: usize) -> Result<Option<Head>, PackError> {
        match self.stated {
            Some(stated) if stated != actual => {
                let kind = PackErrorKind::Count { stated: stated as u64, actual: actual as u64 };
                Err(PackError { offset, kind })
            }
            _ => Ok(None),
        }
    }
}
