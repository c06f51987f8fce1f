//! Scripts that mean harm: all of them end, none leaves anything behind, and the known holes are shut.

use resp::Protocol;

use super::{FakeHost, eval, eval_with, scripts};

const KILLED: &str = "Script killed by user with SCRIPT KILL...";

/// The script ends with the error of a kill, and the next one runs.
fn is_stopped(script: &str) {
    let (mut scripts, mut host) = (scripts(), FakeHost::impatient());
    let reply = eval_with(&mut scripts, &mut host, Protocol::Resp2, script);
    assert!(reply.starts_with('-'), "{script}: {reply}");
    assert!(host.checkpoints > 20, "{script}: ended by itself: {reply}");
    let next =
        eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, "for i = 1, 10000 do end return 'next'");
    assert_eq!(next, "$4\r\nnext\r\n", "{script}");
}

#[test]
fn endless_scripts_are_stopped_however_they_catch_errors() {
    for script in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "while true do pcall(pcall, function() while true do end end) end",
        "while true do xpcall(function() while true do end end, function() while true do end end) end",
        "local function again() pcall(again) return again() end return again()",
        "local function f() while true do pcall(f) end end f()",
        "while true do coroutine.wrap(function() pcall(function() while true do end end) coroutine.yield(1) end)() end",
        "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
        "local co = coroutine.create(function() while true do pcall(function() while true do end end) end end) \
         while true do coroutine.resume(co) end",
        "local function nest() return coroutine.wrap(nest)() end while true do pcall(nest) end",
        "while true do string.gsub('aaaa', 'a', function() while true do end end) end",
        "table.sort({3, 2, 1}, function() while true do end end)",
        "local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
        "load(function() return 'x ' end)",
        "while true do load(function() while true do end end) end",
        "for i = 1, 1e15 do local x = i end",
    ] {
        is_stopped(script);
    }
}

#[test]
fn the_error_of_a_kill_says_where() {
    let reply = eval_with(&mut scripts(), &mut FakeHost::impatient(), Protocol::Resp2, "while true do end");
    assert_eq!(
        reply,
        format!("-ERR {KILLED} script: 694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:1.\r\n")
    );
}

#[test]
fn a_reply_that_shares_tables_without_end_is_stopped() {
    is_stopped("local t = {} for i = 1, 30 do t = {t, t} end return t");
}

#[test]
fn deep_values_are_cut() {
    let reply = eval("local t = {} t[1] = t return t");
    assert!(reply.contains("-ERR reached lua stack limit"), "{reply}");
    assert!(reply.len() < 100_000);
    let reply = eval("local t = {} for i = 1, 200000 do t = {t} end return t");
    assert!(reply.contains("-ERR reached lua stack limit"));
}

#[test]
fn recursion_ends_in_an_error() {
    for (script, error) in [
        ("local function f() return 1 + f() end f()", "stack overflow"),
        ("local function f() return string.gsub('a', 'a', f) end return f()", "stack overflow"),
        ("local t = setmetatable({}, {}) getmetatable(t).__index = t return t.x", "loop in gettable"),
        ("local mt = {} mt.__index = function(t, k) return t[k] end return setmetatable({}, mt).x", "stack overflow"),
        ("local function f() return coroutine.wrap(f)() end return f()", "stack overflow"),
        ("local function f() return pcall(f) end f() error('done')", "done"),
        ("return loadstring(string.rep('(', 100000) .. '1')()", "attempt to call a nil value"),
        ("return loadstring(string.rep('{', 100000))()", "attempt to call a nil value"),
    ] {
        let reply = eval(script);
        assert!(reply.starts_with("-ERR") && reply.contains(error), "{script}: {reply}");
    }
}

#[test]
fn memory_is_bounded_and_comes_back() {
    let mut scripts = scripts();
    for script in [
        "local s = 'x' while true do s = s .. s end",
        "return string.rep('x', 1e9)",
        "local t = {} for i = 1, 1e9 do t[i] = {} end",
        "local t = {} for i = 1, 1e9 do t[i] = 'item' .. i end return table.concat(t)",
    ] {
        let reply = eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, script);
        assert!(reply.starts_with("-ERR not enough memory script: "), "{script}: {reply}");
        let next = eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, "return #string.rep('x', 1e6)");
        assert_eq!(next, ":1000000\r\n", "{script}");
    }
    assert!(scripts.used_memory_bytes() < 64 << 20);
}

