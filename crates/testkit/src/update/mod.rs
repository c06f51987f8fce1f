//! `UPDATE_EXPECT=1`: puts what the server answered into the source, in place.

mod answers;
mod file;

pub(crate) use answers::edits;
pub(crate) use file::{Edit, apply, is_asked_for, line_of_literal, update_file};
