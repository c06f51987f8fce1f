//! Every command on data, one folder per family, one file per verb with its siblings.
//!
//! A file reads in this order: specs, handlers, helpers, docs, tests. A handler parses all its arguments, checks, changes, tells
//! (`cx.notify`, `cx.propagate_as`), answers. It knows nothing of connections, configuration, peers or disks.

mod array;
pub mod bitmap;
mod generic;
mod geo;
mod hash;
mod hyperloglog;
mod list;
mod set;
mod stream;
mod string;
mod timeout;
#[cfg(test)]
mod told;
mod zset;

use command_api::Command;

/// The tables of all families.
pub fn tables() -> impl Iterator<Item = &'static [&'static Command]> {
    [
        string::TABLE,
        bitmap::TABLE,
        hyperloglog::TABLE,
        list::TABLE,
        set::TABLE,
        hash::TABLE,
        zset::TABLE,
        geo::TABLE,
        stream::TABLE,
        array::TABLE,
        generic::TABLE,
    ]
    .into_iter()
}
