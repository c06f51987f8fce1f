//! Where the server listens.

use std::path::PathBuf;

/// Addresses, ports and sockets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Empty: no TCP at all.
    pub bind: Vec<BindAddress>,
    /// 0: no TCP.
    pub port: u16,
    pub tcp_backlog: u32,
    /// Seconds without a byte before the kernel probes the peer; 0: never.
    pub tcp_keepalive_s: u32,
    pub unixsocket: Option<PathBuf>,
    /// Mode bits of the socket file (`unixsocketperm`); 0: what the umask gives.
    pub unixsocket_mode: u32,
    /// Seconds without a command before a client is closed (`timeout`); 0: never.
    pub timeout_s: u32,
}

/// One word of `bind`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindAddress {
    /// A host name, an address, or `*` and `::*` for all of IPv4 and IPv6.
    pub address: String,
    /// Written with a `-` in front: an address that this machine does not have is no reason not to start.
    pub optional: bool,
}

impl BindAddress {
    /// How many addresses one server listens at, at most.
    pub const MAX: usize = 16;

    /// The address of one word.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.strip_prefix('-') {
            Some(address) => Self { address: address.to_owned(), optional: true },
            None => Self { address: word.to_owned(), optional: false },
        }
    }
}

impl std::fmt::Display for BindAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", if self.optional { "-" } else { "" }, self.address)
    }
}
