//! `cmsgpack`: any bytes are unpacked or refused; what was unpacked and packed unpacks the same from then on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mlua::{Function, Lua};

/// Takes the bytes; fails if something does not hold.
const CHECK: &str = r#"
local function same(a, b)
    if type(a) ~= 'table' or type(b) ~= 'table' then return a == b or (a ~= a and b ~= b) end
    for k, v in pairs(a) do if type(k) ~= 'table' and not same(v, b[k]) then return false end end
    for k in pairs(b) do if type(k) ~= 'table' and a[k] == nil then return false end end
    return true
end
local bytes = ...
pcall(cmsgpack.unpack, bytes)
local offset = 0
while offset >= 0 and offset < #bytes do
    local ok, nextOffset, first = pcall(cmsgpack.unpack_one, bytes, offset)
    if not ok then break end
    assert(nextOffset == -1 or nextOffset > offset)
    offset = nextOffset
    -- The first packing writes nil for what lies too deep.
    local second = cmsgpack.unpack(cmsgpack.pack(first))
    local third = cmsgpack.unpack(cmsgpack.pack(second))
    assert(same(second, third))
end
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
