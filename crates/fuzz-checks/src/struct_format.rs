//! `struct`: any format is followed or refused, over any data; what was unpacked can be packed, to the size that the format says, and
//! unpacks the same.
//!
//! The input's first byte is the length of the format; the rest is format and data.

use std::cell::OnceCell;

use crate::interpreter::with_script;

/// Takes the bytes; fails if something does not hold.
const SCRIPT: &str = r"
local bytes = ...
if #bytes == 0 then return end
local format, data = bytes:sub(2, 1 + bytes:byte()), bytes:sub(2 + bytes:byte())
local sized, size = pcall(struct.size, format)

-- A whole number near 2^64 is rounded to it when it is read, and 2^64 cannot be written; nor can 2^63 as a signed one.
local function same(a, b)
    if type(a) == 'number' and (b == 2^64 or b == 2^63) then return true end
    return a == b or (a ~= a and b ~= b)
end

local function packed(...)
    assert(select(select('#', ...), ...) <= #data + 1, 'read past the end')
    -- `c0` takes a value away again, so that the values no longer fit the format.
    if format:find('c0', 1, true) then return end
    local text = struct.pack(format, ...)
    if sized then assert(#text == size, #text .. ' bytes instead of ' .. size) end
    local again = {struct.unpack(format, text)}
    assert(#again == select('#', ...), 'as many values')
    assert(again[#again] == #text + 1, 'to the end')
    for i = 1, #again - 1 do
        assert(same(again[i], (select(i, ...))), 'value ' .. i)
    end
end
-- What `pcall` itself returns must be few: with twenty results or more Lua 5.1 pushes its own into the slots that it keeps in reserve, which
-- a debug build of it takes for a fault.
local function unpacked(from)
    local values
    return pcall(function() values = {struct.unpack(format, data, from)} end) and values
end
local values = unpacked(1)
if values then packed(unpack(values)) end
unpacked(#data)
unpacked(0)
unpacked(-1)
pcall(struct.pack, format, 1, data, -1, data)
pcall(struct.pack, format, 2^53, 0/0, -2^63, 1/0, 2^64, -1/0, data, 'x')
";

thread_local! {
    static PLACE: OnceCell<(mlua::Lua, mlua::Function)> = const { OnceCell::new() };
}

/// `struct.size`, `unpack` and `pack`.
pub fn check(input: &[u8]) {
    with_script(&PLACE, SCRIPT, |lua| lua.create_string(input), drop);
}
