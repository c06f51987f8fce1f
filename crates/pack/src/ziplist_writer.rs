//! Writes ziplists, for servers that are too old to read listpacks. See `ziplist` for the bytes.
//!
//! The lengths of the elements before are always in their short form where that suffices. Redis itself kept a long form that an
//! earlier, longer neighbour had needed; a writer that starts anew cannot know.

use crate::Element;

const HEADER_BYTES: usize = 10;
const END: u8 = 0xff;
const LONG: u8 = 0xfe;

/// A ziplist that grows at its end.
///
/// ```
/// use pack::{Element, ZiplistWriter};
/// let mut writer = ZiplistWriter::new();
/// writer.push(Element::of(b"a"));
/// writer.push(Element::of(b"1000"));
/// assert_eq!(writer.finish(), b"\x12\0\0\0\x0d\0\0\0\x02\0\0\x01a\x03\xc0\xe8\x03\xff");
/// ```
#[derive(Debug)]
pub struct ZiplistWriter {
    bytes: Vec<u8>,
    /// Where the last element begins.
    last: usize,
    count: usize,
}

impl Default for ZiplistWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl ZiplistWriter {
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: vec![0; HEADER_BYTES], last: HEADER_BYTES, count: 0 }
    }

    /// Appends an element.
    pub fn push(&mut self, element: Element<'_>) {
        let before = self.bytes.len() - self.last;
        self.last = self.bytes.len();
        self.count += 1;
        match u8::try_from(before) {
            Ok(short) if short < LONG => self.bytes.push(short),
            Ok(_) | Err(_) => {
                self.bytes.push(LONG);
                self.bytes.extend_from_slice(&u32::try_from(before).unwrap_or(u32::MAX).to_le_bytes());
            }
        }
        match element {
            Element::Int(int) => self.push_int(int),
            Element::Bytes(text) => self.push_bytes(text),
        }
    }

    /// The bytes; an empty ziplist if nothing was pushed.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(END);
        let size = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let last = u32::try_from(self.last).unwrap_or(u32::MAX);
        let count = u16::try_from(self.count).unwrap_or(u16::MAX);
        self.bytes[..4].copy_from_slice(&size.to_le_bytes());
        self.bytes[4..8].copy_from_slice(&last.to_le_bytes());
        self.bytes[8..10].copy_from_slice(&count.to_le_bytes());
        self.bytes
    }

    fn push_int(&mut self, int: i64) {
        let bytes = int.to_le_bytes();
        let (code, len) = match int {
            0..=12 => return self.bytes.push(0xf1 + bytes[0]),
            -0x80..=0x7f => (0xfe, 1),
            -0x8000..=0x7fff => (0xc0, 2),
            -0x80_0000..=0x7f_ffff => (0xf0, 3),
            -0x8000_0000..=0x7fff_ffff => (0xd0, 4),
            _ => (0xe0, 8),
        };
        self.bytes.push(code);
        self.bytes.extend_from_slice(&bytes[..len]);
    }

    fn push_bytes(&mut self, text: &[u8]) {
        match (u8::try_from(text.len()), u16::try_from(text.len())) {
            (Ok(len @ 0..=0x3f), _) => self.bytes.push(len),
            (_, Ok(len @ 0..=0x3fff)) => self.bytes.extend_from_slice(&(len | 0x4000).to_be_bytes()),
            _ => {
                self.bytes.push(0x80);
                self.bytes.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            }
        }
        self.bytes.extend_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::ZiplistWriter;
    use crate::{Element, Ziplist};

    fn written(elements: &[Element<'_>]) -> Vec<u8> {
        let mut writer = ZiplistWriter::new();
        for element in elements {
            writer.push(*element);
        }
        writer.finish()
    }

    #[test]
    fn what_is_written_is_read_back() {
        arbtest(|u| {
            let mut texts: Vec<Vec<u8>> = Vec::new();
            while !u.is_empty() {
                let kind: u8 = u.arbitrary()?;
                texts.push(match kind % 4 {
                    0 => (u.arbitrary::<i64>()? >> (kind / 4)).to_string().into_bytes(),
                    1 => vec![kind; usize::from(u.arbitrary::<u8>()?) + 20],
                    2 => vec![kind; usize::from(u.arbitrary::<u16>()?)],
                    _ => u.arbitrary()?,
                });
            }
            let elements: Vec<_> = texts.iter().map(|text| Element::of(text)).collect();
            let bytes = written(&elements);
            assert!(Ziplist::from_bytes(&bytes).unwrap().iter().eq(elements));
            Ok(())
        });
    }

    #[test]
    fn integers_take_their_least_width() {
        for (int, body) in [
            (0, &b"\xf1"[..]),
            (12, b"\xfd"),
            (13, b"\xfe\x0d"),
            (-1, b"\xfe\xff"),
            (128, b"\xc0\x80\x00"),
            (-32769, b"\xf0\xff\x7f\xff"),
            (1 << 23, b"\xd0\x00\x00\x80\x00"),
            (1 << 31, b"\xe0\x00\x00\x00\x80\x00\x00\x00\x00"),
        ] {
            let bytes = written(&[Element::Int(int)]);
            assert_eq!(&bytes[11..bytes.len() - 1], body, "{int}");
        }
    }
}
