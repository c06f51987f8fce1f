//! Lua's stack, call by call: the C API with slices for pointers, and nothing added.
//!
//! A [`State`] can only be made from the pointer that Lua hands to a native function or that an interpreter owns, and is not
//! kept. Many of these calls can raise, which leaves by `longjmp`: it runs no destructors. So the rule of this folder: **no value
//! with a destructor lives in a native function across a call of this type.** What needs memory of its own lives in
//! [`Run`](super::run::Run), outside the protected call.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::{ptr, slice};

use mlua::ffi as c;

/// One Lua thread's stack, for as long as the native function runs that was given it.
#[derive(Clone, Copy)]
pub(super) struct State(*mut c::lua_State);

/// The results of a protected call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Error,
    OutOfMemory,
}

/// Index of a native function's first upvalue, which is always the light pointer to `Shared`; guards keep what they guard in the second.
pub(super) const SHARED: c_int = c::lua_upvalueindex(1);
pub(super) const GUARDED: c_int = c::lua_upvalueindex(2);

/// Calls the function item `F`, which is a type without a value: each instance is one C function.
unsafe extern "C-unwind" fn enter<F: Fn(State) -> c_int + Copy>(raw: *mut c::lua_State) -> c_int {
    const { assert!(size_of::<F>() == 0, "only function items, which capture nothing") };
    // SAFETY: `F` has no bytes, so a dangling, aligned pointer to it is valid; `closure` was given one, so there is a value.
    let function = unsafe { ptr::NonNull::<F>::dangling().as_ref() };
    function(State(raw))
}

impl State {
    /// # Safety
    /// `raw` is a Lua state that lives as long as the `State` is used.
    pub(super) const unsafe fn new(raw: *mut c::lua_State) -> Self {
        Self(raw)
    }

    // The stack

    pub(super) fn top(self) -> c_int {
        // SAFETY: the state is live (`new`).
        unsafe { c::lua_gettop(self.0) }
    }

    pub(super) fn set_top(self, top: c_int) {
        // SAFETY: the state is live (`new`); callers pass a top they have read or less.
        unsafe { c::lua_settop(self.0, top) }
    }

    pub(super) fn pop(self, count: c_int) {
        self.set_top(-count - 1);
    }

    /// Whether there is room for `count` more values, made if it can be; `false` past Lua's own limit.
    pub(super) fn has_room(self, count: c_int) -> bool {
        // SAFETY: the state is live (`new`); `count` is positive.
        unsafe { c::lua_checkstack(self.0, count) != 0 }
    }

    pub(super) fn copy(self, index: c_int) {
        // SAFETY: the state is live (`new`), `index` valid.
        unsafe { c::lua_pushvalue(self.0, index) }
    }

    pub(super) fn remove(self, index: c_int) {
        // SAFETY: the state is live (`new`), `index` valid and no pseudo-index.
        unsafe { c::lua_remove(self.0, index) }
    }

    pub(super) fn insert(self, index: c_int) {
        // SAFETY: the state is live (`new`), `index` valid and no pseudo-index.
        unsafe { c::lua_insert(self.0, index) }
    }

    pub(super) fn replace(self, index: c_int) {
        // SAFETY: the state is live (`new`), `index` valid.
        unsafe { c::lua_replace(self.0, index) }
    }

    // Reading

