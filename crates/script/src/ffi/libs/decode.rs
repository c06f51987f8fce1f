//! `cjson.decode`: a loop over the tokens of the text; what is open lies on Lua's stack.

use std::ffi::c_int;

use super::breath::Breath;
use super::fault::Fault;
use super::instance::Frame;
use crate::ffi::state::State;
use crate::libs::{Lexer, Text, Token};

pub(super) fn decode(lua: State) -> c_int {
    if lua.top() != 1 {
        lua.raise_argument(1, c"expected 1 argument");
    }
    let text = lua.check_string(1);
    let config = lua.instance().config();
    let scratch = lua.scratch();
    let mut decoder = Decoder {
        lua,
        lexer: Lexer::new(text, config.decode_invalid_numbers, &mut scratch.bytes),
        frames: &mut scratch.frames,
        max_depth: usize::try_from(config.decode_max_depth).unwrap_or(0),
        breath: Breath::new(lua),
    };
    let decoded = if let [0, _, ..] | [_, 0, ..] = text {
        Err(Fault::Text("JSON parser does not support UTF-16 or UTF-32"))
    } else {
        decoder.run()
    };
    scratch.trim();
    match decoded {
        Ok(()) => 1,
        Err(fault) => fault.raise(lua),
    }
}

struct Decoder<'a, 's> {
    lua: State,
    lexer: Lexer<'a, 's>,
    frames: &'s mut Vec<Frame>,
    max_depth: usize,
    breath: Breath,
}

impl<'a> Decoder<'a, '_> {
    /// Leaves the value on top.
    fn run(&mut self) -> Result<(), Fault> {
        let lua = self.lua;
        let mut token = self.lexer.next();
        loop {
            self.breath.take();
            match token {
                Token::String(text) => self.push_text(text),
                Token::Number(number) => lua.push_number(number),
                Token::Boolean(boolean) => lua.push_bool(boolean),
                Token::Null => lua.push_pointer(std::ptr::null_mut()),
                Token::ArrayBegin => {
                    self.descend(2)?;
                    lua.push_table(0, 0);
                    token = self.lexer.next();
                    if !matches!(token, Token::ArrayEnd) {
                        self.frames.push(Frame::array(0));
                        continue;
                    }
                }
                Token::ObjectBegin => {
                    self.descend(3)?;
                    lua.push_table(0, 0);
                    token = self.lexer.next();
                    if !matches!(token, Token::ObjectEnd) {
                        self.key(token)?;
                        self.frames.push(Frame::map(0));
                        token = self.lexer.next();
                        continue;
                    }
                }
                Token::ObjectEnd | Token::ArrayEnd | Token::Colon | Token::Comma | Token::End | Token::Error(_) => {
                    return Err(self.expected("value", token));
                }
            }
            match self.put()? {
                Some(next) => token = next,
                None => return Ok(()),
            }
        }
    }

    /// Puts the whole value on top where it belongs, and what that ends too. Returns the token that begins the next value; `None`
    /// at the end of the text.
    fn put(&mut self) -> Result<Option<Token<'a>>, Fault> {
        let lua = self.lua;
        loop {
            match self.frames.last_mut() {
                None => {
                    let end = self.lexer.next();
                    return if matches!(end, Token::End) { Ok(None) } else { Err(self.expected("the end", end)) };
                }
                Some(frame) if frame.is_array => {
                    frame.done += 1;
                    lua.raw_set_at(-2, frame.done);
                    let token = self.lexer.next();
                    if token == Token::Comma {
                        return Ok(Some(self.lexer.next()));
                    }
                    if token != Token::ArrayEnd {
                        return Err(self.expected("comma or array end", token));
                    }
                }
                Some(_) => {
                    lua.raw_set(-3);
                    let token = self.lexer.next();
                    if token == Token::Comma {
                        let key = self.lexer.next();
                        self.key(key)?;
                        return Ok(Some(self.lexer.next()));
                    }
                    if token != Token::ObjectEnd {
                        return Err(self.expected("comma or object end", token));
                    }
                }
            }
            self.frames.pop();
        }
    }

    /// Asks whether there may be one level more, which needs this many slots.
    fn descend(&self, slots: c_int) -> Result<(), Fault> {
        if self.frames.len() >= self.max_depth || !self.lua.has_room(slots) {
            let (depth, character) = (self.frames.len() + 1, self.lexer.position());
            return Err(Fault::TooDeep { depth, character });
        }
        Ok(())
    }

    /// Pushes a key; the colon behind it is read too.
    fn key(&mut self, token: Token<'a>) -> Result<(), Fault> {
        let Token::String(key) = token else { return Err(self.expected("object key string", token)) };
        self.push_text(key);
        let colon = self.lexer.next();
        if colon == Token::Colon { Ok(()) } else { Err(self.expected("colon", colon)) }
    }

    fn push_text(&self, text: Text<'a>) {
        self.lua.push_string(self.lexer.bytes(text));
    }

    fn expected(&self, what: &'static str, found: Token<'_>) -> Fault {
        Fault::Expected { what, found: found.name(), character: self.lexer.character() }
    }
}