#[test]
fn long_work_in_library_functions_is_refused() {
    for (script, error) in [
        ("return string.rep('xx', 1e9)", "resulting string too large"),
        ("return #string.rep('', 1e15)", ":0\r\n"),
        ("local t = {} table.insert(t, -2147483647, 1)", "position out of bounds"),
        ("return string.find(string.rep('a', 1e5), string.rep('a?', 1e5))", "pattern too complex"),
        ("return string.gsub(string.rep('a', 1e5), string.rep('a?', 1e5), '')", "pattern too complex"),
    ] {
        let reply = eval(script);
        assert!(reply.contains(error), "{script}: {reply}");
    }
}

#[test]
fn nothing_stays_for_the_next_script() {
    let mut scripts = scripts();
    let mut run = |script: &str| eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, script);
    for script in [
        "x = 1",
        "_G.x = 1",
        "rawset(_G, 'x', 1)",
        "redis.x = 1",
        "redis.call = nil",
        "string.x = 1",
        "rawset(string, 'x', 1)",
        "table.insert(math, 1)",
        "getmetatable('').__index = {}",
        "getmetatable('').x = 1",
        "getmetatable(_G).__index = nil",
        "setmetatable(_G, {})",
        "setmetatable(string, {})",
        "getmetatable('').__index.x = 1",
        "getmetatable('').__index.upper = nil",
        "cjson.x = 1",
        "os.clock = 1",
        "_G._G = 1",
    ] {
        let reply = run(script);
        assert!(reply.contains("Attempt to modify a readonly table"), "{script}: {reply}");
    }
    for (script, expected) in [
        ("local _, t = pairs(redis) t.call = nil", "-ERR user_script:1: Attempt to modify a readonly table"),
        (
            "for k, v in pairs(_G) do if type(v) == 'table' and k ~= 'KEYS' and k ~= 'ARGV' then rawset(v, 'x', 1) end end",
            "-ERR Attempt",
        ),
        ("KEYS.x = 1 return 1", ":1"),
        ("return KEYS.x", "$-1"),
        ("return type(redis.call)", "$8\r\nfunction"),
        ("return ('x'):upper()", "$1\r\nX"),
        ("collectgarbage('stop') return 1", ":1"),
    ] {
        assert!(run(script).starts_with(expected), "{script}: {}", run(script));
    }
}

#[test]
fn what_reaches_out_of_the_sandbox_is_not_there() {
    for name in [
        "package", "require", "module", "loadlib", "io", "debug", "dofile", "loadfile", "print", "newproxy", "getfenv",
        "setfenv",
    ] {
        let reply = eval(&format!("return {name}"));
        assert!(reply.contains(&format!("nonexistent global variable '{name}'")), "{reply}");
    }
    for name in ["os.execute", "os.exit", "os.getenv", "os.remove", "os.time"] {
        assert_eq!(eval(&format!("return {name}")), "$-1\r\n");
    }
}

#[test]
fn cve_2025_49844_no_collection_runs_while_a_chunk_is_parsed() {
    // A chunk of many fresh strings, from a reader that collects at every piece, and one that is parsed again and again.
    let script = "local n = 0 \
        local f = load(function() collectgarbage() n = n + 1 if n == 1 then return 'return {' end \
            if n < 400 then return '\"' .. string.rep(tostring(n), 40) .. '\",' end if n == 400 then return '}' end end, \
            string.rep('name', 100)) \
        for i = 1, 50 do loadstring('local a' .. i .. ' = ' .. string.rep('{', 50) .. string.rep('}', 50), 'chunk' .. i) end \
        return #f()";
    assert_eq!(eval(script), ":398\r\n");
}

