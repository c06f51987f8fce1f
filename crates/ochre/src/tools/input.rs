//! What a tool reads: a file, standard input, the base of an append-only directory, or a payload of DUMP.
//!
//! What it is, its first bytes tell. A payload is one value; it is checked as RESTORE checks it and then shown to the tools as a file with one
//! key of an empty name, so that no tool needs a second way of reading.

use std::io::{self, Cursor, IsTerminal as _, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use rdb::{FileError, FileReader, Record, RestoreOptions, Vendor};

use super::manifest;
use super::output::Found;

/// Bytes that tell what it is.
const HEAD_BYTES: u64 = 16;
/// The longest payload that is taken into memory.
const PAYLOAD_MAX_BYTES: u64 = 1 << 30;

/// Records that begin a payload of FUNCTION DUMP: of any release, and of a pre-release.
const LIBRARIES: [u8; 2] = [245, 246];
const END: u8 = 255;
/// The first stamp whose files end with a checksum; eight zeros are none.
const CHECKSUM_SINCE: u16 = 5;

/// Something to read records from.
pub(super) struct Input {
    /// What the user calls it.
    pub(super) name: String,
    pub(super) kind: Kind,
    from: From,
    /// Files of commands that come behind the base, and their lengths.
    pub(super) increments: Vec<(String, u64)>,
    progress: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Payload,
    Functions,
}

enum From {
    Path(PathBuf, u64),
    /// Standard input, until it is taken.
    Once(Option<Box<dyn Read>>),
    Memory(Vec<u8>),
}

/// Records, each with the database that it belongs to.
pub(super) struct Records {
    pub(super) file: FileReader<Box<dyn Read>>,
    /// Where the last record began, or what could not be read as one.
    pub(super) began: u64,
    db: u64,
}

impl Records {
    /// The next record with its database. See [`FileReader::next`].
    pub(super) fn next(&mut self) -> Result<Option<(u64, Record)>, FileError> {
        self.began = self.file.offset();
        let record = self.file.next()?;
        if let Some(Record::SelectDb(db)) = record {
            self.db = db;
        }
        Ok(record.map(|record| (self.db, record)))
    }
}

impl Input {
    /// Opens `path`, `-` for standard input. `progress`: whether to show on a terminal how far the reading is.
    pub(super) fn open(path: &Path, progress: bool) -> Result<Self> {
        if path == Path::new("-") {
            return Self::of_stdin();
        }
        if path.is_dir() {
            return Self::of_directory(path, progress);
        }
        let name = path.display().to_string();
        let (mut file, len) = runtime::files::open(path).with_context(|| name.clone())?;
        let head = read_head(&mut file).with_context(|| name.clone())?;
        let (from, kind) = match sniff(&head).with_context(|| name.clone())? {
            Kind::File => (From::Path(path.to_owned(), len), Kind::File),
            Kind::Payload | Kind::Functions => {
                of_payload(Cursor::new(head).chain(file)).with_context(|| name.clone())?
            }
        };
        Ok(Self { name, kind, from, increments: Vec::new(), progress })
    }

    fn of_stdin() -> Result<Self> {
        let name = "standard input".to_owned();
        let mut stdin = io::stdin().lock();
        let head = read_head(&mut stdin).with_context(|| name.clone())?;
        let kind = sniff(&head).with_context(|| name.clone())?;
        let whole = Cursor::new(head).chain(stdin);
        let (from, kind) = match kind {
            Kind::File => (From::Once(Some(Box::new(whole))), Kind::File),
            Kind::Payload | Kind::Functions => of_payload(whole).with_context(|| name.clone())?,
        };
        Ok(Self { name, kind, from, increments: Vec::new(), progress: false })
    }

    fn of_directory(dir: &Path, progress: bool) -> Result<Self> {
        let path = manifest::find(dir)?;
        let text = runtime::files::read_text(&path).with_context(|| path.display().to_string())?;
        let manifest = manifest::parse(&text).with_context(|| path.display().to_string())?;
        let mut increments = Vec::new();
        for name in manifest.increments {
            let (_, len) = runtime::files::open(&dir.join(&name)).with_context(|| name.clone())?;
            if len > 0 {
                increments.push((name, len));
            }
        }
        let Some(base) = manifest.base else { bail!("{}: the manifest names no base", path.display()) };
        Ok(Self { increments, ..Self::open(&dir.join(base), progress)? })
    }

    /// Begins to read from the start. Standard input can be read once.
    pub(super) fn records(&mut self) -> Result<Records> {
        let source: Box<dyn Read> = match &mut self.from {
            From::Path(path, len) => {
                let (file, _) = runtime::files::open(path).with_context(|| self.name.clone())?;
                if self.progress { Box::new(progress_bar(*len).wrap_read(file)) } else { Box::new(file) }
            }
            From::Once(source) => {
                source.take().with_context(|| format!("{} cannot be read twice: give a file", self.name))?
            }
            From::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
        };
        let file = FileReader::new(source, RestoreOptions::default()).with_context(|| self.name.clone())?;
        Ok(Records { file, began: 0, db: 0 })
    }

    /// Whether [`Self::records`] can be called again.
    pub(super) fn is_repeatable(&self) -> bool {
        !matches!(self.from, From::Once(_))
    }

    /// Bytes of the file, where that is known.
    pub(super) fn len(&self) -> Option<u64> {
        if let From::Path(_, len) = self.from { Some(len) } else { None }
    }
}

/// Whether a bar would have a terminal to itself while standard output shows lines.
pub(super) fn output_is_elsewhere() -> bool {
    !io::stdout().is_terminal()
}

fn progress_bar(len: u64) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::stderr()).with_finish(ProgressFinish::AndClear);
    if let Ok(style) =
        ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec} (left {eta})")
    {
        bar.set_style(style);
    }
    bar
}

