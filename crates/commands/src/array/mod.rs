//! Arrays: strings by a 64-bit index.

mod aggregate;
mod append;
mod del;
mod get;
mod grep;
mod index;
mod info;
mod regex;
mod scan;
mod set;
mod size;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &set::ARSET,
    &set::ARMSET,
    &get::ARGET,
    &get::ARMGET,
    &get::ARGETRANGE,
    &scan::ARSCAN,
    &grep::ARGREP,
    &aggregate::AROP,
    &size::ARLEN,
    &size::ARCOUNT,
    &append::ARINSERT,
    &append::ARRING,
    &append::ARNEXT,
    &append::ARSEEK,
    &append::ARLASTITEMS,
    &del::ARDEL,
    &del::ARDELRANGE,
    &info::ARINFO,
];
