//! `cjson.encode`.
//!
//! The cheapest way through a table that mlua has is `Table::for_each`, which holds one protected call open. Tables in tables are
//! walked inside of it down to [`STREAMED_DEPTH`]; Lua allows only 200 such calls in each other. What is deeper, which only hostile
//! scripts are, is walked with a stack of its own and Lua's `next`, so that neither Lua's nor the thread's stack can overflow.

use mlua::{BString, Error, Function, Lua, Table, Value};

use super::config::{Config, InvalidNumbers};
use super::number;
use crate::libs::args::type_name;
use crate::libs::fault::{Fault, STACK_SLOTS};

/// Lua's `next` in the registry.
pub(super) const NEXT: &str = "cjson.next";
/// Levels walked by recursion.
const STREAMED_DEPTH: usize = 24;
/// The longest text. With sparse arrays unlimited, a table of one element may ask for any length.
const TEXT_LIMIT: usize = 1 << 30;

#[derive(Debug)]
pub(super) struct Encoder<'a> {
    lua: &'a Lua,
    config: Config,
    out: Vec<u8>,
}

/// How deep a value lies: in how many tables, and what they would take of Lua's stack, had C code walked them.
#[derive(Clone, Copy, Debug)]
struct Depth {
    tables: usize,
    slots: usize,
}

impl Depth {
    const fn inside(self, shape: Shape) -> Self {
        let held = match shape {
            Shape::Array(_) => 1,
            Shape::Object => 2,
        };
        Self { tables: self.tables, slots: self.slots + held }
    }
}

/// What a table is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// Places, empty ones included.
    Array(i64),
    Object,
}

impl<'a> Encoder<'a> {
    /// Writes into `out`, which is empty.
    pub(super) const fn new(lua: &'a Lua, config: Config, out: Vec<u8>) -> Self {
        Self { lua, config, out }
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.out
    }

    pub(super) fn into_buffer(self) -> Vec<u8> {
        self.out
    }

    pub(super) fn encode(&mut self, value: &Value) -> Result<(), Fault> {
        self.value(value, Depth { tables: 0, slots: 1 })
    }

    fn value(&mut self, value: &Value, depth: Depth) -> Result<(), Fault> {
        if let Value::Table(table) = value { self.table(table, depth) } else { self.scalar(value) }
    }

    fn scalar(&mut self, value: &Value) -> Result<(), Fault> {
        match value {
            Value::String(text) => self.string(&text.as_bytes())?,
            Value::Integer(_) | Value::Number(_) => self.number(value)?,
            Value::Boolean(true) => self.out.extend_from_slice(b"true"),
            Value::Boolean(false) => self.out.extend_from_slice(b"false"),
            Value::Nil => self.out.extend_from_slice(b"null"),
            Value::LightUserData(pointer) if pointer.0.is_null() => self.out.extend_from_slice(b"null"),
            Value::LightUserData(_)
            | Value::Table(_)
            | Value::Function(_)
            | Value::Thread(_)
            | Value::UserData(_)
            | Value::Error(_)
            | Value::Other(_) => return Err(cannot(value, "type not supported")),
        }
        Ok(())
    }

    fn table(&mut self, table: &Table, depth: Depth) -> Result<(), Fault> {
        let depth = self.descend(depth)?;
        if depth.tables > STREAMED_DEPTH {
            return self.deep_table(table, depth);
        }
        if self.has_plain_keys() && table.raw_len() == 0 && self.plain_object(table, depth.inside(Shape::Object))? {
            return Ok(());
        }
        match self.shape(table)? {
            Shape::Array(len) => self.array(table, len, depth.inside(Shape::Array(len))),
            Shape::Object => self.object(table, depth.inside(Shape::Object)),
        }
    }

    fn descend(&self, depth: Depth) -> Result<Depth, Fault> {
        let tables = depth.tables + 1;
        let max_depth = usize::try_from(self.config.encode_max_depth).unwrap_or(0);
        if tables > max_depth || depth.slots + 3 > STACK_SLOTS {
            return Err(too_deep(tables));
        }
        Ok(Depth { tables, slots: depth.slots })
    }

    fn array(&mut self, table: &Table, len: i64, depth: Depth) -> Result<(), Fault> {
        self.out.push(b'[');
        for index in 1..=len {
            if index > 1 {
                self.comma()?;
            }
            self.value(&table.raw_get(index)?, depth)?;
        }
        self.out.push(b']');
        Ok(())
    }

