//! Appends the primitives of the format to a buffer. Strings are in `strings`.

use crate::DumpOptions;

/// Where the bytes of a value go.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
    compress: bool,
    /// In a file: the key that stands between the type byte and the value.
    key: Option<&'a [u8]>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, options: DumpOptions) -> Self {
        Self { out, compress: options.compress, key: None }
    }

    /// As [`Self::new`], for a value of a file.
    pub(crate) fn of_key(key: &'a [u8], out: &'a mut Vec<u8>, options: DumpOptions) -> Self {
        Self { key: Some(key), ..Self::new(out, options) }
    }

    /// Whether long strings are to be compressed.
    pub(crate) fn compress(&self) -> bool {
        self.compress
    }

    /// The type byte that a value begins with.
    pub(crate) fn code(&mut self, code: u8) {
        self.u8(code);
        if let Some(key) = self.key.take() {
            self.string(key);
        }
    }

    pub(crate) fn u8(&mut self, byte: u8) {
        self.out.push(byte);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// A length, in the shortest of its forms.
    pub(crate) fn length(&mut self, len: u64) {
        if let Ok(short @ 0..=0x3f) = u8::try_from(len) {
            self.u8(short);
        } else if let Ok(middle @ 0..=0x3fff) = u16::try_from(len) {
            self.bytes(&(middle | 0x4000).to_be_bytes());
        } else if let Ok(wide) = u32::try_from(len) {
            self.u8(0x80);
            self.bytes(&wide.to_be_bytes());
        } else {
            self.u8(0x81);
            self.bytes(&len.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Writer;
    use crate::reader::{Length, Reader};
    use crate::{Dialect, DumpOptions, RestoreOptions};

    #[test]
    fn lengths_take_the_shortest_form_and_read_back() {
        for (len, size) in [
            (0, 1),
            (63, 1),
            (64, 2),
            (16383, 2),
            (16384, 5),
            (u64::from(u32::MAX), 5),
            (u64::from(u32::MAX) + 1, 9),
            (u64::MAX, 9),
        ] {
            let mut out = Vec::new();
            Writer::new(&mut out, DumpOptions::from(Dialect::Portable)).length(len);
            assert_eq!(out.len(), size, "{len}");
            let read = Reader::new(&out, RestoreOptions::default()).length_or_encoding();
            assert_eq!(read, Ok(Length::Plain(len)));
        }
    }
}
