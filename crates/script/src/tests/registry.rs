//! Libraries: what collides, what is changed, and that nothing is changed by half.

use super::{FakeHost, call, eval_with, scripts, settings};
use crate::{Flags, Functions, Origin, Plan, RestorePolicy};

fn functions() -> Functions {
    Functions::new(&settings()).expect("an interpreter")
}

fn library(name: &str, functions: &[&str]) -> Vec<u8> {
    let mut code = format!("#!lua name={name}\n");
    for function in functions {
        code += &format!("redis.register_function('{function}', function() return '{name}' end)\n");
    }
    code.into_bytes()
}

fn load(functions: &mut Functions, code: &[u8], replace: bool) -> Result<String, String> {
    let loaded = functions.load(code, replace, &mut FakeHost::default());
    loaded.map(str::to_owned).map_err(|error| error.to_string())
}

fn names(functions: &Functions) -> Vec<String> {
    functions.libraries().map(|library| library.name().to_owned()).collect()
}

#[test]
fn a_library_is_replaced_only_when_asked_and_only_when_nothing_collides() {
    let mut functions = functions();
    assert_eq!(load(&mut functions, &library("a", &["f", "g"]), false), Ok("a".to_owned()));
    assert_eq!(load(&mut functions, &library("b", &["h"]), false), Ok("b".to_owned()));
    assert_eq!(load(&mut functions, &library("a", &["x"]), false), Err("ERR Library 'a' already exists".to_owned()));
    assert_eq!(load(&mut functions, &library("a", &["h"]), true), Err("ERR Function h already exists".to_owned()));
    assert_eq!(call(&mut functions, &mut FakeHost::default(), "f"), "$1\r\na\r\n");
    assert_eq!(load(&mut functions, &library("a", &["f", "x"]), true), Ok("a".to_owned()));
    assert_eq!(names(&functions), ["b", "a"]);
    assert_eq!(functions.function_count(), 3);
    assert_eq!(functions.find(b"g"), None);
    functions.delete(b"b").expect("there is one");
    assert_eq!(functions.delete(b"b").map_err(|error| error.to_string()), Err("ERR Library not found".to_owned()));
    assert_eq!(call(&mut functions, &mut FakeHost::default(), "x"), "$1\r\na\r\n");
    functions.flush().expect("memory");
    assert_eq!(functions.libraries().len(), 0);
}

#[test]
fn upper_and_lower_case_are_one_name_of_a_function_and_two_of_a_library() {
    let mut functions = functions();
    load(&mut functions, &library("a", &["Mixed"]), false).expect("loads");
    assert_eq!(call(&mut functions, &mut FakeHost::default(), "mIXED"), "$1\r\na\r\n");
    let taken = "ERR Function MIXED already exists";
    assert_eq!(load(&mut functions, &library("b", &["MIXED"]), false), Err(taken.to_owned()));
    let both = [&library("A", &["x"])[..], &library("b", &["X"])];
    let restored = functions.restore(&both, RestorePolicy::Flush, &mut FakeHost::default());
    assert_eq!(restored.map_err(|error| error.to_string()), Err("ERR Function X already exists".to_owned()));
    load(&mut functions, &library("A", &["p", "P"]), false).expect("loads");
    assert_eq!((names(&functions), functions.function_count()), (vec!["a".to_owned(), "A".to_owned()], 3));
    functions.delete(b"a").expect("there is one");
    assert_eq!(functions.find(b"mixed"), None);
    assert!(functions.find(b"P").is_some_and(|id| functions.find(b"p") == Some(id)));
}

#[test]
fn a_restore_changes_all_or_nothing() {
    let mut functions = functions();
    load(&mut functions, &library("a", &["f"]), false).expect("loads");
    let (a, b, broken) = (library("a", &["x"]), library("b", &["f"]), b"#!lua name=c\nx y".to_vec());
    let mut restore = |codes: &[&[u8]], policy| {
        let plan = functions.plan(codes, policy, &mut FakeHost::default()).map_err(|error| error.to_string());
        let done = functions.restore(codes, policy, &mut FakeHost::default()).map_err(|error| error.to_string());
        assert_eq!(plan, done);
        (done, names(&functions), functions.function_count())
    };
    let unchanged = |text: &str| (Err(text.to_owned()), vec!["a".to_owned()], 1);
    assert_eq!(restore(&[&a], RestorePolicy::Append), unchanged("ERR Library a already exists"));
    assert_eq!(restore(&[&b], RestorePolicy::Append), unchanged("ERR Function f already exists"));
    assert_eq!(restore(&[&b], RestorePolicy::Replace), unchanged("ERR Function f already exists"));
    assert_eq!(restore(&[&b, &b], RestorePolicy::Flush), unchanged("ERR Library 'b' already exists"));
    let (error, ..) = restore(&[&b, &broken], RestorePolicy::Flush);
    assert_eq!(error, Err("ERR Error compiling function: user_function:2: '=' expected near 'y'".to_owned()));
    let (plan, names, count) = restore(&[&b, &a], RestorePolicy::Replace);
    assert_eq!(plan, Ok(Plan { added: vec!["b".to_owned()], replaced: vec!["a".to_owned()], removed: vec![] }));
    assert_eq!((names, count), (vec!["b".to_owned(), "a".to_owned()], 2));
    let (plan, names, _) = restore(&[&b], RestorePolicy::Flush);
    assert_eq!(plan, Ok(Plan { added: vec![], replaced: vec!["b".to_owned()], removed: vec!["a".to_owned()] }));
    assert_eq!(names, ["b"]);
}

