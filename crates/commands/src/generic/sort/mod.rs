//! SORT, SORT_RO: the elements of a list, set or sorted set in an order of the caller's.
//!
//! Weights and answers may come from other keys, whose names are made of the elements, so nobody can lock them ahead: the commands
//! run alone. Rejected: locking only what the sorted key names when there is neither BY nor GET, since two scopes for one command
//! would be one more thing to know, and SORT is `@slow` and `@dangerous` anyway.

mod command;
mod elements;
mod options;
mod pattern;

pub(super) use command::{SORT, SORT_RO};
