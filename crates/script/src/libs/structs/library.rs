//! The table `struct`.

use mlua::{Lua, Table};

use super::format::{Format, Item};
use super::{pack, unpack};
use crate::libs::args::Args;
use crate::libs::fault::{Fault, function};

pub(in crate::libs) fn library(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("pack", function(lua, pack::pack)?)?;
    table.raw_set("unpack", function(lua, unpack::unpack)?)?;
    table.raw_set("size", function(lua, size)?)?;
    Ok(table)
}

/// The bytes that a format takes, if that does not depend on the values.
fn size(lua: &Lua, args: &Args) -> Result<f64, Fault> {
    let text = args.bytes(lua, 1)?;
    let mut format = Format::new(&text);
    let mut total: u64 = 0;
    while let Some(option) = format.next()? {
        total = total.wrapping_add(format.padding(&option, total));
        match option.item {
            Item::Text => return Err(Fault::argument(1, "option 's' has no fixed size")),
            Item::Bytes if option.size == 0 => return Err(Fault::argument(1, "option 'c0' has no fixed size")),
            // Letters and digits that mean nothing are passed over, here alone.
            Item::Control(letter) if letter.is_ascii_alphanumeric() => {}
            Item::Control(letter) => format.control(letter)?,
            Item::Integer { .. } | Item::Float | Item::Double | Item::Bytes | Item::Pad => {}
        }
        total = total.wrapping_add(option.size);
    }
    #[expect(clippy::cast_precision_loss, reason = "Lua's numbers are doubles")]
    Ok(total.cast_signed() as f64)
}
