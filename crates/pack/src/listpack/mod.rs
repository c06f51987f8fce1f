//! Listpack: a sequence of strings and integers in one run of bytes.
//!
//! ```text
//! size         count  element  element         end
//! 0e 00 00 00  02 00  05 01    83 66 6f 6f 04  ff       [5, "foo"]
//! ```
//!
//! `docs/formats/listpack.md` has every form, `element` the code for them. [`Position`]s are plain offsets, checked whenever they are
//! used: a cursor that borrows would keep callers from changing what they have found. The number of elements is kept beside the bytes,
//! since the header counts to 65534 only.

mod edit;
mod element;
mod find;
mod iter;
mod view;

pub use edit::Listpack;
pub use element::Element;
pub(crate) use element::{back_len, decode_back, decode_head};
pub use iter::{Entries, Iter, Pairs};
pub(crate) use view::END;
pub use view::{LISTPACK_MAX_BYTES, Position};
