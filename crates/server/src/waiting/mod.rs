//! Clients that wait for a key: BLPOP and its kin, XREAD BLOCK.
//!
//! A handler that finds nothing returns `Flow::Block`. Its client is entered here under the locks of its keys, so no writer can slip
//! in between; it then executes nothing until it is answered. A writer that changed a key serves the key's waiters, oldest first,
//! before it gives up its locks, by running their own handlers again, and leaves each answer for the waiter's reactor to fetch.
//!
//! A waiter may need more locks than the writer holds: the other keys it names, and the keys of those who wait for what it writes.
//! A writer finds them before it runs ([`Waiters::needs`]) and closes the gate when its own locks do not cover them; so nobody
//! takes an element past a client that was promised it.
//!
//! Rejected: serving after the writer's locks are released (a pop that comes just then overtakes the waiters), and handing an element
//! over without running the waiter's handler (each command would need a second implementation).

mod names;
mod serve;
mod waiter;
mod waiters;

pub(crate) use names::{KeyName, KeyNames};
pub(crate) use waiter::{Answer, Waiter, answer_at_once};
pub(crate) use waiters::Waiters;
