//! `struct`: any format is followed or refused, over any data; what was unpacked can be packed, to the size that the format says.
//!
//! The input's first byte is the length of the format; the rest is format and data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mlua::{Function, Lua};

/// Takes the bytes; fails if something does not hold.
const CHECK: &str = r#"
local bytes = ...
if #bytes == 0 then return end
local format, data = bytes:sub(2, 1 + bytes:byte()), bytes:sub(2 + bytes:byte())
local sized, size = pcall(struct.size, format)
local function packed(ok, ...)
    if not ok then return end
    -- `c0` takes a value away again, so that the values no longer fit the format.
    if format:find('c0', 1, true) then return end
    local text = struct.pack(format, ...)
    if sized then assert(#text == size, #text .. ' bytes instead of ' .. size) end
end
packed(pcall(struct.unpack, format, data))
pcall(struct.unpack, format, data, #data)
pcall(struct.pack, format, 1, data, -1, data)
"#;

thread_local! {
    static CHECKER: (Lua, Function) = {
        let lua = script::testing::interpreter().expect("memory");
        let check = lua.load(CHECK).into_function().expect("a script");
        (lua, check)
    };
}

fuzz_target!(|input: &[u8]| {
    CHECKER.with(|(lua, check)| {
        let bytes = lua.create_string(input).expect("memory");
        if let Err(error) = check.call::<()>(bytes) {
            panic!("{error}");
        }
    });
});
