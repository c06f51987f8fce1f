//! `struct.pack`.

use mlua::{BorrowedBytes, Lua, LuaString, Value};

use super::format::{Format, Item};
use crate::libs::args::Args;
use crate::libs::fault::Fault;

pub(super) fn pack(lua: &Lua, args: &Args) -> Result<LuaString, Fault> {
    let text = args.bytes(lua, 1)?;
    let mut format = Format::new(&text);
    let mut out = Vec::new();
    let mut values = Values { lua, args, position: 1 };
    while let Some(option) = format.next()? {
        let padding = format.padding(&option, out.len() as u64);
        out.resize(out.len() + usize::try_from(padding).unwrap_or(0), 0);
        match option.item {
            Item::Pad => out.push(0),
            Item::Integer { .. } => {
                let integer = to_integer(values.number()?);
                put_integer(&mut out, integer, usize::try_from(option.size).unwrap_or(0), format.is_big_endian());
            }
            Item::Float => {
                #[expect(clippy::cast_possible_truncation, reason = "a float is what the format asks for")]
                let bits = (values.number()? as f32).to_bits();
                out.extend(if format.is_big_endian() { bits.to_be_bytes() } else { bits.to_le_bytes() });
            }
            Item::Double => {
                let bits = values.number()?.to_bits();
                out.extend(if format.is_big_endian() { bits.to_be_bytes() } else { bits.to_le_bytes() });
            }
            Item::Text => {
                out.extend_from_slice(&values.bytes()?);
                out.push(0);
            }
            Item::Bytes => {
                let bytes = values.bytes()?;
                let len =
                    if option.size == 0 { bytes.len() } else { usize::try_from(option.size).unwrap_or(usize::MAX) };
                // The position is already that of the next argument, and the message says so.
                let taken = bytes.get(..len).ok_or_else(|| Fault::argument(values.position + 1, "string too short"))?;
                out.extend_from_slice(taken);
            }
            Item::Control(letter) => format.control(letter)?,
        }
    }
    Ok(lua.create_string(&out)?)
}

/// The arguments behind the format, one after the other.
struct Values<'a> {
    lua: &'a Lua,
    args: &'a Args,
    position: usize,
}

impl Values<'_> {
    fn number(&mut self) -> Result<f64, Fault> {
        self.position += 1;
        self.check("number")?;
        self.args.number(self.lua, self.position)
    }

    fn bytes(&mut self) -> Result<BorrowedBytes, Fault> {
        self.position += 1;
        self.check("string")?;
        self.args.bytes(self.lua, self.position)
    }

    /// A missing argument is spoken of as nil.
    fn check(&self, expected: &str) -> Result<(), Fault> {
        match self.args.get(self.position) {
            None | Some(Value::Nil) => Err(Fault::argument(self.position, format!("{expected} expected, got nil"))),
            Some(_) => Ok(()),
        }
    }
}

/// What x86 makes of a double that is to become an unsigned integer: negative ones wrap, those past 2^64 are 0, and NaN is 2^63.
pub(super) fn to_integer(number: f64) -> u64 {
    const LIMIT: f64 = 18_446_744_073_709_551_616.0;
    if number.is_nan() {
        return 1 << 63;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturating and wrapping as told above"
    )]
    if number < 0.0 {
        (number as i64).cast_unsigned()
    } else if number < LIMIT {
        number as u64
    } else {
        0
    }
}

/// The low `size` bytes, which is all eight and zeros from there on.
fn put_integer(out: &mut Vec<u8>, integer: u64, size: usize, big_endian: bool) {
    let bytes = integer.to_le_bytes();
    let from = out.len();
    out.extend((0..size).map(|index| bytes.get(index).copied().unwrap_or(0)));
    if big_endian {
        out[from..].reverse();
    }
}
