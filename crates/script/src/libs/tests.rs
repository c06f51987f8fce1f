//! The libraries against what real servers said: `testdata/script-libs/cases.txt`.

use mlua::{Error, Function, Lua, MultiValue, Value};

const CASES: &str = include_str!("../../../../testdata/script-libs/cases.txt");
const SHOW: &str = include_str!("../../../../testdata/script-libs/show.lua");

/// The text of an error, as a script's sandbox gives it to `pcall`.
fn text_of(error: &Error) -> String {
    if let Error::CallbackError { cause, .. } = error {
        return text_of(cause);
    }
    let text = if let Error::RuntimeError(text) = error { text.clone() } else { error.to_string() };
    // mlua adds one to what a script or a C function raised.
    text.split_once("\nstack traceback:").map_or_else(|| text.clone(), |(text, _)| text.to_owned())
}

/// An interpreter whose `pcall` gives errors as strings, as a sandbox has to.
fn interpreter() -> Lua {
    let lua = Lua::new();
    super::register(&lua).unwrap();
    let pcall = lua.create_function(|lua, (function, args): (Function, MultiValue)| {
        let (ok, mut answer) = match function.call::<MultiValue>(args) {
            Ok(values) => (true, values),
            Err(error) => (false, MultiValue::from_vec(vec![Value::String(lua.create_string(text_of(&error))?)])),
        };
        answer.push_front(Value::Boolean(ok));
        Ok(answer)
    });
    lua.globals().set("pcall", pcall.unwrap()).unwrap();
    lua
}

fn ask(expression: &str) -> String {
    let lua = interpreter();
    let script = format!("{} return show({expression})", SHOW.trim());
    match lua.load(script).set_name("@user_script").eval::<String>() {
        Ok(text) => text,
        Err(error) => format!("(error) {}", text_of(&error)),
    }
}

