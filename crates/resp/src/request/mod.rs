//! The server's side of a connection: bytes -> batches of commands, as spans of the buffer they arrived in.
//!
//! ```
//! use resp::{Batch, Limits, RequestParser};
//!
//! let mut parser = RequestParser::new(); // one per connection
//! let mut batch = Batch::new(32); // one per thread
//! let mut input = b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n*1\r\n$4\r\nPI".to_vec();
//!
//! let progress = parser.parse(&input, &mut batch, &Limits::default())?;
//! let names: Vec<_> = batch.iter(&input).map(|argv| argv.get(0).unwrap()).collect();
//! assert_eq!(names, [b"GET".as_slice(), b"PING"]);
//! assert_eq!(progress.missing, 4); // "NG\r\n"
//!
//! input.drain(..progress.consumed);
//! input.extend_from_slice(b"NG\r\n");
//! parser.parse(&input, &mut batch, &Limits::default())?;
//! assert_eq!(batch.iter(&input).next().unwrap().get(0), Some(&b"PING"[..]));
//! # Ok::<(), resp::ProtocolError>(())
//! ```

mod batch;
mod error;
mod header;
mod parser;
#[cfg(test)]
mod tests;

pub use batch::Batch;
pub use error::ProtocolError;
pub(crate) use parser::narrow;
pub use parser::{Limits, Progress, RequestParser};
