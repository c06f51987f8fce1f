//! The engine against what Redis 8.0.6 answered (`testdata/script-engine`), and against scripts that mean harm.

mod golden;
mod hostile;
mod patterns;
mod registry;

use resp::{Argv, Protocol, Reply, Span};

use crate::{Functions, Host, Input, LogLevel, Origin, Scripts, Settings, Verdict};

/// A server of a dozen commands.
#[derive(Default)]
struct FakeHost {
    /// Checkpoints until it kills; never, when there is none.
    patience: Option<u32>,
    checkpoints: u32,
    log: Vec<String>,
    propagation: Vec<(bool, bool)>,
    panics: bool,
}

impl FakeHost {
    const fn impatient() -> Self {
        Self { patience: Some(20), checkpoints: 0, log: Vec::new(), propagation: Vec::new(), panics: false }
    }
}

impl Host for FakeHost {
    fn call(&mut self, argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>) {
        assert!(!self.panics, "the host fails");
        let mut reply = Reply::new(reply, protocol);
        let words: Vec<&[u8]> = argv.iter().collect();
        match words.as_slice() {
            [b"ping"] => reply.status("PONG"),
            [b"echo", text] => reply.bulk(text),
            [b"get", b"nokey"] | [b"zscore", b"nz", _] => reply.null(),
            [b"get"] => reply.error("ERR Wrong number of args calling Redis command from script"),
            [b"set", ..] => reply.ok(),
            [b"lpush", ..] => reply.error("WRONGTYPE Operation against a key holding the wrong kind of value"),
            [b"hgetall", _] => reply.map(0),
            [b"zadd", ..] | [b"sadd", ..] => reply.int(1),
            [b"zscore", ..] => reply.double(1.5),
            [b"smembers", _] => {
                reply.set(1);
                reply.bulk(b"a");
            }
            [b"raw", bytes] => reply.encoded(bytes),
            _ => reply.error("ERR Unknown Redis command called from script"),
        }
    }

    fn may_call(&mut self, argv: Argv<'_>) -> Result<bool, String> {
        match argv.get(0) {
            Some(b"get") => Ok(true),
            Some(b"set") => Ok(false),
            _ => Err("unknown".to_owned()),
        }
    }

    fn log(&mut self, level: LogLevel, message: &[u8]) {
        self.log.push(format!("{level:?} {}", String::from_utf8_lossy(message)));
    }

    fn set_propagation(&mut self, to_aof: bool, to_replicas: bool) {
        self.propagation.push((to_aof, to_replicas));
    }

    fn checkpoint(&mut self) -> Verdict {
        self.checkpoints += 1;
        if self.patience.is_some_and(|patience| self.checkpoints > patience) { Verdict::Kill } else { Verdict::GoOn }
    }
}

fn settings() -> Settings {
    Settings {
        redis_version: [8, 0, 6],
        server_name: "ochre".to_owned(),
        server_version: [0, 1, 0],
        memory_limit_bytes: 64 << 20,
    }
}

fn scripts() -> Scripts {
    Scripts::new(&settings()).expect("an interpreter")
}

/// What a client gets for EVAL with one key and one argument.
fn eval_with(scripts: &mut Scripts, host: &mut FakeHost, protocol: Protocol, script: &str) -> String {
    let mut out = Vec::new();
    let mut reply = Reply::new(&mut out, protocol);
    let body: Vec<u8> = script.chars().map(|char| u8::try_from(char).expect("Latin-1")).collect();
    let done = with_input(|input| {
        let id = scripts.load(&body, Origin::Eval)?;
        scripts.run(id, input, host, &mut reply)
    });
    if let Err(error) = done {
        reply.error(error.text());
    }
    out.iter().map(|byte| char::from(*byte)).collect()
}

fn eval(script: &str) -> String {
    eval_with(&mut scripts(), &mut FakeHost::default(), Protocol::Resp2, script)
}

fn call(functions: &mut Functions, host: &mut FakeHost, name: &str) -> String {
    let mut out = Vec::new();
    let mut reply = Reply::new(&mut out, Protocol::Resp2);
    let done = with_input(|input| match functions.find(name.as_bytes()) {
        Some(id) => functions.run(id, input, host, &mut reply),
        None => Err(crate::ScriptError::new("ERR Function not found")),
    });
    if let Err(error) = done {
        reply.error(error.text());
    }
    out.iter().map(|byte| char::from(*byte)).collect()
}

fn with_input<R>(body: impl FnOnce(&Input<'_>) -> R) -> R {
    let spans = [Span { start: 0, len: 3 }, Span { start: 3, len: 3 }];
    body(&Input { argv: Argv::new(b"keyarg", &spans), first_key: 0, num_keys: 1 })
}
