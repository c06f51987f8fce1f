//! Lists.

mod index;
mod modify;
mod mpop;
mod multi_move;
mod one_move;
mod pop;
mod position;
mod push;

mod answer;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &push::LPUSH,
    &push::RPUSH,
    &push::LPUSHX,
    &push::RPUSHX,
    &pop::LPOP,
    &pop::RPOP,
    &pop::BLPOP,
    &pop::BRPOP,
    &mpop::LMPOP,
    &mpop::BLMPOP,
    &index::LLEN,
    &index::LINDEX,
    &index::LRANGE,
    &position::LPOS,
    &modify::LSET,
    &modify::LINSERT,
    &modify::LREM,
    &modify::LTRIM,
    &one_move::LMOVE,
    &one_move::RPOPLPUSH,
    &one_move::BLMOVE,
    &one_move::BRPOPLPUSH,
    &multi_move::LMOVEM,
    &multi_move::BLMOVEM,
];