    fn object(&mut self, table: &Table, depth: Depth) -> Result<(), Fault> {
        self.out.push(b'{');
        let mut fault = None;
        let mut is_first = true;
        let walked = table.for_each(|key: Value, value: Value| {
            let written = self.key(&key, is_first).and_then(|()| self.value(&value, depth));
            is_first = false;
            // The error only ends the walk; the fault is what counts.
            written.map_err(|found| {
                fault = Some(found);
                Error::StackError
            })
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        walked?;
        self.out.push(b'}');
        Ok(())
    }

    /// Whether a number as a key is written as Lua itself makes text of it.
    fn has_plain_keys(&self) -> bool {
        self.config.number_precision == 14 && self.config.encode_invalid_numbers != InvalidNumbers::Null
    }

    /// Writes an object in one walk, keys as the texts that Lua makes of them, which spares a reference for each. Says false, having
    /// written nothing, if the first key may be an index and this an array.
    fn plain_object(&mut self, table: &Table, depth: Depth) -> Result<bool, Fault> {
        self.out.push(b'{');
        let mut fault = None;
        let (mut is_first, mut may_be_array) = (true, false);
        let walked = table.for_each(|key: BString, value: Value| {
            if is_first && key.first().is_some_and(u8::is_ascii_digit) {
                may_be_array = true;
                return Err(Error::StackError);
            }
            let written = self.plain_key(table, &key, is_first).and_then(|()| self.value(&value, depth));
            is_first = false;
            written.map_err(|found| {
                fault = Some(found);
                Error::StackError
            })
        });
        if may_be_array {
            self.out.pop();
            return Ok(false);
        }
        if let Some(fault) = fault {
            return Err(fault);
        }
        match walked {
            Ok(()) => self.out.push(b'}'),
            Err(Error::FromLuaConversionError { .. }) => return Err(bad_key(table)),
            Err(other) => return Err(other.into()),
        }
        Ok(true)
    }

    fn plain_key(&mut self, table: &Table, key: &[u8], is_first: bool) -> Result<(), Fault> {
        if !is_first {
            self.comma()?;
        }
        // The text of an infinity may be a string that says so.
        if matches!(key, b"inf" | b"-inf") && self.config.encode_invalid_numbers == InvalidNumbers::Refuse {
            let number = if key == b"inf" { f64::INFINITY } else { f64::NEG_INFINITY };
            if !table.raw_get::<Value>(number)?.is_nil() {
                return Err(cannot(&Value::Number(number), "must not be NaN or Inf"));
            }
        }
        self.string(key)?;
        self.out.push(b':');
        Ok(())
    }

    /// Key and colon, behind a comma if it is not the first.
    fn key(&mut self, key: &Value, is_first: bool) -> Result<(), Fault> {
        if !is_first {
            self.comma()?;
        }
        match key {
            Value::String(text) => self.string(&text.as_bytes())?,
            Value::Integer(_) | Value::Number(_) => {
                self.out.push(b'"');
                self.number(key)?;
                self.out.push(b'"');
            }
            Value::Nil
            | Value::Boolean(_)
            | Value::LightUserData(_)
            | Value::Table(_)
            | Value::Function(_)
            | Value::Thread(_)
            | Value::UserData(_)
            | Value::Error(_)
            | Value::Other(_) => return Err(cannot(key, BAD_KEY)),
        }
        self.out.push(b':');
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Fault> {
        if self.out.len() > TEXT_LIMIT {
            return Err(Fault::Bare("not enough memory"));
        }
        self.out.push(b',');
        Ok(())
    }

    /// An array has none but whole positive keys, and not too many places without an element.
    fn shape(&self, table: &Table) -> Result<Shape, Fault> {
        let (mut len, mut elements) = (0_i32, 0_i32);
        let mut is_object = false;
        let walked = table.for_each(|key: Value, _: bool| {
            let Some(index) = array_index(&key) else {
                is_object = true;
                return Err(Error::StackError);
            };
            len = len.max(index);
            elements = elements.saturating_add(1);
            Ok(())
        });
        if is_object {
            return Ok(Shape::Object);
        }
        walked?;
        // The product wraps in the C original too, where huge ratios then refuse small arrays.
        let ratio = self.config.sparse_ratio;
        let is_sparse = ratio > 0 && len > elements.wrapping_mul(ratio) && len > self.config.sparse_safe;
        match (is_sparse, self.config.sparse_convert) {
            (true, false) => Err(Fault::located("Cannot serialise table: excessively sparse array")),
            (true, true) => Ok(Shape::Object),
            (false, _) if len == 0 => Ok(Shape::Object),
            (false, _) => Ok(Shape::Array(i64::from(len))),
        }
    }

    fn number(&mut self, value: &Value) -> Result<(), Fault> {
        #[expect(clippy::cast_precision_loss, reason = "Lua's numbers are doubles: mlua made the integer of one")]
        let number =
            if let Value::Integer(integer) = value { *integer as f64 } else { value.as_number().unwrap_or(0.0) };
        if number.is_finite() {
            number::append(&mut self.out, number, usize::try_from(self.config.number_precision).unwrap_or(14));
            return Ok(());
        }
        let text: &[u8] = match self.config.encode_invalid_numbers {
            InvalidNumbers::Refuse => return Err(cannot(value, "must not be NaN or Inf")),
            InvalidNumbers::Null => b"null",
            InvalidNumbers::Allow if number.is_nan() => b"nan",
            InvalidNumbers::Allow if number < 0.0 => b"-inf",
            InvalidNumbers::Allow => b"inf",
        };
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn string(&mut self, text: &[u8]) -> Result<(), Fault> {
        if self.out.len().saturating_add(text.len()) > TEXT_LIMIT {
            return Err(Fault::Bare("not enough memory"));
        }
        self.out.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.iter().position(|byte| needs_escape(*byte)) {
            self.out.extend_from_slice(&rest[..at]);
            push_escape(&mut self.out, rest[at]);
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
        self.out.push(b'"');
        Ok(())
    }

    fn deep_table(&mut self, table: &Table, depth: Depth) -> Result<(), Fault> {
        let mut walks = Vec::new();
        self.walk(&mut walks, table, depth).map_err(|fault| {
            // Each level holds references, of which mlua has little fewer than C code has slots.
            let is_full = matches!(fault, Fault::Lua(Error::StackError));
            if is_full { too_deep(depth.tables + walks.len()) } else { fault }
        })
    }

    fn walk(&mut self, walks: &mut Vec<Walk>, table: &Table, depth: Depth) -> Result<(), Fault> {
        let next: Function = self.lua.named_registry_value(NEXT)?;
        walks.push(self.begin_walk(table.clone(), depth)?);
        while let Some(walk) = walks.last_mut() {
            let Some((key, value)) = walk.step(&next)? else {
                self.out.push(walk.closing());
                walks.pop();
                continue;
            };
            let is_first = std::mem::replace(&mut walk.is_first, false);
            let depth = walk.depth;
            match key {
                Some(key) => self.key(&key, is_first)?,
                None if !is_first => self.comma()?,
                None => {}
            }
            if let Value::Table(table) = value {
                let depth = self.descend(depth)?;
                walks.push(self.begin_walk(table, depth)?);
            } else {
                self.scalar(&value)?;
            }
        }
        Ok(())
    }

    fn begin_walk(&mut self, table: Table, depth: Depth) -> Result<Walk, Fault> {
        let shape = self.shape(&table)?;
        let walk = Walk { table, shape, is_first: true, index: 0, key: Value::Nil, depth: depth.inside(shape) };
        self.out.push(if shape == Shape::Object { b'{' } else { b'[' });
        Ok(walk)
    }
}

/// How far the walk through a deep table has come.
struct Walk {
    table: Table,
    shape: Shape,
    is_first: bool,
    index: i64,
    key: Value,
    /// Of what is in the table.
    depth: Depth,
}

impl Walk {
    const fn closing(&self) -> u8 {
        match self.shape {
            Shape::Array(_) => b']',
            Shape::Object => b'}',
        }
    }

    /// The next element, with its key if this is an object.
    fn step(&mut self, next: &Function) -> Result<Option<(Option<Value>, Value)>, Fault> {
        match self.shape {
            Shape::Array(len) if self.index == len => Ok(None),
            Shape::Array(_) => {
                self.index += 1;
                Ok(Some((None, self.table.raw_get(self.index)?)))
            }
            Shape::Object => {
                let (key, value): (Value, Value) = next.call((&self.table, &self.key))?;
                if key.is_nil() {
                    return Ok(None);
                }
                self.key = key.clone();
                Ok(Some((Some(key), value)))
            }
        }
    }
}

fn array_index(key: &Value) -> Option<i32> {
    let Value::Integer(index @ 1..) = key else { return None };
    i32::try_from(*index).ok()
}

const BAD_KEY: &str = "table key must be a number or string";

/// The fault of a table that has a key which is neither.
fn bad_key(table: &Table) -> Fault {
    let mut bad = Value::Nil;
    let walked = table.for_each(|key: Value, _: bool| {
        if matches!(key, Value::String(_) | Value::Integer(_) | Value::Number(_)) {
            return Ok(());
        }
        bad = key;
        Err(Error::StackError)
    });
    match walked {
        Err(error) if bad.is_nil() => error.into(),
        Ok(()) | Err(_) => cannot(&bad, BAD_KEY),
    }
}

fn too_deep(tables: usize) -> Fault {
    Fault::Located(format!("Cannot serialise, excessive nesting ({tables})"))
}

fn cannot(value: &Value, why: &str) -> Fault {
    Fault::Located(format!("Cannot serialise {}: {why}", type_name(value)))
}

const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || matches!(byte, b'"' | b'\\' | b'/' | 0x7f)
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        8 => out.extend_from_slice(b"\\b"),
        b'\t' => out.extend_from_slice(b"\\t"),
        b'\n' => out.extend_from_slice(b"\\n"),
        12 => out.extend_from_slice(b"\\f"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'"' | b'\\' | b'/' => out.extend_from_slice(&[b'\\', byte]),
        control => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(control >> 4)], HEX[usize::from(control & 15)]]);
        }
    }
}
