//! HIMPORT: many hashes with the same fields, the names sent once and kept once.

mod commands;
mod conversion;
mod fieldsets;
mod templates;

pub(crate) use commands::TABLE;
pub(crate) use conversion::Conversion;
pub(crate) use fieldsets::Fieldsets;
pub(crate) use templates::Templates;
