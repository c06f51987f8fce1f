//! Reads a transcript's text, line by line.

use std::fmt;

use resp::{Protocol, split_words};

use super::expand::{expand, is_name};
use super::{Expectation, Line, Outcome, Skip, SkipScope, Step, Transcript};
use crate::pattern::Pattern;
use crate::peer::{Since, Vendor};

/// A transcript that does not read as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line of the transcript, from 1.
    pub line: usize,
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

impl Transcript {
    /// Reads `text`.
    ///
    /// ```
    /// use testkit::{Step, Transcript};
    /// let transcript = Transcript::parse("> PING  => PONG").unwrap();
    /// assert_eq!(transcript.lines[0].step, Step::Command { conn: String::new(), words: vec![b"PING".to_vec()] });
    /// assert_eq!(Transcript::parse("PING").unwrap_err().line, 1);
    /// ```
    ///
    /// # Errors
    /// The first line that cannot be read.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let mut parser = Parser { text, at: 0, number: 0, transcript: Self::default(), pending_skips: Vec::new() };
        loop {
            match parser.line() {
                Ok(true) => {}
                Ok(false) => return Ok(parser.transcript),
                Err(message) => return Err(ParseError { line: parser.number, message }),
            }
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    /// Where the next line starts.
    at: usize,
    /// Of the line being read, from 1.
    number: usize,
    transcript: Transcript,
    /// `@skip-line`s that wait for their line.
    pending_skips: Vec<Skip>,
}

impl<'t> Parser<'t> {
    /// The next line without its end, and where it starts.
    fn next_line(&mut self) -> Option<(usize, &'t str)> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let len = rest.find('\n').unwrap_or(rest.len());
        self.at = start + len + 1;
        self.number += 1;
        Some((start, &rest[..len]))
    }

    /// Reads one line with all that continues it; `false` at the end.
    fn line(&mut self) -> Result<bool, String> {
        let Some((start, line)) = self.next_line() else {
            if self.pending_skips.is_empty() {
                return Ok(false);
            }
            return Err("`@skip-line` has no line after it".to_owned());
        };
        let trimmed = line.trim();
        if let Some(directive) = trimmed.strip_prefix('@') {
            self.directive(directive)?;
        } else if trimmed.starts_with("=>") {
            self.expectation(start + line.len() - line.trim_start().len())?;
        } else if !trimmed.is_empty() && !trimmed.starts_with('#') {
            self.exchange(start, line)?;
        }
        Ok(true)
    }

    /// `A> command => reply`, `>> bytes`, `A: => reply`.
    fn exchange(&mut self, start: usize, line: &str) -> Result<(), String> {
        let indent = line.len() - line.trim_start().len();
        let arrow = find_arrow(line);
        let head = line[indent..arrow.unwrap_or(line.len())].trim_end();
        let name_len = head.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(head.len());
        let (conn, rest) = head.split_at(name_len);
        if !conn.is_empty() && !is_name(conn) {
            return Err(format!("`{conn}` cannot name a connection"));
        }
        let conn = conn.to_owned();
        let step = if let Some(text) = rest.strip_prefix(">>") {
            Step::Raw { conn, bytes: words(text)?.concat() }
        } else if let Some(text) = rest.strip_prefix('>') {
            Step::Command { conn, words: words(text)? }
        } else if rest == ":" && arrow.is_some() {
            Step::Later { conn }
        } else {
            return Err(format!(
                "`{head}` is no line: `> command`, `>> bytes`, `name: => reply`, `@directive`, `# comment`"
            ));
        };
        let head_end = start + indent + head.len();
        self.push(head, step, head_end);
        arrow.map_or(Ok(()), |at| self.expectation(start + at))
    }

    fn push(&mut self, text: &str, step: Step, head_end: usize) {
        self.transcript.lines.push(Line {
            number: self.number,
            text: text.to_owned(),
            step,
            expect: Vec::new(),
            expect_span: head_end..head_end,
            skips: std::mem::take(&mut self.pending_skips),
        });
    }

    /// Reads the expectation whose `=>` is at `start` of the text, on the current line, for the line read last.
    fn expectation(&mut self, start: usize) -> Result<(), String> {
        let opened = self.number;
        let read = self.expectation_from(start);
        if read.is_err() {
            // A reply of several lines is at fault where it opens.
            self.number = opened;
        }
        read
    }

