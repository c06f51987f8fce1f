//! `cjson`: any bytes are decoded or refused; what was decoded and written reads back the same from then on.
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
for _, invalid in ipairs{true, false} do
    cjson.decode_invalid_numbers(invalid)
    local ok, first = pcall(cjson.decode, bytes)
    if ok then
        -- Infinities are read and not written; numbers lose all but fourteen digits the first time.
        local ok, text = pcall(cjson.encode, first)
        if ok then
            local second = cjson.decode(text)
            local third = cjson.decode(cjson.encode(second))
            assert(same(second, third), text)
        end
    end
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