#[test]
fn cve_2025_46817_unpack_of_absurd_ranges_is_refused() {
    for range in
        ["0, 2147483647", "-2147483648, 2147483647", "1, 1e9", "-1e300, 1e300", "1, 8000", "2147483647, 2147483647"]
    {
        let reply = eval(&format!("return {{unpack({{}}, {range})}}"));
        assert!(reply.contains("too many results to unpack"), "{range}: {reply}");
    }
    assert_eq!(eval("return #{unpack({}, 1, 7000)}"), ":0\r\n");
    assert_eq!(eval("return select('#', unpack({}, 1, 7000))"), ":7000\r\n");
}

#[test]
fn cve_2025_46818_the_metatables_of_basic_types_are_nobodys() {
    for value in ["''", "nil", "1", "true", "print", "coroutine.create(function() end)"] {
        let script = format!(
            "local ok, mt = pcall(function() return getmetatable({value}) end) if mt then mt.__index = 1 end return 'inert'"
        );
        let reply = eval(&script);
        assert!(
            reply == "$5\r\ninert\r\n"
                || reply.contains("readonly table")
                || reply.contains("attempt to index local 'mt'"),
            "{value}: {reply}"
        );
    }
}

#[test]
fn cve_2025_46819_absurd_brackets_do_not_compile() {
    let script = "return {loadstring('return [' .. string.rep('=', 2e6) .. '[x')}";
    assert_eq!(eval(script), "*0\r\n");
    let body = format!("return [{}[x", "=".repeat(2_000_000));
    assert_eq!(eval(&body), "-ERR Error compiling script (new function): lexical element too long\r\n");
    assert_eq!(eval("return [====[x]====]"), "$1\r\nx\r\n");
}

#[test]
fn precompiled_chunks_do_not_load() {
    assert_eq!(eval("return {loadstring(string.dump(function() return 1 end))}"), "*0\r\n");
    assert_eq!(
        eval(
            "local d = string.dump(function() end) local i = 0 return {load(function() i = i + 1 return i == 1 and d or nil end)}"
        ),
        "*0\r\n"
    );
    assert!(eval("\u{1b}Lua").starts_with("-ERR Error compiling script (new function): "));
}

/// Lua quotes the source in front of a mistake, with its line ends; the log of a directory of libraries would have had lines of a
/// library's choice.
#[test]
fn an_error_is_one_line_whatever_the_source_is() {
    let mut functions = crate::Functions::new(&super::settings()).expect("an interpreter");
    let code = b"#!lua name=l\nx = {1 'with\\n\\r\\nline ends'}";
    let refused = functions.load(code, false, &mut FakeHost::default()).expect_err("a syntax error");
    let text = String::from_utf8_lossy(refused.text()).into_owned();
    assert!(text.ends_with("'}' expected near ''with   line ends''"), "{text:?}");
    let reply = eval("return {1 'with\\n\\r\\nline ends'}");
    assert!(reply.ends_with("'}' expected near ''with   line ends''\r\n"), "{reply:?}");
}

#[test]
fn a_panic_of_the_host_passes_through_and_leaves_the_engine_whole() {
    let mut scripts = scripts();
    let mut host = FakeHost { panics: true, ..FakeHost::default() };
    let script = "while true do pcall(redis.call, 'ping') end";
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eval_with(&mut scripts, &mut host, Protocol::Resp2, script)
    }));
    assert!(outcome.is_err());
    assert_eq!(eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, "return 1"), ":1\r\n");
}

#[test]
fn answers_that_are_no_answers_become_errors() {
    for bytes in [
        "",
        ":",
        ":x\\r\\n",
        "$5\\r\\nab\\r\\n",
        "*2\\r\\n:1\\r\\n",
        ":1\\r\\n:2\\r\\n",
        "*1000000000\\r\\n",
        "?1\\r\\n",
        "+OK",
    ] {
        let reply = eval(&format!("return redis.call('raw', '{bytes}')"));
        assert!(reply.contains("the command's answer cannot be read"), "{bytes}: {reply}");
    }
    let nested = "*1\\r\\n".repeat(1000);
    assert!(eval(&format!("return redis.call('raw', '{nested}:1\\r\\n')")).contains("cannot be read"));
}
