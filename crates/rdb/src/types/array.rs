//! Arrays: type 28, from Redis 8.8 (stamp 14) on.
//!
//! ```text
//! 1c | 03            3 elements
//!    | 01 05         the cursor is known: the last append wrote index 5
//!    | 00 03 02 "ok"                        index 0, a short text (7 bytes at most)
//!    | 05 01 0c 00 00 00 00 00 00 00        index 5, the integer 12, 8 bytes little-endian
//!    | 80 00 01 00 00 00 09 "long text"     index 65536, a text
//! ```
//!
//! Count, cursor, index and kind are lengths, so that indexes take up to nine bytes. Kind 2 is a double of 8 bytes, little-endian; it is
//! read into its shortest text and never written: the text of a decimal number is kept as it was. Elements are written in order
//! of their indexes, and read in any order. A reader takes what it finds for the text it stands for, so a text under the
//! "wrong" kind is no error; an index twice is.

use stdx::num::{DoubleText, IntText};
use value::{ARRAY_MAX_INDEX, Array, ArrayElement, ElementText, Value};

use super::survey::Survey;
use crate::dialect::{Target, Vendor};
use crate::reader::Reader;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const CODE: u8 = 28;
/// The first stamp whose readers know arrays.
const FIRST_STAMP: u16 = 14;

const TEXT: u64 = 0;
const INT: u64 = 1;
const DOUBLE: u64 = 2;
const SHORT: u64 = 3;

/// Index, kind and an empty text.
const LEAST_ELEMENT_BYTES: usize = 3;

/// What an element costs, growth on the way included: eight slots of a window at most, and what is around them. Each byte of its text.
const ELEMENT_COST: usize = 300;
const BYTE_COST: usize = 2;

pub(super) fn survey(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let count = front(reader)?.0;
    for _ in 0..count {
        let offset = reader.offset();
        if !survey.number(index(reader)?) {
            return Err(DecodeError { offset, kind: DecodeErrorKind::Duplicate });
        }
        let offset = reader.offset();
        match reader.length()? {
            TEXT | SHORT => drop(reader.text()?),
            INT | DOUBLE => drop(reader.array::<8>()?),
            tag => return Err(DecodeError { offset, kind: DecodeErrorKind::ArrayTag(tag) }),
        }
    }
    Ok(())
}

/// How many elements there are, and the cursor.
fn front(reader: &mut Reader<'_>) -> Result<(usize, Option<u64>), DecodeError> {
    let count = reader.count(LEAST_ELEMENT_BYTES)?;
    if count == 0 {
        return Err(reader.error(DecodeErrorKind::NoElements));
    }
    let has_cursor = reader.length()? != 0;
    Ok((count, if has_cursor { Some(index(reader)?) } else { None }))
}

pub(super) fn read(_code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let (count, cursor) = front(reader)?;
    let mut array = Array::default();
    for _ in 0..count {
        let start = reader.offset();
        let index = index(reader)?;
        if !read_element(&mut array, index, reader)? {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::Duplicate });
        }
    }
    if let Some(last) = cursor {
        array.seek(last.saturating_add(1));
    }
    Ok(Value::Array(Box::new(array)))
}

fn index(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let start = reader.offset();
    let index = reader.length()?;
    if index > ARRAY_MAX_INDEX {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::ArrayIndex(index) });
    }
    Ok(index)
}

/// Returns whether the index was free.
fn read_element(array: &mut Array, index: u64, reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let start = reader.offset();
    let limits = *reader.encodings();
    reader.afford(ELEMENT_COST)?;
    Ok(match reader.length()? {
        TEXT | SHORT => {
            let text = reader.string()?;
            let mut room = IntText::new();
            let text = text.text(&mut room);
            reader.afford(text.len().saturating_mul(BYTE_COST))?;
            array.set(index, text, &limits)
        }
        INT => {
            let int = i64::from_le_bytes(reader.array()?);
            array.set(index, IntText::new().format(int), &limits)
        }
        DOUBLE => {
            let double = f64::from_le_bytes(reader.array()?);
            array.set(index, DoubleText::new().format(double), &limits)
        }
        tag => return Err(DecodeError { offset: start, kind: DecodeErrorKind::ArrayTag(tag) }),
    })
}

pub(super) fn write(array: &Array, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    if target.stamp.vendor() != Vendor::Redis || target.stamp.number() < FIRST_STAMP {
        return Err(EncodeError { feature: "arrays", dialect: target.dialect });
    }
    writer.code(CODE);
    writer.length(array.count());
    match array.last_insert() {
        None => writer.length(0),
        Some(last) => {
            writer.length(1);
            writer.length(last);
        }
    }
    let mut scratch = ElementText::new();
    for (index, element) in array.range(0, ARRAY_MAX_INDEX) {
        writer.length(index);
        match element {
            ArrayElement::Int(int) => {
                writer.length(INT);
                writer.bytes(&int.to_le_bytes());
            }
            ArrayElement::Short(text) => {
                writer.length(SHORT);
                writer.string(text.bytes());
            }
            ArrayElement::Decimal(_) | ArrayElement::Long(_) => {
                writer.length(TEXT);
                writer.string(element.text(&mut scratch));
            }
        }
    }
    Ok(())
}

