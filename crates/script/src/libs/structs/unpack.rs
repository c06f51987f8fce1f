//! `struct.unpack`.

use mlua::{Lua, MultiValue, Value};

use super::format::{Format, FormatOption, Item};
use super::pack::to_integer;
use crate::libs::args::{Args, number_of};
use crate::libs::fault::{Fault, RESULT_LIMIT};

/// The values of a format, and where the next byte is, counted from 1.
pub(super) fn unpack(lua: &Lua, args: &Args) -> Result<MultiValue, Fault> {
    let text = args.bytes(lua, 1)?;
    let data = args.bytes(lua, 2)?;
    let from = args.optional_integer(lua, 3, 1)?;
    if from == 0 {
        return Err(Fault::argument(3, "offset must be 1 or greater"));
    }
    // A negative one counts as very large: past any data.
    let mut position = from.wrapping_sub(1).cast_unsigned();
    let mut format = Format::new(&text);
    let mut values = MultiValue::new();
    while let Some(mut option) = format.next()? {
        position = position.wrapping_add(format.padding(&option, position));
        take(&data, position, option.size)?;
        if values.len() >= RESULT_LIMIT {
            return Err(Fault::located("stack overflow (too many results)"));
        }
        if option.item == Item::Bytes && option.size == 0 {
            option.size = last_number(lua, &mut values)?;
        }
        let bytes = take(&data, position, option.size)?;
        let mut len = option.size;
        match option.item {
            Item::Pad => {}
            Item::Control(letter) => format.control(letter)?,
            Item::Text => {
                let rest = take_rest(&data, position);
                let end = memchr::memchr(0, rest).ok_or_else(|| Fault::located("unfinished string in data"))?;
                len = end as u64 + 1;
                values.push_back(Value::String(lua.create_string(&rest[..end])?));
            }
            Item::Bytes => values.push_back(Value::String(lua.create_string(bytes)?)),
            Item::Integer { .. } | Item::Float | Item::Double => {
                values.push_back(Value::Number(number(&option, bytes, format.is_big_endian())));
            }
        }
        position = position.wrapping_add(len);
    }
    #[expect(clippy::cast_precision_loss, reason = "Lua's numbers are doubles")]
    values.push_back(Value::Number(position.wrapping_add(1).cast_signed() as f64));
    Ok(values)
}

/// The size that a `c0` takes from the value before it, which it replaces.
fn last_number(lua: &Lua, values: &mut MultiValue) -> Result<u64, Fault> {
    let last = values.back().map(|value| number_of(lua, value)).transpose()?.flatten();
    let Some(size) = last else { return Err(Fault::located("format 'c0' needs a previous size")) };
    values.pop_back();
    Ok(to_integer(size))
}

fn take(data: &[u8], position: u64, len: u64) -> Result<&[u8], Fault> {
    let end = position.checked_add(len);
    let range = usize::try_from(position).ok().zip(end.and_then(|end| usize::try_from(end).ok()));
    range.and_then(|(from, to)| data.get(from..to)).ok_or_else(|| Fault::argument(2, "data string too short"))
}

fn take_rest(data: &[u8], position: u64) -> &[u8] {
    usize::try_from(position).ok().and_then(|from| data.get(from..)).unwrap_or_default()
}

fn number(option: &FormatOption, bytes: &[u8], big_endian: bool) -> f64 {
    let shift_in = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    // Of more than eight bytes the lowest eight are left.
    let bits = if big_endian { bytes.iter().fold(0, shift_in) } else { bytes.iter().rev().fold(0, shift_in) };
    #[expect(clippy::cast_precision_loss, reason = "Lua's numbers are doubles")]
    match option.item {
        Item::Float => f64::from(f32::from_bits(u32::try_from(bits).unwrap_or(0))),
        Item::Double => f64::from_bits(bits),
        Item::Integer { signed: true } => sign_extend(bits, bytes.len()).cast_signed() as f64,
        Item::Integer { signed: false } | Item::Text | Item::Bytes | Item::Pad | Item::Control(_) => bits as f64,
    }
}

/// Gives a number of `size` bytes its sign. Past eight bytes the place of the sign bit wraps around, as the processor's shift
/// does: `i9` takes its sign from bit 7.
fn sign_extend(bits: u64, size: usize) -> u64 {
    let mask = u64::MAX.wrapping_shl((u32::try_from(size).unwrap_or(0) * 8).wrapping_sub(1));
    if bits & mask == 0 { bits } else { bits | mask }
}
