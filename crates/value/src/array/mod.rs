//! Array: strings by a 64-bit index, most of which are empty.
//!
//! ```text
//! Array -- directory --> slice 0 [Dense: start 0, words ......]     4096 indexes each
//!   |                    slice 1 (empty)
//!   |                    slice 2 [Sparse: (17, word) (4000, word)]
//!   |                    slice 9 [One: (3, word)]
//!   +-- longs: the texts that do not fit into a word
//! ```
//!
//! An element is one 64-bit word ([`word`]): integers, decimal numbers and texts of at most seven bytes are the word itself, a
//! longer text is kept beside (`longs`). A slice is a window of words or a sorted list of them, whichever is smaller; the directory
//! of slices is a plain vector while the slices lie close together, and a B-tree when they do not. So an index is found in
//! constant time where that is possible, and a range costs what lies in it, never what it spans.
//!
//! Rejected: a B-tree of elements (32 bytes each where a word has 8), tagged pointers (`unsafe` for 16 bytes per long text), and a
//! double inside the word (its text form would have to be found again; a decimal with a scale keeps the text as it was).

mod base;
mod cursor;
mod directory;
mod element;
mod info;
mod longs;
mod slice;
#[cfg(test)]
mod tests;
mod word;

pub use base::{ARRAY_MAX_INDEX, Array, Elements};
pub use element::{ArrayElement, Decimal, ElementText, Number, ShortText};
pub use info::{ArrayInfo, SliceInfo};
