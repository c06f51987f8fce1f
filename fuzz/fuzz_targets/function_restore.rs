//! FUNCTION RESTORE of a payload: the input is a stamp, then a body, and the footer is made right. What is refused changes nothing, and a
//! plan says what is done.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rdb::{RestoreOptions, Stamp, append_footer};
use resp::{Argv, Protocol, Reply};
use script::{Functions, Host, LogLevel, RestorePolicy, Settings, Verdict};

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

fuzz_target!(|input: &[u8]| {
    let Some((&[low, high], body)) = input.split_first_chunk::<2>() else { return };
    let Ok(stamp) = Stamp::new(u16::from_le_bytes([low, high])) else { return };
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, stamp);
    let options = RestoreOptions { max_string_bytes: 1 << 20, ..RestoreOptions::default() };
    let Ok(read) = rdb::functions::read(&payload, options) else { return };
    let codes: Vec<_> = read.collect();
    let codes: Vec<&[u8]> = codes.iter().map(AsRef::as_ref).collect();
    for policy in [RestorePolicy::Flush, RestorePolicy::Append, RestorePolicy::Replace] {
        let settings = Settings {
            redis_version: [8, 0, 6],
            server_name: "fuzz".to_owned(),
            server_version: [0, 1, 0],
            memory_limit_bytes: 16 << 20,
        };
        let Ok(mut functions) = Functions::new(&settings) else { return };
        functions.load(KEPT, false, &mut Impatient { left: 20 }).expect("a library");
        let before = libraries(&functions);
        match functions.restore(&codes, policy, &mut Impatient { left: 20 }) {
            Ok(plan) => {
                assert_eq!(plan.added.len() + plan.replaced.len(), codes.len());
                let after = libraries(&functions);
                assert!(after.ends_with(&codes.iter().map(|code| code.to_vec()).collect::<Vec<_>>()));
                assert_eq!(after.len(), plan.added.len() + 1 - plan.removed.len());
                let counted: usize = functions.libraries().map(|library| library.functions().len()).sum();
                assert_eq!(functions.function_count(), counted);
            }
            Err(_) => {
                assert_eq!(libraries(&functions), before);
                assert!(functions.find(b"kept").is_some() && functions.function_count() == 1);
            }
        }
    }
});
