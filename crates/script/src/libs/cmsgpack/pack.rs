//! `cmsgpack.pack`.

use mlua::{BString, Error, Lua, LuaString, Table, Value};

use crate::libs::args::{Args, truncate};
use crate::libs::fault::{Fault, STACK_SLOTS};

/// Tables that a table may lie in. Those deeper are written as nil.
const NESTING_LIMIT: usize = 16;

/// All arguments, one behind the other.
pub(super) fn pack(lua: &Lua, args: &Args) -> Result<LuaString, Fault> {
    if args.len() == 0 {
        return Err(Fault::argument(0, "MessagePack pack needs input."));
    }
    if args.len() * 2 > STACK_SLOTS {
        return Err(Fault::argument(0, "Too many arguments for MessagePack pack."));
    }
    let mut out = Vec::new();
    for value in args.iter() {
        put(&mut out, value, 0)?;
    }
    Ok(lua.create_string(&out)?)
}

fn put(out: &mut Vec<u8>, value: &Value, depth: usize) -> mlua::Result<()> {
    match value {
        Value::String(text) => put_string(out, &text.as_bytes()),
        Value::Integer(integer) => put_integer(out, *integer),
        Value::Number(number) => put_number(out, *number),
        Value::Boolean(true) => out.push(0xc3),
        Value::Boolean(false) => out.push(0xc2),
        Value::Table(table) if depth < NESTING_LIMIT => put_table(out, table, depth)?,
        Value::Nil
        | Value::LightUserData(_)
        | Value::Table(_)
        | Value::Function(_)
        | Value::Thread(_)
        | Value::UserData(_)
        | Value::Error(_)
        | Value::Other(_) => out.push(0xc0),
    }
    Ok(())
}

/// A container's or string's header: the length in the first byte if it is short, else behind the first marker that holds it.
fn put_len(out: &mut Vec<u8>, len: usize, short: (u8, usize), markers: [Option<u8>; 3]) {
    let [one, two, four] = markers;
    if len <= short.1 {
        out.push(short.0 | u8::try_from(len).unwrap_or(0));
    } else if let (Some(marker), Ok(len)) = (one, u8::try_from(len)) {
        out.extend_from_slice(&[marker, len]);
    } else if let (Some(marker), Ok(len)) = (two, u16::try_from(len)) {
        out.push(marker);
        out.extend_from_slice(&len.to_be_bytes());
    } else if let Some(marker) = four {
        out.push(marker);
        out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes());
    }
}

fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    put_len(out, text.len(), (0xa0, 31), [Some(0xd9), Some(0xda), Some(0xdb)]);
    out.extend_from_slice(text);
}

/// The shortest form. Positive numbers are written unsigned.
fn put_integer(out: &mut Vec<u8>, integer: i64) {
    if let Ok(unsigned) = u64::try_from(integer) {
        if let Ok(byte @ 0..=127) = u8::try_from(unsigned) {
            out.push(byte);
        } else if let Ok(byte) = u8::try_from(unsigned) {
            out.extend_from_slice(&[0xcc, byte]);
        } else if let Ok(short) = u16::try_from(unsigned) {
            out.push(0xcd);
            out.extend_from_slice(&short.to_be_bytes());
        } else if let Ok(word) = u32::try_from(unsigned) {
            out.push(0xce);
            out.extend_from_slice(&word.to_be_bytes());
        } else {
            out.push(0xcf);
            out.extend_from_slice(&unsigned.to_be_bytes());
        }
    } else if let Ok(byte) = i8::try_from(integer) {
        if byte < -32 {
            out.push(0xd0);
        }
        out.push(byte.cast_unsigned());
    } else if let Ok(short) = i16::try_from(integer) {
        out.push(0xd1);
        out.extend_from_slice(&short.to_be_bytes());
    } else if let Ok(word) = i32::try_from(integer) {
        out.push(0xd2);
        out.extend_from_slice(&word.to_be_bytes());
    } else {
        out.push(0xd3);
        out.extend_from_slice(&integer.to_be_bytes());
    }
}

fn put_number(out: &mut Vec<u8>, number: f64) {
    let whole = truncate(number);
    #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "whether nothing was lost is the question")]
    if whole as f64 == number {
        return put_integer(out, whole);
    }
    #[expect(clippy::cast_possible_truncation, reason = "whether nothing is lost is asked next")]
    let float = number as f32;
    #[expect(clippy::float_cmp, reason = "whether nothing was lost is the question")]
    if f64::from(float) == number {
        out.push(0xca);
        out.extend_from_slice(&float.to_be_bytes());
    } else {
        out.push(0xcb);
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// What a table's keys are.
enum Keys {
    /// Exactly 1 to this number.
    Array(usize),
    /// That many strings.
    Strings(usize),
    /// That many, of any type.
    Mixed(usize),
}

fn put_table(out: &mut Vec<u8>, table: &Table, depth: usize) -> mlua::Result<()> {
    match keys(table)? {
        Keys::Array(len) => {
            put_len(out, len, (0x90, 15), [None, Some(0xdc), Some(0xdd)]);
            for index in 1..=len {
                put(out, &table.raw_get(index)?, depth + 1)?;
            }
            Ok(())
        }
        Keys::Strings(pairs) => {
            put_map_len(out, pairs);
            table.for_each(|key: BString, value: Value| {
                put_string(out, &key);
                put(out, &value, depth + 1)
            })
        }
        Keys::Mixed(pairs) => {
            put_map_len(out, pairs);
            table.for_each(|key: Value, value: Value| {
                put(out, &key, depth + 1)?;
                put(out, &value, depth + 1)
            })
        }
    }
}

fn put_map_len(out: &mut Vec<u8>, pairs: usize) {
    put_len(out, pairs, (0x80, 15), [None, Some(0xde), Some(0xdf)]);
}

fn keys(table: &Table) -> mlua::Result<Keys> {
    if table.raw_len() == 0
        && let Some(keys) = string_keys(table)?
    {
        return Ok(keys);
    }
    let mut pairs = 0_usize;
    let mut greatest = Some(0_usize);
    table.for_each(|key: Value, _: bool| {
        pairs += 1;
        greatest = greatest.zip(array_index(&key)).map(|(greatest, index)| greatest.max(index));
        Ok(())
    })?;
    Ok(if greatest == Some(pairs) { Keys::Array(pairs) } else { Keys::Mixed(pairs) })
}

/// The keys as the texts that Lua makes of them, which spares a reference for each; `None` if one may be something else than a string.
fn string_keys(table: &Table) -> mlua::Result<Option<Keys>> {
    let mut pairs = 0_usize;
    let mut may_be_number = false;
    let walked = table.for_each(|key: BString, _: bool| {
        pairs += 1;
        if matches!(key.first(), Some(b'0'..=b'9' | b'-')) || matches!(&**key, b"inf" | b"nan") {
            may_be_number = true;
            return Err(Error::StackError);
        }
        Ok(())
    });
    match walked {
        Ok(()) if pairs == 0 => Ok(Some(Keys::Array(0))),
        Ok(()) => Ok(Some(Keys::Strings(pairs))),
        Err(Error::FromLuaConversionError { .. }) => Ok(None),
        Err(_) if may_be_number => Ok(None),
        Err(error) => Err(error),
    }
}

fn array_index(key: &Value) -> Option<usize> {
    let Value::Integer(index @ 1..) = key else { return None };
    usize::try_from(*index).ok()
}
