//! Replies: any bytes, cut into any pieces, are read as in one piece or refused as in one piece; what was read can be written and
//! is read the same.
//!
//! The input's first byte is the length of the pieces; the rest is what the server sends.

use resp::{Protocol, ReadError, ReadLimits, Reader, Reply, Value};

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>, sent: usize) -> (Vec<Value>, Option<ReadError>) {
    let limits = ReadLimits { max_depth: 8, ..ReadLimits::default() };
    let (mut reader, mut values) = (Reader::new(limits), Vec::new());
    for mut piece in pieces {
        loop {
            match reader.read(&mut piece) {
                Ok(Some(value)) => values.push(value),
                Ok(None) => break,
                Err(error) => return (values, Some(error)),
            }
        }
        assert!(piece.is_empty());
        assert!(reader.heap_bytes() <= 256 * sent + 256 * 1024);
    }
    (values, None)
}

pub fn check(input: &[u8]) {
    let Some((&piece_len, wire)) = input.split_first() else { return };
    let (values, error) = read(std::iter::once(wire), wire.len());
    let (pieces, pieces_error) = read(wire.chunks(usize::from(piece_len).max(1)), wire.len());
    assert_eq!((&pieces, pieces_error.map(|error| error.kind)), (&values, error.map(|error| error.kind)));

    for value in values {
        let write = |value: &Value| {
            let mut out = Vec::new();
            value.write(&mut Reply::new(&mut out, Protocol::Resp3));
            out
        };
        // The first writing levels what only RESP2 and hostile servers tell apart; after that nothing changes.
        let wire = write(&value);
        let (read, error) = read(std::iter::once(&*wire), wire.len());
        assert_eq!((read.len(), error), (1, None));
        assert_eq!(write(&read[0]), wire);
    }
}
