//! Random commands and random bytes, cut at random, against a parser that does it the simple way.

use arbtest::arbitrary::{Result, Unstructured};

use super::connection::{Connection, Words, outcome_in_pieces};
use crate::request::{Batch, Limits, ProtocolError, RequestParser};

/// Cuts `bytes` wherever `u` likes.
fn pieces<'a>(u: &mut Unstructured<'_>, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while rest.len() > 1 && u.ratio(9, 10)? {
        let (piece, after) = rest.split_at(u.int_in_range(1..=rest.len().min(40))?);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    Ok(pieces)
}

/// Bytes that get far: mostly of the protocol's own alphabet.
fn hostile(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const TOKENS: &[&[u8]] = &[
        b"*",
        b"$",
        b"\r\n",
        b"\r",
        b"\n",
        b"0",
        b"1",
        b"2",
        b"3",
        b"12",
        b"-1",
        b" ",
        b"\"",
        b"'",
        b"\\",
        b"\\x41",
        b"\0",
        b"ab",
        b"*1\r\n",
        b"$1\r\n",
        b"$2\r\nab\r\n",
        b"*2\r\n$1\r\na\r\n",
        b"PING\r\n",
        b"999999999999",
    ];
    let mut bytes = Vec::new();
    for _ in 0..u.int_in_range(0..=60)? {
        if u.ratio(1, 20)? {
            bytes.push(u.arbitrary()?);
        } else {
            bytes.extend_from_slice(u.choose(TOKENS)?);
        }
    }
    Ok(bytes)
}

fn quoted(word: &[u8]) -> Vec<u8> {
    let escaped = word.iter().flat_map(|byte| format!("\\x{byte:02X}").into_bytes());
    [b'"'].into_iter().chain(escaped).chain([b'"']).collect()
}

#[test]
fn commands_encoded_and_cut_anywhere_come_out_equal() {
    arbtest::arbtest(|u| {
        let mut sent: Vec<Words> = Vec::new();
        let mut wire = Vec::new();
        for _ in 0..u.int_in_range(0..=8)? {
            let mut command: Words = Vec::new();
            for _ in 0..u.int_in_range(1..=5)? {
                command.push(u.arbitrary()?);
            }
            if u.ratio(3, 4)? {
                crate::write_command(&mut wire, &command);
            } else {
                let words: Vec<_> = command.iter().map(|word| quoted(word)).collect();
                wire.extend_from_slice(&words.join(&b" "[..]));
                wire.extend_from_slice(if u.arbitrary()? { b"\r\n" } else { b"\n" });
            }
            sent.push(command);
        }
        let mut connection =
            Connection::new(u.int_in_range(1..=4)?, Limits { max_bulk_len: 512 << 20, authenticated: u.arbitrary()? });
        for piece in pieces(u, &wire)? {
            connection.receive(piece);
        }
        assert_eq!(connection.outcome(), (sent, None, vec![]));
        Ok(())
    });
}

#[test]
fn any_bytes_cut_anywhere_give_the_same_outcome_and_take_little_memory() {
    arbtest::arbtest(|u| {
        let bytes = hostile(u)?;
        let whole = outcome_in_pieces([&*bytes], Limits::default());
        let cut = pieces(u, &bytes)?;
        assert_eq!(
            outcome_in_pieces(cut.iter().copied(), Limits::default()),
            whole,
            "{} as {cut:?}",
            bytes.escape_ascii()
        );

        let (mut parser, mut batch) = (RequestParser::new(), Batch::new(1000));
        let _ = parser.parse(&bytes, &mut batch, &Limits::default());
        assert!(batch.heap_bytes() + parser.heap_bytes() <= 64 * bytes.len() + 256);
        Ok(())
    });
}

/// The protocol as one would write it without a thought for speed or for pieces.
fn model(mut input: &[u8]) -> (Vec<Words>, Option<ProtocolError>, Vec<u8>) {
    use ProtocolError as E;
    fn line<'a>(input: &mut &'a [u8]) -> Option<&'a [u8]> {
        let cr = input.iter().position(|&byte| byte == b'\r').filter(|cr| cr + 2 <= input.len())?;
        let line = &input[..cr];
        *input = &input[cr + 2..];
        Some(line)
    }
    fn number(text: &[u8]) -> Option<i64> {
        let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
        (number.to_string().as_bytes() == text).then_some(number)
    }
    let mut commands = Vec::new();
    let mut error = None;
    let mut rest = input;
    while error.is_none() && !input.is_empty() {
        rest = input;
        let mut command = || -> Option<std::result::Result<Words, E>> {
            if input[0] != b'*' {
                let end = input.iter().position(|&byte| byte == b'\n')?;
                let text = &input[..end];
                input = &input[end + 1..];
                return Some(crate::split_words(text).map_err(E::from));
            }
            let Some(count @ ..=0x7fff_ffff) = number(&line(&mut input)?[1..]) else {
                return Some(Err(E::InvalidMultibulkLength));
            };
            let mut words = Vec::new();
            for _ in 0..count {
                let header = line(&mut input)?;
                if header.first() != Some(&b'$') {
                    return Some(Err(E::ExpectedBulk(*header.first().unwrap_or(&b'\r'))));
                }
                let len = match number(&header[1..]) {
                    Some(len @ 0..=0x2000_0000) => usize::try_from(len).unwrap(),
                    _ => return Some(Err(E::InvalidBulkLength)),
                };
                words.push(input.get(..len + 2)?[..len].to_vec());
                input = &input[len + 2..];
            }
            Some(Ok(words))
        };
        match command() {
            None => break,
            Some(Ok(words)) => commands.extend((!words.is_empty()).then_some(words)),
            Some(Err(broken)) => error = Some(broken),
        }
        rest = input;
    }
    (commands, error, if error.is_some() { Vec::new() } else { rest.to_vec() })
}

#[test]
fn the_parser_agrees_with_the_plain_reading_of_the_protocol() {
    arbtest::arbtest(|u| {
        let bytes = hostile(u)?;
        assert_eq!(outcome_in_pieces([&*bytes], Limits::default()), model(&bytes), "{}", bytes.escape_ascii());
        Ok(())
    });
}
