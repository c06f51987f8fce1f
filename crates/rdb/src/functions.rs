//! Payloads of FUNCTION DUMP and FUNCTION RESTORE: function libraries in the frame that values have.
//!
//! ```text
//! f5 3b 23 21 6c 75 61 20 6e 61 6d 65 3d 6c 0d 0a ...      245: a library, its source as a string (59 bytes: "#!lua name=l\r\n...")
//! f5 ...                                                   the next one
//! 0a 00 | ca 70 22 b1 fd 86 c3 5c                          the footer, as behind a value
//! ```
//!
//! No libraries make a payload of the footer alone. The servers write libraries in the order of a hash table; here it is the caller's.
//!
//! Release candidates of Redis 7.0 wrote another record (246: name, engine, 0 or 1 and a description, code), in which the source
//! had no first line that names it. It is read, the line is put in front and the description behind as a remark; released servers
//! refuse it.
//!
//! Reading goes over the payload twice: first everything is checked, then [`Libraries`] decodes one source after the other. A payload that
//! is refused has therefore cost nothing, however much its first library would expand to, and who takes the sources one by one holds one.

use std::borrow::Cow;
use std::fmt;

use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, DumpOptions, EncodeError, FrameError, RestoreOptions};
use crate::{append_footer, check_footer, dialect::Target, types};

/// The record of a library.
pub(crate) const LIBRARY: u8 = 245;
/// The record of a library as release candidates of Redis 7.0 wrote it.
pub(crate) const LIBRARY_PRE_GA: u8 = 246;

/// The first stamp whose servers have functions.
pub(crate) const FUNCTIONS_SINCE: u16 = 10;
/// Nobody wrote longer names.
const NAME_MAX_BYTES: usize = 4096;
/// What dialects before it lack.
pub(crate) const FEATURE: &str = "functions";

/// Why FUNCTION RESTORE refused a payload. It prints what Redis says to that first; commands put `ERR ` in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionsError {
    /// The frame is at fault: nothing in it was looked at.
    Frame(FrameError),
    /// The frame is right, what is in it is not.
    Body(DecodeError),
}

impl fmt::Display for FunctionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(frame) => write!(f, "DUMP payload version or checksum are wrong: {frame}"),
            Self::Body(body) if body.kind.is_no_library() => write!(f, "given type is not a function: {body}"),
            Self::Body(body) => write!(f, "Failed loading library payload: {body}"),
        }
    }
}

impl std::error::Error for FunctionsError {}

impl From<FrameError> for FunctionsError {
    fn from(frame: FrameError) -> Self {
        Self::Frame(frame)
    }
}

impl From<DecodeError> for FunctionsError {
    fn from(body: DecodeError) -> Self {
        Self::Body(body)
    }
}

/// The sources of a payload, in its order. Each is what FUNCTION LOAD takes, its first line included.
#[derive(Clone, Debug)]
pub struct Libraries<'a> {
    reader: Reader<'a>,
    left: usize,
}

impl<'a> Iterator for Libraries<'a> {
    type Item = Cow<'a, [u8]>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let source = read_library(&mut self.reader);
        if stdx::never!(source.is_err(), "what was checked can be read") {
            self.left = 0;
        }
        source.ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Libraries<'_> {}

/// The libraries in `payload`, whichever server wrote it. Of `options`, the limits of encodings do not matter.
///
/// ```
/// let sources: [&[u8]; 1] = [b"#!lua name=l\nredis.register_function('f', function() end)"];
/// let payload = rdb::functions::write(sources, rdb::Dialect::Portable).unwrap();
/// let libraries = rdb::functions::read(&payload, rdb::RestoreOptions::default()).unwrap();
/// assert!(libraries.eq(sources));
/// ```
///
/// # Errors
/// If the frame is wrong or what is in it are no libraries. See [`FunctionsError`] for the texts. What the sources say is not looked at.
pub fn read(payload: &[u8], options: RestoreOptions) -> Result<Libraries<'_>, FunctionsError> {
    let (body, _) = check_footer(payload, options)?;
    let first = Reader::new(body, options);
    let mut reader = first.clone();
    let mut left = 0_usize;
    while reader.remaining() > 0 {
        check_library(&mut reader)?;
        left = left.saturating_add(1);
    }
    Ok(Libraries { reader: first, left })
}

/// The payload that holds `sources`, in their order.
///
/// ```
/// let payload = rdb::functions::write([], rdb::Dialect::Redis7_0).unwrap();
/// assert_eq!(payload, b"\x0a\x00\x5d\x9b\x5c\x40\x0f\x7f\xa2\xda", "nothing but a footer");
/// ```
///
/// # Errors
/// If there are any and the dialect is of a time before functions.
pub fn write<'s>(
    sources: impl IntoIterator<Item = &'s [u8]>,
    options: impl Into<DumpOptions>,
) -> Result<Vec<u8>, EncodeError> {
    let options = options.into();
    let stamp = Target::settle(options.dialect, FUNCTIONS_SINCE).stamp;
    let mut out = Vec::new();
    for source in sources {
        if stamp.number() < FUNCTIONS_SINCE {
            return Err(EncodeError { feature: FEATURE, dialect: options.dialect });
        }
        let mut writer = Writer::new(&mut out, options);
        writer.u8(LIBRARY);
        writer.string(source);
    }
    append_footer(&mut out, 0, stamp);
    Ok(out)
}

