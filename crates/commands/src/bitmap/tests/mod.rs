//! Tests that belong to no single command.

mod effects;
mod keys;
