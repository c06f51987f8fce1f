//! Scripts that mean harm: all of them end, none leaves anything behind, and the known holes are shut.

use resp::Protocol;

use super::{FakeHost, eval, eval_with, scripts, settings};
use crate::{Scripts, Settings};

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

/// With as much memory as a server gives.
fn roomy() -> Scripts {
    Scripts::new(&Settings { memory_limit_bytes: 1 << 30, ..settings() }).expect("an interpreter")
}

/// Loops of Lua's own library and of ours, which run without an instruction.
#[test]
fn long_work_in_library_functions_is_stopped() {
    const TABLE: &str = "local t = {} for i = 1, 3000 do t[i] = i end ";
    const LARGE: &str = "local s = string.rep('ab', 1e6) ";
    for body in [
        "while true do string.rep('x', 2e6) end",
        "while true do s:reverse() end",
        "while true do s:upper() end",
        "while true do s:lower() end",
        "while true do s:find('abb', 1, true) end",
        "while true do redis.sha1hex(s) end",
        "while true do cjson.encode(list) end",
        "while true do cjson.decode(json) end",
        "while true do cmsgpack.unpack(packed) end",
        "while true do cmsgpack.pack(list) end",
        "while true do table.concat(list, ',') end",
        "while true do table.sort(list) end",
        "while true do table.insert(list, 1, 0) end",
        "while true do table.remove(list, 1) table.insert(list, 1) end",
        "while true do table.maxn(list) end",
        "while true do table.foreach(list, math.randomseed) end",
        "while true do string.rep('x', 1e5) end",
        "while true do table.sort(t) end",
        "while true do table.foreachi(list, function() end) end",
        "while true do collectgarbage() end",
        "while true do collectgarbage('step', 1e9) end",
    ] {
        let script = format!(
            "{TABLE}{LARGE}local list = {{}} for i = 1, 20000 do list[i] = i * 7919 % 20011 end \
             local json, packed = cjson.encode(list), cmsgpack.pack(list) {body}"
        );
        let (mut scripts, mut host) = (roomy(), FakeHost { patience: Some(150), ..FakeHost::default() });
        let reply = eval_with(&mut scripts, &mut host, Protocol::Resp2, &script);
        assert!(reply.contains(KILLED), "{body}: {reply}");
        assert_eq!(eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, "return 1"), ":1\r\n", "{body}");
    }
}

