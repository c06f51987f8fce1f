//! DUMP and RESTORE payloads: one value in a frame.

use value::{EncodingLimits, Value, ValueRef};

use crate::dialect::Target;
use crate::file;
use crate::reader::Reader;
use crate::types;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, Dialect, EncodeError, RestoreError, Stamp, append_footer, check_footer};

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpOptions {
    pub dialect: Dialect,
    /// Whether long strings are compressed: the servers' `rdbcompression`, on by default.
    pub compress: bool,
}

impl From<Dialect> for DumpOptions {
    fn from(dialect: Dialect) -> Self {
        Self { dialect, compress: true }
    }
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Takes a payload whose checksum is zero, as Redis from 8.4 on sends to its own replicas. For trusted sources: it gives up
    /// the protection against accidents.
    pub allow_omitted_checksum: bool,
    /// Takes a payload with bytes between the value and the footer, and ignores those, as the servers do. No server writes such
    /// a payload; bytes left over mean that it was made by hand or that its value was misread, so it is refused by default.
    pub ignore_trailing_bytes: bool,
    /// The longest string to accept, in bytes, uncompressed: the servers' `proto-max-bulk-len`, 512 MiB by default.
    pub max_string_bytes: usize,
    /// Refuses a value that modules gave metadata (Redis from 8.6 on), which nothing here can keep. Otherwise it is left out, and told.
    pub refuse_metadata: bool,
    /// Up to which size a value that was read is kept in its compact encoding.
    pub encodings: EncodingLimits,
}

impl Default for RestoreOptions {
    fn default() -> Self {
        Self {
            allow_omitted_checksum: false,
            ignore_trailing_bytes: false,
            max_string_bytes: 512 << 20,
            refuse_metadata: false,
            encodings: EncodingLimits::default(),
        }
    }
}

/// Appends the payload of `value` in `dialect` to `out`, long strings compressed.
///
/// ```
/// use rdb::Dialect;
/// use value::{StringRef, ValueRef};
/// let mut payload = Vec::new();
/// rdb::dump(ValueRef::String(StringRef::new(b"10")), Dialect::Portable, &mut payload).unwrap();
/// assert_eq!(payload, b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb");
/// ```
///
/// # Errors
/// If the dialect cannot hold the value. `out` is then as it was.
pub fn dump(value: ValueRef<'_>, dialect: Dialect, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    dump_with(value, DumpOptions::from(dialect), out)
}

/// As [`dump`], with every choice open.
///
/// # Errors
/// If the dialect cannot hold the value. `out` is then as it was.
pub fn dump_with(value: ValueRef<'_>, options: DumpOptions, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let start = out.len();
    let target = Target::settle(options.dialect, types::least_stamp(value));
    if let Err(error) = types::write(value, target, &mut Writer::new(out, options)) {
        out.truncate(start);
        return Err(error);
    }
    append_footer(out, start, target.stamp);
    Ok(())
}

/// The lowest Redis stamp whose readers take the value in full.
#[must_use]
pub fn least_stamp(value: ValueRef<'_>) -> u16 {
    types::least_stamp(value)
}

/// What `dialect` has no place for and [`dump`] therefore leaves out of the value. Only streams have such parts, and only in the dialects
/// `redis-6.2` and `redis-7.0`: times and counters which those servers do not keep either. Who writes in a dialect tells of it.
///
/// ```
/// use rdb::Dialect;
/// use value::{StringRef, ValueRef};
/// assert_eq!(rdb::left_out(ValueRef::String(StringRef::Int(10)), Dialect::Redis6_2), None);
/// ```
#[must_use]
pub fn left_out(value: ValueRef<'_>, dialect: Dialect) -> Option<&'static str> {
    types::left_out(value, Target::settle(dialect, types::least_stamp(value)))
}

/// The value in `payload`, whichever server of the family wrote it.
///
/// ```
/// use value::{StringValue, Value};
/// let value = rdb::restore(b"\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(", Default::default()).unwrap();
/// assert_eq!(value, Value::String(StringValue::Int(10)));
/// ```
///
/// # Errors
/// If the frame is wrong or the value in it is not well formed. See [`RestoreError`] for the texts.
pub fn restore(payload: &[u8], options: RestoreOptions) -> Result<Value, RestoreError> {
    restore_told(payload, options).map(|restored| restored.value)
}

/// A value, and what stood around it in its payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Restored {
    pub value: Value,
    /// Pieces of metadata of modules in front of the value, which are left out.
    pub metadata: u64,
    /// Where the type byte stands: 0, or behind the metadata.
    pub type_at: usize,
}

