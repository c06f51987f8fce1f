//! Looking over a value before it is built.
//!
//! In memory a value may take thirty times its bytes: elements of four bytes with an index each, text compressed to an eightieth. To whom
//! sent it that is due once it turns out to be a value. A payload that is refused, at its very end even, must not have cost more than
//! four times its bytes and a mebibyte ([`Reader::afford`](crate::reader::Reader::afford)). So a type's `read` says what it is about to allocate,
//! and goes on while that stays within; the rest of a mebibyte takes thousands of elements. What costs more is surveyed first: all of the
//! value is walked over, nothing of it built, and every fault found that building it would find.
//!
//! - [`Survey`]: what a walk needs, and the walks repeated until each question is answered.
//! - `keys`: that nothing comes twice, by sorted fingerprints of eight bytes; what does not fit into its memory is left to another walk.
//! - [`Text`]: a string as it stands in the payload, compressed or not.
//! - [`Sequence`]: texts in order.
//!
//! That `survey` and `read` agree is a test (`tests/it/survey.rs`). They share how lengths, scores, deadlines, indexes and nodes are
//! read. One walk with two sinks would leave them no choice, but the fast builders (a table at once, a listpack copied whole) do not walk.

mod keys;
mod run;
mod sequence;
mod text;

pub(crate) use run::survey;
pub(super) use run::{Survey, cost};
pub(super) use run::{int_of, short_text};
pub(super) use sequence::Sequence;
pub(super) use text::Text;
