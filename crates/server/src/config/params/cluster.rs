//! Cluster mode: accepted and answered until it is built.

use core::net::{Ipv4Addr, Ipv6Addr};

use crate::config::param::{BYTES_MAX, I32_MAX, I64_MAX, Kind, Param};
use crate::config::value::{self, Reason};

const NO_CLUSTER: &str = "cluster mode is not built yet";

pub(super) const TABLE: &[Param] = &[
    Param::bool("cluster-enabled", "no", None).immutable().unused(NO_CLUSTER),
    Param::text("cluster-config-file", "nodes.conf", None).immutable().unused(NO_CLUSTER),
    Param::int("cluster-port", "0", 0, 65535, None).immutable().unused(NO_CLUSTER),
    Param::int("cluster-databases", "1", 1, I32_MAX, None).immutable().unused(NO_CLUSTER),
    Param::int("cluster-node-timeout", "15000", 0, I64_MAX, None).unused(NO_CLUSTER),
    Param::int("cluster-migration-barrier", "1", 0, I32_MAX, None).unused(NO_CLUSTER),
    Param::bool("cluster-allow-replica-migration", "yes", None).unused(NO_CLUSTER),
    Param::int("cluster-replica-validity-factor", "10", 0, I32_MAX, None)
        .alias("cluster-slave-validity-factor")
        .unused(NO_CLUSTER),
    Param::bool("cluster-replica-no-failover", "no", None).alias("cluster-slave-no-failover").unused(NO_CLUSTER),
    Param::bool("cluster-require-full-coverage", "yes", None).unused(NO_CLUSTER),
    Param::bool("cluster-allow-reads-when-down", "no", None).unused(NO_CLUSTER),
    Param::bool("cluster-allow-pubsubshard-when-down", "yes", None).unused(NO_CLUSTER),
    Param::memory("cluster-link-sendbuf-limit", "0", 0, u64::MAX, None).unused(NO_CLUSTER),
    Param::text("cluster-announce-ip", "", None).unused(NO_CLUSTER),
    Param::int("cluster-announce-port", "0", 0, 65535, None).unused(NO_CLUSTER),
    Param::int("cluster-announce-bus-port", "0", 0, 65535, None).unused(NO_CLUSTER),
    Param::int("cluster-announce-tls-port", "0", 0, 65535, None).unused(NO_CLUSTER),
    Param::checked("cluster-announce-hostname", "", check_hostname, None).unused(NO_CLUSTER),
    Param::text("cluster-announce-human-nodename", "", None).unused(NO_CLUSTER),
    Param::checked("cluster-announce-client-ipv4", "", check_ipv4, None).unused(NO_CLUSTER),
    Param::checked("cluster-announce-client-ipv6", "", check_ipv6, None).unused(NO_CLUSTER),
    Param::int("cluster-announce-client-port", "0", 0, 65535, None).unused(NO_CLUSTER),
    Param::int("cluster-announce-client-tls-port", "0", 0, 65535, None).unused(NO_CLUSTER),
    Param::choice("cluster-preferred-endpoint-type", "ip", &["ip", "hostname", "unknown-endpoint"], None)
        .unused(NO_CLUSTER),
    Param::choice("cluster-config-save-behavior", "sync", &["sync", "best-effort"], None).unused(NO_CLUSTER),
    Param::int("cluster-blacklist-ttl", "60", i64::MIN, I64_MAX, None).unused(NO_CLUSTER),
    Param::int("cluster-manual-failover-timeout", "5000", 1, I32_MAX, None).unused(NO_CLUSTER),
    Param::int("cluster-compatibility-sample-ratio", "0", 0, 100, None).unused(NO_CLUSTER),
    Param::of("cluster-slot-stats-enabled", "no", SLOT_STATS).unused(NO_CLUSTER),
    Param::int("cluster-slot-migration-log-max-len", "1000", 0, I64_MAX, None).unused(NO_CLUSTER),
    Param::memory("cluster-slot-migration-handoff-max-lag-bytes", "1048576", 0, BYTES_MAX, None).unused(NO_CLUSTER),
    Param::int("cluster-slot-migration-write-pause-timeout", "10000", 0, I64_MAX, None).unused(NO_CLUSTER),
    Param::of(
        "slot-migration-max-failover-repl-bytes",
        "0",
        Kind::Words { print: print_migration_bytes, nothing: &[""] },
    )
    .unused(NO_CLUSTER),
];

/// Valkey knows yes and no; Redis 8.6 also names which resources are measured.
const SLOT_STATS: Kind = Kind::Several { names: &["no", "yes", "cpu", "net", "mem"], check: |_| Ok(()) };

fn check_hostname(name: &[u8]) -> Result<(), Reason> {
    if name.len() > 255 {
        return Err("Hostnames must be less than 256 characters".into());
    }
    if name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
        Ok(())
    } else {
        Err("Hostnames may only contain alphanumeric characters, hyphens or dots".into())
    }
}

fn check_ipv4(address: &[u8]) -> Result<(), Reason> {
    let text = str::from_utf8(address).unwrap_or("?");
    if text.is_empty() || text.parse::<Ipv4Addr>().is_ok() { Ok(()) } else { Err("Invalid IPv4 address".into()) }
}

fn check_ipv6(address: &[u8]) -> Result<(), Reason> {
    let text = str::from_utf8(address).unwrap_or("?");
    if text.is_empty() || text.parse::<Ipv6Addr>().is_ok() { Ok(()) } else { Err("Invalid IPv6 address".into()) }
}

/// A number of bytes, or -1 for no limit.
fn print_migration_bytes(words: &[&[u8]]) -> Result<String, Reason> {
    match words {
        [b"-1"] => Ok("-1".to_owned()),
        [word] => value::parse_memory(word, 0, BYTES_MAX).map(|bytes| bytes.to_string()),
        _ => Err(value::WRONG_ARITY),
    }
}
