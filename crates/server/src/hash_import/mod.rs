//! HIMPORT: many hashes with the same fields, the names sent once.

mod commands;
mod fieldsets;

pub(crate) use commands::TABLE;
pub(crate) use fieldsets::Fieldsets;
