//! Bitmaps: strings, bit by bit.

mod bit;
mod combine;
mod count;
mod field;
mod find;
mod integer;
mod offset;
mod range;
#[cfg(test)]
mod tests;
pub mod words;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &bit::SETBIT,
    &bit::GETBIT,
    &count::BITCOUNT,
    &find::BITPOS,
    &combine::BITOP,
    &field::BITFIELD,
    &field::BITFIELD_RO,
];
