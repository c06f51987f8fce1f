//! Getting past a value without understanding it: by the lengths and counts around its strings.

use super::module;
use crate::reader::Reader;
use crate::{DecodeError, DecodeErrorKind, Stamp, Vendor, types};

/// Skips the value behind the type byte `code`.
pub(super) fn skip_value(code: u8, stamp: Stamp, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let redis = stamp.vendor() == Vendor::Redis;
    match code {
        0 | 9..=13 | 16 | 17 | 20 => reader.skip_string(),
        23 if redis => reader.skip_string(),
        1 | 2 | 14 => each(reader, 1, |reader| reader.skip_string()),
        4 => each(reader, 2, |reader| {
            reader.skip_string()?;
            reader.skip_string()
        }),
        3 => each(reader, 2, |reader| {
            reader.skip_string()?;
            reader.skip_double_text()
        }),
        5 => each(reader, 9, |reader| {
            reader.skip_string()?;
            reader.take(8).map(drop)
        }),
        7 => {
            reader.length()?;
            module::skip_value(reader)
        }
        15 | 19 | 21 | 26 | 27 => skip_stream(code, reader),
        18 => each(reader, 2, |reader| {
            reader.length()?;
            reader.skip_string()
        }),
        22 if redis => each(reader, 3, |reader| {
            reader.length()?;
            reader.skip_string()?;
            reader.skip_string()
        }),
        22 => each(reader, 10, |reader| {
            reader.skip_string()?;
            reader.skip_string()?;
            reader.take(8).map(drop)
        }),
        24 => {
            reader.take(8)?;
            each(reader, 3, |reader| {
                reader.length()?;
                reader.skip_string()?;
                reader.skip_string()
            })
        }
        25 => {
            reader.take(8)?;
            reader.skip_string()
        }
        28 => skip_array(reader),
        29 | 31 if redis => types::skip_template(code, reader),
        _ => {
            let offset = reader.offset().saturating_sub(1);
            Err(DecodeError { offset, kind: DecodeErrorKind::UnsupportedType(code) })
        }
    }
}

fn each(
    reader: &mut Reader<'_>,
    least_bytes: usize,
    mut skip: impl FnMut(&mut Reader<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    for _ in 0..reader.count(least_bytes)? {
        skip(reader)?;
    }
    Ok(())
}

/// Streams grew: second form from code 19 on, third from 21, fourth from 26, fifth 27.
fn skip_stream(code: u8, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let lengths = |reader: &mut Reader<'_>, count: usize| (0..count).try_for_each(|_| reader.length().map(drop));
    each(reader, 2, |reader| {
        reader.skip_string()?;
        reader.skip_string()
    })?;
    // Entries and last id; then first id, greatest deleted id, and entries added.
    lengths(reader, if code == 15 { 3 } else { 8 })?;
    each(reader, 3, |reader| {
        reader.skip_string()?;
        lengths(reader, if code == 15 { 2 } else { 3 })?;
        each(reader, 25, |reader| {
            reader.take(24)?;
            reader.length().map(drop)
        })?;
        each(reader, 10, |reader| {
            reader.skip_string()?;
            reader.take(if code >= 21 { 16 } else { 8 })?;
            each(reader, 16, |reader| reader.take(16).map(drop))
        })?;
        if code >= 27 {
            each(reader, 16, |reader| reader.take(16).map(drop))?;
        }
        Ok(())
    })?;
    if code >= 26 {
        lengths(reader, 2)?;
        each(reader, 2, |reader| {
            reader.skip_string()?;
            each(reader, 17, |reader| {
                reader.skip_string()?;
                reader.take(16).map(drop)
            })
        })?;
        lengths(reader, 2)?;
    }
    Ok(())
}

/// An element's kind tells how long it is.
fn skip_array(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let count = reader.count(3)?;
    if reader.length()? != 0 {
        reader.length()?;
    }
    for _ in 0..count {
        reader.length()?;
        let start = reader.offset();
        match reader.length()? {
            0 | 3 => reader.skip_string()?,
            1 | 2 => drop(reader.take(8)?),
            tag => return Err(DecodeError { offset: start, kind: DecodeErrorKind::ArrayTag(tag) }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::skip_value;
    use crate::reader::Reader;
    use crate::{RestoreOptions, Stamp, types};

    /// What skipping a stream with producers took for one's messages was another's name.
    #[test]
    fn the_end_of_a_stream_with_producers_is_where_reading_ends() {
        let id = [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1];
        let producers =
            [&b"\x40\x64\x40\x64\x02\x01p\x02\x01m"[..], &id, b"\x01n", &id, b"\x01q\x01\x01m", &id, b"\x03\x00"];
        let stream = [&b"\x00\x00\x01\x01\x00\x00\x00\x00\x01\x00"[..], &producers.concat(), b"behind"].concat();
        let stamp = Stamp::new(14).unwrap();
        for code in [26, 27] {
            let mut read = Reader::new(&stream, RestoreOptions::default());
            types::read(code, stamp, &mut read).unwrap();
            let mut skipped = Reader::new(&stream, RestoreOptions::default());
            skip_value(code, stamp, &mut skipped).unwrap();
            assert_eq!((skipped.offset(), skipped.remaining()), (read.offset(), b"behind".len()));
        }
    }
}
