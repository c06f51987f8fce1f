//! Texts that have to be in order, of which two are known at a time.

use std::cmp::Ordering;

use pack::{Item, Source, Walk};
use stdx::num::IntText;

use super::Text;

/// Longer texts are not copied: where they begin is remembered, and they are inflated once more to be compared.
const COPY_BYTES: usize = 4096;

/// A text, and the one before it.
#[derive(Debug, Default)]
pub(in crate::types) struct Sequence<'a> {
    before: Place<'a>,
    last: Place<'a>,
    count: usize,
    /// For comparing, so that the places stay.
    scratch: [Option<Source<'a>>; 2],
}

/// Where a text is.
#[derive(Debug, Default)]
struct Place<'a> {
    len: usize,
    copy: Vec<u8>,
    /// Of a text longer than [`COPY_BYTES`].
    source: Option<Source<'a>>,
}

impl<'a> Sequence<'a> {
    /// Takes the element that the walk has reached, and hands its text over.
    pub(in crate::types) fn take(&mut self, walk: &mut Walk<'a>, item: Item, take: &mut dyn FnMut(&[u8])) {
        let place = self.next();
        match item {
            Item::Int(int) => {
                let mut room = IntText::new();
                place.begin(room.format(int).len());
                place.piece(room.format(int));
                take(room.format(int));
            }
            Item::Text(len) => {
                place.begin(len);
                place.remember(walk.source());
                walk.text(&mut |piece| {
                    place.piece(piece);
                    take(piece);
                });
            }
        }
    }

    /// Takes a string of the payload, inflated in `buffer`.
    pub(in crate::types) fn take_text(&mut self, text: Text<'a>, buffer: &mut Vec<u8>) {
        let place = self.next();
        place.begin(text.len());
        match text.source(buffer) {
            None => text.pieces(buffer, &mut |piece| place.piece(piece)),
            Some(mut source) => {
                place.remember(&source);
                if place.len <= COPY_BYTES {
                    source.pieces(place.len, &mut |piece| place.piece(piece));
                }
                if let Source::Inflate(_) = source {
                    *buffer = source.into_buffer();
                }
            }
        }
    }

    /// How the text before stands to the last one by length, then by bytes. `None` if there is none before.
    pub(in crate::types) fn shortest_first(&mut self) -> Option<Ordering> {
        let by_len = self.before.len.cmp(&self.last.len);
        Some(by_len.then(self.by_bytes()?))
    }

    /// How the text before stands to the last one by bytes. `None` if there is none before.
    pub(in crate::types) fn by_bytes(&mut self) -> Option<Ordering> {
        if self.count < 2 {
            return None;
        }
        let (before, last) = (&self.before, &self.last);
        let by_len = before.len.cmp(&last.len);
        Some(match (before.is_long(), last.is_long()) {
            (false, false) => before.copy.cmp(&last.copy),
            // A short text is all of it compared with the beginning of a long one.
            (false, true) => before.copy.as_slice().cmp(begin(last, before.len, &mut self.scratch)).then(by_len),
            (true, false) => begin(before, last.len, &mut self.scratch).cmp(&last.copy).then(by_len),
            (true, true) => {
                let [one, other] = &mut self.scratch;
                put(one, &before.source);
                put(other, &last.source);
                let (Some(one), Some(other)) = (one, other) else { return Some(by_len) };
                compare(one, other, before.len.min(last.len)).then(by_len)
            }
        })
    }

    fn next(&mut self) -> &mut Place<'a> {
        std::mem::swap(&mut self.before, &mut self.last);
        self.count = self.count.saturating_add(1);
        &mut self.last
    }
}

impl<'a> Place<'a> {
    fn is_long(&self) -> bool {
        self.len > COPY_BYTES
    }

    fn begin(&mut self, len: usize) {
        self.len = len;
        self.copy.clear();
        if !self.is_long() && self.copy.capacity() < len {
            self.copy.reserve_exact(COPY_BYTES);
        }
    }

    fn remember(&mut self, source: &Source<'a>) {
        if self.is_long() {
            put(&mut self.source, &Some(source));
        }
    }

    fn piece(&mut self, piece: &[u8]) {
        if !self.is_long() {
            self.copy.extend_from_slice(piece);
        }
    }
}

/// Copies a source into a room whose buffer is used.
fn put<'a, S: std::borrow::Borrow<Source<'a>>>(room: &mut Option<Source<'a>>, source: &Option<S>) {
    let Some(source) = source else { return };
    match room {
        Some(room) => room.clone_from(source.borrow()),
        None => *room = Some(source.borrow().clone()),
    }
}

/// The first bytes of a long text.
fn begin<'s, 'a>(place: &Place<'a>, len: usize, scratch: &'s mut [Option<Source<'a>>; 2]) -> &'s [u8] {
    let [room, _] = scratch;
    put(room, &place.source);
    let bytes = room.as_mut().map(|source| source.peek(len)).unwrap_or_default();
    bytes.get(..len).unwrap_or(bytes)
}

fn compare(one: &mut Source<'_>, other: &mut Source<'_>, mut len: usize) -> Ordering {
    while len > 0 {
        let (a, b) = (one.peek(1), other.peek(1));
        let step = a.len().min(b.len()).min(len);
        let order = a.get(..step).cmp(&b.get(..step));
        if order.is_ne() || step == 0 {
            return order;
        }
        one.consume(step);
        other.consume(step);
        len = len.saturating_sub(step);
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::super::Text;
    use super::Sequence;

    #[test]
    fn texts_compare_as_their_bytes_do_wherever_they_lie() {
        let long = |text: &[u8], len: usize| text.iter().copied().cycle().take(len).collect::<Vec<u8>>();
        let texts = [
            b"".to_vec(),
            b"b".to_vec(),
            long(b"ab", 4096),
            long(b"ab", 4097),
            long(b"ab", 30_000),
            long(b"ab", 30_001),
            [long(b"ab", 50_000), b"c".to_vec()].concat(),
            [long(b"ab", 50_000), b"d".to_vec()].concat(),
            long(b"b", 20_000),
        ];
        let blocks = texts.each_ref().map(|text| stdx::lzf::compress(text, text.len()));
        let forms = |at: usize| {
            let text: &[u8] = &texts[at];
            let packed = blocks[at].as_ref().map(|block| Text::Lzf { block, len: text.len() });
            [Some(Text::Raw(text)), packed].into_iter().flatten()
        };
        let (mut sequence, mut buffer) = (Sequence::default(), Vec::new());
        for one in 0..texts.len() {
            for other in 0..texts.len() {
                for (a, b) in forms(one).flat_map(|a| forms(other).map(move |b| (a, b))) {
                    sequence.take_text(a, &mut buffer);
                    sequence.take_text(b, &mut buffer);
                    assert_eq!(sequence.by_bytes(), Some(texts[one].cmp(&texts[other])), "{one} {other}");
                    let by_len = texts[one].len().cmp(&texts[other].len());
                    assert_eq!(sequence.shortest_first(), Some(by_len.then(texts[one].cmp(&texts[other]))));
                }
            }
        }
    }

    #[test]
    fn the_first_text_has_none_before_it() {
        let mut sequence = Sequence::default();
        sequence.take_text(Text::Int(-5), &mut Vec::new());
        assert_eq!(sequence.by_bytes(), None);
        sequence.take_text(Text::Raw(b"-6"), &mut Vec::new());
        assert!(sequence.by_bytes().unwrap().is_lt());
    }
}
