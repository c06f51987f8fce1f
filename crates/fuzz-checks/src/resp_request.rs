//! Requests: any bytes, cut into any pieces, mean what they mean in one piece.
//!
//! The input's first byte sets the batch's size and whether the client has authenticated; the next 8 are piece lengths, taken in
//! turn; the rest is what the client sends.

use resp::{Batch, Limits, ProtocolError, RequestParser};

#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    commands: Vec<Vec<Vec<u8>>>,
    error: Option<ProtocolError>,
    rest: Vec<u8>,
}

fn outcome<'a>(pieces: impl Iterator<Item = &'a [u8]>, max_commands: usize, limits: &Limits) -> Outcome {
    let (mut parser, mut batch) = (RequestParser::new(), Batch::new(max_commands));
    let mut outcome = Outcome::default();
    let mut input = Vec::new();
    let (mut missing, mut sent) = (0, 0);
    for piece in pieces {
        input.extend_from_slice(piece);
        sent += piece.len();
        let was_missing = std::mem::take(&mut missing);
        loop {
            let progress = match parser.parse(&input, &mut batch, limits) {
                Ok(progress) => progress,
                Err(error) => {
                    assert!(batch.is_empty());
                    outcome.error = Some(error);
                    return outcome;
                }
            };
            if was_missing > piece.len() {
                assert!(batch.is_empty() && progress.consumed == 0);
                assert_eq!(progress.missing, was_missing - piece.len());
            }
            for (index, argv) in batch.iter(&input).enumerate() {
                assert!(!argv.is_empty() && batch.end(index).is_some_and(|end| end <= progress.consumed));
                outcome.commands.push(argv.iter().map(<[u8]>::to_vec).collect());
            }
            assert!(batch.len() <= max_commands);
            assert!(batch.heap_bytes() + parser.heap_bytes() <= 64 * sent + 4096, "memory grows with what was sent");
            missing = progress.missing;
            input.drain(..progress.consumed);
            if batch.is_empty() {
                break;
            }
        }
    }
    outcome.rest = input;
    outcome
}

pub fn check(input: &[u8]) {
    let Some((&[options, ref lengths @ ..], wire)) = input.split_first_chunk::<9>() else { return };
    let max_commands = usize::from(options & 0x0f) + 1;
    let limits = Limits { authenticated: options & 0x80 == 0, ..Limits::default() };

    let mut rest = wire;
    let mut lengths = lengths.iter().cycle();
    let pieces = std::iter::from_fn(|| {
        let len = usize::from(*lengths.next()?).min(rest.len()).max(1);
        let (piece, after) = rest.split_at_checked(len)?;
        rest = after;
        Some(piece)
    });
    let in_pieces = outcome(pieces, max_commands, &limits);
    let whole = outcome(std::iter::once(wire), 1000, &limits);
    assert_eq!(in_pieces, whole);

    // What was understood can be said again, and is understood the same.
    let encoded: Vec<u8> = whole.commands.iter().flat_map(resp::encode_command).collect();
    let limits = Limits::default();
    let again = outcome(std::iter::once(&*encoded), 1000, &limits);
    assert_eq!((again.commands, again.error, again.rest), (whole.commands, None, vec![]));
}
