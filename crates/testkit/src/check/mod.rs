//! The assertion of a test: one transcript, every lens, one report.

mod hold;
#[cfg(test)]
mod tests;

pub use hold::{Factory, check, check_under};
