//! Every command on data, one folder per family, one file per verb with its siblings.
//!
//! A file reads in this order: specs, handlers, helpers, docs, tests. A handler parses all its arguments, checks, changes, tells
//! (`cx.notify`, `cx.propagate_as`), answers. It knows nothing of connections, configuration, peers or disks.

pub mod bitmap;
mod generic;
mod string;
#[cfg(test)]
mod told;

use command_api::Command;

/// The tables of all families.
pub fn tables() -> impl Iterator<Item = &'static [&'static Command]> {
    [string::TABLE, bitmap::TABLE, generic::TABLE].into_iter()
}