    fn expectation_from(&mut self, start: usize) -> Result<(), String> {
        let (protocol, mark_len) = match self.text.as_bytes().get(start + 2..) {
            Some([b'2', after, ..]) if after.is_ascii_whitespace() => (Some(Protocol::Resp2), 3),
            Some([b'3', after, ..]) if after.is_ascii_whitespace() => (Some(Protocol::Resp3), 3),
            _ => (None, 2),
        };
        let body_start = start + mark_len;
        while is_open(&self.text[body_start..self.line_end()]) {
            if self.next_line().is_none() {
                return Err("the reply's brackets are still open at the end".to_owned());
            }
        }
        let body = self.text[body_start..self.line_end()].trim_end();
        let end = body_start + body.len();

        let text = body.trim_start().to_owned();
        let outcome = match text.as_str() {
            "(blocked)" => Outcome::Blocked,
            "(silent)" => Outcome::Silent,
            "(closed)" => Outcome::Closed,
            reply => Outcome::Reply(Pattern::parse(&expand(reply)?)?),
        };
        let line = self
            .transcript
            .lines
            .last_mut()
            .filter(|line| matches!(line.step, Step::Command { .. } | Step::Raw { .. } | Step::Later { .. }));
        let line = line.ok_or("`=>` has nothing before it that is answered")?;
        if line.expect.is_empty() {
            line.expect_span = start..end;
        } else {
            line.expect_span.end = end;
        }
        line.expect.push(Expectation { text, protocol, outcome });
        Ok(())
    }

    /// Where the line read last ends.
    fn line_end(&self) -> usize {
        (self.at - 1).min(self.text.len())
    }

    fn directive(&mut self, directive: &str) -> Result<(), String> {
        let (name, rest) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
        let rest = rest.trim();
        let text = format!("@{directive}");
        match name {
            "now" => {
                let ms = rest.strip_prefix('+').and_then(duration_ms).ok_or("a time reads as `@now +5s`")?;
                self.push(&text, Step::Now { ms }, self.at);
            }
            "config" => {
                let (name, value) = rest.split_once(char::is_whitespace).ok_or("`@config` takes a name and a value")?;
                let mut value = words(value)?;
                let value = value.pop().filter(|_| value.is_empty()).and_then(|word| String::from_utf8(word).ok());
                let value = value.ok_or("`@config` takes one value; quote it if it has spaces")?;
                self.push(&text, Step::Config { name: name.to_owned(), value }, self.at);
            }
            "close" => {
                let conn = Some(rest).filter(|rest| rest.is_empty() || is_name(rest));
                let conn = conn.ok_or("`@close` takes the name of a connection")?.to_owned();
                self.push(&text, Step::Close { conn }, self.at);
            }
            "stream" => {
                let words = if rest.is_empty() { Vec::new() } else { words(rest)? };
                self.push(&text, Step::Stream { words }, self.at);
            }
            "since" => {
                self.transcript.since = Since::parse(rest).ok_or("a version reads as `@since 8.4 valkey 9.1`")?;
            }
            "only" => {
                let vendors: Option<Vec<Vendor>> = rest.split_whitespace().map(Vendor::parse).collect();
                self.transcript.only =
                    vendors.filter(|all| !all.is_empty()).ok_or("`@only` takes redis, valkey, ochre")?;
            }
            "resp2" if rest.is_empty() => self.transcript.only_protocol = Some(Protocol::Resp2),
            "resp3" if rest.is_empty() => self.transcript.only_protocol = Some(Protocol::Resp3),
            "skip-lens" => self.transcript.skips.push(skip(SkipScope::Everything, rest)?),
            "skip-encodings" => self.transcript.skips.push(skip(SkipScope::Encodings, rest)?),
            "skip-line" => self.pending_skips.push(skip(SkipScope::Line, rest)?),
            _ => return Err(format!("`@{name}` is no directive")),
        }
        Ok(())
    }
}

fn skip(scope: SkipScope, rest: &str) -> Result<Skip, String> {
    let (lens, reason) = rest.split_once(char::is_whitespace).ok_or("a skip takes a lens and a reason")?;
    Ok(Skip { lens: lens.to_owned(), scope, reason: reason.trim().to_owned() })
}

fn words(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let words = split_words(expand(text)?.as_bytes()).map_err(|error| error.to_string())?;
    if words.is_empty() { Err("nothing to send".to_owned()) } else { Ok(words) }
}

fn duration_ms(text: &str) -> Option<u64> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(unit_ms)
}

/// Where the first `=>` stands that is a word of its own outside the quotes of a command.
fn find_arrow(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, mark @ (b'"' | b'\'')) => quote = Some(mark),
            (None, b'=') if bytes[at..].starts_with(b"=>") && (at == 0 || bytes[at - 1].is_ascii_whitespace()) => {
                let mark_len = usize::from(matches!(bytes.get(at + 2), Some(b'2' | b'3')));
                if bytes.get(at + 2 + mark_len).is_none_or(u8::is_ascii_whitespace) {
                    return Some(at);
                }
            }
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// Whether a reply that starts as a collection still has a bracket open. Anything else is one line, whatever it holds.
fn is_open(body: &str) -> bool {
    let body = body.trim_start();
    if !["[", "{", "~{", ">[", "unordered", "flat", "one of", "pairs"].iter().any(|start| body.starts_with(start)) {
        return false;
    }
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut bytes = body.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if quoted => {
                bytes.next();
            }
            b'\'' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}
