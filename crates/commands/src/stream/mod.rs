//! Streams.

mod ack;
mod add;
mod claim;
mod delete;
mod group;
mod idempotency;
mod info;
mod pending;
mod range;
mod read;
mod read_group;
mod set_id;
mod trim;

mod ids;
mod rewrite;
#[cfg(test)]
mod tests;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &add::XADD,
    &range::XLEN,
    &range::XRANGE,
    &range::XREVRANGE,
    &delete::XDEL,
    &delete::XDELEX,
    &trim::XTRIM,
    &read::XREAD,
    &read_group::XREADGROUP,
    &group::XGROUP,
    &ack::XACK,
    &ack::XACKDEL,
    &ack::XNACK,
    &pending::XPENDING,
    &claim::XCLAIM,
    &claim::XAUTOCLAIM,
    &info::XINFO,
    &set_id::XSETID,
    &idempotency::XCFGSET,
    &idempotency::XIDMPRECORD,
];
