//! Every key through DUMP, DEL's effect and RESTORE: nobody should be able to tell.
//!
//! Some can. A client that waits for a key, watches it, tracks it, monitors commands or listens to keyspace events sees the
//! key change; while there is one, the lens stands back. What else may change (an encoding that a value has outgrown and
//! does not return to, the idle time) is for `@skip-encodings` and `@skip-line` to say.

use resp::Value;

use crate::notation::print;
use crate::session::Stage;

/// As many databases as a server has unless told otherwise.
const DATABASES: u8 = 16;

pub(super) fn round_trip(stage: &mut Stage<'_>) -> Result<(), String> {
    if stage.is_watched() {
        return Ok(());
    }
    let databases = if stage.uses_databases() { DATABASES } else { 1 };
    for database in 0..databases {
        if databases > 1 {
            expect_status(stage, &[b"SELECT", database.to_string().as_bytes()])?;
        }
        let keys = match stage.call(&[b"KEYS", b"*"])? {
            Value::Array(keys) => keys,
            other => return Err(format!("KEYS *: {}", print(&other))),
        };
        for key in keys {
            if let Value::Bulk(key) = key {
                round_trip_key(stage, &key)?;
            }
        }
    }
    Ok(())
}

fn round_trip_key(stage: &mut Stage<'_>, key: &[u8]) -> Result<(), String> {
    let payload = match stage.call(&[b"DUMP", key])? {
        Value::Bulk(payload) => payload,
        // It expired since KEYS saw it.
        Value::Null(_) => return Ok(()),
        other => return Err(format!("DUMP {}: {}", key.escape_ascii(), print(&other))),
    };
    let deadline = match stage.call(&[b"PEXPIRETIME", key])? {
        Value::Int(-1) => 0,
        Value::Int(deadline @ 1..) => deadline,
        // It expired since DUMP saw it.
        Value::Int(_) => return Ok(()),
        other => return Err(format!("PEXPIRETIME {}: {}", key.escape_ascii(), print(&other))),
    };
    let deadline = deadline.to_string();
    expect_status(stage, &[b"RESTORE", key, deadline.as_bytes(), &payload, b"REPLACE", b"ABSTTL"])
}

fn expect_status(stage: &mut Stage<'_>, words: &[&[u8]]) -> Result<(), String> {
    match stage.call(words)? {
        Value::Status(_) => Ok(()),
        other => {
            let shown: Vec<String> = words.iter().map(|word| word.escape_ascii().to_string()).collect();
            Err(format!("{}: {}", shown.join(" "), print(&other)))
        }
    }
}
