//! Clients that wait for a key: BLPOP and its kin, XREAD BLOCK.
//!
//! A handler that finds nothing returns `Flow::Block`. Its client is entered here under the locks of its keys, so no writer can slip
//! in between; it then executes nothing until it is answered. A writer that changed a key serves the key's waiters, oldest first,
//! before it gives up its locks, by running their own handlers again, and leaves each answer for the waiter's reactor to fetch.
//!
//! A waiter may need more locks than the writer holds: the other keys it names, and the keys of those who wait for what it writes.
//! A writer finds them before it runs ([`Waiters::needs`]). When its own locks do not cover them it gives those up, before it has looked
//! at anything, locks the union and asks again; only if that does not end, or they are many, it closes the gate. So nobody
//! takes an element past a client that was promised it.
//!
//! Time may make an answer too: an entry of a stream has been idle for long enough (XREADGROUP with CLAIM), a key expires that a
//! reader of a group waits for. The former is for the waiter's own lane to notice (`retry`), the latter is served like a change.
//!
//! Rejected: serving after the writer's locks are released (a pop that comes just then overtakes the waiters), and handing an element
//! over without running the waiter's handler (each command would need a second implementation).

mod names;
mod retry;
mod serve;
mod waiter;
mod waiters;

pub(crate) use names::{KeyName, KeyNames};
pub(crate) use waiter::{Answer, Waiter, answer_at_once};
pub(crate) use waiters::Waiters;
