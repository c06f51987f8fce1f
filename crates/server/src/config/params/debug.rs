//! Switches that other servers have for their own tests. Hidden, as there: only their exact names answer.

use crate::config::param::{I32_MAX, I64_MAX, Param};

const I32_MIN: i64 = i32::MIN as i64;
const NO_INSECURE_API: &str = "scripts get only what cannot break the sandbox";
const NO_SWITCH: &str = "a switch for tests of other servers";

pub(super) const TABLE: &[Param] = &[
    Param::int("key-load-delay", "0", I32_MIN, I32_MAX, None).hidden().unused(NO_SWITCH),
    Param::int("rdb-key-save-delay", "0", I32_MIN, I32_MAX, None).hidden().unused(NO_SWITCH),
    Param::int("loading-process-events-interval-bytes", "524288", 1024, I32_MAX, None).hidden().unused(NO_SWITCH),
    Param::int("watchdog-period", "0", 0, I32_MAX, None).hidden().unused(NO_SWITCH),
    Param::bool("use-exit-on-panic", "no", None).hidden().unused(NO_SWITCH),
    Param::bool("lua-enable-deprecated-api", "no", None).immutable().hidden().unused(NO_INSECURE_API),
    Param::bool("lua-enable-insecure-api", "no", None).protected().hidden().unused(NO_INSECURE_API),
    Param::int("cluster-ping-interval", "0", 0, I64_MAX, None).hidden().unused(NO_SWITCH),
    Param::bool("io-threads-always-active", "no", None).hidden().unused(NO_SWITCH),
    Param::text("debug-context", "", None).hidden().unused(NO_SWITCH),
];
