//! Reads the notation of a reply. Recursive descent, with the depth bounded as for anything recursive here.

use stdx::num::parse_i64;

use super::{Items, Pattern, Rest};

/// Deeper than any reply of any command.
const MAX_DEPTH: usize = 64;

impl Pattern {
    /// Reads one pattern, which takes all of `text`.
    ///
    /// ```
    /// use testkit::Pattern;
    /// assert_eq!(Pattern::parse("(error) ERR no such key"), Ok(Pattern::Error(b"ERR no such key".to_vec())));
    /// assert_eq!(Pattern::parse("'a\\x00'"), Ok(Pattern::Bulk(b"a\0".to_vec())));
    /// assert!(Pattern::parse("['a'").is_err());
    /// ```
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text.trim(), depth: 0 };
        let pattern = parser.pattern()?;
        match parser.rest.trim_start() {
            "" => Ok(pattern),
            rest => Err(format!("`{rest}` after the end of the reply")),
        }
    }
}

/// Makes the pattern that a list after a word is.
type Build = fn(Items) -> Pattern;

struct Parser<'t> {
    rest: &'t str,
    /// How many brackets are open. Outside all of them a bare word or an error text runs to the end.
    depth: usize,
}

impl<'t> Parser<'t> {
    fn pattern(&mut self) -> Result<Pattern, String> {
        self.rest = self.rest.trim_start();
        if let Some(pattern) = self.named_list()? {
            return Ok(pattern);
        }
        let start = self.rest;
        match start.bytes().next() {
            None => Err("a reply is missing".to_owned()),
            Some(b'\'') => Ok(Pattern::Bulk(self.quoted()?)),
            Some(b'[') => Ok(Pattern::Array(self.items('[', ']')?)),
            Some(b'{') => self.pairs().map(|(pairs, rest)| Pattern::Map(pairs, rest)),
            Some(b'>') => self.skip(1).items('[', ']').map(Pattern::Push),
            Some(b'~') if start.starts_with("~{") => self.skip(1).items('{', '}').map(Pattern::Set),
            Some(b'~') => self.skip(1).quoted().map(Pattern::Glob),
            Some(b'*') => {
                self.skip(1);
                Ok(Pattern::Any)
            }
            Some(b'(') => self.tagged(),
            Some(b'$') => self.capture(),
            Some(_) => self.bare(),
        }
    }

    fn skip(&mut self, len: usize) -> &mut Self {
        self.rest = &self.rest[len..];
        self
    }

    fn take(&mut self, token: char) -> bool {
        let rest = self.rest.trim_start();
        let found = rest.starts_with(token);
        if found {
            self.rest = &rest[token.len_utf8()..];
        }
        found
    }

    /// `unordered [..]`, `flat [..]`, `one of [..]`, `pairs {..}`.
    fn named_list(&mut self) -> Result<Option<Pattern>, String> {
        let all: [(&str, Build); 3] = [
            ("unordered", Pattern::Unordered),
            ("flat", |items| Pattern::Flat(items.list)),
            ("one of", |items| Pattern::OneOf(items.list)),
        ];
        if let Some(after) = self.rest.strip_prefix("pairs").filter(|after| after.trim_start().starts_with('{')) {
            self.rest = after;
            let (pairs, rest) = self.pairs()?;
            return Ok(Some(Pattern::Pairs(pairs, rest)));
        }
        for (name, build) in all {
            let Some(after) = self.rest.strip_prefix(name) else { continue };
            if after.trim_start().starts_with('[') {
                self.rest = after.trim_start();
                let items = self.items('[', ']')?;
                if items.rest == Rest::Any && name != "unordered" {
                    return Err(format!("`...` has no meaning in `{name}`"));
                }
                return Ok(Some(build(items)));
            }
        }
        Ok(None)
    }

    /// The elements between `open` and `close`, with a comma after the last one or not.
    fn items(&mut self, open: char, close: char) -> Result<Items, String> {
        let (list, rest) = self.list(open, close, Self::pattern)?;
        Ok(Items { list, rest })
    }

    fn pairs(&mut self) -> Result<(Vec<(Pattern, Pattern)>, Rest), String> {
        self.list('{', '}', |parser| {
            let key = parser.pattern()?;
            if !parser.take(':') {
                return Err(format!("a `:` belongs before `{}`", parser.rest));
            }
            Ok((key, parser.pattern()?))
        })
    }

