//! FUNCTION LOAD of any bytes: with a first line that names a library in front, and as they are. What is refused changes nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resp::{Argv, Protocol, Reply};
use script::{Functions, Host, LogLevel, Settings, Verdict};

const KEPT: &[u8] = b"#!lua name=kept\nredis.register_function('kept', function() return 1 end)";

/// Kills after some checkpoints.
struct Impatient {
    left: u32,
}

impl Host for Impatient {
    fn call(&mut self, _argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        Reply::new(reply, protocol).error("ERR no commands here");
    }

    fn may_call(&mut self, _argv: Argv<'_>) -> Result<bool, String> {
        Ok(false)
    }

    fn log(&mut self, _level: LogLevel, _message: &[u8]) {}

    fn set_propagation(&mut self, _to_aof: bool, _to_replicas: bool) {}

    fn checkpoint(&mut self) -> Verdict {
        let goes_on = self.left > 0;
        self.left = self.left.saturating_sub(1);
        if goes_on { Verdict::GoOn } else { Verdict::Kill }
    }
}

fn libraries(functions: &Functions) -> Vec<Vec<u8>> {
    functions.libraries().map(|library| library.code().to_vec()).collect()
}

fn load(code: &[u8]) {
    let settings = Settings {
        redis_version: [8, 0, 6],
        server_name: "fuzz".to_owned(),
        server_version: [0, 1, 0],
        memory_limit_bytes: 16 << 20,
    };
    let Ok(mut functions) = Functions::new(&settings) else { return };
    functions.load(KEPT, false, &mut Impatient { left: 20 }).expect("a library");
    let before = libraries(&functions);
    for replace in [false, true] {
        match functions.load(code, replace, &mut Impatient { left: 20 }).map(str::to_owned) {
            Ok(name) => {
                let loaded = functions.libraries().last().expect("it was loaded");
                assert_eq!((loaded.name(), loaded.code()), (&*name, code));
                assert!(!loaded.functions().is_empty());
                functions.delete(name.as_bytes()).expect("it was loaded");
            }
            Err(error) => {
                assert!(!error.text().is_empty());
                assert_eq!(libraries(&functions), before);
            }
        }
        if functions.libraries().len() == 0 {
            // It took the place of the first.
            functions.load(KEPT, false, &mut Impatient { left: 20 }).expect("a library");
        }
        assert!(functions.find(b"kept").is_some() && functions.function_count() == 1);
    }
}

fuzz_target!(|input: &[u8]| {
    load(input);
    load(&[b"#!lua name=fuzzed\n", input].concat());
});
