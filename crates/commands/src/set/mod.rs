//! Sets.

mod add;
mod algebra;
mod card;
mod draw;
mod member;
mod moving;
mod remove;
mod scan;
#[cfg(test)]
mod tests;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &add::SADD,
    &remove::SREM,
    &member::SISMEMBER,
    &member::SMISMEMBER,
    &member::SCARD,
    &member::SMEMBERS,
    &draw::SPOP,
    &draw::SRANDMEMBER,
    &moving::SMOVE,
    &algebra::SINTER,
    &algebra::SINTERSTORE,
    &algebra::SUNION,
    &algebra::SUNIONSTORE,
    &algebra::SDIFF,
    &algebra::SDIFFSTORE,
    &card::SINTERCARD,
    &card::SUNIONCARD,
    &card::SDIFFCARD,
    &scan::SSCAN,
];
