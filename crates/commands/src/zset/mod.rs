//! Sorted sets.

mod add;
mod answer;
mod bounds;
mod combine;
mod pop;
mod random;
mod range;
mod read;
mod remove;
mod scan;
mod source;
mod store;

use command_api::Command;

pub(crate) const TABLE: &[&Command] = &[
    &add::ZADD,
    &add::ZINCRBY,
    &read::ZCARD,
    &read::ZSCORE,
    &read::ZMSCORE,
    &read::ZCOUNT,
    &read::ZLEXCOUNT,
    &read::ZRANK,
    &read::ZREVRANK,
    &range::ZRANGE,
    &range::ZREVRANGE,
    &range::ZRANGEBYSCORE,
    &range::ZREVRANGEBYSCORE,
    &range::ZRANGEBYLEX,
    &range::ZREVRANGEBYLEX,
    &range::ZRANGESTORE,
    &remove::ZREM,
    &remove::ZREMRANGEBYRANK,
    &remove::ZREMRANGEBYSCORE,
    &remove::ZREMRANGEBYLEX,
    &pop::ZPOPMIN,
    &pop::ZPOPMAX,
    &pop::ZMPOP,
    &pop::BZPOPMIN,
    &pop::BZPOPMAX,
    &pop::BZMPOP,
    &combine::ZUNION,
    &combine::ZUNIONSTORE,
    &combine::ZINTER,
    &combine::ZINTERSTORE,
    &combine::ZINTERCARD,
    &combine::ZDIFF,
    &combine::ZDIFFSTORE,
    &random::ZRANDMEMBER,
    &scan::ZSCAN,
];