/// The name that a library's first line gives it: `#!lua name=mylib`.
///
/// ```
/// assert_eq!(rdb::functions::library_name(b"#!lua name=mylib\nreturn 1"), Some(&b"mylib"[..]));
/// assert_eq!(rdb::functions::library_name(b"return 1"), None);
/// ```
#[must_use]
pub fn library_name(source: &[u8]) -> Option<&[u8]> {
    let line = source.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(u8::is_ascii_whitespace);
    words.find_map(|word| word.strip_prefix(b"name=")).filter(|name| is_name(name))
}

/// A library as a release candidate of Redis 7.0 wrote it. Name and engine consist of letters, digits and underscores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreGaLibrary {
    pub name: Vec<u8>,
    pub engine: Vec<u8>,
    pub description: Option<Vec<u8>>,
    pub code: Vec<u8>,
}

impl PreGaLibrary {
    /// As FUNCTION LOAD takes it.
    ///
    /// ```
    /// let description = Some(b"counts".to_vec());
    /// let (name, engine, code) = (b"lib".to_vec(), b"LUA".to_vec(), b"return 1".to_vec());
    /// let library = rdb::functions::PreGaLibrary { name, engine, description, code };
    /// assert_eq!(library.to_source(), b"#!lua name=lib\nreturn 1\n-- counts");
    /// ```
    #[must_use]
    pub fn to_source(&self) -> Vec<u8> {
        let engine = self.engine.to_ascii_lowercase();
        let mut source = [b"#!", &engine[..], b" name=", &self.name, b"\n", &self.code].concat();
        // Nothing later has a place for a description; a remark keeps it.
        for line in self.description.iter().flat_map(|text| text.split(|byte| matches!(byte, b'\n' | b'\r'))) {
            source.extend_from_slice(b"\n-- ");
            source.extend_from_slice(line);
        }
        source
    }
}

/// Letters, digits and underscores, as the servers demand of names.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// What the record that begins here is.
fn read_kind(reader: &mut Reader<'_>) -> Result<Form, DecodeError> {
    let offset = reader.offset();
    match reader.u8()? {
        LIBRARY => Ok(Form::Source),
        LIBRARY_PRE_GA => Ok(Form::PreGa),
        // Behind a library stands no value, even if the byte could begin one.
        code if offset == 0 && types::type_of_code(code).is_some() => {
            Err(DecodeError { offset, kind: DecodeErrorKind::ValueForLibrary(code) })
        }
        code => Err(DecodeError { offset, kind: DecodeErrorKind::NotALibrary(code) }),
    }
}

enum Form {
    Source,
    PreGa,
}

/// Gets past a library that can be read, without expanding it.
fn check_library(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    if matches!(read_kind(reader)?, Form::PreGa) {
        read_name(reader)?;
        read_name(reader)?;
        if reader.length()? != 0 {
            reader.check_string()?;
        }
    }
    reader.check_string().map(drop)
}

fn read_library<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    match read_kind(reader)? {
        Form::Source => read_bytes(reader),
        Form::PreGa => read_pre_ga(reader).map(|library| Cow::Owned(library.to_source())),
    }
}

/// What stands behind the first byte of a library of a pre-release.
pub(crate) fn read_pre_ga(reader: &mut Reader<'_>) -> Result<PreGaLibrary, DecodeError> {
    let name = read_name(reader)?;
    let engine = read_name(reader)?;
    let description = if reader.length()? == 0 { None } else { Some(read_bytes(reader)?.into_owned()) };
    Ok(PreGaLibrary { name, engine, description, code: read_bytes(reader)?.into_owned() })
}

/// A name that can stand in a library's first line.
fn read_name(reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let offset = reader.offset();
    // A long one is refused before it is expanded.
    let len = reader.clone().check_string()?;
    let name = if len <= NAME_MAX_BYTES { read_bytes(reader)? } else { Cow::Borrowed(&b""[..]) };
    if is_name(&name) { Ok(name.into_owned()) } else { Err(DecodeError { offset, kind: DecodeErrorKind::LibraryName }) }
}

fn read_bytes<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    Ok(match reader.string()? {
        RdbString::Bytes(bytes) => bytes,
        RdbString::Int(int) => Cow::Owned(stdx::num::IntText::new().format(i64::from(int)).to_vec()),
    })
}
