//! The write path's one total order: every change of the data set leaves as commands, for whoever keeps or repeats them.
//!
//! A command that changed something is encoded by the lane that ran it, with what expired on its way in front, into the lane's
//! [`Unit`]; the unit of a transaction or a script grows by each of its commands. While the locks of the change are still held the
//! unit enters the [`Stream`] as a whole ([`crate::Worker::settle`]), wrapped in MULTI and EXEC when it is more than one command.
//! Two changes of one key are ordered by its lock, and so are their units; what has no key in common has no order to keep.
//! Keys that expire by the timer or make room leave the same way, under the stripe's lock that they are removed under.
//!
//! ```text
//! lane 0: SET a 1  -- lock a -- change -- unit -+                    +-> Tap (AOF)      *2 $6 SELECT $1 0  *3 $3 SET ...
//! lane 1: EVAL ... -- gate --- changes - unit --+--> Stream (mutex) -+
//! timer:  a expires - lock a - remove -- DEL a -+                    +-> Tap (replicas) *2 $6 SELECT $1 0  *3 $3 SET ...
//! ```
//!
//! Each [`Tap`] is a stream of its own, with its SELECTs: a command may be meant for some consumers only (PUBLISH, `redis.set_repl`).
//! Where the order is taken and why: `docs/decisions/propagation.md`.

mod primary;
mod stream;
mod tap;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use stream::{Shape, Stream};
pub use tap::{Lost, Tap};
pub(crate) use unit::Unit;
