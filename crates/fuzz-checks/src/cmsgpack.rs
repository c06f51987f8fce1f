//! `cmsgpack`: any bytes are unpacked or refused; what was unpacked and packed unpacks the same from then on.

use std::cell::OnceCell;

use crate::interpreter::with_script;

/// Takes the bytes; fails if something does not hold.
const SCRIPT: &str = r"
local bytes = ...
-- What `pcall` itself returns must be few: with twenty results or more Lua 5.1 pushes its own into the slots that it keeps in reserve, which
-- a debug build of it takes for a fault.
local all
local whole = pcall(function() all = {cmsgpack.unpack(bytes)} end)
local offset, count = 0, 0
while offset >= 0 and offset < #bytes do
    local ok, nextOffset, first = pcall(cmsgpack.unpack_one, bytes, offset)
    if not ok then
        assert(not whole, 'unpack went further than unpack_one')
        break
    end
    assert(nextOffset == -1 or nextOffset > offset)
    offset, count = nextOffset, count + 1
    if whole then assert(same(all[count], first), 'unpack and unpack_one') end
    -- The first packing writes nil for what lies too deep, also where it is a key, which then cannot be read again (Redis does the same).
    local ok, second = pcall(cmsgpack.unpack, cmsgpack.pack(first))
    if not ok then
        second = tostring(second)
        assert(second:find('table index is nil', 1, true), second)
        first, second = 0, 0
    end
    local third = cmsgpack.unpack(cmsgpack.pack(second))
    assert(same(second, third))
    -- Several in a row are what each of them is.
    local both = cmsgpack.pack(first, second)
    assert(both == cmsgpack.pack(first) .. cmsgpack.pack(second))
    local after, again = cmsgpack.unpack_one(both)
    assert(same(again, second))
    if after ~= -1 then
        local rest, last = cmsgpack.unpack_limit(both, 1, after)
        assert(rest == -1 and same(last, second))
    end
end
";

thread_local! {
    static PLACE: OnceCell<(mlua::Lua, mlua::Function)> = const { OnceCell::new() };
}

/// `cmsgpack.unpack`, `unpack_one`, `unpack_limit` and `pack`.
pub fn check(input: &[u8]) {
    with_script(&PLACE, SCRIPT, |lua| lua.create_string(input), drop);
}
