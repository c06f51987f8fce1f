//! Pattern functions: the sandbox's against Lua's own, on small random patterns.

use arbtest::arbitrary::{Result, Unstructured};
use mlua::Lua;
use resp::Protocol;

use super::{FakeHost, eval, eval_with, scripts};

/// Flattens what calls return to one text. Errors lose nothing but the name of the chunk.
const SHOW: &str = "local function show(...) local t = {} for i = 1, select('#', ...) do local v = select(i, ...) \
    t[i] = type(v) .. ':' .. tostring(v) end return table.concat(t, '|') end \
    local function all(s, p) local t = {} for a, b, c in string.gmatch(s, p) do t[#t + 1] = show(a, b, c) end \
    return table.concat(t, ';') end ";

fn literal(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:03}")).collect();
    format!("\"{escaped}\"")
}

/// What Lua itself makes of the script, as a reply.
fn real(lua: &Lua, script: &str) -> String {
    let text: mlua::LuaString = lua.load(script).set_name("@user_script").eval().expect("the script ends well");
    let text = text.as_bytes();
    let chars: String = text.iter().map(|byte| char::from(*byte)).collect();
    format!("${}\r\n{chars}\r\n", text.len())
}

fn subject(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = u.int_in_range(0..=10)?;
    (0..len).map(|_| u.choose(b"aaabbc1 (]%-\0A\xff").copied()).collect()
}

fn pattern(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"a", b"b", b"c", b".", b"(", b")", b"()", b"(a", b"(.-)", b"(.)", b"%1", b"%2", b"%0", b"%a", b"%A", b"%d",
        b"%s", b"%w", b"%p", b"%z", b"%x", b"%c", b"%U", b"%%", b"%", b"[", b"[^", b"]", b"[ab]", b"[^a]", b"[a-c]",
        b"[%a-]", b"[]]", b"[^]a]", b"[a-%w]", b"%b()", b"%bab", b"%b", b"%f", b"%f[%a]", b"%f[^%z]", b"%f[%z]", b"$",
        b"^", b"*", b"+", b"-", b"?", b"*", b"+", b"-", b"?", b"\0", b"\xff", b"1", b"-",
    ];
    let len = u.int_in_range(0..=6)?;
    let mut made = if u.ratio(1, 5)? { b"^".to_vec() } else { Vec::new() };
    for _ in 0..len {
        made.extend_from_slice(u.choose(PIECES)?);
    }
    Ok(made)
}

fn call(u: &mut Unstructured<'_>) -> Result<String> {
    let (subject, pattern) = (literal(&subject(u)?), literal(&pattern(u)?));
    let number = |u: &mut Unstructured<'_>| u.int_in_range(-12..=12_i32);
    Ok(match u.int_in_range(0..=9)? {
        0 => format!("string.find, {subject}, {pattern}"),
        1 => format!("string.find, {subject}, {pattern}, {}", number(u)?),
        2 => format!("string.find, {subject}, {pattern}, {}, {}", number(u)?, u.arbitrary::<bool>()?),
        3 => format!("string.match, {subject}, {pattern}"),
        4 => format!("string.match, {subject}, {pattern}, {}", number(u)?),
        5 => format!("all, {subject}, {pattern}"),
        6 => {
            let replacement = u.choose(&["", "x", "%0%0", "<%1>", "%2", "%", "%%", "a%z", "%9"])?;
            format!("string.gsub, {subject}, {pattern}, '{replacement}'")
        }
        7 => format!("string.gsub, {subject}, {pattern}, '[%1]', {}", number(u)?),
        8 => {
            let table = u.choose(&["{a = 'x', b = false, [1] = 2}", "{a = 5}", "{a = {}}", "{b = true}"])?;
            format!("string.gsub, {subject}, {pattern}, {table}")
        }
        _ => {
            let body = u.choose(&[
                "return a",
                "return b",
                "return nil",
                "return false, a",
                "return #tostring(a)",
                "return {}",
            ])?;
            format!("string.gsub, {subject}, {pattern}, function(a, b) {body} end, {}", number(u)?.max(0))
        }
    })
}

#[test]
fn random_patterns_do_what_luas_own_do() {
    let (lua, mut scripts) = (Lua::new(), scripts());
    arbtest::arbtest(|u| {
        let calls = (0..8).map(|_| call(u)).collect::<Result<Vec<_>>>()?;
        let shown: String = calls.iter().map(|call| format!("show(pcall({call})),\n")).collect();
        let script = format!("{SHOW} return table.concat({{{shown} ''}}, '\\n')");
        let ours = eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, &script);
        let real = real(&lua, &script);
        if ours != real {
            let at = ours.lines().skip(1).zip(real.lines().skip(1)).position(|(ours, real)| ours != real);
            panic!("{:?}\nours {ours:?}\nreal {real:?}", at.and_then(|at| calls.get(at)));
        }
        Ok(())
    })
    .budget_ms(1500);
}

