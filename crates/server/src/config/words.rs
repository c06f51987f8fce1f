//! How a configuration line is cut into words, and how words are quoted again.
//!
//! ```text
//! requirepass "a\x41\n\"z"     ->  requirepass, aA<newline>"z     double quotes: \n \r \t \b \a \xHH, \c is c
//! requirepass 'a\nb\'c'        ->  requirepass, a\nb'c            single quotes: only \' is an escape
//! requirepass a\x41            ->  requirepass, a\x41             outside of quotes a backslash is a byte like any other
//! requirepass a"b              ->  error                          a quote opens inside a word, and is never closed
//! requirepass "a"b             ->  error                          a closing quote ends the word
//! ```
//!
//! A word ends at a space, a tab or a line end; between words the other two blanks of C (`\v`, `\f`) are skipped as well. A
//! NUL ends the line. This is the grammar of redis.conf and of inline commands; valkey 9 also takes the last example.

use std::borrow::Cow;

/// A quote was opened and not closed, or text follows the closing quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnbalancedQuotes;

/// The words of `line`.
///
/// ```
/// use server::config::split_words;
/// assert_eq!(split_words(br#"save "900 1" 'x\'y'"#).unwrap(), [&b"save"[..], b"900 1", b"x'y"]);
/// ```
///
/// # Errors
///
/// [`UnbalancedQuotes`].
pub fn split_words(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
    let mut words = Vec::new();
    let mut rest = line.split(|&byte| byte == 0).next().unwrap_or_default();
    loop {
        while let [byte, after @ ..] = rest
            && is_blank(*byte)
        {
            rest = after;
        }
        if rest.is_empty() {
            return Ok(words);
        }
        let (word, after) = take_word(rest)?;
        words.push(word);
        rest = after;
    }
}

fn take_word(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), UnbalancedQuotes> {
    let mut word = Vec::new();
    loop {
        match rest {
            [] | [b' ' | b'\t' | b'\r' | b'\n', ..] => return Ok((word, rest)),
            [quote @ (b'"' | b'\''), after @ ..] => {
                let after =
                    if *quote == b'"' { take_double(after, &mut word)? } else { take_single(after, &mut word)? };
                return match after {
                    [next, ..] if !is_blank(*next) => Err(UnbalancedQuotes),
                    _ => Ok((word, after)),
                };
            }
            [byte, after @ ..] => {
                word.push(*byte);
                rest = after;
            }
        }
    }
}

/// The rest behind the closing `"`.
fn take_double<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        rest = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'"', after @ ..] => return Ok(after),
            [b'\\', b'x', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                word.push(hex_digit(*high) << 4 | hex_digit(*low));
                after
            }
            [b'\\', escaped, after @ ..] => {
                word.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'a' => 0x07,
                    other => *other,
                });
                after
            }
            [byte, after @ ..] => {
                word.push(*byte);
                after
            }
        };
    }
}

/// The rest behind the closing `'`.
fn take_single<'a>(mut rest: &'a [u8], word: &mut Vec<u8>) -> Result<&'a [u8], UnbalancedQuotes> {
    loop {
        rest = match rest {
            [] => return Err(UnbalancedQuotes),
            [b'\\', b'\'', after @ ..] => {
                word.push(b'\'');
                after
            }
            [b'\'', after @ ..] => return Ok(after),
            [byte, after @ ..] => {
                word.push(*byte);
                after
            }
        };
    }
}

const fn hex_digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => byte.wrapping_sub(b'A') + 10,
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c)
}

/// `word` in double quotes, everything that is not printable ASCII escaped: any bytes survive [`split_words`].
#[must_use]
pub fn quote(word: &[u8]) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(word.len() + 2);
    text.push('"');
    for &byte in word {
        match byte {
            b'\\' | b'"' => text.extend(['\\', char::from(byte)]),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\t' => text.push_str("\\t"),
            0x07 => text.push_str("\\a"),
            0x08 => text.push_str("\\b"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.extend(['\\', 'x', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]),
        }
    }
    text.push('"');
    text
}

/// A line that [`split_words`] cuts into `words` again; only words that need quotes get them.
#[must_use]
pub fn format_words<W: AsRef<[u8]>>(words: &[W]) -> String {
    let words: Vec<_> = words.iter().map(|word| quote_if_needed(word.as_ref())).collect();
    words.join(" ")
}

fn quote_if_needed(word: &[u8]) -> Cow<'_, str> {
    let plain =
        !word.is_empty() && word.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'#'));
    match std::str::from_utf8(word) {
        Ok(text) if plain => Cow::Borrowed(text),
        _ => Cow::Owned(quote(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &[u8]) -> Option<Vec<String>> {
        let words = split_words(line).ok()?;
        Some(words.iter().map(|word| word.escape_ascii().to_string()).collect())
    }

    #[test]
    fn lines_are_cut_as_redis_cuts_them() {
        // Each line was given to redis-server 7.0.15, and the value asked for with CONFIG GET.
        let cases: [(&[u8], &[&str]); 17] = [
            (b"", &[]),
            (b" \t port  7000 \r", &["port", "7000"]),
            (br#"p "a\x41\n\r\t\b\a\q\"z""#, &["p", r#"aA\n\r\t\x08\x07q\"z"#]),
            (br"p 'a\nb\'c'", &["p", r"a\\nb\'c"]),
            (br#"p "\x4""#, &["p", "x4"]),
            (br#"p "\xzz""#, &["p", "xzz"]),
            (br"p a\x41", &["p", r"a\\x41"]),
            (b"p a\x0bb", &["p", r"a\x0bb"]),
            (b"p \x0bb", &["p", "b"]),
            (br"p a\", &["p", r"a\\"]),
            (br#"p "a\\b""#, &["p", r"a\\b"]),
            (br"p 'a\\b'", &["p", r"a\\\\b"]),
            (br#"p "a\xFf""#, &["p", r"a\xff"]),
            (br#"p """#, &["p", ""]),
            (b"p ''", &["p", ""]),
            (b"p a\"b c\"", &["p", "ab c"]),
            (b"p a\0b", &["p", "a"]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), words, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn quotes_must_close_and_end_the_word() {
        for line in [&br#"p "70"#[..], b"p '70", br#"p a"b"#, br#"p "7000"x"#, b"p 'a'b", br#"p "a\"#, br#"p "a\""#] {
            assert_eq!(split_words(line), Err(UnbalancedQuotes), "{}", line.escape_ascii());
        }
    }

    #[test]
    fn any_words_survive_formatting_and_splitting() {
        arbtest::arbtest(|u| {
            let words: Vec<Vec<u8>> = u.arbitrary()?;
            let line = format_words(&words);
            assert!(line.is_ascii() && !line.contains(['\n', '\r', '\0']), "{line:?}");
            assert_eq!(split_words(line.as_bytes()).unwrap(), words);
            Ok(())
        });
    }

    #[test]
    fn any_bytes_are_split_or_refused() {
        arbtest::arbtest(|u| {
            let line: Vec<u8> = u.arbitrary()?;
            if let Ok(words) = split_words(&line) {
                assert!(words.iter().map(Vec::len).sum::<usize>() <= line.len());
            }
            Ok(())
        });
    }
}
