//! The quoting of inline commands, `redis.conf` and `redis-cli`.
//!
//! ```text
//! SET "a key" 'it\'s'  "\x00\n\t\""      4 words: SET, a key, it's, and the bytes 00 0a 09 22
//! ```
//!
//! Words end at a space, a tab or a line end. Between double quotes `\xHH`, `\n`, `\r`, `\t`, `\b` and `\a` are single bytes and `\`
//! before any other byte is that byte; between single quotes there is only `\'`. A quote may open within a word (`a"b"` is `ab`),
//! but a closing one must be followed by white space or the end.

use std::fmt;

use crate::Span;

/// A quote without its partner, or a closing one that more of the word follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnbalancedQuotes;

impl fmt::Display for UnbalancedQuotes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("unbalanced quotes")
    }
}

impl std::error::Error for UnbalancedQuotes {}

/// The words of `line`, without their quotes.
///
/// ```
/// use resp::{UnbalancedQuotes, split_words};
/// assert_eq!(split_words(br#"SET "a key" '' x\n"#), Ok(vec![b"SET".to_vec(), b"a key".to_vec(), b"".to_vec(), br"x\n".to_vec()]));
/// assert_eq!(split_words(b"SET 'a"), Err(UnbalancedQuotes));
/// ```
///
/// # Errors
/// When a quote is not closed, or closed in the middle of a word.
pub fn split_words(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
    let (mut bytes, mut spans) = (Vec::new(), Vec::new());
    split_into(line, &mut bytes, &mut spans)?;
    Ok(spans.into_iter().map(|span| span.of(&bytes).to_vec()).collect())
}

/// Appends the words of `line` to `out`, and to `spans` where in `out` they are.
pub(crate) fn split_into(line: &[u8], out: &mut Vec<u8>, spans: &mut Vec<Span>) -> Result<(), UnbalancedQuotes> {
    let mut rest = skip_blanks(line);
    while !rest.is_empty() {
        let start = out.len();
        rest = skip_blanks(word(rest, out)?);
        let len = out.len().saturating_sub(start);
        spans.push(Span {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(len).unwrap_or(u32::MAX),
        });
    }
    Ok(())
}

/// The words of a line without quotes, with their offsets in it.
pub(crate) fn unquoted(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = skip_blanks(rest);
        let start = line.len().saturating_sub(rest.len());
        let len = rest.iter().position(|&byte| ends_word(byte)).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(len)?;
        rest = after;
        (!word.is_empty()).then_some((start, word))
    })
}

/// Appends the word at the start of `text`, which is no blank, to `out`, and answers what follows it.
fn word<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        match byte {
            b'"' => return close(double_quoted(after, out)?),
            b'\'' => return close(single_quoted(after, out)?),
            &byte if ends_word(byte) => break,
            &byte => out.push(byte),
        }
        rest = after;
    }
    Ok(rest)
}

/// A closing quote ends the word.
fn close(after: &[u8]) -> Result<&[u8], UnbalancedQuotes> {
    match after.first() {
        Some(&byte) if !is_blank(byte) => Err(UnbalancedQuotes),
        Some(_) | None => Ok(after),
    }
}

fn double_quoted<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'"', after @ ..] => return Ok(after),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(hex(*high) << 4 | hex(*low));
                after
            }
            [b'\\', byte, after @ ..] => {
                out.push(match byte {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'a' => 0x07,
                    &other => other,
                });
                after
            }
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
}

fn single_quoted<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'\\', b'\'', after @ ..] => {
                out.push(b'\'');
                after
            }
            [b'\'', after @ ..] => return Ok(after),
            [byte, after @ ..] => {
                out.push(*byte);
                after
            }
        };
    }
}

/// The value of a hexadecimal digit.
const fn hex(digit: u8) -> u8 {
    // 'A' and 'a' are 1 modulo 16.
    (digit & 0x0f).wrapping_add(if digit.is_ascii_digit() { 0 } else { 9 })
}

fn skip_blanks(text: &[u8]) -> &[u8] {
    let mut rest = text;
    while let [byte, after @ ..] = rest
        && is_blank(*byte)
    {
        rest = after;
    }
    rest
}

/// White space before a word and after a closing quote, as C has it.
const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// The end of a word: not quite all white space.
const fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}
