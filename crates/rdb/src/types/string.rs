//! Strings: type 0, one RDB string, in every version of the format.
//!
//! ```text
//! 00 | c0 0a           "10"
//! 00 | 05 68 65 6c 6c 6f     "hello"
//! ```
//!
//! The encoding in memory is not stored: a string that APPEND left `raw` comes back as a fresh SET would make it. HyperLogLogs and
//! bitmaps are strings.

use value::{StringRef, StringValue, Value};

use crate::dialect::Target;
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, EncodeError, Stamp};

pub(super) const CODE: u8 = 0;

/// Looks at the string without expanding it.
pub(super) fn survey(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    reader.text().map(drop)
}

pub(super) fn read(_code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    Ok(Value::String(match reader.string()? {
        RdbString::Int(int) => StringValue::Int(i64::from(int)),
        RdbString::Bytes(bytes) => match StringRef::new(&bytes) {
            StringRef::Raw(_) => StringValue::Raw(bytes.into_owned()),
            short @ (StringRef::Int(_) | StringRef::Embstr(_)) => short.to_value(),
        },
    }))
}

pub(super) fn write(string: StringRef<'_>, _target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    writer.code(CODE);
    match string {
        StringRef::Int(int) => writer.int_string(int),
        StringRef::Embstr(bytes) | StringRef::Raw(bytes) => writer.string(bytes),
    }
    Ok(())
}

pub(super) fn least_stamp(_string: StringRef<'_>) -> u16 {
    1
}
