//! What clients may cost: their number, buffers and the tracking table.

use crate::config::param::{Arity, BYTES_MAX, I64_MAX, Kind, Param, Setting, at};
use crate::config::settings::{OutputLimit, Settings};
use crate::config::value::{self, Reason};

const OUTPUT_LIMITS: &str = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60";

pub(super) const TABLE: &[Param] = &[
    Param::int("maxclients", "10000", 1, u32::MAX as i64, at!(clients.maxclients)),
    Param::of(
        "client-output-buffer-limit",
        OUTPUT_LIMITS,
        Kind::Custom { words: Arity::Groups(4), get: get_output_limits, set: set_output_limits },
    ),
    Param::memory("client-query-buffer-limit", "1073741824", 1 << 20, BYTES_MAX, at!(clients.query_buffer_limit_bytes)),
    Param::memory("proto-max-bulk-len", "536870912", 1 << 20, BYTES_MAX, at!(clients.proto_max_bulk_len_bytes)),
    Param::of("maxmemory-clients", "0", Kind::MemoryOrPercent(at!(clients.maxmemory_clients))),
    Param::int("tracking-table-max-keys", "1000000", 0, I64_MAX, at!(clients.tracking_table_max_keys)),
    Param::int("max-new-tls-connections-per-cycle", "1", 1, 1000, None).unused(super::tls::NO_TLS),
    Param::bool("import-mode", "no", None).unused("keys expire while data is imported, too"),
];

const CLASSES: [&str; 3] = ["normal", "slave", "pubsub"];

fn get_output_limits(settings: &Settings) -> Vec<u8> {
    let limits = &settings.clients.output_limits;
    let texts = CLASSES.iter().zip([limits.normal, limits.replica, limits.pubsub]);
    let texts: Vec<String> = texts
        .map(|(class, limit)| format!("{class} {} {} {}", limit.hard_bytes, limit.soft_bytes, limit.soft_s))
        .collect();
    texts.join(" ").into_bytes()
}

/// Any number of `CLASS HARD SOFT SECONDS`; classes that are not named keep their limit.
fn set_output_limits(settings: &mut Settings, words: &[&[u8]], setting: Setting) -> Result<(), Reason> {
    // CONFIG SET may say nothing; a directive may only lack its words.
    if words.is_empty() || (words == [b""] && setting == Setting::Runtime) {
        return Ok(());
    }
    let (quads, []) = words.as_chunks::<4>() else {
        return Err("Wrong number of arguments in buffer limit configuration.".into());
    };
    let mut limits = settings.clients.output_limits;
    for [class, hard, soft, seconds] in quads {
        let limit = match class.to_ascii_lowercase().as_slice() {
            b"normal" => &mut limits.normal,
            b"slave" | b"replica" => &mut limits.replica,
            b"pubsub" => &mut limits.pubsub,
            _ => return Err("Invalid client class specified in buffer limit configuration.".into()),
        };
        *limit = parse_limit(hard, soft, seconds)
            .ok_or("Error in hard, soft or soft_seconds setting in buffer limit configuration.")?;
    }
    settings.clients.output_limits = limits;
    Ok(())
}

fn parse_limit(hard: &[u8], soft: &[u8], seconds: &[u8]) -> Option<OutputLimit> {
    Some(OutputLimit {
        hard_bytes: value::memory(hard)?,
        soft_bytes: value::memory(soft)?,
        soft_s: u32::try_from(value::parse_lenient_int(seconds)?).ok()?,
    })
}
