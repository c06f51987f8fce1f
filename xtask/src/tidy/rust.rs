//! Rust source with comments and literals told apart from code.
//!
//! `code` is the text with every comment and the inside of every literal blanked out, byte for byte, so offsets and lines stay
//! the same and a search in it meets code only. `comments` is the reverse: everything but comments blanked.
//!
//! ```text
//! text      let s = "unsafe { }"; // not unsafe
//! code      let s = "          ";
//! comments                        // not unsafe
//! ```

use std::ops::Range;

/// A masked source file.
pub(super) struct Code {
    pub(super) code: String,
    pub(super) comments: String,
    /// Byte ranges of items under `#[cfg(test)]`.
    tests: Vec<Range<usize>>,
}

/// A function and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) line: usize,
    /// Lines from `fn` to the closing brace.
    pub(super) lines: usize,
}

impl Code {
    pub(super) fn new(text: &str) -> Code {
        let (code, comments) = mask(text);
        let tests = test_items(&code);
        Code { code, comments, tests }
    }

    /// The line (from 1) of a byte offset.
    pub(super) fn line(&self, offset: usize) -> usize {
        1 + self.code.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count()
    }

    /// Whether the offset lies in an item under `#[cfg(test)]`.
    pub(super) fn in_tests(&self, offset: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&offset))
    }

    /// Offsets of `word` in the code, as a whole identifier.
    pub(super) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> {
        find_words(&self.code, word)
    }

    /// The functions with a body, nested ones too.
    pub(super) fn functions(&self) -> Vec<Function> {
        self.words("fn").filter_map(|at| self.function_at(at)).collect()
    }

    fn function_at(&self, at: usize) -> Option<Function> {
        let rest = &self.code[at + 2..];
        let name_at = at + 2 + (rest.len() - rest.trim_start().len());
        let name: String = self.code[name_at..].chars().take_while(|c| is_word(*c)).collect();
        // A function pointer type has no name, a trait's declaration no body.
        if name.is_empty() {
            return None;
        }
        let open = body_start(&self.code, name_at)?;
        let close = matching_brace(&self.code, open)?;
        let line = self.line(at);
        Some(Function { name, line, lines: self.line(close) - line + 1 })
    }
}

/// Offsets of `word` in `text` where it is not part of a longer identifier.
pub(super) fn find_words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(word).map(|(at, _)| at).filter(move |at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The offset of the brace that closes the one at `open`.
pub(super) fn matching_brace(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The `{` of an item's body, or `None` if a `;` ends the item first. Brackets in its head (`[u8; 4]`) are stepped over.
fn body_start(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' if depth == 0 => return Some(at),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn test_items(code: &str) -> Vec<Range<usize>> {
    const ATTRIBUTE: &str = "#[cfg(test)]";
    code.match_indices(ATTRIBUTE)
        .filter_map(|(at, _)| {
            let open = body_start(code, at + ATTRIBUTE.len())?;
            Some(at..matching_brace(code, open)? + 1)
        })
        .collect()
}

/// What the lexer is inside of.
enum Span {
    Comment,
    /// Only what lies between the quotes is blanked.
    Literal,
}

fn mask(text: &str) -> (String, String) {
    let mut code = text.as_bytes().to_vec();
    let mut comments: Vec<u8> = text.bytes().map(|byte| if byte == b'\n' { b'\n' } else { b' ' }).collect();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some((span, end)) = span_at(bytes, at) else {
            at += 1;
            continue;
        };
        match span {
            Span::Comment => comments[at..end].copy_from_slice(&bytes[at..end]),
            Span::Literal => {}
        }
        for byte in &mut code[at..end] {
            if *byte != b'\n' && (matches!(span, Span::Comment) || !matches!(*byte, b'"' | b'\'')) {
                *byte = b' ';
            }
        }
        at = end;
    }
    // Only whole spans were blanked, and they begin and end between characters.
    (String::from_utf8_lossy(&code).into_owned(), String::from_utf8_lossy(&comments).into_owned())
}

/// The comment or literal that begins at `at`, and where it ends.
fn span_at(bytes: &[u8], at: usize) -> Option<(Span, usize)> {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        let len = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        return Some((Span::Comment, at + len));
    }
    if rest.starts_with(b"/*") {
        return Some((Span::Comment, at + block_comment_len(rest)));
    }
    if rest[0] == b'\'' {
        return Some((Span::Literal, at + char_len(rest)?));
    }
    let starts_word = at == 0 || !is_word(char::from(bytes[at - 1]));
    let prefix = if starts_word { rest.iter().take_while(|byte| b"bcr".contains(byte)).count() } else { 0 };
    let raw = prefix > 0 && rest[prefix - 1] == b'r';
    let hashes = if raw { rest[prefix..].iter().take_while(|byte| **byte == b'#').count() } else { 0 };
    if rest.get(prefix + hashes) != Some(&b'"') {
        return None;
    }
    let body = prefix + hashes + 1;
    let len = if raw { raw_string_len(&rest[body..], hashes) } else { string_len(&rest[body..]) };
    Some((Span::Literal, at + body + len))
}

