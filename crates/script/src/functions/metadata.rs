//! The first line of a library, `#!lua name=mylib`.

use resp::split_words;

use super::library::{NAME_RULE, is_name};
use crate::ScriptError;

/// The library's name and the text to compile: from the end of the first line on, so that lines keep their numbers.
pub(super) fn parse(code: &[u8]) -> Result<(String, &[u8]), ScriptError> {
    if !code.starts_with(b"#!") {
        return Err(ScriptError::new("ERR Missing library metadata"));
    }
    let invalid = || ScriptError::new("ERR Invalid library metadata");
    let end = code.iter().position(|byte| *byte == b'\n').ok_or_else(invalid)?;
    let (line, text) = code.split_at(end);
    let words = split_words(line).map_err(|_| invalid())?;
    let (engine, metadata) = words.split_first().ok_or_else(invalid)?;
    let mut name = None;
    for word in metadata {
        let (Some(5), Some((key, value))) =
            (word.iter().position(|byte| *byte == b'=').map(|at| at + 1), word.split_at_checked(5))
        else {
            return Err(unknown(word));
        };
        if !key.eq_ignore_ascii_case(b"name=") {
            return Err(unknown(word));
        }
        if name.replace(value).is_some() {
            return Err(ScriptError::new("ERR Invalid metadata value, name argument was given multiple times"));
        }
    }
    let name = name.ok_or_else(|| ScriptError::new("ERR Library name was not given"))?;
    if !is_name(name) {
        return Err(ScriptError::new([b"ERR ", NAME_RULE].concat()));
    }
    let engine = engine.strip_prefix(b"#!").unwrap_or(engine);
    if !engine.eq_ignore_ascii_case(b"lua") {
        return Err(ScriptError::new([b"ERR Engine '", engine, b"' not found"].concat()));
    }
    Ok((String::from_utf8_lossy(name).into_owned(), text))
}

fn unknown(word: &[u8]) -> ScriptError {
    ScriptError::new([b"ERR Invalid metadata value given: ", word].concat())
}
