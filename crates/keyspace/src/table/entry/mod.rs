//! One key with its value, deadline and access clock, in a single block of memory.
//!
//! ```text
//!  0        8                16            16+key
//! +--------+----------------+-------------+-------------------------------+- - - - -+
//! | header | deadline, if   | key bytes   | value                         | slack   |
//! | 8 B    | its flag, 8 B  |             |                               |         |
//! +--------+----------------+-------------+-------------------------------+- - - - -+
//!
//! header, a little-endian-numbered word:
//!   bits 0-1 form | 2 deadline slot | 3 deadline set | 4-7 slack | 8-31 access clock | 32-63 key length
//!
//! value, by form:
//!   0 Int     i64, wherever the key ends
//!   1 Embstr  u16 length, bytes
//!   2 Raw     u16 length, bytes: the same bytes as Embstr under another name
//!   3 Owned   padding to 8, a `value::Value`: every type but the string, and strings over 1 KiB
//! ```
//!
//! `SET key:000000000042 7`, 32 bytes: `08 00 00 00 | 10 00 00 00 | "key:000000000042" | 07 00 00 00 00 00 00 00` with bits 8-31 the
//! clock. With 64 bytes of text instead, 8 + 16 + 2 + 64 = 90 bytes in a block of 96.
//!
//! **Why one block.** A key and a small value that lie together cost one cache miss and no second allocator header. A nine-byte
//! header would push the integer entry of a 16-byte key to 48 bytes, hence the packing. The type has no bits of its own: a string
//! says so by its form, and an owned value knows its type, so that replacing it through `value_mut` cannot leave a stale copy.
//!
//! **Why no separate form for long strings.** A `Value` holding a `Vec` costs the block 24 bytes; a pointer to a buffer that
//! carries its own length and capacity costs 8 + 16. The same memory, one form less, and a RESTOREd buffer is adopted as it is.
//!
//! **Capacity.** Rewriting in place needs to know how large the block is, not only how much of it is used. Blocks come in size
//! classes (four to each doubling, which are jemalloc's own, so that nothing is lost to rounding), and the header stores how
//! many classes the block is above the one that its contents need: four bits, enough because a block less than half used is
//! given up for a smaller one. Asking the allocator (`malloc_usable_size`) would tie the format to one allocator and cost a
//! lookup in its page map for each SET.
//!
//! **Concurrency.** Readers under a shared lock may set the access clock, so the header is only touched through an atomic. All
//! else changes only under exclusive access, and so needs no read-modify-write instruction: the last of two racing clocks stays.

mod block;
mod boxed;
mod edit;
mod handle;
mod header;
mod view;

pub use boxed::{EntryBox, KEY_MAX_BYTES, NewValue};
pub use handle::EntryMut;
pub use view::Entry;

pub(super) use block::Block;
#[cfg(test)]
pub(super) use block::{count_live, live_bytes};

#[cfg(test)]
mod tests;
