//! Looking for an element by its text.

use stdx::num::parse_i64;

use super::edit::Listpack;
use super::element::{Element, back_len, decode};
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
        let mut rest = self.rest(position);
        let mut offset = position.offset();
        let mut passing = 0;
        loop {
            let (element, body) = decode(rest)?;
            if passing == 0 {
                let found = match element {
                    Element::Int(int) => needle_int == Some(int),
                    Element::Bytes(bytes) => bytes == needle,
                };
                if found {
                    return Some(Position::at(offset));
                }
                passing = skip;
            } else {
                passing -= 1;
            }
            let len = body + back_len(body);
            rest = rest.get(len..)?;
            offset += len;
        }
    }
}
