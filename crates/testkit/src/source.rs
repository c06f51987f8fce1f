//! Finds transcripts in Rust source: the string literal of every `check*(...)` call.
//!
//! Two readers: `cargo xtask oracle`, which puts the same questions to a real server without compiling anything, and
//! `UPDATE_EXPECT=1`, which must know which bytes of the file hold which bytes of the literal. A full parser (syn) was
//! rejected: strings, comments, characters and brackets are all there is to get right, and spans inside literals come free.

use std::ops::Range;

/// A transcript found in a source file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The line of the source that the literal opens on, from 1. Line `n` of the transcript (from 1) is `line + n - 1`.
    pub line: usize,
    /// The function it stands in, nearly always the test's name.
    pub function: String,
    /// The literal's value.
    pub text: String,
}

/// Every transcript in `source`: the first string literal among the direct arguments of each call whose name starts with
/// `check` (`check("...")`, `check_on(&subject, r#"..."#)`, `check!("...")`), if it has a line that sends something.
///
/// ```
/// let found = testkit::extract(r##"
///     #[test]
///     fn ping() {
///         check(r#"> PING  => PONG"#);
///     }
/// "##);
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].line, &*found[0].function, &*found[0].text), (4, "ping", "> PING  => PONG"));
/// ```
#[must_use]
pub fn extract(source: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut function = String::new();
    let tokens: Vec<Token<'_>> = Lexer { source, at: 0 }.collect();
    for (index, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        if *word == "fn" {
            if let Some(Token::Word(name)) = tokens.get(index + 1) {
                function = (*name).to_owned();
            }
        } else if word.starts_with("check")
            && let Some(literal) = first_argument_literal(&tokens[index + 1..])
            && sends_something(&literal.text)
        {
            found.push(Found {
                line: line_of(source, literal.span.start),
                function: function.clone(),
                text: literal.text.clone(),
            });
        }
    }
    found
}

/// A string literal: its value, and where each byte of the value stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) text: String,
    /// From the opening `"` or `r` to past the closing quote and hashes.
    pub(crate) span: Range<usize>,
    /// `offsets[i]` is the source offset of byte `i` of `text`; one more entry points at the closing quote.
    pub(crate) offsets: Vec<usize>,
    /// `None` for an ordinary literal, else how many `#` a raw one has.
    pub(crate) raw_hashes: Option<usize>,
}

/// All string literals of `source`, in order.
pub(crate) fn literals(source: &str) -> impl Iterator<Item = Literal> {
    Lexer { source, at: 0 }.filter_map(|token| match token {
        Token::Literal(literal) => Some(literal),
        Token::Word(_) | Token::Open | Token::Close | Token::Other(_) => None,
    })
}

/// The line `offset` is on, from 1.
pub(crate) fn line_of(source: &str, offset: usize) -> usize {
    source.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn first_argument_literal<'t>(after_name: &'t [Token<'_>]) -> Option<&'t Literal> {
    let ([Token::Open, arguments @ ..] | [Token::Other('!'), Token::Open, arguments @ ..]) = after_name else {
        return None;
    };
    let mut depth = 1;
    for token in arguments {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth -= 1,
            Token::Literal(literal) if depth == 1 => return Some(literal),
            Token::Literal(_) | Token::Word(_) | Token::Other(_) => {}
        }
        if depth == 0 {
            return None;
        }
    }
    None
}

/// Whether some line of `text` starts with `>`, possibly after the name of a connection.
fn sends_something(text: &str) -> bool {
    text.lines().any(|line| {
        line.trim_start().trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').starts_with('>')
    })
}

/// As much of Rust's grammar as it takes to know what is a string and what is a bracket.
enum Token<'s> {
    Word(&'s str),
    Literal(Literal),
    Open,
    Close,
    Other(char),
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Iterator for Lexer<'s> {
    type Item = Token<'s>;

    fn next(&mut self) -> Option<Token<'s>> {
        loop {
            let rest = &self.source[self.at..];
            let first = rest.chars().next()?;
            if first.is_whitespace() {
                self.at += first.len_utf8();
            } else if rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                self.at += block_comment_len(rest);
            } else if first == '\'' {
                self.at += quote_len(rest);
            } else if first == '"' {
                return Some(Token::Literal(self.plain_string()));
            } else if is_word(first) {
                let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                let word = &rest[..len];
                if let Some(token) = self.prefixed_string(word) {
                    return Some(token);
                }
                self.at += len;
                return Some(Token::Word(word));
            } else {
                self.at += first.len_utf8();
                return Some(match first {
                    '(' | '[' | '{' => Token::Open,
                    ')' | ']' | '}' => Token::Close,
                    other => Token::Other(other),
                });
            }
        }
    }
}

