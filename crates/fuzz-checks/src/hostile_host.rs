//! The server that a fuzzed script sees: it answers with bytes of the script's own choice and soon loses patience.

use resp::{Argv, Protocol, Reply};
use script::{Host, LogLevel, Verdict};

/// Kills after some checkpoints, each of some thousand instructions.
#[derive(Debug)]
pub(crate) struct HostileHost {
    checkpoints_left: u32,
}

impl HostileHost {
    /// Enough for what a fuzzer writes, and an endless loop costs less than a millisecond.
    pub(crate) const fn impatient() -> Self {
        Self { checkpoints_left: 5 }
    }

    /// For code that is known to end.
    pub(crate) const fn patient() -> Self {
        Self { checkpoints_left: u32::MAX }
    }
}

impl Host for HostileHost {
    fn call(&mut self, argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        let words: Vec<&[u8]> = argv.iter().collect();
        if let [b"raw", bytes] = words.as_slice() {
            reply.extend_from_slice(bytes);
            return;
        }
        let mut reply = Reply::new(reply, protocol);
        match words.as_slice() {
            [b"echo", text] => reply.bulk(text),
            [b"ok", ..] => reply.ok(),
            [b"null", ..] => reply.null(),
            [b"protocol"] => reply.int(if protocol == Protocol::Resp3 { 3 } else { 2 }),
            [b"double"] => reply.double(f64::MIN_POSITIVE),
            [b"bool"] => reply.bool(true),
            [b"map", pairs @ ..] => {
                reply.map(pairs.len() / 2);
                pairs.chunks_exact(2).flatten().for_each(|part| reply.bulk(part));
            }
            [b"set", members @ ..] => {
                reply.set(members.len());
                members.iter().for_each(|member| reply.bulk(member));
            }
            [b"array", elements @ ..] => {
                reply.array(elements.len());
                elements.iter().for_each(|element| reply.bulk(element));
            }
            _ => reply.error("ERR Unknown Redis command called from script"),
        }
    }

    fn may_call(&mut self, argv: Argv<'_>) -> Result<bool, String> {
        if argv.len().is_multiple_of(2) { Ok(argv.len().is_multiple_of(4)) } else { Err("unknown".to_owned()) }
    }

    fn log(&mut self, _level: LogLevel, _message: &[u8]) {}

    fn set_propagation(&mut self, _to_aof: bool, _to_replicas: bool) {}

    fn checkpoint(&mut self) -> Verdict {
        let goes_on = self.checkpoints_left > 0;
        self.checkpoints_left = self.checkpoints_left.saturating_sub(1);
        if goes_on { Verdict::GoOn } else { Verdict::Kill }
    }
}