#[test]
fn code_flags_and_description_are_kept() {
    let code =
        b"#!lua name=m\r\nredis.register_function{function_name='f', callback=function() end, description='\xff', \
        flags={'no-writes', 'allow-stale'}}\n";
    let mut functions = functions();
    load(&mut functions, code, false).expect("loads");
    let library = functions.libraries().next().expect("one");
    assert_eq!(library.code(), code);
    assert_eq!(library.functions()[0].description(), Some(&b"\xff"[..]));
    assert_eq!(library.functions()[0].flags(), Flags::NO_WRITES.with(Flags::ALLOW_STALE));
}

#[test]
fn a_library_that_loads_for_ever_is_stopped() {
    let code = b"#!lua name=m\nredis.register_function('f', function() end) while true do end";
    let mut functions = functions();
    let loaded = functions.load(code, false, &mut FakeHost::impatient());
    assert_eq!(
        loaded.map_err(|error| error.to_string()),
        Err("ERR Error registering functions: ERR FUNCTION LOAD timeout".to_owned())
    );
    assert_eq!(functions.function_count(), 0);
    assert_eq!(load(&mut functions, &library("m", &["f"]), false), Ok("m".to_owned()));
}

#[test]
fn state_of_a_library_lasts_from_call_to_call_and_goes_with_it() {
    let code = b"#!lua name=m\nlocal n = 0 redis.register_function('f', function() n = n + 1 return n end)";
    let mut functions = functions();
    load(&mut functions, code, false).expect("loads");
    let mut host = FakeHost::default();
    assert_eq!(call(&mut functions, &mut host, "f"), ":1\r\n");
    assert_eq!(call(&mut functions, &mut host, "f"), ":2\r\n");
    load(&mut functions, code, true).expect("loads");
    assert_eq!(call(&mut functions, &mut host, "f"), ":1\r\n");
}

#[test]
fn scripts_of_eval_make_room_and_loaded_ones_stay() {
    let mut scripts = scripts();
    let stays = scripts.load(b"return 'stays'", Origin::ScriptLoad).expect("compiles");
    let stays = scripts.sha1_hex(stays);
    let first = scripts.load(b"return 'first'", Origin::Eval).expect("compiles");
    let first = scripts.sha1_hex(first);
    for number in 0..499 {
        scripts.load(format!("return {number}").as_bytes(), Origin::Eval).expect("compiles");
    }
    assert_eq!((scripts.len(), scripts.evicted()), (501, 0));
    // Used again, so the next oldest goes.
    scripts.load(b"return 'first'", Origin::Eval).expect("compiles");
    scripts.load(b"return 'one more'", Origin::Eval).expect("compiles");
    assert_eq!((scripts.len(), scripts.evicted()), (501, 1));
    assert!(scripts.find(&first).is_some());
    assert!(scripts.find(&stays.to_ascii_uppercase()).is_some());
    assert!(scripts.find(b"4f5a1f6b").is_none());
    let id = scripts.find(&stays).expect("there");
    assert_eq!(scripts.body(id), b"return 'stays'");
    scripts.flush().expect("memory");
    assert_eq!((scripts.len(), scripts.evicted()), (0, 1));
}

#[test]
fn flags_of_a_script_need_a_shebang() {
    let mut scripts = scripts();
    let mut flags = |body: &str| {
        let id = scripts.load(body.as_bytes(), Origin::Eval).expect("compiles");
        scripts.flags(id)
    };
    assert_eq!(flags("return 1"), None);
    assert_eq!(flags("#!lua\nreturn 1"), Some(Flags::NONE));
    assert_eq!(flags("#!lua flags=no-writes,allow-oom\nreturn 1"), Some(Flags::NO_WRITES.with(Flags::ALLOW_OOM)));
}

#[test]
fn the_host_hears_of_logs_propagation_and_questions() {
    let (mut scripts, mut host) = (scripts(), FakeHost::default());
    let script = "redis.log(redis.LOG_WARNING, 'a', 5, 'b') redis.set_repl(redis.REPL_AOF) redis.set_repl(redis.REPL_NONE) \
        return {redis.acl_check_cmd('get', 'k'), redis.acl_check_cmd('set', 'k'), server.SERVER_NAME, redis.REDIS_VERSION, redis.REDIS_VERSION_NUM}";
    let reply = eval_with(&mut scripts, &mut host, resp::Protocol::Resp2, script);
    assert_eq!(reply, "*5\r\n:1\r\n$-1\r\n$5\r\nochre\r\n$5\r\n8.0.6\r\n:524294\r\n");
    assert_eq!(host.log, ["Warning a 5 b"]);
    assert_eq!(host.propagation, [(true, false), (false, false)]);
}

#[test]
fn an_error_that_was_a_commands_is_known_to_be_counted() {
    let mut scripts = scripts();
    let mut run = |script: &str| {
        let id = scripts.load(script.as_bytes(), Origin::Eval).expect("compiles");
        let mut out = Vec::new();
        let mut reply = resp::Reply::new(&mut out, resp::Protocol::Resp2);
        let input = crate::Input { argv: resp::Argv::new(b"", &[]), first_key: 0, num_keys: 0 };
        let error = scripts.run(id, &input, &mut FakeHost::default(), &mut reply).expect_err("fails");
        assert!(out.is_empty(), "{script}");
        (error.to_string(), error.is_counted())
    };
    let unknown = "ERR Unknown Redis command called from script".to_owned();
    assert_eq!(run("return redis.pcall('foo')"), (unknown.clone(), true));
    let (text, counted) = run("return redis.call('foo')");
    assert!(text.starts_with(&unknown) && counted, "{text}");
    assert_eq!(run("return redis.error_reply('MY error')"), ("MY error".to_owned(), false));
    assert!(!run("error('x')").1);
}
