//! `cmsgpack.unpack` and its kin.
//!
//! One loop and a stack of open containers, so that no input, however deep, uses the thread's stack. Nothing is allocated on the
//! word of a length: a container grows by the elements that are there.

use mlua::{BorrowedBytes, IntoLua, Lua, MultiValue, Table, Value};

use crate::libs::args::Args;
use crate::libs::fault::{Fault, RESULT_LIMIT, STACK_SLOTS};
use crate::libs::room::with_room;

const TOO_MANY_VALUES: &str = "too many return values at once; use unpack_one or unpack_limit instead.";

/// Up to `limit` values from `offset` on, behind the offset of the next one, which is -1 at the end. With both 0 all values, and
/// no offset.
pub(super) fn unpack(lua: &Lua, args: &Args, limit: i64, offset: i64) -> Result<MultiValue, Fault> {
    let bytes: BorrowedBytes = args.bytes(lua, 1)?;
    if offset < 0 || limit < 0 {
        let text = format!(
            "Invalid request to unpack with offset of {} and limit of {}.",
            shown(offset),
            shown(i64::try_from(bytes.len()).unwrap_or(0)),
        );
        return Err(Fault::Located(text));
    }
    let Some(input) = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..)) else {
        let (offset, len) = (shown(offset), shown(i64::try_from(bytes.len()).unwrap_or(0)));
        return Err(Fault::Located(format!("Start offset {offset} greater than input length {len}.")));
    };
    let takes_all = limit == 0 && offset == 0;
    let limit = if takes_all { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
    let mut unpacker = Unpacker { lua, input, open: Vec::new(), slots: 1 };
    let mut values = MultiValue::new();
    while values.len() < limit && !unpacker.input.is_empty() {
        if values.len() >= RESULT_LIMIT {
            return Err(Fault::Located(format!("stack overflow ({TOO_MANY_VALUES})")));
        }
        values.push_back(with_room(lua, bytes.len(), || unpacker.value())?);
        unpacker.slots += 1;
    }
    if !takes_all {
        let next = bytes.len() - unpacker.input.len();
        let next = if unpacker.input.is_empty() { -1 } else { i64::try_from(next).unwrap_or(-1) };
        values.push_front(Value::Integer(next));
    }
    Ok(values)
}

/// How the C original's `%d` prints a number of 64 bits.
fn shown(number: i64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is printed")]
    let low = number as i32;
    low
}

/// A container that has not ended.
enum Open<'a> {
    Array { table: Table, index: i64, left: u32 },
    Map { table: Table, key: Option<Item<'a>>, left: u32 },
}

/// A whole value. Strings stay in the input until they go into a table.
enum Item<'a> {
    Text(&'a [u8]),
    Value(Value),
}

/// What the next bytes are.
enum Read<'a> {
    Item(Item<'a>),
    Array(u32),
    Map(u32),
}

struct Unpacker<'a, 'l> {
    lua: &'l Lua,
    input: &'a [u8],
    open: Vec<Open<'a>>,
    /// What the values and open containers would take of Lua's stack, had C code read them.
    slots: usize,
}

