//! Every key through DUMP, DEL's effect and RESTORE: nobody should be able to tell.
//!
//! Some can. A client that waits for a key, watches it, tracks it, monitors commands or listens to keyspace events sees the
//! key change; while there is one, the lens stands back. What else may change (an encoding that a value has outgrown and
//! does not return to, the idle time) is for `@skip-encodings` and `@skip-line` to say.

use resp::Value;

use crate::session::Stage;

pub(super) fn round_trip(stage: &mut Stage<'_>) -> Result<(), String> {
    if stage.is_watched() {
        return Ok(());
    }
    let databases = stage.databases();
    for database in 0..databases {
        if databases > 1 {
            stage.ask(&[b"SELECT", database.to_string().as_bytes()])?;
        }
        let Value::Array(keys) = stage.ask(&[b"KEYS", b"*"])? else { continue };
        for key in keys.iter().filter_map(Value::as_bytes) {
            round_trip_key(stage, key)?;
        }
    }
    Ok(())
}

fn round_trip_key(stage: &mut Stage<'_>, key: &[u8]) -> Result<(), String> {
    // Either read finds nothing if the key has expired since KEYS saw it.
    let Value::Bulk(payload) = stage.ask(&[b"DUMP", key])? else { return Ok(()) };
    let Value::Int(deadline @ (-1 | 1..)) = stage.ask(&[b"PEXPIRETIME", key])? else { return Ok(()) };
    let deadline = deadline.max(0).to_string();
    stage.ask(&[b"RESTORE", key, deadline.as_bytes(), &payload, b"REPLACE", b"ABSTTL"]).map(|_| ())
}
