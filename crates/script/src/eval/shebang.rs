//! The first line of a script, `#!lua flags=no-writes,allow-stale`.

use resp::split_words;

use crate::{Flags, ScriptError};

/// The flags of a script's shebang, if it has one, and the text to compile: from the end of that line on, so that lines keep their
/// numbers.
pub(super) fn parse(body: &[u8]) -> Result<(Option<Flags>, &[u8]), ScriptError> {
    if !body.starts_with(b"#!") {
        return Ok((None, body));
    }
    let Some(end) = body.iter().position(|byte| *byte == b'\n') else {
        return Err(ScriptError::new("ERR Invalid script shebang"));
    };
    let (line, text) = body.split_at(end);
    let words = split_words(line).map_err(|_| ScriptError::new("ERR Invalid engine in script shebang"))?;
    let Some((engine, options)) = words.split_first() else {
        return Err(ScriptError::new("ERR Invalid engine in script shebang"));
    };
    if engine != b"#!lua" {
        return Err(with(b"ERR Unexpected engine in script shebang: ", engine));
    }
    let mut flags = Flags::NONE;
    for option in options {
        let Some(names) = option.strip_prefix(b"flags=") else {
            return Err(with(b"ERR Unknown lua shebang option: ", option));
        };
        if names.is_empty() {
            continue;
        }
        for name in names.split(|byte| *byte == b',') {
            let Some(flag) = Flags::named(name) else {
                return Err(with(b"ERR Unexpected flag in script shebang: ", name));
            };
            flags = flags.with(flag);
        }
    }
    Ok((Some(flags), text))
}

fn with(text: &[u8], what: &[u8]) -> ScriptError {
    ScriptError::new([text, what].concat())
}
