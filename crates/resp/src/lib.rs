//! The only room that knows protocol bytes: requests in, replies out.
//!
//! Pure functions of bytes: no sockets, no clock, no commands. RESP2 and RESP3 differ here and nowhere else.

mod argv;

pub use argv::{Argv, Span};

/// Which protocol a connection speaks. HELLO changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    #[default]
    Resp2,
    Resp3,
}
