//! A string as it stands in the payload.

use std::borrow::Cow;

use pack::Source;
use stdx::lzf;
use stdx::num::IntText;

use crate::reader::Reader;
use crate::strings::RdbString;
use crate::{DecodeError, DecodeErrorKind};

/// A string that was checked and not expanded.
#[derive(Clone, Copy, Debug)]
pub(in crate::types) enum Text<'a> {
    Int(i32),
    Raw(&'a [u8]),
    Lzf { block: &'a [u8], len: usize },
}

impl<'a> Text<'a> {
    pub(in crate::types) fn len(&self) -> usize {
        match self {
            Self::Int(int) => stdx::num::i64_text_len(i64::from(*int)),
            Self::Raw(bytes) => bytes.len(),
            Self::Lzf { len, .. } => *len,
        }
    }

    /// Its bytes, inflated in `buffer`; `None` for an integer, which has none in the payload.
    pub(in crate::types) fn source(self, buffer: &mut Vec<u8>) -> Option<Source<'a>> {
        match self {
            Self::Int(_) => None,
            Self::Raw(bytes) => Some(Source::Whole(bytes)),
            Self::Lzf { block, .. } => Some(Source::Inflate(lzf::Inflate::new(block, std::mem::take(buffer)))),
        }
    }

    /// Hands over its bytes in pieces, inflated in `buffer`.
    pub(super) fn pieces(self, buffer: &mut Vec<u8>, take: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Int(int) => take(IntText::new().format(i64::from(int))),
            Self::Raw(bytes) => take(bytes),
            Self::Lzf { block, len } => {
                let mut source = Source::Inflate(lzf::Inflate::new(block, std::mem::take(buffer)));
                source.pieces(len, take);
                *buffer = source.into_buffer();
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// The bytes of the next string, in `room` unless they stand in the payload: for many that are needed one after the other.
    pub(in crate::types) fn string_in<'r>(&mut self, room: &'r mut Vec<u8>) -> Result<&'r [u8], DecodeError>
    where
        'a: 'r,
    {
        let start = self.offset();
        if self.at_lzf() {
            self.u8()?;
            let (block, len) = self.lzf_block(start)?;
            if len > room.capacity() {
                self.afford(len)?;
            }
            let fault = |lzf| DecodeError { offset: start, kind: DecodeErrorKind::Lzf(lzf) };
            lzf::decompress_into(block, len, room).map_err(fault)?;
            return Ok(room);
        }
        match self.string()? {
            RdbString::Bytes(Cow::Borrowed(bytes)) => return Ok(bytes),
            RdbString::Bytes(Cow::Owned(bytes)) => *room = bytes,
            RdbString::Int(int) => {
                room.clear();
                room.extend_from_slice(IntText::new().format(i64::from(int)));
            }
        }
        Ok(room)
    }

    /// The next string. Finds every fault that [`Self::string`] would, and allocates nothing.
    pub(in crate::types) fn text(&mut self) -> Result<Text<'a>, DecodeError> {
        let start = self.offset();
        if !self.at_lzf() {
            return Ok(match self.string()? {
                RdbString::Int(int) => Text::Int(int),
                RdbString::Bytes(Cow::Borrowed(bytes)) => Text::Raw(bytes),
                // Only what is compressed is not in the payload.
                RdbString::Bytes(Cow::Owned(_)) => Text::Raw(&[]),
            });
        }
        self.u8()?;
        let (block, len) = self.lzf_block(start)?;
        let fault = |kind| DecodeError { offset: start, kind: DecodeErrorKind::Lzf(kind) };
        if lzf::check(block).map_err(fault)? != len {
            return Err(fault(lzf::LzfError::WrongLength));
        }
        Ok(Text::Lzf { block, len })
    }
}