/// As [`restore`], and tells what of the payload is not in the value.
///
/// ```
/// use rdb::{Stamp, append_footer};
/// // One piece of metadata: the name of its class, an unsigned 5, the end; then the string "v".
/// let mut payload = b"\xf3\x01\x01\x02\x03\x04\x02\x05\x00\x00\x01v".to_vec();
/// append_footer(&mut payload, 0, Stamp::new(13).unwrap());
/// let restored = rdb::restore_told(&payload, Default::default()).unwrap();
/// assert_eq!((restored.metadata, restored.type_at), (1, 9));
/// ```
///
/// # Errors
/// As [`restore`].
pub fn restore_told(payload: &[u8], options: RestoreOptions) -> Result<Restored, RestoreError> {
    let (body, stamp) = check_footer(payload, options)?;
    let mut reader = Reader::of_value(body, options);
    let (code, metadata) = type_byte(stamp, options, &mut reader)?;
    let type_at = reader.offset().saturating_sub(1);
    let value = types::read(code, stamp, &mut reader)?;
    reader.expect_end()?;
    Ok(Restored { value, metadata, type_at })
}

/// Whether [`restore`] would take `payload`: all of it is looked at, and no value made.
///
/// It allocates at most four times the payload and a mebibyte. So does [`restore`] for a payload that it refuses; one that it takes may be
/// larger in memory.
///
/// ```
/// assert_eq!(rdb::survey(b"\x00\xc0\n\x06\x00\xf8r?\xc5\xfb\xfb_(", Default::default()), Ok(()));
/// ```
///
/// # Errors
/// If the frame is wrong or the value in it is not well formed; not always with the first fault that [`restore`] finds.
pub fn survey(payload: &[u8], options: RestoreOptions) -> Result<(), RestoreError> {
    let (body, stamp) = check_footer(payload, options)?;
    let mut reader = Reader::of_value(body, options);
    let (code, _) = type_byte(stamp, options, &mut reader)?;
    types::survey(code, stamp, &mut reader)?;
    reader.expect_end()?;
    Ok(())
}

/// The type byte, and how many pieces of metadata are in front of it.
fn type_byte(stamp: Stamp, options: RestoreOptions, reader: &mut Reader<'_>) -> Result<(u8, u64), DecodeError> {
    if reader.remaining() == 0 {
        return Err(reader.error(DecodeErrorKind::NoValue));
    }
    let metadata = read_metadata(stamp, options, reader)?;
    Ok((reader.u8()?, metadata))
}