#[test]
fn arguments_and_errors_are_those_of_lua() {
    let lua = Lua::new();
    let mut scripts = scripts();
    for expression in [
        "pcall(string.find)",
        "pcall(string.find, 'a')",
        "pcall(string.find, {}, 'a')",
        "pcall(string.find, 'a', 'a', 'x')",
        "pcall(string.find, 121, 2)",
        "pcall(string.find, 'abc', 'b', nil, true)",
        "pcall(string.find, 'abc', '', 10)",
        "pcall(string.find, 'abc', '', -10)",
        "pcall(string.find, 'a.c', '.', 2, 0)",
        "pcall(string.find, 'abc', 'b', 1e15)",
        "pcall(string.find, 'a\\0b', 'a\\0b')",
        "pcall(string.match)",
        "pcall(string.match, 1234, '%d', '2')",
        "pcall(string.gmatch, 'a')",
        "pcall(string.gmatch, nil, 'a')",
        "pcall(all, '^a^a', '^a')",
        "pcall(all, 123, 2)",
        "pcall(string.gsub)",
        "pcall(string.gsub, 'a', 'b')",
        "pcall(string.gsub, 'a', 'b', true)",
        "pcall(string.gsub, 'a', 'b', true, {})",
        "pcall(string.gsub, 'abc', '', '-')",
        "pcall(string.gsub, 'abc', '$', '-')",
        "pcall(string.gsub, 'abc', '.', '%%')",
        "pcall(string.gsub, 'abc', '.', 7)",
        "pcall(string.gsub, 'abc', '()', '%1')",
        "pcall(string.gsub, 'abc', '^.', 'x')",
        "pcall(string.gsub, 'abc', '^x', 'x')",
        "pcall(string.gsub, 'abc', '.', 'x', 4294967297)",
        "pcall(string.gsub, 'abc', '.', 'x', '2')",
        "pcall(string.gsub, 'abc', '%w', setmetatable({}, {__index = function(_, k) return k .. k end}))",
        "pcall(string.gsub, 'abc', '.', function() error('mine') end)",
        "pcall(string.gsub, 'abc', '.', function() error({}) end) == false",
        "pcall(function() return ('x'):find(nil) end)",
        "pcall(function() return ('x'):gsub('x', '%2') end)",
        "pcall(function() return string.find('x', '[') end)",
        "pcall(function() for w in string.gmatch('x', '%') do end end)",
        "pcall(string.find, 'a', string.rep('(', 33))",
        "show(string.match('abcdefghijklmnopqrstuvwxyzabcdefghij', string.rep('(.)', 32)))",
        "pcall(string.gsub, 'hello world', '(o)( ?)', function(a, b) return b .. a end)",
        "pcall(string.gsub, string.rep('ab', 5000), 'a', {a = 'longer'})",
        "pcall(string.gsub, 'aXb', '%f[%u]', '-')",
        "pcall(string.gsub, 'nest', '.', function(c) return (string.gsub(c, c, c .. c)) end)",
    ] {
        let script = format!("{SHOW} return show({expression})");
        let ours = eval_with(&mut scripts, &mut FakeHost::default(), Protocol::Resp2, &script);
        assert_eq!(ours, real(&lua, &script), "{expression}");
    }
}

#[test]
fn patterns_that_guess_too_often_are_stopped() {
    for script in [
        "return string.find(string.rep('a', 1000), '.-.-.-.-.-.-b')",
        "return string.match(string.rep('a', 1000), '(.*)(.*)(.*)(.*)(.*)(.*)b')",
        "for w in string.gmatch(string.rep('a', 1000), string.rep('a?', 40) .. string.rep('a', 1000) .. 'b') do end",
        "return string.gsub(string.rep('a', 1000), 'a-a-a-a-a-a-b', '')",
        "return pcall(string.find, string.rep('a', 1000), '%w+%w+%w+%w+%w+%w+b')",
        "return string.find(string.rep('(', 1e6), '%b()')",
        "return string.find(string.rep('a', 1e6), '[' .. string.rep('b', 1e6) .. ']')",
        "return string.find(string.rep('a', 1e6), '[' .. string.rep('b', 1e6) .. 'a]+c')",
        "return string.find(string.rep('a', 1e6), '(a+)%1b')",
        "return #string.gsub(string.rep('a', 1e6), '(b-)', string.rep('%1', 5e5))",
    ] {
        let mut host = FakeHost::impatient();
        let reply = eval_with(&mut scripts(), &mut host, Protocol::Resp2, script);
        assert!(reply.contains("Script killed by user with SCRIPT KILL..."), "{script}: {reply}");
        assert_eq!(host.checkpoints, 21, "{script}");
    }
}

#[test]
fn deep_patterns_are_refused_and_shallow_ones_of_any_length_are_not() {
    let script = "return select(2, pcall(string.find, string.rep('a', 3000), string.rep('a?', 3000)))";
    assert!(eval(script).ends_with("pattern too complex\r\n"), "{}", eval(script));
    assert_eq!(eval("return {string.find(string.rep('a', 3000), string.rep('a?', 400))}"), "*2\r\n:1\r\n:400\r\n");
    assert_eq!(eval("return {string.find(string.rep('a', 30000), string.rep('%a', 30000))}"), "*2\r\n:1\r\n:30000\r\n");
}

#[test]
fn deep_patterns_fit_the_stack_below_nested_replacements() {
    let script = "local text, deep = string.rep('a', 500), string.rep('(a?)', 30) .. string.rep('a-', 400) .. 'b' \
        local function nest() string.match(text .. 'b', deep .. '?') string.gsub('a', 'a', nest) end nest()";
    assert!(eval(script).contains("stack overflow"), "{}", eval(script));
}
