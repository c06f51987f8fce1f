//! Turns every compact encoding off, so that the big form of each type answers too.

use crate::session::Stage;

/// The parameters that bound compact encodings, by their newest names.
const LIMITS: &[&str] = &[
    "hash-max-listpack-entries",
    "set-max-intset-entries",
    "set-max-listpack-entries",
    "zset-max-listpack-entries",
    "list-max-listpack-size",
    "stream-node-max-entries",
];

pub(super) fn turn_off(stage: &mut Stage<'_>) -> Result<(), String> {
    for name in LIMITS {
        // A list and a stream cannot do with nodes of no entry; for the others 0 is "never".
        let least = if name.starts_with("list") || name.starts_with("stream") { "1" } else { "0" };
        // Servers before 7.2 have no compact sets but intsets, and so not every limit: their refusal is no difference.
        stage.configure(name, least)?;
    }
    Ok(())
}
