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
use crate::request::narrow;

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
    let mut words = Vec::new();
    let mut rest = skip_blanks(line);
    while !rest.is_empty() {
        let mut unquoted = Vec::new();
        rest = skip_blanks(word(rest, &mut unquoted)?);
        words.push(unquoted);
    }
    Ok(words)
}

/// Appends the words of `line`, an inline command, to `out`, and to `spans` where in `out` they are.
pub(crate) fn split_into(line: &[u8], out: &mut Vec<u8>, spans: &mut Vec<Span>) -> Result<(), UnbalancedQuotes> {
    let mut rest = skip_blanks(line);
    while !rest.is_empty() {
        let start = out.len();
        rest = skip_blanks(word(rest, out)?);
        let len = out.len().saturating_sub(start);
        spans.push(Span { start: narrow(start), len: narrow(len) });
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

#[cfg(test)]
mod tests {
    use super::{UnbalancedQuotes, split_into, split_words, unquoted};

    /// What Redis 7.0.15 and 8.0.6 made of these lines. Valkey 9.1.2 differs where a closing quote is not followed by a space.
    #[test]
    fn quotes_and_escapes_are_those_of_redis() {
        let unbalanced: Result<&[&[u8]], UnbalancedQuotes> = Err(UnbalancedQuotes);
        for (line, expected) in [
            (&b""[..], Ok::<&[&[u8]], _>(&[])),
            (b" \t\r\n\x0b\x0c ", Ok(&[])),
            (b"a  b\tc\rd\ne", Ok(&[b"a", b"b", b"c", b"d", b"e"])),
            (b"a\x0bb\x0cc \x0bd", Ok(&[b"a\x0bb\x0cc", b"d"])),
            (b"\xff\x85\xa0 \x00", Ok(&[b"\xff\x85\xa0", b"\x00"])),
            (br#""a b" "" ''"#, Ok(&[b"a b", b"", b""])),
            (br#""\x41\xaF\x4g\x4""#, Ok(&[b"A\xafx4gx4"])),
            (br#""\x""#, Ok(&[b"x"])),
            (br#""\n\r\t\b\a\q\\\"'""#, Ok(&[b"\n\r\t\x08\x07q\\\"'"])),
            (br#"'\'x\n"\x41'"#, Ok(&[br#"'x\n"\x41"#])),
            (br"\x41 \n", Ok(&[br"\x41", br"\n"])),
            (br#"a'b' c"d" e"#, Ok(&[b"ab", b"cd", b"e"])),
            (b"\"a\"\x0bb", Ok(&[b"a", b"b"])),
            (b"\"a\rb\nc\"\r", Ok(&[b"a\rb\nc"])),
            (b"#c", Ok(&[b"#c"])),
            (br#""a"#, unbalanced),
            (br"'a", unbalanced),
            (br#"a""#, unbalanced),
            (br#""a\"#, unbalanced),
            (br#""a\""#, unbalanced),
            (br"'a\'", unbalanced),
            (br"'a\\'", unbalanced),
            (br#""a"b"#, unbalanced),
            (br"'a'b", unbalanced),
            (br#"a"b"c"d""#, unbalanced),
            (br#""a"'b'"#, unbalanced),
        ] {
            let expected = expected.map(|words| words.iter().map(|word| word.to_vec()).collect::<Vec<_>>());
            assert_eq!(split_words(line), expected, "{}", line.escape_ascii());

            let (mut out, mut spans) = (Vec::new(), Vec::new());
            let split = split_into(line, &mut out, &mut spans);
            let words = spans.iter().map(|span| span.of(&out).to_vec()).collect::<Vec<_>>();
            assert_eq!(split.map(|()| words), expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn any_words_survive_quoting() {
        arbtest::arbtest(|u| {
            let words: Vec<Vec<u8>> = u.arbitrary()?;
            let mut line = Vec::new();
            for word in &words {
                line.push(b'"');
                for byte in word {
                    line.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
                }
                line.extend_from_slice(b"\" ");
            }
            assert_eq!(split_words(&line), Ok(words));
            Ok(())
        });
    }

    #[test]
    fn without_quotes_the_short_way_gives_the_same_words() {
        arbtest::arbtest(|u| {
            let line: Vec<u8> = u.arbitrary_iter()?.collect::<Result<_, _>>()?;
            let line: Vec<u8> = line.into_iter().filter(|byte| !matches!(byte, b'"' | b'\'')).collect();
            let words = unquoted(&line).map(|(at, word)| {
                assert_eq!(&line[at..][..word.len()], word);
                word.to_vec()
            });
            assert_eq!(Ok(words.collect()), split_words(&line));
            Ok(())
        });
    }
}