fn read_head(source: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    source.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

fn sniff(head: &[u8]) -> Result<Kind> {
    let is_digits = |at: std::ops::Range<usize>| head.get(at).is_some_and(|it| it.iter().all(u8::is_ascii_digit));
    if head.is_empty() {
        bail!("it is empty");
    }
    if head.starts_with(b"REDIS") && is_digits(5..9) || head.starts_with(b"VALKEY") && is_digits(6..9) {
        return Ok(Kind::File);
    }
    if head.starts_with(b"*") && is_digits(1..2) || head.starts_with(b"#TS:") {
        bail!(
            "it is an append-only file of commands, which the tools do not read: start a server with it and let that \
             write an RDB file (BGREWRITEAOF with aof-use-rdb-preamble yes, or SAVE)"
        );
    }
    Ok(if is_functions(head) { Kind::Functions } else { Kind::Payload })
}

/// Whether a payload is one of FUNCTION DUMP; one of no library is a footer only.
fn is_functions(payload: &[u8]) -> bool {
    payload.len() == rdb::FOOTER_BYTES || payload.first().is_some_and(|code| LIBRARIES.contains(code))
}

/// A payload as a file: of one key with an empty name, or of the libraries in it.
fn of_payload(source: impl Read) -> Result<(From, Kind)> {
    let mut payload = Vec::new();
    source.take(PAYLOAD_MAX_BYTES + 1).read_to_end(&mut payload)?;
    if payload.len() as u64 > PAYLOAD_MAX_BYTES {
        bail!("it is no RDB file, and too long for a payload");
    }
    let is_functions = is_functions(&payload);
    let (body, stamp) = match rdb::check_footer(&payload, RestoreOptions::default()) {
        Ok(frame) => frame,
        Err(error) => {
            return Err(Found(format!("it does not begin as an RDB file, and is no payload: {error}")).into());
        }
    };
    let mut file = match stamp.vendor() {
        Vendor::Redis => format!("REDIS{:04}", stamp.number().max(1)),
        Vendor::Valkey => format!("VALKEY{:03}", stamp.number()),
    }
    .into_bytes();
    // What is checked as a payload is sound as a record.
    let damaged = |error: String| Found(format!("the payload is damaged: {error}"));
    if is_functions {
        rdb::functions::read(&payload, RestoreOptions::default()).map_err(|error| damaged(error.to_string()))?;
        file.extend_from_slice(body);
    } else {
        let restored =
            rdb::restore_told(&payload, RestoreOptions::default()).map_err(|error| damaged(error.to_string()))?;
        // The key's name stands behind the type byte, and that behind what modules noted of the key.
        let (front, value) = body.split_at_checked(restored.type_at.saturating_add(1)).unwrap_or_default();
        file.extend_from_slice(front);
        file.push(0);
        file.extend_from_slice(value);
    }
    file.push(END);
    if stamp.number() >= CHECKSUM_SINCE {
        file.extend_from_slice(&[0; 8]);
    }
    Ok((From::Memory(file), if is_functions { Kind::Functions } else { Kind::Payload }))
}

#[cfg(test)]
mod tests {
    use super::{From, Kind, of_payload, sniff};

    #[test]
    fn first_bytes_tell_what_it_is() {
        assert_eq!(sniff(b"REDIS0011\xfa\x09redis").unwrap(), Kind::File);
        assert_eq!(sniff(b"VALKEY080").unwrap(), Kind::File);
        assert_eq!(sniff(b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb").unwrap(), Kind::Payload);
        assert_eq!(sniff(b"\xf5\x01x").unwrap(), Kind::Functions);
        assert_eq!(sniff(b"\xf6\x01x").unwrap(), Kind::Functions);
        assert_eq!(sniff(b"\n\0]\x9b\\@\x0f\x7f\xa2\xda").unwrap(), Kind::Functions);
        assert_eq!(sniff(b"REDIS is fast").unwrap(), Kind::Payload);
        assert_eq!(sniff(b"").unwrap_err().to_string(), "it is empty");
        for commands in [&b"*2\r\n$6\r\nSELECT"[..], b"#TS:1628217470\r\n"] {
            assert!(sniff(commands).unwrap_err().to_string().starts_with("it is an append-only file of commands"));
        }
    }

    #[test]
    fn a_payload_becomes_a_file_of_one_key() {
        let (from, kind) = of_payload(&b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb"[..]).unwrap();
        let From::Memory(bytes) = from else { panic!() };
        assert_eq!((kind, &bytes[..]), (Kind::Payload, &b"REDIS0010\x00\x00\xc0\n\xff\0\0\0\0\0\0\0\0"[..]));
        let error = of_payload(&b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb\n"[..]).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("one line break too many"), "{error}");
    }

    #[test]
    fn metadata_of_a_payload_stays_in_front_of_the_key() {
        let mut payload = b"\xf3\x01\x01\x02\x03\x04\x00\x00\x01v".to_vec();
        rdb::append_footer(&mut payload, 0, rdb::Stamp::new(13).unwrap());
        let (From::Memory(bytes), Kind::Payload) = of_payload(&payload[..]).unwrap() else { panic!() };
        assert_eq!(&bytes[..], b"REDIS0013\xf3\x01\x01\x02\x03\x04\x00\x00\x00\x01v\xff\0\0\0\0\0\0\0\0");
    }
}
