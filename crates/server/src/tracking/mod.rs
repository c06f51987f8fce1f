//! Client-side caching: clients that want to know when a key that they have read is not what it was.
//!
//! A client that tracks has the keys of its reading commands entered in a table, under the locks that the command ran with. Whoever
//! changes a key removes the key's line from the table, under its own locks, and posts each client there an invalidation. So a
//! client either reads what a writer left, or is in the table before the writer comes; and its reply is in its output before the
//! writer can post anything to its reactor. In the mode BCAST nothing is entered: clients name prefixes, and are told of every
//! changed key that begins so.
//!
//! The table knows keys by name, whatever their database, and clients by id; those who left or stopped stay in it until the key is
//! changed. When the last one has stopped, lane 0's timer clears the table part by part. With nobody tracking, a command costs one
//! look at a counter.
//!
//! A client hears of its own changes through the same inbox as everybody, behind the replies of all that it sent at once. Redis puts
//! the message right behind the command's reply; here a key that is read again in the same pipeline is told of once too often, which a
//! cache can bear, and all messages have one way.
//!
//! Rejected: a client's own list of its keys (leaving would be exact, but every key would be held twice), and entering after the
//! locks are released (a writer in between would go unnoticed).

mod commands;
mod invalidate;
mod prefixes;
mod table;
mod tracker;

#[cfg(test)]
mod tests;

pub(crate) use commands::redirect_of;
pub(crate) use commands::{CLIENT_CACHING, CLIENT_GETREDIR, CLIENT_TRACKING, CLIENT_TRACKINGINFO};
pub(crate) use tracker::{Tracker, Trackers, Tracking};
