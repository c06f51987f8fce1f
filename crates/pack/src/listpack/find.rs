//! Looking for an element by its text.

use stdx::num::parse_i64;

use super::edit::Listpack;
use super::element::{Element, back_len, decode, entry_len};
use super::view::Position;

impl Listpack {
    /// The place of the first element whose text is `needle`, looking at one element, then passing over `skip`, and so on:
    /// a hash looks at its fields only with `skip` 1.
    ///
    /// ```
    /// let mut hash = pack::Listpack::new();
    /// for text in [b"a", b"b", b"b", b"1"] {
    ///     hash.push(text);
    /// }
    /// let field = hash.find(b"b", 1).unwrap();
    /// assert_eq!(hash.at(hash.next(field).unwrap()), Some(pack::Element::Int(1)));
    /// ```
    #[must_use]
    pub fn find(&self, needle: &[u8], skip: usize) -> Option<Position> {
        self.find_from(self.start(), needle, skip)
    }

    /// As [`Self::find`], beginning at `position`.
    #[must_use]
    pub fn find_from(&self, position: Position, needle: &[u8], skip: usize) -> Option<Position> {
        let needle_int = parse_i64(needle);
        let all = self.rest(position);
        let mut rest = all;
        loop {
            let (&first, tail) = rest.split_first()?;
            // Short strings are most of what is looked at, and need no more than their first byte to be passed over.
            let (found, len) = if (0x80..0xc0).contains(&first) {
                let text_len = usize::from(first & 0x3f);
                (is_same(tail.get(..text_len)?, needle), text_len + 2)
            } else {
                let (element, body) = decode(rest)?;
                let found = match element {
                    Element::Int(int) => needle_int == Some(int),
                    Element::Bytes(bytes) => is_same(bytes, needle),
                };
                (found, body + back_len(body))
            };
            if found {
                return Some(Position::at(position.offset() + all.len() - rest.len()));
            }
            rest = rest.get(len..)?;
            for _ in 0..skip {
                rest = rest.get(entry_len(rest)?..)?;
            }
        }
    }
}

/// Whether two texts are the same. Those of one collection tend to have the same length and to begin alike, so the last byte tells
/// most of them apart without a call.
fn is_same(text: &[u8], needle: &[u8]) -> bool {
    text.len() == needle.len() && text.last() == needle.last() && text == needle
}
