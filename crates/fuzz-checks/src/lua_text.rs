//! Lua of the fuzzer's choice that always compiles: random text is nearly always refused by the compiler, and the compiler, which is C, tells the
//! fuzzer nothing about how far it came. What is generated calls everything that scripts find with anything they may hand it.
//!
//! Each first choice is the smallest, and it is what an exhausted input chooses: so every text ends.

use arbitrary::{Result, Unstructured};

const CALLED: &[&str] = &[
    "tostring",
    "redis.call",
    "redis.pcall",
    "redis.error_reply",
    "redis.status_reply",
    "redis.sha1hex",
    "redis.log",
    "redis.setresp",
    "redis.set_repl",
    "redis.acl_check_cmd",
    "redis.breakpoint",
    "redis.register_function",
    "pcall",
    "xpcall",
    "error",
    "assert",
    "select",
    "unpack",
    "pairs",
    "ipairs",
    "next",
    "rawget",
    "rawset",
    "rawequal",
    "type",
    "tonumber",
    "setmetatable",
    "getmetatable",
    "loadstring",
    "load",
    "collectgarbage",
    "coroutine.create",
    "coroutine.wrap",
    "coroutine.yield",
    "coroutine.resume",
    "coroutine.status",
    "coroutine.running",
    "string.rep",
    "string.format",
    "string.gsub",
    "string.gmatch",
    "string.find",
    "string.match",
    "string.byte",
    "string.char",
    "string.sub",
    "string.dump",
    "string.reverse",
    "string.len",
    "string.upper",
    "table.concat",
    "table.insert",
    "table.remove",
    "table.sort",
    "table.maxn",
    "table.getn",
    "table.foreach",
    "table.foreachi",
    "math.random",
    "math.randomseed",
    "math.fmod",
    "math.frexp",
    "math.ldexp",
    "math.max",
    "math.floor",
    "os.clock",
    "cjson.encode",
    "cjson.decode",
    "cjson.encode_sparse_array",
    "cjson.encode_max_depth",
    "cjson.decode_max_depth",
    "cjson.encode_number_precision",
    "cjson.encode_keep_buffer",
    "cjson.encode_invalid_numbers",
    "cjson.decode_invalid_numbers",
    "cmsgpack.pack",
    "cmsgpack.unpack",
    "cmsgpack.unpack_one",
    "cmsgpack.unpack_limit",
    "struct.pack",
    "struct.unpack",
    "struct.size",
    "bit.tobit",
    "bit.tohex",
    "bit.band",
    "bit.bor",
    "bit.bxor",
    "bit.bnot",
    "bit.lshift",
    "bit.rshift",
    "bit.arshift",
    "bit.rol",
    "bit.ror",
    "bit.bswap",
];

const NUMBERS: &[&str] = &[
    "0", "1", "-1", "2", "3", "10", "0.5", "16", "255", "1e3", "7999", "2^31", "-2^31", "2^31-1", "2^32", "2^53",
    "2^63", "-2^63", "2^64", "1e308", "5e-324", "1/0", "-1/0", "0/0", "-0",
];

const STRINGS: &[&str] = &[
    "''",
    "'a'",
    "'raw'",
    "'echo'",
    "'map'",
    "'set'",
    "'array'",
    "'double'",
    "'bool'",
    "'null'",
    "'ok'",
    "'protocol'",
    "'f'",
    "'%d'",
    "'%s'",
    "'%q'",
    "'%99.99f'",
    "'%c%5s%x'",
    "'(a*(.)%w(%s*))'",
    "'%f[%w]%b()'",
    "'^.-$'",
    "'%1'",
    "'[%a-z]'",
    "'[^]'",
    "'%'",
    "'>I2<i4!8b'",
    "'Bc0s'",
    "'bBhHlLfdxi16'",
    "'[1,{\"a\":[null]},\"\\\\u00e9\"]'",
    "'{\"1\":1e5}'",
    "'\\147\\1\\162ab\\192'",
    "'\\0\\255\\r\\n'",
    "'+OK\\r\\n'",
    "'*2\\r\\n:1\\r\\n$-1\\r\\n'",
    "'%1\\r\\n+a\\r\\n_\\r\\n'",
    "'=5\\r\\ntxt:a\\r\\n'",
    "'-ERR x\\r\\n'",
    "'*99\\r\\n'",
    "'collect'",
    "'count'",
    "'#'",
    "'k'",
    "'return 1'",
    "'0x1p4'",
    "string.rep('ab', 5000)",
];

const FIELDS: &[&str] = &[
    "ok",
    "err",
    "double",
    "map",
    "set",
    "big_number",
    "verbatim_string",
    "string",
    "format",
    "ignore_error_stats_update",
    "function_name",
    "callback",
    "description",
    "flags",
    "__index",
    "__newindex",
    "__call",
    "__tostring",
    "__metatable",
    "__len",
    "__eq",
    "__lt",
    "__concat",
    "__gc",
    "__mode",
];