impl<'s> Lexer<'s> {
    /// A literal whose quote follows a prefix: `r"`, `r#"`, `b"`, `br#"`, `c"`. Only raw ones without `b` or `c` are text;
    /// the others come back as something that is no transcript.
    fn prefixed_string(&mut self, prefix: &'s str) -> Option<Token<'s>> {
        if !matches!(prefix, "r" | "b" | "br" | "c" | "cr") {
            return None;
        }
        let after = &self.source[self.at + prefix.len()..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        if !after[hashes..].starts_with('"') || (hashes > 0 && !prefix.ends_with('r')) {
            return None;
        }
        let start = self.at;
        self.at += prefix.len() + hashes;
        let mut literal = if prefix.ends_with('r') { self.raw_string(hashes) } else { self.plain_string() };
        literal.span.start = start;
        Some(if prefix == "r" { Token::Literal(literal) } else { Token::Other('"') })
    }

    /// From the `"` of a raw string with `hashes` hashes.
    fn raw_string(&mut self, hashes: usize) -> Literal {
        let body = self.at + 1;
        let closing = format!("\"{}", "#".repeat(hashes));
        let len = self.source[body..].find(&closing).unwrap_or(self.source.len() - body);
        let span = self.at..(body + len + closing.len()).min(self.source.len());
        self.at = span.end;
        Literal {
            text: self.source[body..body + len].to_owned(),
            span,
            offsets: (body..=body + len).collect(),
            raw_hashes: Some(hashes),
        }
    }

    /// From the `"` of an ordinary string.
    fn plain_string(&mut self) -> Literal {
        let start = self.at;
        let mut text = String::new();
        let mut offsets = Vec::new();
        let mut at = start + 1;
        while let Some(c) = self.source[at..].chars().next() {
            if c == '"' {
                break;
            }
            let (decoded, len) = if c == '\\' { escape(&self.source[at..]) } else { (Some(c), c.len_utf8()) };
            if let Some(decoded) = decoded {
                text.push(decoded);
                offsets.resize(text.len(), at);
            }
            at += len;
        }
        offsets.push(at);
        self.at = (at + 1).min(self.source.len());
        Literal { text, span: start..self.at, offsets, raw_hashes: None }
    }
}

const fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// The character that the escape at the start of `rest` stands for, if it stands for one, and its length.
fn escape(rest: &str) -> (Option<char>, usize) {
    let mut chars = rest.char_indices().skip(1);
    let Some((_, kind)) = chars.next() else { return (None, rest.len()) };
    let code = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    match kind {
        'n' => (Some('\n'), 2),
        'r' => (Some('\r'), 2),
        't' => (Some('\t'), 2),
        '0' => (Some('\0'), 2),
        // A backslash at the end of a line swallows the break and the indentation after it.
        '\n' | '\r' => (None, rest.len() - rest[1..].trim_start().len()),
        'x' => rest.get(2..4).map_or((None, 2), |digits| (code(digits), 4)),
        'u' => match rest.find('}') {
            Some(end) => (rest.get(3..end).map(|digits| digits.replace('_', "")).as_deref().and_then(code), end + 1),
            None => (None, rest.len()),
        },
        other => (Some(other), 1 + other.len_utf8()),
    }
}

fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// What a `'` opens: a character (`'a'`, `'\''`, `'"'`), or a lifetime, of which only the quote itself is skipped.
fn quote_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            let escaped = escape(&rest[1..]).1;
            1 + escaped + usize::from(rest.get(1 + escaped..).is_some_and(|after| after.starts_with('\'')))
        }
        Some((_, _)) => match chars.next() {
            Some((at, '\'')) => at + 1,
            Some(_) | None => 1,
        },
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        extract(source).into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn ordinary_and_raw_literals_are_read_as_rust_reads_them() {
        let source = r####"
            fn a() { check("> SET k \"v\\n\"\n> GET k"); }
            fn b() { check_on(&new(), r"> A"); check_all(subject(1, "> not this"), r#"> B "x" "#); }
            fn c() { check!(r##"> C "# "##, 1); checked_add ("> D \x41\u{42}\
                tail"); }
        "####;
        assert_eq!(texts(source), ["> SET k \"v\\n\"\n> GET k", "> A", "> B \"x\" ", "> C \"# ", "> D ABtail"]);
    }

    #[test]
    fn what_looks_like_a_call_but_is_none_is_passed_over() {
        let source = r####"
            // check("> COMMENT");
            /* check("> A"); /* check("> B"); */ check("> C"); */
            fn f<'a>(x: &'a str) -> char { check(x); check(&format!("> D {x}")); recheck("> E"); '"' }
            fn g() { let s = "check(\"> F\")"; let c = '\''; let d = '\u{22}'; check(b"> G"); check("no line sends"); }
            fn check(text: &str) {}
        "####;
        assert_eq!(texts(source), [""; 0]);
    }

    #[test]
    fn lines_and_function_names_point_at_the_test() {
        let source = "fn one() {\n    check(\n        \"\n        > A\n    \");\n}\nfn two() { check(\"B> C\"); }\n";
        let found = extract(source);
        assert_eq!(found.iter().map(|f| (f.line, f.function.as_str())).collect::<Vec<_>>(), [(3, "one"), (7, "two")]);
    }

    #[test]
    fn offsets_lead_from_each_byte_of_the_value_to_the_source() {
        let source = r#"x("a\n\"b"), r"cd""#;
        let all: Vec<Literal> = literals(source).collect();
        let spelled = |literal: &Literal| {
            literal.offsets.windows(2).map(|pair| source[pair[0]..pair[1]].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(spelled(&all[0]), ["a", "\\n", "\\\"", "b"]);
        assert_eq!(spelled(&all[1]), ["c", "d"]);
        assert_eq!(&source[all[1].span.clone()], "r\"cd\"");
    }

    #[test]
    fn any_text_ends_without_a_panic() {
        let source = "fn f() { check(r#\"> A\"#, '\\u{1}', b'x', \"\\x4\u{e9} \\u{\", /* */ 'l: loop {}) \\";
        for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
            let _ = extract(&source[..end]);
            let _ = extract(&source[end..]);
        }
    }
}
