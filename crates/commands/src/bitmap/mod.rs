//! Bitmaps: strings, bit by bit.

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[];
