//! How words of a configuration line are quoted. How a line is cut into words, [`resp::split_words`] knows: the grammar of
//! `redis.conf` is that of inline commands.

use std::borrow::Cow;

/// `word` in double quotes, everything that is not printable ASCII escaped: any bytes survive [`resp::split_words`].
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

/// A line that [`resp::split_words`] cuts into `words` again; only words that need quotes get them.
///
/// ```
/// use server::config::format_words;
/// assert_eq!(format_words(&["masterauth", "two words"]), r#"masterauth "two words""#);
/// ```
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
    use resp::{UnbalancedQuotes, split_words};

    fn split(line: &[u8]) -> Result<Vec<String>, UnbalancedQuotes> {
        let words = split_words(line)?;
        Ok(words.iter().map(|word| word.escape_ascii().to_string()).collect())
    }

    #[test]
    fn lines_are_cut_as_in_a_redis_conf() {
        // Each line was given to redis-server 7.0.15, and the value asked for with CONFIG GET.
        let cases: [(&[u8], &[&str]); 16] = [
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
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), words, "{}", line.escape_ascii());
        }
        for line in [&br#"p "70"#[..], b"p '70", br#"p a"b"#, br#"p "7000"x"#, b"p 'a'b", br#"p "a\"#, br#"p "a\""#] {
            assert_eq!(split(line), Err(UnbalancedQuotes), "{}", line.escape_ascii());
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
}