#[test]
fn every_expression_says_what_redis_says() {
    let mut lines = CASES.lines();
    let (mut count, mut wrong) = (0, Vec::new());
    while let Some(line) = lines.next() {
        let Some(expression) = line.strip_prefix("> ") else { continue };
        let expected = lines.next().and_then(|line| line.strip_prefix("= ")).expect("an answer behind each question");
        let said = ask(expression);
        count += 1;
        if said != expected {
            wrong.push(format!("{expression}\n  redis {expected}\n  ochre {said}"));
        }
    }
    assert!(count > 700, "{count} cases");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_error_names_the_line_of_the_caller() {
    let lua = interpreter();
    for (script, said) in [
        (
            "local x = 1\nreturn cjson.decode('x')",
            "user_script:2: Expected value but found invalid token at character 1",
        ),
        ("local d = cjson.decode\nlocal x = d()", "user_script:2: bad argument #1 to 'd' (expected 1 argument)"),
        ("return (function()\n\nreturn cmsgpack.unpack('\\193')\nend)()", "user_script:3: Bad data format in input."),
    ] {
        let error = lua.load(script).set_name("@user_script").exec().unwrap_err();
        assert_eq!(text_of(&error), said);
    }
}

/// A length is believed only as far as there are bytes.
#[test]
fn lying_lengths_allocate_nothing() {
    let lua = interpreter();
    let before = lua.used_memory();
    for bytes in
        ["\\221\\255\\255\\255\\255", "\\223\\255\\255\\255\\255", "\\219\\255\\255\\255\\255a", "\\220\\255\\255\\1"]
    {
        let script = format!("return pcall(cmsgpack.unpack, '{bytes}')");
        let answer: MultiValue = lua.load(script).eval().unwrap();
        assert_eq!(answer.front(), Some(&Value::Boolean(false)));
    }
    let script = "return pcall(struct.unpack, 'c2147483647', 'a'), pcall(struct.pack, 'c2147483647', 'a')";
    lua.load(script).exec().unwrap();
    lua.gc_collect().unwrap();
    assert!(lua.used_memory() < before + 64 * 1024);
}

/// Arguments, results and open containers are references, of which there is a limited number.
#[test]
fn thousands_of_arguments_and_levels_are_refused_or_served() {
    let lua = interpreter();
    let script = "
        local strings, tables = {}, {}
        for i = 1, 7900 do strings[i] = tostring(i) tables[i] = {i} end
        local functions = {cjson.new}
        for _, library in ipairs{cjson, cmsgpack, struct, bit} do
            for _, f in pairs(library) do if type(f) == 'function' then functions[#functions + 1] = f end end
        end
        for _, f in ipairs(functions) do
            for _, size in ipairs{3990, 7900} do
                pcall(function() return f(unpack(strings, 1, size)) end)
                pcall(function() return f(unpack(tables, 1, size)) end)
            end
        end
        cjson.encode_max_depth(2147483647)
        cjson.decode_max_depth(2147483647)
        local said = {}
        local function say(f, argument)
            local ok, text = pcall(f, argument)
            assert(not ok)
            said[#said + 1] = text:gsub('%d+', 'N')
        end
        local array, map = {}, {}
        array[1] = array
        map.a = map
        say(cjson.encode, array)
        say(cjson.encode, map)
        say(cjson.decode, string.rep('[', 100000))
        say(cjson.decode, string.rep('{\"a\":', 100000))
        say(cmsgpack.unpack, string.rep('\\145', 100000))
        say(cmsgpack.unpack, string.rep('\\1', 8000))
        say(cmsgpack.unpack, string.rep('\\161a', 8000))
        say(function(n) return struct.unpack(string.rep('b', n), string.rep('a', n)) end, 8000)
        return table.concat(said, '|')";
    let nesting = "Cannot serialise, excessive nesting (N)";
    let nested = "Found too many nested data structures (N) at character N";
    let many = "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)";
    let said = [nesting, nesting, nested, nested, "stack overflow (in function mp_decode_to_lua_array)", many, many];
    let answer: String = lua.load(script).set_name("=(test)").eval().unwrap();
    assert_eq!(answer, format!("{}|(test):N: stack overflow (too many results)", said.join("|")));
}

/// Any bytes are decoded or refused, and what was decoded is written so that it reads back.
#[test]
fn decoders_take_any_bytes() {
    let lua = interpreter();
    let round_trip: Function = lua
        .load(
            "local function same(a, b)
                if type(a) ~= 'table' or type(b) ~= 'table' then return a == b end
                for k, v in pairs(a) do if not same(v, b[k]) then return false end end
                for k in pairs(b) do if a[k] == nil then return false end end
                return true
            end
            local bytes = ...
            local ok, value = pcall(cjson.decode, bytes)
            if ok then
                local ok, text = pcall(cjson.encode, value)
                -- The first text has fourteen digits left of each number; from then on nothing is lost.
                if ok then
                    local second = cjson.decode(text)
                    assert(same(second, cjson.decode(cjson.encode(second))), text)
                end
            end
            local ok, value = pcall(cmsgpack.unpack_one, bytes)
            pcall(struct.unpack, bytes, bytes)
            pcall(struct.size, bytes)
            pcall(struct.pack, bytes, 1, 'a', 2, 'b')",
        )
        .into_function()
        .unwrap();
    arbtest::arbtest(|u| {
        let len = u.arbitrary_len::<u8>()?;
        let bytes = u.bytes(len)?;
        round_trip.call::<()>(lua.create_string(bytes).unwrap()).unwrap();
        // The same over the alphabet of JSON and of formats.
        let alphabet = b"[]{},:\"\\u0d8netrfalsi1.-+x bBhHiIlLTcsd!<>\x90\x81\xa1\xdc\xdd";
        let bytes: Vec<u8> = bytes.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()]).collect();
        round_trip.call::<()>(lua.create_string(bytes).unwrap()).unwrap();
        Ok(())
    });
}
