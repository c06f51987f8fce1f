//! Behind a record whose end cannot be found: looking for the next place where records can be read.
//!
//! Nothing in the format marks the beginning of a record, and a single byte 0 begins a string. What is taken for a beginning is therefore
//! a place where three keys in a row can be read, each with a name and a sound value, or fewer in front of the end of the file. Chance
//! makes such places too, so this is for saving what can be saved, and for nothing that must be right.

use std::io::Read;

use super::error::FileError;
use super::opcode;
use super::read::FileReader;
use crate::reader::Reader;
use crate::{DecodeError, DecodeErrorKind, RestoreOptions, Stamp, types};

/// How far behind a place its records are looked for.
const LOOK_AHEAD_BYTES: usize = 1 << 20;
/// Places to look at before more is read.
const STRIDE_BYTES: usize = 256 << 10;
/// Keys that must follow each other.
const KEYS_IN_A_ROW: usize = 3;
/// No server has more databases.
const MAX_DB: u64 = 1 << 20;

impl<R: Read> FileReader<R> {
    /// Goes on behind an error of [`Self::next`]: at the next place where records seem to begin. Returns its offset; `None` if there
    /// is no such place up to the end. A checksum that differs comes when all was read, so nothing is behind it.
    ///
    /// # Errors
    /// When the source fails.
    pub fn resync(&mut self) -> Result<Option<u64>, FileError> {
        loop {
            self.fill(LOOK_AHEAD_BYTES.saturating_add(STRIDE_BYTES))?;
            let (rest, ended) = self.unread();
            let places = if ended { rest.len() } else { rest.len().min(STRIDE_BYTES) };
            let begins = |at: &usize| {
                let ahead = rest.get(*at..).unwrap_or_default();
                let whole = ended && ahead.len() <= LOOK_AHEAD_BYTES;
                let ahead = ahead.get(..LOOK_AHEAD_BYTES).unwrap_or(ahead);
                // Longer strings than are looked at could expand at every place anew.
                let options = RestoreOptions { max_string_bytes: LOOK_AHEAD_BYTES, ..self.options() };
                begins_records(ahead, whole, self.stamp(), options)
            };
            if let Some(at) = (0..places).find(begins) {
                self.skip(at);
                self.revive();
                return Ok(Some(self.offset()));
            }
            self.skip(places);
            if ended {
                return Ok(None);
            }
        }
    }
}

/// Whether records seem to begin with the first of these bytes. `whole`: the source ends with the last.
fn begins_records(bytes: &[u8], whole: bool, stamp: Stamp, options: RestoreOptions) -> bool {
    let begins = |code: &u8| types::type_of_code(*code).is_some() || *code >= opcode::IDLE;
    if !bytes.first().is_some_and(begins) {
        return false;
    }
    let mut reader = Reader::new(bytes, options);
    let mut keys = 0_usize;
    while keys < KEYS_IN_A_ROW {
        match next_record(&mut reader, stamp) {
            Ok(Seen::Key) => keys = keys.saturating_add(1),
            Ok(Seen::Other) => {}
            Ok(Seen::End) => return whole && reader.remaining() == 0,
            // Larger records than are looked at.
            Err(error) => return keys > 1 && !whole && matches!(error.kind, DecodeErrorKind::Truncated { .. }),
        }
    }
    true
}

enum Seen {
    Key,
    Other,
    End,
}

fn next_record(reader: &mut Reader<'_>, stamp: Stamp) -> Result<Seen, DecodeError> {
    let refuse = |reader: &Reader<'_>, code| Err(reader.error(DecodeErrorKind::UnsupportedType(code)));
    match reader.u8()? {
        opcode::EXPIRE_MS => drop(reader.take(8)?),
        opcode::EXPIRE_S => drop(reader.take(4)?),
        opcode::IDLE => drop(reader.length()?),
        opcode::FREQ => drop(reader.u8()?),
        opcode::RESIZE_DB => drop((reader.length()?, reader.length()?)),
        code @ opcode::SELECT_DB if reader.length()? > MAX_DB => return refuse(reader, code),
        opcode::SELECT_DB => {}
        opcode::END => {
            reader.take(if stamp.number() < 5 { 0 } else { 8 })?;
            return Ok(Seen::End);
        }
        code if types::type_of_code(code).is_some() => {
            let start = reader.offset();
            reader.skip_string()?;
            // A run of zeros would be strings without names.
            if reader.offset() == start.saturating_add(1) {
                return refuse(reader, code);
            }
            types::read(code, stamp, reader)?;
            return Ok(Seen::Key);
        }
        code => return refuse(reader, code),
    }
    Ok(Seen::Other)
}
