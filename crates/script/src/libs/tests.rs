//! The libraries against what real servers said: `testdata/script-libs/cases.txt`.

use mlua::{Error, Function, Lua, MultiValue, Value};

const CASES: &str = include_str!("../../../../testdata/script-libs/cases.txt");
const SHOW: &str = include_str!("../../../../testdata/script-libs/show.lua");

/// The text of an error, as a script's sandbox gives it to `pcall`.
fn text_of(error: &Error) -> String {
    match error {
        Error::CallbackError { cause, .. } => text_of(cause),
        Error::RuntimeError(text) => text.clone(),
        other => other.to_string(),
    }
}

/// An interpreter whose `pcall` gives errors as strings, as a sandbox has to.
fn interpreter() -> Lua {
    let lua = Lua::new();
    super::register(&lua).unwrap();
    let text = lua.create_function(|lua, value: Value| {
        let Value::Error(error) = value else { return Ok(value) };
        Ok(Value::String(lua.create_string(text_of(&error))?))
    });
    let wrap: Function = lua
        .load(
            "local pcall, text = pcall, ...
            local function convert(ok, ...)
                if ok then return ok, ... end
                return false, text((...))
            end
            return function(...) return convert(pcall(...)) end",
        )
        .into_function()
        .unwrap();
    let pcall: Function = wrap.call(text.unwrap()).unwrap();
    lua.globals().set("pcall", pcall).unwrap();
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
        ("local x = 1\nreturn cjson.decode('x')", "user_script:2: Expected value but found invalid token at character 1"),
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
    for bytes in ["\\221\\255\\255\\255\\255", "\\223\\255\\255\\255\\255", "\\219\\255\\255\\255\\255a", "\\220\\255\\255\\1"] {
        let script = format!("return pcall(cmsgpack.unpack, '{bytes}')");
        let answer: MultiValue = lua.load(script).eval().unwrap();
        assert_eq!(answer.front(), Some(&Value::Boolean(false)));
    }
    let script = "return pcall(struct.unpack, 'c2147483647', 'a'), pcall(struct.pack, 'c2147483647', 'a')";
    lua.load(script).exec().unwrap();
    lua.gc_collect().unwrap();
    assert!(lua.used_memory() < before + 64 * 1024);
}

/// Any bytes are decoded or refused, and what was decoded is written so that it reads back.
#[test]
fn decoders_take_any_bytes() {
    let lua = interpreter();
    let round_trip: Function = lua
        .load(
            "local bytes = ...
            local ok, value = pcall(cjson.decode, bytes)
            if ok then
                local ok, text = pcall(cjson.encode, value)
                if ok then assert(cjson.encode(cjson.decode(text)) == text, text) end
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