impl<'a> Unpacker<'a, '_> {
    fn value(&mut self) -> Result<Value, Fault> {
        loop {
            self.keep_free(1, TOO_MANY_VALUES)?;
            let mut item = match self.read()? {
                Read::Item(item) => item,
                Read::Array(len) => {
                    self.keep_free(2, "in function mp_decode_to_lua_array")?;
                    let table = self.lua.create_table()?;
                    if len > 0 {
                        self.slots += 2;
                        self.open.push(Open::Array { table, index: 0, left: len });
                        continue;
                    }
                    Item::Value(Value::Table(table))
                }
                Read::Map(pairs) => {
                    let table = self.lua.create_table()?;
                    if pairs > 0 {
                        self.slots += 1;
                        self.open.push(Open::Map { table, key: None, left: pairs });
                        continue;
                    }
                    Item::Value(Value::Table(table))
                }
            };
            while let Some(ended) = self.put(item)? {
                if self.open.is_empty() {
                    return match ended {
                        Item::Text(text) => Ok(Value::String(self.lua.create_string(text)?)),
                        Item::Value(value) => Ok(value),
                    };
                }
                item = ended;
            }
        }
    }

    /// Puts a value into the innermost container and gives that back if it is whole now; the value itself, if none is open.
    fn put(&mut self, item: Item<'a>) -> Result<Option<Item<'a>>, Fault> {
        let table = match self.open.last_mut() {
            None => return Ok(Some(item)),
            Some(Open::Array { table, index, left }) => {
                *index += 1;
                set(self.lua, table, *index, item)?;
                *left -= 1;
                if *left > 0 {
                    return Ok(None);
                }
                self.slots -= 2;
                table.clone()
            }
            Some(Open::Map { table, key, left }) => {
                let Some(key) = key.take() else {
                    *key = Some(item);
                    self.slots += 1;
                    return Ok(None);
                };
                self.slots -= 1;
                set_pair(self.lua, table, key, item)?;
                *left -= 1;
                if *left > 0 {
                    return Ok(None);
                }
                self.slots -= 1;
                table.clone()
            }
        };
        self.open.pop();
        Ok(Some(Item::Value(Value::Table(table))))
    }

    fn keep_free(&self, slots: usize, why: &str) -> Result<(), Fault> {
        if self.slots + slots > STACK_SLOTS {
            return Err(Fault::Located(format!("stack overflow ({why})")));
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Read<'a>, Fault> {
        let [marker] = self.array()?;
        let number = |number: f64| Read::Item(Item::Value(Value::Number(number)));
        let integer = |integer: i64| Read::Item(Item::Value(Value::Integer(integer)));
        Ok(match marker {
            0x00..=0x7f => integer(i64::from(marker)),
            0xe0..=0xff => integer(i64::from(marker.cast_signed())),
            0x80..=0x8f => Read::Map(u32::from(marker & 15)),
            0x90..=0x9f => Read::Array(u32::from(marker & 15)),
            0xa0..=0xbf => self.text(u32::from(marker & 31))?,
            0xc0 => Read::Item(Item::Value(Value::Nil)),
            0xc2 => Read::Item(Item::Value(Value::Boolean(false))),
            0xc3 => Read::Item(Item::Value(Value::Boolean(true))),
            0xca => number(f64::from(f32::from_be_bytes(self.array()?))),
            0xcb => number(f64::from_be_bytes(self.array()?)),
            0xcc => integer(i64::from(u8::from_be_bytes(self.array()?))),
            0xcd => integer(i64::from(u16::from_be_bytes(self.array()?))),
            0xce => integer(i64::from(u32::from_be_bytes(self.array()?))),
            // Past 2^63 it comes out negative.
            0xcf | 0xd3 => integer(i64::from_be_bytes(self.array()?)),
            0xd0 => integer(i64::from(i8::from_be_bytes(self.array()?))),
            0xd1 => integer(i64::from(i16::from_be_bytes(self.array()?))),
            0xd2 => integer(i64::from(i32::from_be_bytes(self.array()?))),
            0xd9 => {
                let len = u32::from(u8::from_be_bytes(self.array()?));
                self.text(len)?
            }
            0xda => {
                let len = u32::from(u16::from_be_bytes(self.array()?));
                self.text(len)?
            }
            0xdb => {
                let len = u32::from_be_bytes(self.array()?);
                self.text(len)?
            }
            0xdc => Read::Array(u32::from(u16::from_be_bytes(self.array()?))),
            0xdd => Read::Array(u32::from_be_bytes(self.array()?)),
            0xde => Read::Map(u32::from(u16::from_be_bytes(self.array()?))),
            0xdf => Read::Map(u32::from_be_bytes(self.array()?)),
            0xc1 | 0xc4..=0xc9 | 0xd4..=0xd8 => return Err(Fault::located("Bad data format in input.")),
        })
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (bytes, rest) = self.input.split_first_chunk().ok_or_else(missing)?;
        self.input = rest;
        Ok(*bytes)
    }

    fn text(&mut self, len: u32) -> Result<Read<'a>, Fault> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let (text, rest) = self.input.split_at_checked(len).ok_or_else(missing)?;
        self.input = rest;
        Ok(Read::Item(Item::Text(text)))
    }
}

fn missing() -> Fault {
    Fault::located("Missing bytes in input.")
}

fn set_pair(lua: &Lua, table: &Table, key: Item<'_>, item: Item<'_>) -> Result<(), Fault> {
    match key {
        Item::Value(Value::Nil) => return Err(Fault::Bare("table index is nil")),
        Item::Value(Value::Number(number)) if number.is_nan() => return Err(Fault::Bare("table index is NaN")),
        Item::Value(key) => set(lua, table, key, item)?,
        Item::Text(key) => match str::from_utf8(key) {
            Ok(key) => set(lua, table, key, item)?,
            Err(_) => set(lua, table, lua.create_string(key)?, item)?,
        },
    }
    Ok(())
}

/// mlua pushes a `str` straight to Lua's stack, but holds bytes in a reference first: text is nearly always the former.
fn set(lua: &Lua, table: &Table, key: impl IntoLua, item: Item<'_>) -> mlua::Result<()> {
    match item {
        Item::Value(value) => table.raw_set(key, value),
        Item::Text(text) => match str::from_utf8(text) {
            Ok(text) => table.raw_set(key, text),
            Err(_) => table.raw_set(key, lua.create_string(text)?),
        },
    }
}