pub(super) fn least_stamp(_array: &Array) -> u16 {
    FIRST_STAMP
}

#[cfg(test)]
mod tests {
    use value::{Array, EncodingLimits, Value};

    use crate::{
        DecodeErrorKind, Dialect, DumpOptions, RestoreError, RestoreOptions, Stamp, append_footer, dump_with, restore,
    };

    fn array(elements: &[(u64, &str)], cursor: Option<u64>) -> Value {
        let mut array = Array::default();
        for (index, text) in elements {
            array.set(*index, text.as_bytes(), &EncodingLimits::default());
        }
        if let Some(last) = cursor {
            array.seek(last + 1);
        }
        Value::Array(Box::new(array))
    }

    fn body(value: &Value, dialect: Dialect) -> Vec<u8> {
        let mut payload = Vec::new();
        dump_with(value.as_ref(), DumpOptions::from(dialect), &mut payload).unwrap();
        payload.truncate(payload.len() - crate::FOOTER_BYTES);
        payload
    }

    fn read(body: &[u8]) -> Result<Value, RestoreError> {
        let mut payload = body.to_vec();
        append_footer(&mut payload, 0, Stamp::new(14).unwrap());
        restore(&payload, RestoreOptions::default())
    }

    #[track_caller]
    fn refused(body: &[u8], offset: usize, kind: DecodeErrorKind) {
        assert_eq!(read(body), Err(RestoreError::Body(crate::DecodeError { offset, kind })));
    }

    #[test]
    fn an_array_is_written_in_order_and_read_back() {
        let value = array(&[(65536, "long text"), (0, "ok"), (5, "12")], Some(5));
        let expected = b"\x1c\x03\x01\x05\x00\x03\x02ok\x05\x01\x0c\0\0\0\0\0\0\0\x80\0\x01\0\0\0\x09long text";
        for dialect in [Dialect::Portable, Dialect::Redis8_8, Dialect::Redis8_10] {
            assert_eq!(body(&value, dialect), expected);
        }
        assert_eq!(read(expected).as_ref(), Ok(&value));
    }

    #[test]
    fn every_text_and_the_ends_of_the_index_space_come_back() {
        let long = "x".repeat(300);
        let texts = ["", "-1", "007", "20.123456", "-9223372036854775808", "1152921504606846976", "1.5e300", &long];
        let elements: Vec<_> = (u64::MAX - 8..).zip(texts).chain([(0, "first")]).collect();
        for cursor in [None, Some(0), Some(u64::MAX - 1)] {
            let value = array(&elements, cursor);
            assert_eq!(read(&body(&value, Dialect::Portable)), Ok(value));
        }
    }

    #[test]
    fn doubles_are_read_as_their_shortest_text() {
        let mut body = b"\x1c\x02\x00\x01\x02".to_vec();
        body.extend(0.1_f64.to_le_bytes());
        body.extend(b"\x02\x02");
        body.extend((-3.0_f64).to_le_bytes());
        assert_eq!(read(&body), Ok(array(&[(1, "0.1"), (2, "-3")], None)));
    }

    #[test]
    fn dialects_without_arrays_refuse_them() {
        let value = array(&[(0, "x")], None);
        for dialect in Dialect::ALL {
            let result = dump_with(value.as_ref(), DumpOptions::from(dialect), &mut Vec::new());
            let has_arrays = matches!(dialect, Dialect::Portable | Dialect::Redis8_8 | Dialect::Redis8_10);
            assert_eq!(result.is_ok(), has_arrays, "{dialect}");
        }
    }

    #[test]
    fn what_no_array_can_be_is_refused() {
        refused(b"\x1c\x00\x00", 2, DecodeErrorKind::NoElements);
        refused(b"\x1c\x01\x00\x00\x04\x00", 4, DecodeErrorKind::ArrayTag(4));
        refused(b"\x1c\x02\x00\x07\x03\x00\x07\x03\x01x", 6, DecodeErrorKind::Duplicate);
        refused(b"\x1c\x01\x00\x81\xff\xff\xff\xff\xff\xff\xff\xff\x03\x00", 3, DecodeErrorKind::ArrayIndex(u64::MAX));
        refused(
            b"\x1c\x01\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff\x00\x03\x00",
            3,
            DecodeErrorKind::ArrayIndex(u64::MAX),
        );
        refused(b"\x1c\x3f\x00\x00\x03\x00", 1, DecodeErrorKind::TooManyElements { count: 63 });
        refused(b"\x1c\x01\x00\x00\x01\x00", 5, DecodeErrorKind::Truncated { missing: 7 });
        refused(b"\x1c\x01\x00\x00\x03\x00\x00", 6, DecodeErrorKind::TrailingBytes { count: 1 });
    }

    #[test]
    fn any_bytes_are_an_array_or_an_error() {
        arbtest::arbtest(|u| {
            let mut body = vec![super::CODE];
            body.extend(u.arbitrary::<Vec<u8>>()?);
            if let Ok(value) = read(&body) {
                let written = self::body(&value, Dialect::Portable);
                assert_eq!(read(&written), Ok(value));
            }
            Ok(())
        })
        .budget_ms(300);
    }
}
