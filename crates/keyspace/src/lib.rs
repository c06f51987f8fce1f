//! The keyspace.

pub mod table;