/// Statements, and a `return` at the end.
pub(crate) fn statements(u: &mut Unstructured<'_>) -> String {
    let mut text = String::from("local a, b, c = keys, args, 1 ");
    // An input that is used up is no error to it: it goes on with the first choices.
    let _ = block(u, 0, &mut text);
    text
}

fn block(u: &mut Unstructured<'_>, depth: u32, text: &mut String) -> Result<()> {
    while !u.is_empty() && text.len() < 4000 {
        match u.int_in_range(0..=9)? {
            0 => break,
            // What fails ends itself and nothing else.
            1..=3 => {
                text.push_str("pcall(function() ");
                assign(u, depth, text)?;
                text.push_str("end) ");
            }
            4 => nest(u, depth, text, "if ", " then ", " end ")?,
            5 => nest(u, depth, text, "for i = 1, ", " do ", " end ")?,
            6 => nest(u, depth, text, "for k, v in pairs({", "}) do ", " end ")?,
            7 => nest(u, depth, text, "while ", " do ", " break end ")?,
            _ => {
                text.push_str("pcall(");
                text.push_str(u.choose(CALLED)?);
                list(u, depth, text, ", ")?;
                text.push_str(") ");
            }
        }
    }
    text.push_str("do return ");
    expression(u, depth, text)?;
    text.push_str(" end ");
    Ok(())
}

fn assign(u: &mut Unstructured<'_>, depth: u32, text: &mut String) -> Result<()> {
    text.push_str(u.choose(&["a = ", "b = ", "c = ", "a[b] = ", "a.err = ", "c[1] = ", "b[#b + 1] = ", "x = "])?);
    expression(u, depth, text)?;
    text.push(' ');
    Ok(())
}

fn nest(u: &mut Unstructured<'_>, depth: u32, text: &mut String, head: &str, middle: &str, end: &str) -> Result<()> {
    if depth >= 4 {
        return Ok(());
    }
    text.push_str(head);
    expression(u, depth + 1, text)?;
    text.push_str(middle);
    block(u, depth + 1, text)?;
    text.push_str(end);
    Ok(())
}

/// Up to four expressions, each behind the separator.
fn list(u: &mut Unstructured<'_>, depth: u32, text: &mut String, separator: &str) -> Result<()> {
    for _ in 0..u.int_in_range(0..=4)? {
        text.push_str(separator);
        expression(u, depth + 1, text)?;
    }
    Ok(())
}

fn expression(u: &mut Unstructured<'_>, depth: u32, text: &mut String) -> Result<()> {
    let most = if depth >= 5 || text.len() > 3000 { 5 } else { 12 };
    match u.int_in_range(0..=most).unwrap_or(0) {
        0 => text.push_str("nil"),
        1 => text.push_str(u.choose(&[
            "a",
            "b",
            "c",
            "a[1]",
            "b.ok",
            "keys[1]",
            "args[2]",
            "true",
            "false",
            "i",
            "_G",
            "cjson.null",
        ])?),
        2 => text.push_str(u.choose(NUMBERS)?),
        3..=4 => text.push_str(u.choose(STRINGS)?),
        5 => text.push_str(&u.arbitrary::<i32>()?.to_string()),
        6..=7 => {
            text.push_str(u.choose(CALLED)?);
            text.push('(');
            text.push_str(u.choose(STRINGS)?);
            list(u, depth, text, ", ")?;
            text.push(')');
        }
        8 => {
            text.push('{');
            for _ in 0..u.int_in_range(0..=3)? {
                if u.ratio(1, 2)? {
                    text.push_str(u.choose(FIELDS)?);
                    text.push_str(" = ");
                }
                expression(u, depth + 1, text)?;
                text.push_str(", ");
            }
            text.push('}');
        }
        9 if depth < 4 => nest(u, depth, text, "(function(k, v, ...) local _ = ", " ", " end)")?,
        10 => {
            text.push_str("({pcall(");
            text.push_str(u.choose(CALLED)?);
            list(u, depth, text, ", ")?;
            text.push_str(")})[2]");
        }
        _ => {
            text.push('(');
            expression(u, depth + 1, text)?;
            text.push_str(u.choose(&[" .. ", " + ", " == ", " < ", " and ", " or ", " % ", "*"])?);
            expression(u, depth + 1, text)?;
            text.push(')');
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::*;

    #[test]
    fn what_is_generated_compiles() {
        let lua = mlua::Lua::new();
        arbtest(|u| {
            let text = statements(u);
            assert!(lua.load(&*text).into_function().is_ok(), "{text}");
            Ok(())
        })
        .budget_ms(500);
    }
}
