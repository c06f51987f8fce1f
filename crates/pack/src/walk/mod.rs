//! Walking over an encoding from front to back without having it in one piece.
//!
//! `from_bytes` wants all bytes at once, and copies them. A string out of a dump may be compressed, and stand for 88 times its
//! bytes: to find out that its last element is damaged must not cost as much. A [`Walk`] goes over the same bytes, looks at each as
//! `from_bytes` does, and needs no memory but what [`Source`] has for what comes next.
//!
//! ```
//! use pack::{Item, Packed, Source, Walk};
//! let bytes = b"\x0c\0\0\0\x02\0\x81a\x02\x0a\x01\xff";
//! let mut walk = Walk::new(Packed::Listpack, Source::Whole(bytes), bytes.len()).unwrap();
//! assert_eq!(walk.next(), Ok(Some(Item::Text(1))));
//! walk.text(&mut |piece| assert_eq!(piece, b"a"));
//! assert_eq!(walk.next(), Ok(Some(Item::Int(10))));
//! assert_eq!(walk.next(), Ok(None));
//! ```

mod elements;
mod forms;
mod source;
#[cfg(test)]
mod tests;

pub use elements::{Item, Walk};
pub use forms::Packed;
pub use source::Source;
