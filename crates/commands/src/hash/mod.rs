//! Hashes: fields with values, each field with an optional deadline of its own.

mod answer;
mod deadline;
mod del;
mod expire;
mod field_list;
mod get;
mod getex;
mod incr;
mod random;
mod scan;
mod set;
mod setex;
#[cfg(test)]
mod tests;
mod ttl;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &set::HSET,
    &set::HMSET,
    &set::HSETNX,
    &setex::HSETEX,
    &get::HGET,
    &get::HMGET,
    &get::HGETALL,
    &get::HKEYS,
    &get::HVALS,
    &get::HLEN,
    &get::HEXISTS,
    &get::HSTRLEN,
    &getex::HGETDEL,
    &getex::HGETEX,
    &del::HDEL,
    &incr::HINCRBY,
    &incr::HINCRBYFLOAT,
    &random::HRANDFIELD,
    &scan::HSCAN,
    &expire::HEXPIRE,
    &expire::HPEXPIRE,
    &expire::HEXPIREAT,
    &expire::HPEXPIREAT,
    &ttl::HTTL,
    &ttl::HPTTL,
    &ttl::HEXPIRETIME,
    &ttl::HPEXPIRETIME,
    &ttl::HPERSIST,
];