/// Gets past the metadata in front of a value, if there is any; how many pieces there are.
fn read_metadata(stamp: Stamp, options: RestoreOptions, reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    if !stamp.has_key_metadata() || reader.clone().u8()? != file::KEY_META {
        return Ok(0);
    }
    reader.u8()?;
    let pieces = file::skip_key_metadata(reader)?;
    if pieces > 0 && options.refuse_metadata {
        return Err(DecodeError { offset: 0, kind: DecodeErrorKind::KeyMetadata { pieces } });
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use value::{StringRef, StringValue, Value, ValueRef};

    use super::{RestoreOptions, dump, restore, restore_told};
    use crate::{DecodeError, DecodeErrorKind, Dialect, RestoreError, Stamp, append_footer};

    fn sealed(body: &[u8], stamp: u16) -> Vec<u8> {
        let mut payload = body.to_vec();
        append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
        payload
    }

    #[test]
    fn every_dialect_stamps_a_string_with_its_own_version() {
        for (dialect, stamp) in [
            (Dialect::Portable, 10),
            (Dialect::Redis6_2, 9),
            (Dialect::Redis7_4, 12),
            (Dialect::Redis8_10, 15),
            (Dialect::Valkey8, 11),
            (Dialect::Valkey9, 80),
        ] {
            let mut payload = b"kept".to_vec();
            dump(ValueRef::String(StringRef::Int(10)), dialect, &mut payload).unwrap();
            assert_eq!(payload, [b"kept", &sealed(b"\x00\xc0\x0a", stamp)[..]].concat(), "{dialect}");
        }
    }

    #[test]
    fn bytes_behind_the_value_are_refused_unless_they_are_to_be_ignored() {
        let payload = sealed(b"\x00\xc0\x0a\x00\x00", 6);
        let kind = DecodeErrorKind::TrailingBytes { count: 2 };
        let mut options = RestoreOptions::default();
        assert_eq!(restore(&payload, options), Err(RestoreError::Body(DecodeError { offset: 3, kind })));
        options.ignore_trailing_bytes = true;
        assert_eq!(restore(&payload, options), Ok(Value::String(StringValue::Int(10))));
    }

    #[test]
    fn payloads_of_something_else_say_what_they_are() {
        for (body, kind) in [
            (&b""[..], DecodeErrorKind::NoValue),
            (b"\xf5\x01x", DecodeErrorKind::FunctionLibrary),
            (b"\x06\x01", DecodeErrorKind::UnsupportedType(6)),
        ] {
            assert_eq!(
                restore(&sealed(body, 15), RestoreOptions::default()),
                Err(DecodeError { offset: 0, kind }.into())
            );
        }
    }

    fn v() -> Value {
        Value::String(StringValue::new(b"v"))
    }

    /// Two pieces, with every mark that a module's value may have, in front of the string "v".
    const NOTED: &[u8] =
        b"\xf3\x02\x01\x02\x03\x04\x02\x05\x05\x01x\x00\xff\xff\xff\xff\x01\x07\x03\0\0\0\0\x04\0\0\0\0\0\0\0\0\x00\x00\x01v";

    #[test]
    fn metadata_in_front_of_a_value_is_passed_over_and_told() {
        for stamp in [13, 14, 15] {
            let restored = restore_told(&sealed(NOTED, stamp), RestoreOptions::default()).unwrap();
            assert_eq!((restored.value, restored.metadata, restored.type_at), (v(), 2, NOTED.len() - 3));
        }
        let refuse = RestoreOptions { refuse_metadata: true, ..RestoreOptions::default() };
        let kind = DecodeErrorKind::KeyMetadata { pieces: 2 };
        assert_eq!(restore(&sealed(NOTED, 13), refuse), Err(DecodeError { offset: 0, kind }.into()));
        assert_eq!(restore(&sealed(b"\x00\x01v", 13), refuse), Ok(v()));
    }

    #[test]
    fn servers_without_metadata_have_no_value_that_begins_so() {
        let kind = DecodeErrorKind::UnsupportedType(243);
        for stamp in [0, 6, 12, 80, 81] {
            let refused = Err(DecodeError { offset: 0, kind }.into());
            assert_eq!(restore(&sealed(NOTED, stamp), RestoreOptions::default()), refused, "{stamp}");
        }
    }

    #[test]
    fn metadata_cut_or_changed_anywhere_gives_a_value_or_an_error() {
        let mut accepted = 0;
        for end in 0..NOTED.len() {
            assert!(restore(&sealed(&NOTED[..end], 13), RestoreOptions::default()).is_err(), "{end}");
        }
        for bit in 0..NOTED.len() * 8 {
            let mut changed = NOTED.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            accepted += u32::from(restore(&sealed(&changed, 13), RestoreOptions::default()).is_ok());
        }
        // Names of classes, numbers and texts may be any.
        assert!(accepted > 100, "{accepted}");
        for count in [
            &b"\xf3\x81\xff\xff\xff\xff\xff\xff\xff\xff"[..],
            b"\xf3\xc3\x01",
            b"\xf3\x00",
            b"\xf3\x00\xf3\x00\x00\x01v",
        ] {
            assert!(restore(&sealed(count, 13), RestoreOptions::default()).is_err(), "{count:x?}");
        }
    }
}
