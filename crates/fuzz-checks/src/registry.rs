//! A registry of function libraries that has one library of its own, which sees whether others leave something behind.
//!
//! The interpreter is fresh for each input: one that is shared by all of them would run more inputs a second, but what one leaves
//! behind would then show in another, which is not the one that the fuzzer keeps.

use resp::{Argv, Protocol, ReadLimits, Reader, Reply, Span};
use script::{Flags, FunctionId, Functions, Input, ScriptError, Settings};

use crate::hostile_host::HostileHost;

/// The library that stays. `kept` fails if anything that can be reached from the globals is another thing than at its first call, and
/// answers the protocol that commands are called in.
pub(crate) const KEPT: &[u8] = b"#!lua name=kept
local before
redis.register_function('kept', function()
    local seen, now, count = {}, {}, 0
    local function walk(value)
        if seen[value] then return end
        seen[value] = true
        for name, inner in pairs(value) do
            now[count + 1], now[count + 2] = name, inner
            count = count + 2
            if type(inner) == 'table' then walk(inner) end
        end
    end
    walk(_G)
    walk(getmetatable(''))
    before = before or now
    for i = 1, math.max(#before, count) do
        if not rawequal(before[i], now[i]) then
            error('from ' .. tostring(before[i]) .. ' to ' .. tostring(now[i]) .. ' of ' .. tostring(now[i - 1]))
        end
    end
    return {redis.call('protocol'), count}
end)";

/// What is known of a library: name, text, and its functions.
pub(crate) type Known = (String, Vec<u8>, Vec<(String, Option<Vec<u8>>, Flags)>);

#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) functions: Functions,
    /// What `kept` answered when it was alone.
    clean: Vec<u8>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        let settings = Settings {
            redis_version: [8, 0, 6],
            server_name: "fuzz".to_owned(),
            server_version: [0, 1, 0],
            memory_limit_bytes: 16 << 20,
        };
        let mut functions = Functions::new(&settings).expect("memory");
        functions.load(KEPT, false, &mut HostileHost::patient()).expect("a library");
        let mut registry = Self { functions, clean: Vec::new() };
        registry.clean = registry.call_kept();
        registry
    }

    pub(crate) fn known(&self) -> Vec<Known> {
        let libraries = self.functions.libraries();
        libraries
            .map(|library| {
                let functions = library.functions().iter();
                let functions = functions.map(|function| {
                    (function.name().to_owned(), function.description().map(<[u8]>::to_vec), function.flags())
                });
                (library.name().to_owned(), library.code().to_vec(), functions.collect())
            })
            .collect()
    }

    pub(crate) fn codes(&self) -> Vec<Vec<u8>> {
        self.functions.libraries().map(|library| library.code().to_vec()).collect()
    }

    /// Calls every function in both protocols; what it answers is one whole reply, and an error is one line.
    pub(crate) fn call_all(&mut self) {
        let names: Vec<String> = self
            .functions
            .libraries()
            .filter(|library| library.name() != "kept")
            .flat_map(|library| library.functions().iter().map(|function| function.name().to_owned()))
            .take(4)
            .collect();
        for name in names {
            let id = self.functions.find(name.as_bytes()).expect("it is there by either case of its name");
            for protocol in [Protocol::Resp2, Protocol::Resp3] {
                let mut out = Vec::new();
                match self.call(id, protocol, &mut HostileHost::impatient(), &mut out) {
                    Ok(()) => assert_one_reply(&out, protocol),
                    Err(error) => assert_one_line(&error),
                }
            }
        }
    }

    /// Nothing of what was there is different: the interpreter works, and no global or library function was touched.
    pub(crate) fn assert_untouched(&mut self) {
        let now = self.call_kept();
        assert_eq!(now.escape_ascii().to_string(), self.clean.escape_ascii().to_string());
    }

    fn call_kept(&mut self) -> Vec<u8> {
        let id = self.functions.find(b"KEPT").expect("it is never taken away");
        let mut out = Vec::new();
        let done = self.call(id, Protocol::Resp2, &mut HostileHost::patient(), &mut out);
        done.unwrap_or_else(|error| panic!("the library that stays: {error}"));
        assert_one_reply(&out, Protocol::Resp2);
        out
    }

    fn call(
        &mut self,
        id: FunctionId,
        protocol: Protocol,
        host: &mut HostileHost,
        out: &mut Vec<u8>,
    ) -> Result<(), ScriptError> {
        // FCALL name 1 key raw :12\r\n
        let spans = [(0, 3), (3, 4), (7, 3), (10, 5)].map(|(start, len)| Span { start, len });
        let input = Input { argv: Argv::new(b"key\xf0\x9f\x92\x9a1e3:12\r\n", &spans), first_key: 0, num_keys: 2 };
        self.functions.run(id, &input, host, &mut Reply::new(out, protocol))
    }
}

pub(crate) fn assert_one_line(error: &ScriptError) {
    let text = error.text();
    assert!(!text.is_empty() && !text.contains(&b'\n') && !text.contains(&b'\r'), "{}", text.escape_ascii());
}

/// The bytes are one reply, and one that this protocol has; where the strict reader takes it (a script may say that `(x` is a number),
/// it is the same when it is written again.
fn assert_one_reply(out: &[u8], protocol: Protocol) {
    assert_eq!(skip_reply(out, protocol), Some(&[][..]), "{}", out.escape_ascii());
    let limits = ReadLimits { max_depth: 1 << 16, ..ReadLimits::default() };
    if let Ok(Some(value)) = Reader::new(limits).read(&mut &*out) {
        let mut again = Vec::new();
        value.write(&mut Reply::new(&mut again, protocol));
        assert!(again == out, "{} is not {}", again.escape_ascii(), out.escape_ascii());
    }
}

/// What follows the first reply; `None` if there is none, or half of one, or one of another protocol.
fn skip_reply(mut rest: &[u8], protocol: Protocol) -> Option<&[u8]> {
    let mut left = 1_usize;
    while left > 0 {
        left -= 1;
        let end = rest.iter().position(|byte| *byte == b'\r' || *byte == b'\n')?;
        let (line, after) = rest.split_at(end);
        rest = after.strip_prefix(b"\r\n")?;
        let (kind, line) = line.split_first()?;
        let len = || -> Option<usize> { str::from_utf8(line).ok()?.parse().ok() };
        match kind {
            b'+' | b'-' | b':' => {}
            b'$' | b'*' if line == b"-1" => {}
            b'$' => rest = rest.split_at_checked(len()?)?.1.strip_prefix(b"\r\n")?,
            b'*' => left += len()?,
            _ if protocol == Protocol::Resp2 => return None,
            b'_' | b'#' | b',' | b'(' => {}
            b'=' => rest = rest.split_at_checked(len()?)?.1.strip_prefix(b"\r\n")?,
            b'~' => left += len()?,
            b'%' => left += len()? * 2,
            _ => return None,
        }
    }
    Some(rest)
}
