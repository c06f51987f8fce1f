//! The client's side of a connection: replies of any server, RESP2 and RESP3, as owned trees.

mod error;
mod parser;
#[cfg(test)]
mod tests;
mod value;

pub use error::ReadError;
pub use parser::{ReadLimits, Reader};
pub use value::{NullKind, Value};