/// One call asks while it runs, not only the loop around it.
#[test]
fn one_long_call_is_stopped() {
    for (setup, call) in [
        ("", "string.rep('x', 1e7)"),
        ("", "string.rep('xyz', 3e6)"),
        ("local s = string.rep('ab', 4e6)", "s:reverse()"),
        ("local s = string.rep('ab', 4e6)", "s:upper()"),
        ("local s = string.rep('ab', 2e7)", "s:find('abb', 1, true)"),
        ("local s = string.rep('ab', 4e6)", "redis.sha1hex(s)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i * 7919 % 200003 end", "table.sort(t)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "table.concat(t)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "table.insert(t, 1, 0)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "table.remove(t, 1)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "table.maxn(t)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "table.foreachi(t, math.randomseed)"),
        ("local t = {} for i = 1, 3e5 do t[i] = {} end", "collectgarbage()"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "cjson.encode(t)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end", "cmsgpack.pack(t)"),
        ("local s = '[' .. string.rep('1,', 2e5) .. '1]'", "cjson.decode(s)"),
        ("local t = {} for i = 1, 2e5 do t[i] = i end local s = cmsgpack.pack(t)", "cmsgpack.unpack(s)"),
    ] {
        // The set-up takes the same checkpoints again; the call takes more.
        let count = |script: &str| {
            let mut host = FakeHost::default();
            let reply = eval_with(&mut roomy(), &mut host, Protocol::Resp2, script);
            assert!(!reply.contains("not enough memory"), "{script}: {reply}");
            host.checkpoints
        };
        let (alone, with_call) = (count(setup), count(&format!("{setup} {call}")));
        assert!(with_call >= alone + 3, "{call}: {alone} and {with_call} looks at the checkpoint");
    }
}

#[test]
fn long_texts_and_tables_are_what_short_ones_are() {
    for (script, reply) in [
        ("local s = string.rep('abc', 5e5) return {#s, s:sub(1, 4), s:sub(-4), redis.sha1hex(s)}", None),
        (
            "local s = string.rep('abC', 5e5):reverse() return {#s, s:sub(1, 4), s:sub(-4)}",
            Some("*3\r\n:1500000\r\n$4\r\nCbaC\r\n$4\r\naCba\r\n"),
        ),
        ("return string.rep('aB', 7e5):upper() == string.rep('AB', 7e5)", Some(":1\r\n")),
        ("return string.rep('aB', 7e5):lower() == string.rep('ab', 7e5)", Some(":1\r\n")),
        ("return string.rep('x', -1)", Some("$0\r\n\r\n")),
        ("return string.rep('x', 2000000.9) == string.rep('xx', 1e6)", Some(":1\r\n")),
        ("local s = string.rep('a', 2e7) .. 'b' return s:find('ab', 1, true)", Some(":20000000\r\n")),
        ("local s = string.rep('a', 2e7) return {s:find('ab', 1, true)}", Some("*0\r\n")),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end return {#table.concat(t), #table.concat(t, ', '), table.concat(t, '-', 19999), table.concat(t, '', 3, 2)}",
            Some("*4\r\n:88894\r\n:128892\r\n$11\r\n19999-20000\r\n$0\r\n\r\n"),
        ),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end t[7] = {} return table.concat(t)",
            Some("-ERR user_script:1: invalid value (table) at index 7 in table for 'concat' script: "),
        ),
        (
            "local t = {} for i = 1, 20000 do t[i] = 20001 - i end table.sort(t) for i = 1, 20000 do if t[i] ~= i then return i end end",
            Some("$-1\r\n"),
        ),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end table.sort(t, function(a, b) return a > b end) for i = 1, 20000 do if t[i] ~= 20001 - i then return i end end",
            Some("$-1\r\n"),
        ),
        ("local t = {} for i = 1, 20000 do t[i] = i end t[9] = 'x' table.sort(t)", Some("-ERR attempt to compare ")),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end table.insert(t, 2, 'x') return {t[1], t[2], t[3], t[20001], #t}",
            Some("*5\r\n:1\r\n$1\r\nx\r\n:2\r\n:20000\r\n:20001\r\n"),
        ),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end return {table.remove(t, 2), t[2], #t, table.remove(t), #t}",
            Some("*5\r\n:2\r\n:3\r\n:19999\r\n:20000\r\n:19998\r\n"),
        ),
        (
            "local t = {} for i = 1, 20000 do t[i] = i end return {table.remove(t, 20001) or 'none', table.remove(t, 0) or 'none'}",
            Some("*2\r\n$4\r\nnone\r\n$4\r\nnone\r\n"),
        ),
        ("local t = {[1e9] = 1, x = 2} return table.maxn(t)", Some(":1000000000\r\n")),
        (
            "local t, sum = {}, 0 for i = 1, 20000 do t[i] = i end table.foreach(t, function(_, v) sum = sum + v end) table.foreachi(t, function(i) sum = sum + i end) return {sum, table.foreachi(t, function(i, v) if v == 7 then return i end end)}",
            Some("*2\r\n:400020000\r\n:7\r\n"),
        ),
        (
            "local t = {} for i = 1, 1e6 do t[i] = {} end local full = collectgarbage('count') t = nil collectgarbage() return collectgarbage('count') < full / 4",
            Some(":1\r\n"),
        ),
    ] {
        let said = eval_with(&mut roomy(), &mut FakeHost::default(), Protocol::Resp2, script);
        match reply {
            Some(reply) => assert!(said.starts_with(reply), "{script}: {said}"),
            None => assert!(said.contains(":1500000\r\n$4\r\nabca\r\n$4\r\ncabc\r\n$40\r\n"), "{script}: {said}"),
        }
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
    let mut functions = crate::Functions::new(&settings()).expect("an interpreter");
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
