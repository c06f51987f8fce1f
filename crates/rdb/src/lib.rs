//! (being laid out)
mod dialect;
pub use dialect::{Dialect, Stamp, UnknownDialect, Vendor};
