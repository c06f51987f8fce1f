//! Tests that belong to no single command, and those of the longest one.

mod effects;
mod field;
mod keys;