fn block_comment_len(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The length of a character literal, or `None` for a lifetime.
fn char_len(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return rest.iter().skip(3).position(|byte| *byte == b'\'').map(|at| at + 4);
    }
    let text = std::str::from_utf8(&rest[1..rest.len().min(5)]);
    let first = match text {
        Ok(text) => text.chars().next()?.len_utf8(),
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(&rest[1..=error.valid_up_to()]).ok()?.chars().next()?.len_utf8()
        }
        Err(_) => return None,
    };
    (rest.get(1 + first) == Some(&b'\'')).then_some(first + 2)
}

fn string_len(body: &[u8]) -> usize {
    let mut at = 0;
    while at < body.len() {
        match body[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    body.len()
}

fn raw_string_len(body: &[u8], hashes: usize) -> usize {
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    body.windows(end.len()).position(|window| window == end).map_or(body.len(), |at| at + end.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked_and_offsets_kept() {
        let text = "let s = \"a // b \\\" unsafe\"; // c \"d\nlet r = r#\"fn \" x\"#; /* /* fn */ } */ let c = '\\''; let l: &'a u8 = '{';";
        let code = Code::new(text);
        assert_eq!(code.code.len(), text.len());
        assert_eq!(code.words("unsafe").count() + code.words("fn").count(), 0);
        assert!(code.code.contains("let c = '") && code.code.contains("&'a u8"));
        assert!(!code.code.contains('{') && !code.code.contains('}'));
        assert!(code.comments.contains("// c \"d") && !code.comments.contains("// b"));
    }

    #[test]
    fn non_ascii_text_survives() {
        let code = Code::new("let a = '\u{e4}'; let b = \"\u{20ac}{\"; // \u{20ac}\nfn f() {}");
        assert!(!code.code.contains("\u{20ac}") && code.comments.contains('\u{20ac}'));
        assert_eq!(code.functions().len(), 1);
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_closing_brace() {
        let code = Code::new(
            "trait T { fn no_body(&self) -> [u8; 4]; }\n\nfn one<F: Fn(u8)>(x: [u8; 2]) -> u8 {\n  if true { 1 } else { 2 }\n}\ntype P = fn(u8);",
        );
        assert_eq!(code.functions(), [Function { name: "one".to_owned(), line: 3, lines: 3 }]);
    }

    #[test]
    fn test_items_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n#[cfg(test)]\nmod other;\nfn d() {}";
        let code = Code::new(text);
        let inside: Vec<bool> =
            ["a()", "b()", "c()", "d()"].map(|name| code.in_tests(text.find(name).unwrap())).to_vec();
        assert_eq!(inside, [false, true, false, false]);
    }
}
