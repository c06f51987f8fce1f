//! `maxmemory`: how much is in use, and what goes when it is too much.
//!
//! ```text
//! each lane's allocator counters --> gauge --> room: before a command, and from the timer
//!                                               choose a victim -> lock its stripe -> remove -> tell
//! ```

mod gauge;
mod room;

pub(crate) use gauge::Gauge;
pub(crate) use room::Room;
