//! Hashes: fields with values, each field with an optional deadline of its own.
//!
//! Three plain forms, chosen by size and by whether a field ever had a deadline, as Redis chooses them, and one of hashes that share
//! their field names:
//!
//! ```text
//! pairs      listpack     field value field value ...                        small, no deadline was ever set
//! triples    listpackex   field value at  field value at ...                 small; sorted by deadline, 0 (none) last
//! large      hashtable    table of records, and a tree of (deadline, field)  anything else
//! templated               values, and a pointer to the names                 made by HIMPORT, or read or converted so
//! ```
//!
//! The first two are what DUMP writes, byte for byte, which is why the triples keep Redis's order: a field that gets a deadline moves in
//! front of the first one that does not expire earlier; one that loses it moves to the end. A hash never goes back to a
//! smaller form.
//!
//! The hash knows no time. A field past its deadline is still there for [`Hash::get`], [`Hash::len`] and the writers;
//! [`Hash::get_live`] and those that take `now` pass over it, and [`Hash::take_due`] removes it.
//!
//! Rejected: a deadline column of its own beside the pairs (cheaper to update, but then DUMP must merge), and sampling for what
//! is due (a field that expired would stay for as long as chance wills).

mod due;
mod entries;
mod fields;
mod large;
mod load;
mod pairs;
mod random;
mod template;
#[cfg(test)]
mod tests;
mod triples;

pub use entries::{Entries, Entry};
pub use fields::{FieldTtl, Hash};
pub use load::NotAHash;
pub use template::{HashTemplate, NotATemplate};
