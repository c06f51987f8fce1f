//! Listpack: a sequence of strings and integers in one run of bytes.
//!
//! ```text
//! total       count  element     element                end
//! 0f 00 00 00 02 00  05 01       86 66 6f 6f ...        ff
//! ```

mod edit;
mod element;
mod find;
mod iter;
mod view;

pub use edit::Listpack;
pub use element::Element;
pub use iter::{Entries, Iter, Pairs};
pub use view::{LISTPACK_MAX_BYTES, Position};
