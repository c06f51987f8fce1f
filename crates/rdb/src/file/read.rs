//! Reading a file record by record, through a window on its bytes.
//!
//! A record is decoded from what the window holds. If that ends too soon, the window grows and the record is begun again; since it
//! at least doubles each time, no byte is looked at more than a few times, and nothing is set aside for a length that only claims to follow.

use std::io::{self, Read};

use crc_fast::{CrcAlgorithm, Digest};
use stdx::UnixMs;
use stdx::num::IntText;
use value::Value;

use super::error::{FileError, FileErrorKind};
use super::record::{KeyRecord, Record, ValueError};
use super::{ModuleId, module, opcode, skip};
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::types::Templates;
use crate::{DecodeError, DecodeErrorKind, RestoreOptions, Stamp, Vendor, functions, types};

/// How much is read at once, at least.
const READ_BYTES: usize = 64 << 10;

/// Records given back that are kept to be used again, and the longest key that one of them may keep room for.
const MOST_SPARES: usize = 64;
const SPARE_KEY_BYTES: usize = 1 << 10;

const REDIS: &[u8] = b"REDIS";
const VALKEY: &[u8] = b"VALKEY";
const HEADER_BYTES: usize = 9;
const CHECKSUM_BYTES: usize = 8;

/// The first stamp whose files end with a checksum.
const CHECKSUM_SINCE: u16 = 5;

/// A file being read.
///
/// ```
/// use rdb::{FileReader, Record, RestoreOptions};
/// let bytes = b"REDIS0003\xfe\x00\x00\x01k\x01v\xff";
/// let mut file = FileReader::new(&bytes[..], RestoreOptions::default()).unwrap();
/// assert_eq!(file.next().unwrap(), Some(Record::SelectDb(0)));
/// let Some(Record::Key(key)) = file.next().unwrap() else { panic!() };
/// assert_eq!((key.key, key.offset), (b"k".to_vec(), 11));
/// assert_eq!(file.next().unwrap(), None);
/// ```
pub struct FileReader<R> {
    source: R,
    options: RestoreOptions,
    /// Bytes read and not yet consumed, behind those that were.
    window: Vec<u8>,
    consumed: usize,
    /// Offset in the file of the window's first byte.
    base: u64,
    source_ended: bool,
    done: bool,
    checksum: Digest,
    /// Bytes at the window's beginning that the checksum covers: it is computed over many records at once.
    summed: usize,
    stamp: Stamp,
    check_sum: bool,
    /// Field names that hashes refer to.
    templates: Templates,
    /// Records that were given back.
    #[expect(clippy::vec_box, reason = "the boxes are what is used again")]
    spares: Vec<Box<KeyRecord>>,
}

/// What stands in front of a key.
#[derive(Clone, Copy, Debug, Default)]
struct Front {
    offset: Option<u64>,
    deadline: Option<UnixMs>,
    idle_s: Option<u64>,
    frequency: Option<u8>,
    /// Pieces of it, and where they begin.
    metadata: u64,
    metadata_at: u64,
}

