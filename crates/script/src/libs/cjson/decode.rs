//! `cjson.decode`.
//!
//! One loop and a stack of open arrays and objects, so that no text, however deep, uses the thread's stack. Keys and strings go from
//! the text into Lua without a copy in between.

use std::borrow::Cow;

use mlua::{Error, IntoLua, Lua, Table, Value};

use super::config::Config;
use super::lexer::{Lexer, Token};
use crate::libs::fault::{Fault, STACK_SLOTS};

/// An array or object that has not ended.
enum Open<'a> {
    Array { table: Table, len: i64 },
    Object { table: Table, key: Cow<'a, [u8]> },
}

/// A whole value.
enum Item<'a> {
    Text(Cow<'a, [u8]>),
    Value(Value),
}

struct Decoder<'a, 'l> {
    lua: &'l Lua,
    lexer: Lexer<'a>,
    max_depth: usize,
    open: Vec<Open<'a>>,
    /// What the open ones would take of Lua's stack, had C code opened them.
    slots: usize,
}

pub(super) fn decode(lua: &Lua, text: &[u8], config: &Config) -> Result<Value, Fault> {
    if let [0, _, ..] | [_, 0, ..] = text {
        return Err(Fault::located("JSON parser does not support UTF-16 or UTF-32"));
    }
    let mut decoder = Decoder {
        lua,
        lexer: Lexer::new(text, config.decode_invalid_numbers),
        max_depth: usize::try_from(config.decode_max_depth).unwrap_or(0),
        open: Vec::new(),
        slots: 1,
    };
    decoder.run().map_err(|fault| {
        // Each open container is a reference, of which mlua has little fewer than C code has slots.
        if matches!(fault, Fault::Lua(Error::StackError)) { decoder.too_deep() } else { fault }
    })
}

