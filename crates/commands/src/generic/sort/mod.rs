//! SORT, SORT_RO: the elements of a list, set or sorted set in an order of the caller's.
//!
//! Weights and answers may come from other keys, whose names are made of the elements, so nobody can lock them ahead: with a BY or GET
//! that names keys the commands run alone. Without one, they lock what they sort and where it is stored.

mod command;
mod elements;
mod options;
mod pattern;

pub(super) use command::{SORT, SORT_RO};
