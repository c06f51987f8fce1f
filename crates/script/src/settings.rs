//! What the server tells an engine about itself.

/// Facts that scripts can ask for, and the engine's bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The version of Redis that the server says it is, for `redis.REDIS_VERSION` and `redis.REDIS_VERSION_NUM`.
    pub redis_version: [u8; 3],
    /// `server.SERVER_NAME`.
    pub server_name: String,
    /// `server.SERVER_VERSION`, and in `server.SERVER_VERSION_NUM`.
    pub server_version: [u8; 3],
    /// Memory that one interpreter may take before scripts in it fail with `not enough memory`; 0 for no bound.
    pub memory_limit_bytes: usize,
}
