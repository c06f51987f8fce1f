//! HyperLogLog: counting different elements in little room. The value is a string; `value::hyperloglog` knows its bytes.

mod add;
mod bytes;
mod count;
mod debug;
mod merge;
#[cfg(test)]
mod tests;

use command_api::Command;

pub(crate) const TABLE: &[&Command] =
    &[&add::PFADD, &count::PFCOUNT, &merge::PFMERGE, &debug::PFDEBUG, &debug::PFSELFTEST];