impl<R: Read> FileReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is no RDB file, or a newer one than is known, or the source fails.
    pub fn new(source: R, options: RestoreOptions) -> Result<Self, FileError> {
        let mut file = Self {
            source,
            options,
            window: Vec::new(),
            consumed: 0,
            base: 0,
            source_ended: false,
            done: false,
            checksum: Digest::new(CrcAlgorithm::Crc64Redis),
            summed: 0,
            stamp: Stamp::OLDEST,
            check_sum: true,
            templates: Templates::new(),
            spares: Vec::new(),
        };
        while file.window.len() < HEADER_BYTES && !file.source_ended {
            file.grow(HEADER_BYTES)?;
        }
        file.stamp = header_stamp(&file.window)?;
        file.consume(HEADER_BYTES);
        Ok(file)
    }

    /// Leaves the checksum at the end unchecked: `rdbchecksum no`.
    pub const fn ignore_checksum(&mut self) {
        self.check_sum = false;
    }

    /// Whose bytes these are.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Bytes of the file that were consumed.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.base.saturating_add(self.consumed as u64)
    }

    /// How it is being read.
    pub(super) const fn options(&self) -> RestoreOptions {
        self.options
    }

    /// Reads ahead until so many bytes are there, if the source has them.
    pub(super) fn fill(&mut self, len: usize) -> Result<(), FileError> {
        while self.window.len().saturating_sub(self.consumed) < len && !self.source_ended {
            self.grow(1)?;
        }
        Ok(())
    }

    /// What was read and not consumed, and whether the source has ended.
    pub(super) fn unread(&self) -> (&[u8], bool) {
        (self.window.get(self.consumed..).unwrap_or_default(), self.source_ended)
    }

    /// Consumes bytes that are no record.
    pub(super) fn skip(&mut self, len: usize) {
        self.consume(len);
    }

    /// Takes back that an error ended the reading.
    pub(super) const fn revive(&mut self) {
        self.done = false;
    }

    /// Whether the source goes on behind what was read. Behind the end of a file, those are bytes of something else: the commands of
    /// an append-only file, say.
    ///
    /// # Errors
    /// When the source fails.
    pub fn has_more(&mut self) -> Result<bool, FileError> {
        self.fill(1)?;
        Ok(self.consumed < self.window.len())
    }

    /// The next record; `None` at the end of a whole file.
    ///
    /// # Errors
    /// When the record cannot be read and its end not be found, or the checksum differs. Nothing more can be read then.
    #[expect(clippy::should_implement_trait, reason = "an iterator would go on after an error")]
    pub fn next(&mut self) -> Result<Option<Record>, FileError> {
        if self.done {
            return Ok(None);
        }
        let record = self.next_record();
        self.done = !matches!(record, Ok(Some(_)));
        record
    }

    fn next_record(&mut self) -> Result<Option<Record>, FileError> {
        let mut front = Front::default();
        loop {
            let offset = self.offset();
            let code = self.parse(|reader| reader.u8())?;
            match code {
                opcode::EXPIRE_MS => {
                    let at = self.parse(|reader| reader.array().map(i64::from_le_bytes))?;
                    front.deadline = Some(UnixMs(at));
                }
                opcode::EXPIRE_S => {
                    let seconds = self.parse(|reader| reader.array().map(i32::from_le_bytes))?;
                    front.deadline = Some(UnixMs(i64::from(seconds).saturating_mul(1000)));
                }
                opcode::IDLE => front.idle_s = Some(self.parse(|reader| reader.length())?),
                opcode::FREQ => front.frequency = Some(self.parse(|reader| reader.u8())?),
                opcode::KEY_META if self.stamp.has_key_metadata() => {
                    front.metadata = front.metadata.saturating_add(self.parse(module::skip_key_metadata)?);
                    front.metadata_at = offset;
                }
                opcode::END => {
                    self.check_end()?;
                    return Ok(None);
                }
                242..=251 | opcode::SELECT_DB => return self.other_record(code, offset).map(Some),
                _ => {
                    front.offset = front.offset.or(Some(offset));
                    return self.key(code, offset, front).map(|key| Some(Record::Key(key)));
                }
            }
            front.offset = front.offset.or(Some(offset));
        }
    }

    /// A record that is no key.
    fn other_record(&mut self, code: u8, offset: u64) -> Result<Record, FileError> {
        Ok(match code {
            opcode::AUX => {
                let (name, value) = self.parse(|reader| Ok((owned(reader)?, owned(reader)?)))?;
                Record::Aux { name, value }
            }
            opcode::SELECT_DB => Record::SelectDb(self.parse(|reader| reader.length())?),
            opcode::RESIZE_DB => {
                let (keys, volatile_keys) = self.parse(|reader| Ok((reader.length()?, reader.length()?)))?;
                Record::ResizeDb { keys, volatile_keys }
            }
            opcode::SLOT_INFO => {
                let (slot, keys, volatile_keys) =
                    self.parse(|reader| Ok((reader.length()?, reader.length()?, reader.length()?)))?;
                Record::SlotInfo { slot, keys, volatile_keys }
            }
            opcode::LIBRARY => Record::Function(self.parse(owned)?),
            opcode::LIBRARY_PRE_GA => Record::FunctionPreGa(self.parse(functions::read_pre_ga)?),
            opcode::MODULE_AUX => {
                let id = self.parse(|reader| {
                    let id = reader.length()?;
                    module::skip_value(reader)?;
                    Ok(id)
                })?;
                Record::ModuleAux(ModuleId(id))
            }
            opcode::HASH_TEMPLATE if self.stamp.vendor() == Vendor::Redis => {
                let (id, template) = self.parse(types::read_template)?;
                let fields = template.len();
                self.templates.insert(id, template);
                Record::HashTemplate { id, fields }
            }
            opcode::KEY_META if self.stamp.vendor() == Vendor::Valkey => {
                let (job, slots) = self.parse(|reader| Ok((owned(reader)?, owned(reader)?)))?;
                Record::SlotImport { job, slots }
            }
            _ => return Err(FileError::new(offset, FileErrorKind::UnknownOpcode(code))),
        })
    }

    /// Takes back a record that the caller is done with: reading millions of keys then allocates for their values alone.
    pub fn recycle(&mut self, record: Box<KeyRecord>) {
        if self.spares.len() < MOST_SPARES && record.key.capacity() <= SPARE_KEY_BYTES {
            self.spares.push(record);
        }
    }

    /// A key, its type byte being read; `code_at` is where that stands.
    fn key(&mut self, code: u8, code_at: u64, front: Front) -> Result<Box<KeyRecord>, FileError> {
        let start = front.offset.unwrap_or_default();
        let mut spare = self.spares.pop();
        let mut key = spare.as_mut().map_or_else(Vec::new, |spare| std::mem::take(&mut spare.key));
        self.parse(|reader| {
            key.clear();
            key.extend_from_slice(reader.string()?.text(&mut IntText::new()));
            Ok(())
        })?;
        let value = if code == 7 {
            let id = self.parse(|reader| {
                let id = reader.length()?;
                module::skip_value(reader)?;
                Ok(id)
            })?;
            Err(ValueError::Module(ModuleId(id)))
        } else {
            let templates = std::mem::take(&mut self.templates);
            let value = self.value(code, code_at, &templates);
            self.templates = templates;
            value?
        };
        let value = if front.metadata > 0 && self.options.refuse_metadata {
            let error = DecodeError { offset: 0, kind: DecodeErrorKind::KeyMetadata { pieces: front.metadata } };
            value.and(Err(ValueError::Damaged { offset: front.metadata_at, error }))
        } else {
            value
        };
        let record = KeyRecord {
            offset: start,
            encoded_bytes: self.offset().saturating_sub(start),
            code,
            key,
            value,
            deadline: front.deadline,
            idle_s: front.idle_s,
            frequency: front.frequency,
            metadata: front.metadata,
        };
        Ok(match spare {
            Some(mut spare) => {
                *spare = record;
                spare
            }
            None => Box::new(record),
        })
    }

    /// The value behind a key; if it is damaged, what is wrong with it.
    fn value(&mut self, code: u8, code_at: u64, templates: &Templates) -> Result<Result<Value, ValueError>, FileError> {
        let (at, stamp) = (self.offset(), self.stamp);
        let is_reference = stamp.vendor() == Vendor::Redis && types::is_reference(code);
        let decoded = self.try_parse(|reader| {
            if is_reference { types::read_reference(code, templates, reader) } else { types::read(code, stamp, reader) }
        })?;
        let error = match decoded {
            Ok(value) => return Ok(Ok(value)),
            Err(error) => error,
        };
        let is_type = matches!(error.kind, DecodeErrorKind::UnsupportedType(_));
        // The key stands between the type and the value.
        let offset = if is_type { code_at } else { at.saturating_add(error.offset as u64) };
        self.parse(|reader| {
            if is_reference {
                types::skip_reference(code, templates, reader)
            } else {
                skip::skip_value(code, stamp, reader)
            }
        })
        .map_err(|fault| {
            let of_type = matches!(fault.kind, FileErrorKind::Record(DecodeErrorKind::UnsupportedType(_)));
            if of_type { FileError::new(code_at, fault.kind) } else { fault }
        })?;
        Ok(Err(ValueError::Damaged { offset, error }))
    }

    /// Compares the checksum behind the end.
    fn check_end(&mut self) -> Result<(), FileError> {
        if self.stamp.number() < CHECKSUM_SINCE {
            return Ok(());
        }
        self.sum_consumed();
        let computed = self.checksum.finalize();
        let offset = self.offset();
        let stored = self.parse(|reader| reader.array::<CHECKSUM_BYTES>().map(u64::from_le_bytes))?;
        if self.check_sum && stored != 0 && stored != computed {
            return Err(FileError::new(offset, FileErrorKind::ChecksumDiffers));
        }
        Ok(())
    }

    /// Decodes something that must be whole.
    fn parse<T>(&mut self, decode: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>) -> Result<T, FileError> {
        let base = self.offset();
        self.try_parse(decode)?.map_err(|error| FileError::decode(base, error))
    }

    /// Decodes something; when its bytes are wrong, nothing is consumed.
    fn try_parse<T>(
        &mut self,
        mut decode: impl FnMut(&mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> Result<Result<T, DecodeError>, FileError> {
        loop {
            let mut reader = Reader::new(self.window.get(self.consumed..).unwrap_or_default(), self.options);
            let missing = match decode(&mut reader) {
                Ok(decoded) => {
                    let len = reader.offset();
                    self.consume(len);
                    return Ok(Ok(decoded));
                }
                Err(DecodeError { kind: DecodeErrorKind::Truncated { missing }, .. }) if !self.source_ended => missing,
                Err(DecodeError { kind: DecodeErrorKind::TooManyElements { .. }, .. }) if !self.source_ended => 1,
                Err(error) => return Ok(Err(error)),
            };
            self.grow(usize::try_from(missing).unwrap_or(usize::MAX))?;
        }
    }

    const fn consume(&mut self, len: usize) {
        self.consumed = self.consumed.saturating_add(len);
    }

    /// Brings the checksum up to what was consumed.
    fn sum_consumed(&mut self) {
        if let Some(bytes) = self.window.get(self.summed..self.consumed) {
            self.checksum.update(bytes);
        }
        self.summed = self.consumed;
    }

    /// Reads on: at least doubles what is unread, at most what the source gives.
    fn grow(&mut self, missing: usize) -> Result<(), FileError> {
        self.sum_consumed();
        self.summed = 0;
        self.window.drain(..self.consumed.min(self.window.len()));
        self.base = self.base.saturating_add(self.consumed as u64);
        self.consumed = 0;
        // However much is said to be missing, only what came is followed by as much again.
        let want = missing.min(self.window.len()).max(self.window.len()).max(READ_BYTES);
        let before = self.window.len();
        let read = self.source.by_ref().take(want as u64).read_to_end(&mut self.window);
        match read {
            Ok(count) => {
                self.source_ended = count < want;
                Ok(())
            }
            Err(error) => {
                let offset = self.base.saturating_add(before as u64);
                Err(FileError::new(offset, FileErrorKind::Io(io::Error::new(error.kind(), error))))
            }
        }
    }
}

fn header_stamp(bytes: &[u8]) -> Result<Stamp, FileError> {
    let not_rdb = || FileError::new(0, FileErrorKind::NotRdb);
    let header = bytes.get(..HEADER_BYTES).ok_or_else(not_rdb)?;
    let (digits, vendor) = if let Some(digits) = header.strip_prefix(VALKEY) {
        (digits, Vendor::Valkey)
    } else {
        (header.strip_prefix(REDIS).ok_or_else(not_rdb)?, Vendor::Redis)
    };
    let number = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok()).ok_or_else(not_rdb)?;
    let newer = |vendor| FileError::new(0, FileErrorKind::NewerStamp { stamp: u32::from(number), vendor });
    let stamp = Stamp::new(number).map_err(newer)?;
    // A stamp from the other vendor's range under this one's name is nothing that anybody writes.
    if stamp.vendor() == vendor && number > 0 { Ok(stamp) } else { Err(newer(vendor)) }
}

fn owned(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    Ok(match reader.string()? {
        RdbString::Int(int) => IntText::new().format(i64::from(int)).to_vec(),
        RdbString::Bytes(bytes) => bytes.into_owned(),
    })
}
