//! Writing a file record by record.

use std::io::{self, Write};

use crc_fast::{CrcAlgorithm, Digest};
use stdx::UnixMs;
use value::ValueRef;

use super::error::{FileError, FileErrorKind};
use super::opcode;
use crate::dialect::Target;
use crate::writer::Writer;
use crate::{Dialect, DumpOptions, Vendor, types};

/// Records are gathered up to this size before they go out.
const GATHER_BYTES: usize = 64 << 10;

/// How to write a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileOptions {
    pub dialect: Dialect,
    /// `rdbcompression`.
    pub compress: bool,
    /// `rdbchecksum`: otherwise eight zeros stand at the end.
    pub checksum: bool,
    /// The lowest Redis stamp that holds every value of the file ([`crate::least_stamp`]): what `portable` settles on. Those who do not
    /// know it may say 0 and begin anew when a value needs more.
    pub least_stamp: u16,
}

/// What is written beside a key and its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyFacts {
    pub deadline: Option<UnixMs>,
    /// Seconds since its last use: written under an LRU policy.
    pub idle_s: Option<u64>,
    /// The LFU counter: written under an LFU policy.
    pub frequency: Option<u8>,
}

/// A file being written.
///
/// ```
/// use rdb::{Dialect, FileOptions, FileWriter, KeyFacts};
/// use value::{StringRef, ValueRef};
/// let options = FileOptions { dialect: Dialect::Redis7_0, compress: true, checksum: false, least_stamp: 1 };
/// let mut file = FileWriter::new(Vec::new(), options).unwrap();
/// file.select_db(0, 1, 0).unwrap();
/// file.key(b"k", ValueRef::String(StringRef::new(b"v")), KeyFacts::default()).unwrap();
/// assert_eq!(file.finish().unwrap(), b"REDIS0010\xfe\x00\xfb\x01\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0");
/// ```
pub struct FileWriter<W> {
    sink: W,
    options: FileOptions,
    target: Target,
    gathered: Vec<u8>,
    checksum: Digest,
    written: u64,
}

impl<W: Write> FileWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// When the sink fails; so of all that follow.
    pub fn new(sink: W, options: FileOptions) -> Result<Self, FileError> {
        let target = Target::settle(options.dialect, options.least_stamp);
        let checksum = Digest::new(CrcAlgorithm::Crc64Redis);
        let mut file = Self { sink, options, target, gathered: Vec::new(), checksum, written: 0 };
        let number = target.stamp.number();
        let header = match target.stamp.vendor() {
            Vendor::Redis => format!("REDIS{number:04}"),
            Vendor::Valkey => format!("VALKEY{number:03}"),
        };
        file.gathered.extend_from_slice(header.as_bytes());
        Ok(file)
    }

    /// A fact about the writer.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn aux(&mut self, name: &[u8], value: &[u8]) -> Result<(), FileError> {
        self.record(|writer| {
            writer.u8(opcode::AUX);
            writer.string(name);
            writer.string(value);
        })
    }

    /// The source of a function library. Stamps below 10 have none.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn function(&mut self, source: &[u8]) -> Result<(), FileError> {
        self.record(|writer| {
            writer.u8(opcode::LIBRARY);
            writer.string(source);
        })
    }

    /// Begins a database with so many keys.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn select_db(&mut self, db: u64, keys: u64, volatile_keys: u64) -> Result<(), FileError> {
        self.record(|writer| {
            writer.u8(opcode::SELECT_DB);
            writer.length(db);
            writer.u8(opcode::RESIZE_DB);
            writer.length(keys);
            writer.length(volatile_keys);
        })
    }

    /// A key with its value.
    ///
    /// # Errors
    /// When the dialect cannot hold the value: the key is named, and is left out. When `portable` was begun with too low a stamp: the
    /// file must be begun anew. Else see [`Self::new`].
    pub fn key(&mut self, key: &[u8], value: ValueRef<'_>, facts: KeyFacts) -> Result<(), FileError> {
        if self.options.dialect == Dialect::Portable {
            let least = types::least_stamp(value);
            if least > self.target.stamp.number() {
                return Err(FileError::new(self.written, FileErrorKind::StampTooLow { least }));
            }
        }
        let start = self.gathered.len();
        let mut writer = Writer::new(&mut self.gathered, self.options.into());
        if let Some(UnixMs(at)) = facts.deadline {
            writer.u8(opcode::EXPIRE_MS);
            writer.bytes(&at.to_le_bytes());
        }
        if let Some(idle) = facts.idle_s {
            writer.u8(opcode::IDLE);
            writer.length(idle);
        }
        if let Some(frequency) = facts.frequency {
            writer.u8(opcode::FREQ);
            writer.u8(frequency);
        }
        let writer = &mut Writer::of_key(key, &mut self.gathered, self.options.into());
        if let Err(error) = types::write(value, self.target, writer) {
            self.gathered.truncate(start);
            let kind = FileErrorKind::Encode { key: key.to_vec(), error };
            return Err(FileError::new(self.written, kind));
        }
        self.send_if_full()
    }

    /// Writes the end and what is still gathered.
    ///
    /// # Errors
    /// See [`Self::new`].
    pub fn finish(mut self) -> Result<W, FileError> {
        self.gathered.push(opcode::END);
        self.send()?;
        let checksum = if self.options.checksum { self.checksum.finalize() } else { 0 };
        // Files older than stamp 5 end without one, but those are never written.
        self.sink.write_all(&checksum.to_le_bytes()).map_err(|error| self.failed(error))?;
        self.sink.flush().map_err(|error| self.failed(error))?;
        Ok(self.sink)
    }

    /// Bytes written and gathered so far.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.written.saturating_add(self.gathered.len() as u64)
    }

    /// Whether nothing was written: never, since there is a header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn record(&mut self, write: impl FnOnce(&mut Writer<'_>)) -> Result<(), FileError> {
        write(&mut Writer::new(&mut self.gathered, self.options.into()));
        self.send_if_full()
    }

    fn send_if_full(&mut self) -> Result<(), FileError> {
        if self.gathered.len() < GATHER_BYTES { Ok(()) } else { self.send() }
    }

    fn send(&mut self) -> Result<(), FileError> {
        if self.options.checksum {
            self.checksum.update(&self.gathered);
        }
        self.sink.write_all(&self.gathered).map_err(|error| self.failed(error))?;
        self.written = self.len();
        self.gathered.clear();
        self.gathered.shrink_to(GATHER_BYTES.saturating_mul(2));
        Ok(())
    }

    fn failed(&self, error: io::Error) -> FileError {
        FileError::new(self.written, FileErrorKind::Io(error))
    }
}

impl From<FileOptions> for DumpOptions {
    fn from(options: FileOptions) -> Self {
        Self { dialect: options.dialect, compress: options.compress }
    }
}
