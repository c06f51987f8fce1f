//! Cuts a JSON text into tokens.

use super::number;

/// A token, or what stands in one's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token<'a> {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    Colon,
    Comma,
    End,
    Null,
    Boolean(bool),
    Number(f64),
    String(Text<'a>),
    Error(&'static str),
}

/// A string's bytes; [`Lexer::bytes`] has them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Text<'a> {
    /// As they stand in the text.
    Plain(&'a [u8]),
    /// It had escapes: the lexer holds what they stand for until it meets the next ones.
    Unescaped,
}

impl Token<'_> {
    /// What an error message calls it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::ObjectBegin => "T_OBJ_BEGIN",
            Self::ObjectEnd => "T_OBJ_END",
            Self::ArrayBegin => "T_ARR_BEGIN",
            Self::ArrayEnd => "T_ARR_END",
            Self::Colon => "T_COLON",
            Self::Comma => "T_COMMA",
            Self::End => "T_END",
            Self::Null => "T_NULL",
            Self::Boolean(_) => "T_BOOLEAN",
            Self::Number(_) => "T_NUMBER",
            Self::String(_) => "T_STRING",
            Self::Error(what) => what,
        }
    }
}

const INVALID_TOKEN: Token<'static> = Token::Error("invalid token");
const INVALID_NUMBER: Token<'static> = Token::Error("invalid number");
const INVALID_ESCAPE: Token<'static> = Token::Error("invalid escape code");
const INVALID_UNICODE: Token<'static> = Token::Error("invalid unicode escape code");
const UNFINISHED: Token<'static> = Token::Error("unexpected end of string");

/// A text and how far it has been read. A zero byte ends it, as the end of its bytes does.
#[derive(Debug)]
pub(crate) struct Lexer<'a, 's> {
    text: &'a [u8],
    at: usize,
    /// Where the last token began, or what was wrong with it stands.
    token_at: usize,
    invalid_numbers: bool,
    /// The last string that had escapes. Lent, so that a lexer owns nothing.
    unescaped: &'s mut Vec<u8>,
}

impl<'a, 's> Lexer<'a, 's> {
    pub(crate) const fn new(text: &'a [u8], invalid_numbers: bool, unescaped: &'s mut Vec<u8>) -> Self {
        Self { text, at: 0, token_at: 0, invalid_numbers, unescaped }
    }

    /// The bytes of the string read last.
    pub(crate) fn bytes<'b>(&'b self, text: Text<'a>) -> &'b [u8]
    where
        'a: 'b,
    {
        match text {
            Text::Plain(bytes) => bytes,
            Text::Unescaped => self.unescaped,
        }
    }

    /// Bytes read so far.
    pub(crate) const fn position(&self) -> usize {
        self.at
    }

    /// The place of the last token, counted from 1.
    pub(crate) const fn character(&self) -> usize {
        self.token_at + 1
    }

    pub(crate) fn next(&mut self) -> Token<'a> {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
        self.token_at = self.at;
        let rest = &self.text[self.at..];
        let (token, len) = match rest {
            [] | [0, ..] => return Token::End,
            [b'{', ..] => (Token::ObjectBegin, 1),
            [b'}', ..] => (Token::ObjectEnd, 1),
            [b'[', ..] => (Token::ArrayBegin, 1),
            [b']', ..] => (Token::ArrayEnd, 1),
            [b':', ..] => (Token::Colon, 1),
            [b',', ..] => (Token::Comma, 1),
            [b'"', ..] => return self.string(),
            [b'-' | b'0'..=b'9', ..] => return self.number(rest),
            _ if rest.starts_with(b"true") => (Token::Boolean(true), 4),
            _ if rest.starts_with(b"false") => (Token::Boolean(false), 5),
            _ if rest.starts_with(b"null") => (Token::Null, 4),
            [b'+' | b'i' | b'I' | b'n' | b'N', ..] if self.invalid_numbers && begins_beyond_json(rest) => {
                return self.number(rest);
            }
            _ => return INVALID_TOKEN,
        };
        self.at += len;
        token
    }

    fn number(&mut self, rest: &[u8]) -> Token<'a> {
        if !self.invalid_numbers && is_beyond_json(rest) {
            return INVALID_NUMBER;
        }
        let Some((number, len)) = number::parse_prefix(rest) else { return INVALID_NUMBER };
        self.at += len;
        Token::Number(number)
    }

    /// A string whose opening quote is the next byte.
    fn string(&mut self) -> Token<'a> {
        self.at += 1;
        let mut is_plain = true;
        loop {
            let run = &self.text[self.at..];
            let len = plain_len(run);
            let run = &run[..len];
            self.at += len;
            match self.text.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    if is_plain {
                        return Token::String(Text::Plain(run));
                    }
                    self.unescaped.extend_from_slice(run);
                    return Token::String(Text::Unescaped);
                }
                Some(b'\\') => {
                    if std::mem::replace(&mut is_plain, false) {
                        self.unescaped.clear();
                    }
                    self.unescaped.extend_from_slice(run);
                    if let Err(error) = self.escape() {
                        self.token_at = self.at;
                        return error;
                    }
                }
                _ => {
                    self.token_at = self.at;
                    return UNFINISHED;
                }
            }
        }
    }

    /// The escape that begins at the next byte; an error leaves the reader there.
    fn escape(&mut self) -> Result<(), Token<'a>> {
        let escape = &self.text[self.at..];
        let plain = match escape.get(1) {
            Some(b'u') => {
                let (character, len) = unicode_escape(escape).ok_or(INVALID_UNICODE)?;
                self.unescaped.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                self.at += len;
                return Ok(());
            }
            Some(&byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            _ => return Err(INVALID_ESCAPE),
        };
        self.unescaped.push(plain);
        self.at += 2;
        Ok(())
    }
}

/// How much of a string stands for itself. Most are a few bytes, for which setting up a search costs more than it saves.
fn plain_len(text: &[u8]) -> usize {
    const SHORT: usize = 24;
    let ends = |byte: &u8| matches!(byte, b'"' | b'\\' | 0);
    let short = text.get(..SHORT).unwrap_or(text);
    short.iter().position(ends).unwrap_or_else(|| {
        let rest = &text[short.len()..];
        short.len() + memchr::memchr3(b'"', b'\\', 0, rest).unwrap_or(rest.len())
    })
}

/// The character of `\uXXXX`, or of two of them that are a surrogate pair, and its length.
fn unicode_escape(escape: &[u8]) -> Option<(char, usize)> {
    let unit = code_unit(escape)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((character, 6));
    }
    let low = code_unit(escape.get(6..)?)?;
    if !(0xd800..0xdc00).contains(&unit) || !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    Some((char::from_u32(0x1_0000 + ((unit & 0x3ff) << 10) + (low & 0x3ff))?, 12))
}

fn code_unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

/// Whether something that does not begin as a JSON number is one in C.
fn begins_beyond_json(text: &[u8]) -> bool {
    let Some((first, _)) = text.split_first() else { return false };
    *first == b'+' || is_named(text)
}

/// Whether a number that begins with a digit or a minus is one that JSON does not know: hexadecimal, with leading zeros, or named.
fn is_beyond_json(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    match unsigned {
        [b'0', b'x' | b'X' | b'0'..=b'9', ..] => true,
        [b'0'..=b'9', ..] => false,
        _ => is_named(unsigned),
    }
}

/// Infinity or NaN.
fn is_named(text: &[u8]) -> bool {
    text.get(..3).is_some_and(|name| name.eq_ignore_ascii_case(b"inf") || name.eq_ignore_ascii_case(b"nan"))
}
