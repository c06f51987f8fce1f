//! The only room that knows protocol bytes: requests in, replies out.
//!
//! Pure functions of bytes: no sockets, no clock, no commands. RESP2 and RESP3 differ here and nowhere else.
//!
//! - [`request`]: the server's side of a connection, bytes -> batches of [`Argv`];
//! - [`reply`]: the server's answers, written straight into the connection's output buffer;
//! - [`reader`]: the client's side, replies -> [`Value`] trees, for replication, MIGRATE and the tools;
//! - [`command`]: commands as a client, the AOF and the replication stream write them;
//! - [`words`]: the quoting of inline commands, `redis.conf` and `redis-cli`.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

mod argv;
pub mod command;
pub mod reader;
pub mod reply;
pub mod request;
pub mod words;

pub use argv::{Argv, ArgvBuf, Span};
pub use command::{encode_command, write_command};
pub use reader::{ReadError, ReadLimits, Reader, Value};
pub use reply::{DeferredLen, Mark, Reply};
pub use request::{Batch, Limits, Progress, ProtocolError, RequestParser};
pub use words::{UnbalancedQuotes, split_words};

/// Which protocol a connection speaks. HELLO changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Resp2,
    Resp3,
}