    pub(super) fn kind(self, index: c_int) -> c_int {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_type(self.0, index) }
    }

    pub(super) fn is_table(self, index: c_int) -> bool {
        self.kind(index) == c::LUA_TTABLE
    }

    pub(super) fn is_nil(self, index: c_int) -> bool {
        self.kind(index) <= c::LUA_TNIL
    }

    pub(super) fn truth(self, index: c_int) -> bool {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_toboolean(self.0, index) != 0 }
    }

    /// The number, converted from a string if need be; 0 when it is neither.
    pub(super) fn number(self, index: c_int) -> f64 {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_tonumber(self.0, index) }
    }

    /// A number or a string that reads as one.
    pub(super) fn is_number(self, index: c_int) -> bool {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_isnumber(self.0, index) != 0 }
    }

    /// `<` of Lua, which metamethods may have a say in.
    pub(super) fn less_than(self, left: c_int, right: c_int) -> bool {
        // SAFETY: the state is live (`new`), both indices valid.
        unsafe { c::lua_lessthan(self.0, left, right) != 0 }
    }

    /// The string's bytes, good while the value stays where it is; `None` for every other type, numbers too.
    pub(super) fn string<'a>(self, index: c_int) -> Option<&'a [u8]> {
        if self.kind(index) == c::LUA_TSTRING { self.text(index) } else { None }
    }

    /// The string as C knows it: up to its first NUL. For values that are strings.
    pub(super) fn c_string<'a>(self, index: c_int) -> &'a CStr {
        // SAFETY: the state is live (`new`); no length is wanted.
        let bytes = unsafe { c::lua_tolstring(self.0, index, ptr::null_mut()) };
        if bytes.is_null() {
            return c"?";
        }
        // SAFETY: Lua ends every string with a NUL; callers keep it on the stack meanwhile.
        unsafe { CStr::from_ptr(bytes) }
    }

    /// Calls the value's `__tostring`, whose result is then on top; `false` when it has none.
    pub(super) fn call_tostring(self, index: c_int) -> bool {
        // SAFETY: the state is live (`new`), `index` valid.
        unsafe { c::luaL_callmeta(self.0, index, c"__tostring".as_ptr()) != 0 }
    }

    /// Like [`string`](Self::string), and a number becomes a string in its place. May raise then, for want of memory.
    pub(super) fn text<'a>(self, index: c_int) -> Option<&'a [u8]> {
        let mut len = 0;
        // SAFETY: the state is live (`new`); `len` is written.
        let bytes = unsafe { c::lua_tolstring(self.0, index, &raw mut len) };
        // SAFETY: what is not null are `len` bytes that live as long as the string; callers keep it on the stack meanwhile.
        (!bytes.is_null()).then(|| unsafe { slice::from_raw_parts(bytes.cast::<u8>(), len) })
    }

    pub(super) fn raw_len(self, index: c_int) -> usize {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_objlen(self.0, index) }
    }

    pub(super) fn pointer(self, index: c_int) -> *mut c_void {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        unsafe { c::lua_touserdata(self.0, index) }
    }

    pub(super) fn type_name<'a>(self, index: c_int) -> &'a [u8] {
        // SAFETY: the state is live (`new`); the type is one that Lua has just named.
        let name = unsafe { c::lua_typename(self.0, self.kind(index)) };
        // SAFETY: type names are static C strings.
        unsafe { CStr::from_ptr(name) }.to_bytes()
    }

    // Pushing. All that allocate may raise.

    pub(super) fn push_nil(self) {
        // SAFETY: the state is live (`new`) and has room (a frame begins with 20 slots; deeper users ask `has_room`).
        unsafe { c::lua_pushnil(self.0) }
    }

    pub(super) fn push_bool(self, truth: bool) {
        // SAFETY: as `push_nil`.
        unsafe { c::lua_pushboolean(self.0, c_int::from(truth)) }
    }

    pub(super) fn push_number(self, number: f64) {
        // SAFETY: as `push_nil`.
        unsafe { c::lua_pushnumber(self.0, number) }
    }

    pub(super) fn push_string(self, bytes: &[u8]) {
        // SAFETY: as `push_nil`; Lua copies the bytes, which it is given with their length.
        unsafe { c::lua_pushlstring_(self.0, bytes.as_ptr().cast::<c_char>(), bytes.len()) }
    }

    pub(super) fn push_pointer(self, pointer: *mut c_void) {
        // SAFETY: as `push_nil`; Lua never follows the pointer.
        unsafe { c::lua_pushlightuserdata(self.0, pointer) }
    }

    /// A native function: what it leaves on top of the stack are its results, and it returns how many. Its upvalues are the `upvalues` values on top, which are taken. `function` must be a function item.
    pub(super) fn push_closure<F: Fn(Self) -> c_int + Copy>(self, _function: F, upvalues: c_int) {
        // SAFETY: as `push_nil`; the upvalues are there.
        unsafe { c::lua_pushcclosure(self.0, enter::<F>, upvalues) }
    }

    pub(super) fn push_table(self, array: usize, hash: usize) {
        let small = |len: usize| c_int::try_from(len).unwrap_or(c_int::MAX);
        // SAFETY: as `push_nil`.
        unsafe { c::lua_createtable(self.0, small(array), small(hash)) }
    }

    /// A block of memory that Lua frees.
    pub(super) fn push_block<'a>(self, bytes: usize) -> &'a mut [u8] {
        // SAFETY: as `push_nil`.
        let block = unsafe { c::lua_newuserdata(self.0, bytes) }.cast::<u8>();
        // SAFETY: the block is fresh, so nothing else refers to it, and it is written before it is shared.
        unsafe { ptr::write_bytes(block, 0, bytes) };
        // SAFETY: `bytes` initialised bytes that live while the block is on the stack; callers keep it there.
        unsafe { slice::from_raw_parts_mut(block, bytes) }
    }

    /// Replaces the key on top by its value in what is at `index`, which metamethods may have a say in.
    pub(super) fn get(self, index: c_int) {
        // SAFETY: the state is live (`new`), `index` valid, the key is on top.
        unsafe { c::lua_gettable(self.0, index) };
    }

    // Tables, past their metatables

    pub(super) fn raw_get(self, table: c_int) {
        // SAFETY: the state is live (`new`), `table` is a table, the key is on top.
        unsafe { c::lua_rawget_(self.0, table) }
    }

    pub(super) fn raw_set(self, table: c_int) {
        // SAFETY: the state is live (`new`), `table` is a table, key and value are on top; no key here is nil.
        unsafe { c::lua_rawset(self.0, table) }
    }

    pub(super) fn raw_get_at(self, table: c_int, index: c_int) {
        // SAFETY: the state is live (`new`), `table` is a table.
        unsafe { c::lua_rawgeti_(self.0, table, index) }
    }

    pub(super) fn raw_set_at(self, table: c_int, index: c_int) {
        // SAFETY: the state is live (`new`), `table` is a table, the value is on top.
        unsafe { c::lua_rawseti_(self.0, table, index) }
    }

    /// Pushes the field of a table that is no pseudo-index relative to the top: `table` counts from the bottom.
    pub(super) fn raw_field(self, table: c_int, name: &[u8]) {
        self.push_string(name);
        self.raw_get(if table < 0 && table > c::LUA_REGISTRYINDEX { table - 1 } else { table });
    }

    /// Takes the value on top.
    pub(super) fn set_raw_field(self, table: c_int, name: &[u8]) {
        self.push_string(name);
        self.insert(-2);
        self.raw_set(if table < 0 && table > c::LUA_REGISTRYINDEX { table - 1 } else { table });
    }

    /// Replaces the key on top by the next key and its value, or takes it at the end. Raises when the key is not in the table.
    pub(super) fn next(self, table: c_int) -> bool {
        // SAFETY: the state is live (`new`), `table` is a table, a key is on top.
        unsafe { c::lua_next(self.0, table) != 0 }
    }

    pub(super) fn metatable(self, index: c_int) -> bool {
        // SAFETY: the state is live (`new`), `index` valid.
        unsafe { c::lua_getmetatable(self.0, index) != 0 }
    }

    pub(super) fn set_metatable(self, index: c_int) {
        // SAFETY: the state is live (`new`), a table or nil is on top.
        unsafe { c::lua_setmetatable(self.0, index) };
    }

    /// Takes the value on top and returns a number for it, under which the registry keeps it.
    pub(super) fn keep(self) -> c_int {
        // SAFETY: the state is live (`new`), a value is on top.
        unsafe { c::luaL_ref(self.0, c::LUA_REGISTRYINDEX) }
    }

    pub(super) fn let_go(self, kept: c_int) {
        // SAFETY: the state is live (`new`); a number that is not in use is ignored.
        unsafe { c::luaL_unref(self.0, c::LUA_REGISTRYINDEX, kept) }
    }

    pub(super) fn push_kept(self, kept: c_int) {
        self.raw_get_at(c::LUA_REGISTRYINDEX, kept);
    }

    // Calls

    pub(super) fn call(self, args: c_int, results: c_int) {
        // SAFETY: the state is live (`new`), function and arguments are on top.
        unsafe { c::lua_call(self.0, args, results) }
    }

    /// Never raises. On an error the handler's answer is on top.
    pub(super) fn protected_call(self, args: c_int, results: c_int, handler: c_int) -> Status {
        // SAFETY: the state is live (`new`), function and arguments are on top, `handler` is the index of a function or 0.
        match unsafe { c::lua_pcall(self.0, args, results, handler) } {
            c::LUA_OK => Status::Ok,
            c::LUA_ERRMEM => Status::OutOfMemory,
            _ => Status::Error,
        }
    }

    /// Calls the C function in the second upvalue in this very frame, so that what it says of its caller and its arguments stays true.
    pub(super) fn call_guarded(self) -> c_int {
        // SAFETY: the state is live (`new`); any index within the frame is acceptable.
        let function = unsafe { c::lua_tocfunction(self.0, GUARDED) };
        match function {
            // SAFETY: one of Lua's own library functions, which has no upvalues, called with the state of this call.
            Some(function) => unsafe { function(self.0) },
            None => self.raise(b"not a function"),
        }
    }

    /// Compiles a chunk; a function or a message is then on top.
    pub(super) fn compile(self, source: &[u8], name: &CStr) -> Status {
        let bytes = source.as_ptr().cast::<c_char>();
        // SAFETY: the state is live (`new`); bytes with their length, a C string for the name.
        match unsafe { c::luaL_loadbuffer(self.0, bytes, source.len(), name.as_ptr()) } {
            c::LUA_OK => Status::Ok,
            c::LUA_ERRMEM => Status::OutOfMemory,
            _ => Status::Error,
        }
    }

    // Errors

    /// Raises the value on top.
    pub(super) fn raise_top(self) -> ! {
        // SAFETY: the state is live (`new`); frames of this folder hold no destructors when they raise (see above).
        unsafe { c::lua_error(self.0) }
    }

    /// Raises a plain message.
    pub(super) fn raise(self, message: &[u8]) -> ! {
        self.push_string(message);
        self.raise_top()
    }

    /// Raises a message with the place of the caller before it, as Lua's own functions do.
    pub(super) fn raise_here(self, message: &[u8]) -> ! {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_where(self.0, 1) };
        self.push_string(message);
        self.concat(2);
        self.raise_top()
    }

    pub(super) fn concat(self, count: c_int) {
        // SAFETY: the state is live (`new`) and has `count` values on top.
        unsafe { c::lua_concat(self.0, count) }
    }

    pub(super) fn raise_argument(self, index: c_int, message: &CStr) -> ! {
        // SAFETY: the state is live (`new`); the message is a C string.
        unsafe { c::luaL_argerror(self.0, index, message.as_ptr()) };
        self.raise_top()
    }

    /// The argument as a number, or an error about it.
    pub(super) fn check_number(self, index: c_int) -> f64 {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_checknumber(self.0, index) }
    }

    /// The argument as an integer, `default` when there is none, or an error about it.
    pub(super) fn optional_integer(self, index: c_int, default: i64) -> i64 {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_optinteger(self.0, index, default) }
    }

    pub(super) fn check_any(self, index: c_int) {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_checkany(self.0, index) }
    }

    pub(super) fn check_table(self, index: c_int) {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_checktype(self.0, index, c::LUA_TTABLE) }
    }

    pub(super) fn check_function(self, index: c_int) {
        // SAFETY: the state is live (`new`).
        unsafe { c::luaL_checktype(self.0, index, c::LUA_TFUNCTION) }
    }

    /// The bytes of a string argument, or an error about it.
    pub(super) fn check_string<'a>(self, index: c_int) -> &'a [u8] {
        let mut len = 0;
        // SAFETY: the state is live (`new`); `len` is written.
        let bytes = unsafe { c::luaL_checklstring(self.0, index, &raw mut len) };
        // SAFETY: not null, or it had raised; `len` bytes that live while the argument stays on the stack.
        unsafe { slice::from_raw_parts(bytes.cast::<u8>(), len) }
    }

    /// Source and line of the function at `level` of the call stack: 0 is the running one. `None` above the last.
    pub(super) fn place<'a>(self, level: c_int) -> Option<Place<'a>> {
        let mut record = std::mem::MaybeUninit::<c::lua_Debug>::zeroed();
        // SAFETY: the state is live (`new`); the record is written by Lua.
        let found = unsafe { c::lua_getstack(self.0, level, record.as_mut_ptr()) };
        if found == 0 {
            return None;
        }
        // SAFETY: the record was filled in by `lua_getstack`; `S` and `l` are options it knows.
        unsafe { c::lua_getinfo(self.0, c"Sl".as_ptr(), record.as_mut_ptr()) };
        // SAFETY: all zeros are a valid `lua_Debug`, and Lua has only written valid values.
        let record = unsafe { record.assume_init() };
        // SAFETY: `source` is a C string after `S`, and lives as long as the function that is on the call stack.
        let source = unsafe { CStr::from_ptr(record.source) };
        // SAFETY: as above; `what` is a static C string.
        let what = unsafe { CStr::from_ptr(record.what) };
        Some(Place { source: source.to_bytes(), line: record.currentline, native: what.to_bytes() == b"C" })
    }

    // Collection, hooks

    pub(super) fn collect(self, what: c_int, data: c_int) -> c_int {
        // SAFETY: the state is live (`new`).
        unsafe { c::lua_gc(self.0, what, data) }
    }

    pub(super) fn set_hook(self, hook: c::lua_Hook, instructions: c_int) {
        // SAFETY: the state is live (`new`).
        unsafe { c::lua_sethook(self.0, Some(hook), c::LUA_MASKCOUNT, instructions) };
    }

    pub(super) fn hook_count(self) -> c_int {
        // SAFETY: the state is live (`new`).
        unsafe { c::lua_gethookcount(self.0) }
    }
}

/// Where a function on the call stack stands.
pub(super) struct Place<'a> {
    pub(super) source: &'a [u8],
    pub(super) line: c_int,
    /// A C function, which has no lines.
    pub(super) native: bool,
}
