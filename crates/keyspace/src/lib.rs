//! Databases: the keys, who may touch them when, and when they expire.
//!
//! Keys are cut into stripes by their hash; a stripe holds its share of every numbered database under one lock. A thread goes in
//! through the [gate](Gate) ([`Keyspace::enter`]), locks the stripes of the keys that a command declared ([`Turn::lock`]) and
//! works on a [`Db`], a view restricted to them. With one lane there is one stripe, and being inside is the lock.
//!
//! Knows nothing of commands, clients or wires; time is an argument.

mod clock;
mod db;
mod deadlines;
mod edit;
mod evict;
mod gate;
mod key;
mod key_events;
mod keyspace;
mod locks;
pub mod table;
mod walk;

pub use clock::AccessClock;
pub use db::{Changes, Db, Expired, ExpiredParts, Touched, Ttl, WrongType};
pub use edit::{Edit, Edited};
pub use evict::{Candidates, Evicted, Rank, Rule, Victim};
pub use gate::{Closed, Gate};
pub use key::Key;
pub use key_events::{Happened, KeyEvent, KeyEvents};
pub use keyspace::{DbSize, Keyspace};
pub use locks::{Access, Mode, Turn};
pub use table::KeyHasher;
