//! What works on keys of every type.

mod copy;
mod del;
mod dump;
mod expire;
mod flush;
mod object;
mod rename;
pub(crate) mod scan;
mod sort;
mod ttl;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &del::DEL,
    &del::UNLINK,
    &del::EXISTS,
    &del::TOUCH,
    &del::TYPE,
    &expire::EXPIRE,
    &expire::PEXPIRE,
    &expire::EXPIREAT,
    &expire::PEXPIREAT,
    &ttl::TTL,
    &ttl::PTTL,
    &ttl::EXPIRETIME,
    &ttl::PEXPIRETIME,
    &ttl::PERSIST,
    &rename::RENAME,
    &rename::RENAMENX,
    &copy::COPY,
    &copy::MOVE,
    &sort::SORT,
    &sort::SORT_RO,
    &scan::SCAN,
    &scan::KEYS,
    &scan::RANDOMKEY,
    &scan::DBSIZE,
    &flush::FLUSHDB,
    &flush::FLUSHALL,
    &flush::SWAPDB,
    &object::OBJECT,
    &dump::DUMP,
    &dump::RESTORE,
    &dump::RESTORE_ASKING,
];