    fn list<T>(
        &mut self,
        open: char,
        close: char,
        mut element: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<(Vec<T>, Rest), String> {
        if !self.take(open) {
            return Err(format!("a `{open}` belongs before `{}`", self.rest));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err("nested too deep".to_owned());
        }
        let mut list = Vec::new();
        let mut rest = Rest::None;
        while !self.take(close) {
            if rest == Rest::Any {
                return Err(format!("`...` comes last, not before `{}`", self.rest));
            }
            if let Some(after) = self.rest.trim_start().strip_prefix("...") {
                self.rest = after;
                rest = Rest::Any;
            } else {
                list.push(element(self)?);
            }
            if !self.take(',') && !self.rest.trim_start().starts_with(close) {
                return Err(format!("a `,` or `{close}` belongs before `{}`", self.rest));
            }
        }
        self.depth -= 1;
        Ok((list, rest))
    }

    /// What starts with a word in parentheses.
    fn tagged(&mut self) -> Result<Pattern, String> {
        let Some((tag, after)) = self.rest[1..].split_once(')') else {
            return Err(format!("`{}` lacks its `)`", self.rest));
        };
        self.rest = after;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| format!("({tag}) takes plain text"));
        match tag.split_once(' ').unwrap_or((tag, "")) {
            ("nil", "") => Ok(Pattern::Nil),
            ("nil", "array") => Ok(Pattern::NilArray),
            ("true", "") => Ok(Pattern::Bool(true)),
            ("false", "") => Ok(Pattern::Bool(false)),
            ("int", "") => Ok(Pattern::IntBetween(i64::MIN, i64::MAX)),
            ("int", range) => range
                .split_once("..")
                .and_then(|(low, high)| Some(Pattern::IntBetween(int(low)?, int(high)?)))
                .ok_or_else(|| format!("`{range}` is no range; it reads as (int 1..9)")),
            ("error", "") => self.error(),
            ("status", "") => Ok(Pattern::Status(self.quoted_or_word()?)),
            ("double", "") => Ok(Pattern::Double(text(self.quoted_or_word()?)?)),
            ("big", "") => Ok(Pattern::Big(text(self.quoted_or_word()?)?)),
            ("verbatim", format) if format.len() == 3 => {
                let format = format.to_owned();
                Ok(Pattern::Verbatim { format, text: self.quoted_or_word()? })
            }
            (_, _) => Err(format!("`({tag})` is no reply")),
        }
    }

    /// The text of an error: quoted, or else all up to the end of the line or element; `...` after it makes it a prefix.
    fn error(&mut self) -> Result<Pattern, String> {
        let quoted = self.rest.trim_start().starts_with('\'');
        let text = if quoted { self.quoted()? } else { self.word()?.as_bytes().to_vec() };
        if let (true, Some(after)) = (quoted, self.rest.strip_prefix("...")) {
            self.rest = after;
            return Ok(Pattern::ErrorPrefix(text));
        }
        Ok(match text.strip_suffix(b"...") {
            Some(prefix) if !quoted => Pattern::ErrorPrefix(prefix.to_vec()),
            Some(_) | None => Pattern::Error(text),
        })
    }

    fn capture(&mut self) -> Result<Pattern, String> {
        let name = self.rest.strip_prefix("${").and_then(|after| after.split_once('}'));
        match name {
            Some((name, after)) if !name.is_empty() => {
                self.rest = after;
                Ok(Pattern::Capture(name.to_owned()))
            }
            Some(_) | None => Err(format!("`{}` is no ${{name}}", self.rest)),
        }
    }

    /// An integer or a simple string, neither of which has marks of its own.
    fn bare(&mut self) -> Result<Pattern, String> {
        let word = self.word()?;
        if let Some(int) = int(word) {
            return Ok(Pattern::Int(int));
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | '"')) {
            return Err(format!("`{word}` is no integer; text goes in quotes, and floats read as (double) 1.5"));
        }
        Ok(Pattern::Status(word.as_bytes().to_vec()))
    }

    fn quoted_or_word(&mut self) -> Result<Vec<u8>, String> {
        if self.rest.trim_start().starts_with('\'') { self.quoted() } else { Ok(self.word()?.as_bytes().to_vec()) }
    }

    /// Text without quotes: to the end of the line, or inside a collection to the next `,`, `:` or closing bracket.
    fn word(&mut self) -> Result<&'t str, String> {
        let rest = self.rest.trim_start();
        let ends = |c: char| c == '\n' || (self.depth > 0 && matches!(c, ',' | ':' | ']' | '}'));
        let len = rest.find(ends).unwrap_or(rest.len());
        self.rest = &rest[len..];
        match rest[..len].trim_end() {
            "" => Err(format!("text is missing before `{}`", self.rest)),
            word => Ok(word),
        }
    }

    /// A string in single quotes, its escapes resolved.
    fn quoted(&mut self) -> Result<Vec<u8>, String> {
        let rest = self.rest.trim_start();
        let Some(body) = rest.strip_prefix('\'') else {
            return Err(format!("a quoted string belongs before `{rest}`"));
        };
        let mut bytes = Vec::new();
        let mut rest = body;
        while let Some(len) = rest.find(['\'', '\\']) {
            bytes.extend_from_slice(&rest.as_bytes()[..len]);
            let (mark, after) = rest[len..].split_at(1);
            if mark == "'" {
                self.rest = after;
                return Ok(bytes);
            }
            let (byte, len) = unescape(after)?;
            bytes.push(byte);
            rest = &after[len..];
        }
        Err(format!("the quote before `{body}` is not closed"))
    }
}

fn int(text: &str) -> Option<i64> {
    parse_i64(text.trim().as_bytes())
}

/// The byte that the escape after a backslash stands for, and how long the escape is.
fn unescape(after: &str) -> Result<(u8, usize), String> {
    let byte = match after.bytes().next() {
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'a') => 0x07,
        Some(b'b') => 0x08,
        Some(mark @ (b'\'' | b'"' | b'\\')) => mark,
        Some(b'x') => {
            let code = after.get(1..3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            return code
                .map(|byte| (byte, 3))
                .ok_or_else(|| format!("two hex digits belong after `\\x` in `\\{after}`"));
        }
        Some(_) | None => return Err(format!("`\\{after}` starts with no known escape")),
    };
    Ok((byte, 1))
}
