//! `bit`: operations on 32-bit integers.
//!
//! A number becomes one modulo 2^32 by adding 2^52 + 2^51 and looking at the low bits of the sum, the usual trick; numbers past
//! 2^51 lose bits in it and fractions round to even, so nothing but the same sum gives the same answers.

use mlua::{Function, Lua, Table};

use super::args::Args;
use super::fault::{Fault, function};

pub(super) fn library(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    table.raw_set("tobit", unary(lua, |bits| bits)?)?;
    table.raw_set("bnot", unary(lua, |bits| !bits)?)?;
    table.raw_set("bswap", unary(lua, u32::swap_bytes)?)?;
    table.raw_set("band", fold(lua, |left, right| left & right)?)?;
    table.raw_set("bor", fold(lua, |left, right| left | right)?)?;
    table.raw_set("bxor", fold(lua, |left, right| left ^ right)?)?;
    table.raw_set("lshift", shift(lua, |bits, count| bits << count)?)?;
    table.raw_set("rshift", shift(lua, |bits, count| bits >> count)?)?;
    table.raw_set("arshift", shift(lua, |bits, count| (bits.cast_signed() >> count).cast_unsigned())?)?;
    table.raw_set("rol", shift(lua, u32::rotate_left)?)?;
    table.raw_set("ror", shift(lua, u32::rotate_right)?)?;
    table.raw_set("tohex", function(lua, tohex)?)?;
    Ok(table)
}

fn to_bits(number: f64) -> u32 {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the point")]
    let bits = (number + SHIFT).to_bits() as u32;
    bits
}

fn bits(lua: &Lua, args: &Args, position: usize) -> Result<u32, Fault> {
    args.number(lua, position).map(to_bits)
}

fn unary(lua: &Lua, operation: fn(u32) -> u32) -> mlua::Result<Function> {
    function(lua, move |lua, args| Ok(operation(bits(lua, args, 1)?).cast_signed()))
}

fn fold(lua: &Lua, operation: fn(u32, u32) -> u32) -> mlua::Result<Function> {
    function(lua, move |lua, args| {
        let mut result = bits(lua, args, 1)?;
        for position in 2..=args.len() {
            result = operation(result, bits(lua, args, position)?);
        }
        Ok(result.cast_signed())
    })
}

fn shift(lua: &Lua, operation: fn(u32, u32) -> u32) -> mlua::Result<Function> {
    function(lua, move |lua, args| {
        let subject = bits(lua, args, 1)?;
        let count = bits(lua, args, 2)? & 31;
        Ok(operation(subject, count).cast_signed())
    })
}

/// Hexadecimal digits, the lowest `width` of them; a negative width asks for capitals. Widths past eight give eight, of which
/// -2^31 is the one whose negation overflows (CVE-2024-31449).
fn tohex(lua: &Lua, args: &Args) -> Result<String, Fault> {
    let number = bits(lua, args, 1)?;
    let width = match args.get(2) {
        None => 8,
        Some(_) => bits(lua, args, 2)?.cast_signed(),
    };
    let digits = if width < 0 { format!("{number:08X}") } else { format!("{number:08x}") };
    let kept = (width.unsigned_abs() as usize).min(digits.len());
    Ok(digits[digits.len() - kept..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::to_bits;

    #[test]
    fn numbers_wrap_at_32_bits_and_round_to_even() {
        for (number, bits) in [
            (0.0, 0),
            (-1.0, u32::MAX),
            (4_294_967_301.0, 5),
            (0.5, 0),
            (1.5, 2),
            (2.5, 2),
            (-2_147_483_649.0, 0x7fff_ffff),
            (f64::INFINITY, 0),
            (f64::NAN, 0),
        ] {
            assert_eq!(to_bits(number), bits, "{number}");
        }
    }

    #[test]
    fn no_width_of_tohex_writes_past_eight_digits() {
        let lua = mlua::Lua::new();
        crate::libs::register(&lua).unwrap();
        let lens =
            "for _, width in ipairs{-2147483648, 2147483648, -2147483647, 2147483647, -9, 9, 1e300, -1e300, 0/0} do
            if #bit.tohex(-1, width) > 8 then return width end end return 'inert'";
        assert_eq!(lua.load(lens).eval::<String>().unwrap(), "inert");
    }
}
