//! Replication: accepted and answered until it is built.

use crate::config::param::{BYTES_MAX, I32_MAX, I64_MAX, Kind, Param};
use crate::config::value::{self, Reason};

pub(super) const NO_REPLICATION: &str = "replication is not built yet";

const DISKLESS_LOAD: &[&str] = &["disabled", "on-empty-db", "swapdb", "flush-before-load", "flushdb"];
const ON_ERROR: &[&str] = &["ignore", "panic", "panic-on-replicas"];

pub(super) const TABLE: &[Param] = &[
    Param::of("replicaof", "", Kind::Words { print: print_primary, nothing: &["no", "one"] })
        .alias("slaveof")
        .immutable()
        .unused(NO_REPLICATION),
    Param::text("masterauth", "", None).alias("primaryauth").sensitive().unused(NO_REPLICATION),
    Param::text("masteruser", "", None).alias("primaryuser").sensitive().unused(NO_REPLICATION),
    Param::bool("replica-serve-stale-data", "yes", None).alias("slave-serve-stale-data").unused(NO_REPLICATION),
    Param::bool("replica-read-only", "yes", None).alias("slave-read-only").unused(NO_REPLICATION),
    Param::bool("replica-ignore-maxmemory", "yes", None).alias("slave-ignore-maxmemory").unused(NO_REPLICATION),
    Param::bool("replica-ignore-disk-write-errors", "no", None).unused(NO_REPLICATION),
    Param::bool("replica-announced", "yes", None).unused(NO_REPLICATION),
    Param::text("replica-announce-ip", "", None).alias("slave-announce-ip").unused(NO_REPLICATION),
    Param::int("replica-announce-port", "0", 0, 65535, None).alias("slave-announce-port").unused(NO_REPLICATION),
    Param::int("replica-priority", "100", 0, I32_MAX, None).alias("slave-priority").unused(NO_REPLICATION),
    Param::memory("replica-full-sync-buffer-limit", "0", 0, BYTES_MAX, None).unused(NO_REPLICATION),
    Param::bool("repl-diskless-sync", "yes", None).unused(NO_REPLICATION),
    Param::int("repl-diskless-sync-delay", "5", 0, I32_MAX, None).unused(NO_REPLICATION),
    Param::int("repl-diskless-sync-max-replicas", "0", 0, I32_MAX, None).unused(NO_REPLICATION),
    Param::choice("repl-diskless-load", "disabled", DISKLESS_LOAD, None).unused(NO_REPLICATION),
    Param::int("repl-ping-replica-period", "10", 1, I32_MAX, None)
        .alias("repl-ping-slave-period")
        .unused(NO_REPLICATION),
    Param::int("repl-timeout", "60", 1, I32_MAX, None).unused(NO_REPLICATION),
    Param::bool("repl-disable-tcp-nodelay", "no", None).unused(NO_REPLICATION),
    Param::memory("repl-backlog-size", "1048576", 1, BYTES_MAX, None).unused(NO_REPLICATION),
    Param::int("repl-backlog-ttl", "3600", 0, I64_MAX, None).unused(NO_REPLICATION),
    Param::int("min-replicas-to-write", "0", 0, I32_MAX, None).alias("min-slaves-to-write").unused(NO_REPLICATION),
    Param::int("min-replicas-max-lag", "10", 0, I32_MAX, None).alias("min-slaves-max-lag").unused(NO_REPLICATION),
    Param::choice("propagation-error-behavior", "ignore", ON_ERROR, None).unused(NO_REPLICATION),
    Param::bool("dual-channel-replication-enabled", "no", None).unused(NO_REPLICATION),
];

/// `HOST PORT`, or `no one`.
fn print_primary(words: &[&[u8]]) -> Result<String, Reason> {
    let [host, port] = words else { return Err(value::WRONG_ARITY) };
    if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
        return Ok(String::new());
    }
    let port = value::parse_lenient_int(port).filter(|port| (0..=65535).contains(port)).ok_or("Invalid master port")?;
    Ok(format!("{} {port}", String::from_utf8_lossy(host)))
}