impl<'a> Decoder<'a, '_> {
    fn run(&mut self) -> Result<Value, Fault> {
        let mut token = self.lexer.next();
        loop {
            // What is whole at this point: a scalar, or a container that has just ended.
            let mut item = match token {
                Token::String(text) => Item::Text(text),
                Token::Number(number) => Item::Value(Value::Number(number)),
                Token::Boolean(boolean) => Item::Value(Value::Boolean(boolean)),
                Token::Null => Item::Value(Value::NULL),
                Token::ArrayBegin => match self.begin_array()? {
                    Begun::Empty(table) => Item::Value(Value::Table(table)),
                    Begun::First(first) => {
                        token = first;
                        continue;
                    }
                },
                Token::ObjectBegin => match self.begin_object()? {
                    Begun::Empty(table) => Item::Value(Value::Table(table)),
                    Begun::First(first) => {
                        token = first;
                        continue;
                    }
                },
                Token::ObjectEnd | Token::ArrayEnd | Token::Colon | Token::Comma | Token::End | Token::Error(_) => {
                    return Err(self.expected("value", &token));
                }
            };
            token = loop {
                match self.put(item)? {
                    Next::Value(token) => break token,
                    Next::Ended(table) => item = Item::Value(Value::Table(table)),
                    Next::Whole(value) => return Ok(value),
                }
            };
        }
    }

    fn begin_array(&mut self) -> Result<Begun<'a>, Fault> {
        self.descend(2)?;
        let table = self.lua.create_table()?;
        let first = self.lexer.next();
        if first == Token::ArrayEnd {
            return Ok(Begun::Empty(table));
        }
        self.slots += 1;
        self.open.push(Open::Array { table, len: 0 });
        Ok(Begun::First(first))
    }

    fn begin_object(&mut self) -> Result<Begun<'a>, Fault> {
        self.descend(3)?;
        let table = self.lua.create_table()?;
        let first = self.lexer.next();
        if first == Token::ObjectEnd {
            return Ok(Begun::Empty(table));
        }
        let key = self.key(first)?;
        self.slots += 2;
        self.open.push(Open::Object { table, key });
        Ok(Begun::First(self.lexer.next()))
    }

    /// Asks whether there may be one level more, which needs this many slots to be read.
    fn descend(&self, needed: usize) -> Result<(), Fault> {
        if self.open.len() >= self.max_depth || self.slots + needed > STACK_SLOTS {
            return Err(self.too_deep());
        }
        Ok(())
    }

    fn too_deep(&self) -> Fault {
        let (depth, character) = (self.open.len() + 1, self.lexer.position());
        Fault::Located(format!("Found too many nested data structures ({depth}) at character {character}"))
    }

    /// A key and the colon behind it.
    fn key(&mut self, token: Token<'a>) -> Result<Cow<'a, [u8]>, Fault> {
        let Token::String(key) = token else { return Err(self.expected("object key string", &token)) };
        let colon = self.lexer.next();
        if colon != Token::Colon {
            return Err(self.expected("colon", &colon));
        }
        Ok(key)
    }

    /// Puts a whole value where it belongs, and looks what follows it there.
    fn put(&mut self, item: Item<'a>) -> Result<Next<'a>, Fault> {
        match self.open.last_mut() {
            None => {
                let end = self.lexer.next();
                if end != Token::End {
                    return Err(self.expected("the end", &end));
                }
                return Ok(Next::Whole(match item {
                    Item::Text(text) => Value::String(self.lua.create_string(&*text)?),
                    Item::Value(value) => value,
                }));
            }
            Some(Open::Array { table, len }) => {
                *len += 1;
                set(self.lua, table, *len, item)?;
            }
            Some(Open::Object { table, key }) => match str::from_utf8(key) {
                Ok(key) => set(self.lua, table, key, item)?,
                Err(_) => set(self.lua, table, self.lua.create_string(&**key)?, item)?,
            },
        }
        let token = self.lexer.next();
        match (self.open.last_mut(), token) {
            (Some(Open::Array { .. }), Token::Comma) => Ok(Next::Value(self.lexer.next())),
            (Some(Open::Array { .. }), Token::ArrayEnd) | (Some(Open::Object { .. }), Token::ObjectEnd) => self.end(),
            (Some(Open::Object { .. }), Token::Comma) => {
                let token = self.lexer.next();
                let next_key = self.key(token)?;
                if let Some(Open::Object { key, .. }) = self.open.last_mut() {
                    *key = next_key;
                }
                Ok(Next::Value(self.lexer.next()))
            }
            (Some(Open::Array { .. }), other) => Err(self.expected("comma or array end", &other)),
            (_, other) => Err(self.expected("comma or object end", &other)),
        }
    }

    fn end(&mut self) -> Result<Next<'a>, Fault> {
        match self.open.pop() {
            Some(Open::Array { table, .. }) => {
                self.slots -= 1;
                Ok(Next::Ended(table))
            }
            Some(Open::Object { table, .. }) => {
                self.slots -= 2;
                Ok(Next::Ended(table))
            }
            None => Err(self.expected("value", &Token::End)),
        }
    }

    fn expected(&self, what: &str, found: &Token<'_>) -> Fault {
        Fault::Located(format!("Expected {what} but found {} at character {}", found.name(), self.lexer.character()))
    }
}

enum Begun<'a> {
    Empty(Table),
    First(Token<'a>),
}

enum Next<'a> {
    /// Another value begins with this token.
    Value(Token<'a>),
    /// The innermost container has ended.
    Ended(Table),
    /// The whole text has been read.
    Whole(Value),
}

/// mlua pushes a `str` straight to Lua's stack, but holds bytes in a reference first: text is nearly always the former.
fn set(lua: &Lua, table: &Table, key: impl IntoLua, item: Item<'_>) -> mlua::Result<()> {
    match item {
        Item::Value(value) => table.raw_set(key, value),
        Item::Text(text) => match str::from_utf8(&text) {
            Ok(text) => table.raw_set(key, text),
            Err(_) => table.raw_set(key, lua.create_string(&*text)?),
        },
    }
}
