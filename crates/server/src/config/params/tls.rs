//! TLS: accepted and answered until it is built. Nothing listens on `tls-port`, least of all in the clear.

use crate::config::param::{I32_MAX, Param};

pub(super) const NO_TLS: &str = "TLS is not built yet";

pub(super) const TABLE: &[Param] = &[
    Param::int("tls-port", "0", 0, 65535, None).unused(NO_TLS),
    Param::text("tls-cert-file", "", None).unused(NO_TLS),
    Param::text("tls-key-file", "", None).unused(NO_TLS),
    Param::text("tls-key-file-pass", "", None).sensitive().unused(NO_TLS),
    Param::text("tls-client-cert-file", "", None).unused(NO_TLS),
    Param::text("tls-client-key-file", "", None).unused(NO_TLS),
    Param::text("tls-client-key-file-pass", "", None).sensitive().unused(NO_TLS),
    Param::text("tls-dh-params-file", "", None).unused(NO_TLS),
    Param::text("tls-ca-cert-file", "", None).unused(NO_TLS),
    Param::text("tls-ca-cert-dir", "", None).unused(NO_TLS),
    Param::choice("tls-auth-clients", "yes", &["no", "yes", "optional"], None).unused(NO_TLS),
    Param::choice("tls-auth-clients-user", "off", &["CN", "URI", "off"], None).unused(NO_TLS),
    Param::text("tls-expected-peer-name", "", None).unused(NO_TLS),
    Param::bool("tls-replication", "no", None).unused(NO_TLS),
    Param::bool("tls-cluster", "no", None).unused(NO_TLS),
    Param::text("tls-protocols", "", None).unused(NO_TLS),
    Param::text("tls-ciphers", "", None).unused(NO_TLS),
    Param::text("tls-ciphersuites", "", None).unused(NO_TLS),
    Param::bool("tls-prefer-server-ciphers", "no", None).unused(NO_TLS),
    Param::bool("tls-session-caching", "yes", None).unused(NO_TLS),
    Param::int("tls-session-cache-size", "20480", 0, I32_MAX, None).unused(NO_TLS),
    Param::int("tls-session-cache-timeout", "300", 0, I32_MAX, None).unused(NO_TLS),
    Param::int("tls-auto-reload-interval", "0", 0, I32_MAX, None).unused(NO_TLS),
];
