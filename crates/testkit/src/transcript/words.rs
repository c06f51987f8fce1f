//! Words as redis-cli splits them.

pub(super) struct UnbalancedQuotes;

pub(super) fn split_words(line: &[u8]) -> Result<Vec<Vec<u8>>, UnbalancedQuotes> {
    let mut words = Vec::new();
    let mut bytes = line.iter().copied().peekable();
    loop {
        while bytes.next_if(u8::is_ascii_whitespace).is_some() {}
        if bytes.peek().is_none() {
            return Ok(words);
        }
        let mut word = Vec::new();
        while let Some(byte) = bytes.next_if(|byte| !byte.is_ascii_whitespace()) {
            if byte != b'"' && byte != b'\'' {
                word.push(byte);
                continue;
            }
            loop {
                match bytes.next().ok_or(UnbalancedQuotes)? {
                    close if close == byte => break,
                    b'\\' if byte == b'"' => word.push(match bytes.next().ok_or(UnbalancedQuotes)? {
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        other => other,
                    }),
                    other => word.push(other),
                }
            }
        }
        words.push(word);
    }
}
