//! Places on earth: a sorted set whose scores are geohashes.

mod add;
mod area;
mod cell;
mod member;
mod place;
mod query;
mod radius;
mod search;
mod store;

use command_api::{Arg, Command};

pub(crate) const TABLE: &[&Command] = &[
    &add::GEOADD,
    &member::GEOPOS,
    &member::GEOHASH,
    &member::GEODIST,
    &search::GEOSEARCH,
    &search::GEOSEARCHSTORE,
    &radius::GEORADIUS,
    &radius::GEORADIUS_RO,
    &radius::GEORADIUSBYMEMBER,
    &radius::GEORADIUSBYMEMBER_RO,
];

const UNIT: Arg = Arg::one_of(
    "unit",
    &[Arg::pure_token("m", "M"), Arg::pure_token("km", "KM"), Arg::pure_token("ft", "FT"), Arg::pure_token("mi", "MI")],
);

const ORDER: Arg = Arg::one_of("order", &[Arg::pure_token("asc", "ASC"), Arg::pure_token("desc", "DESC")]).optional();

const COUNT: Arg =
    Arg::block("count-block", &[Arg::integer("count").token("COUNT"), Arg::pure_token("any", "ANY").optional()])
        .optional();

/// As [`COUNT`], of commands that are older than ANY.
const COUNT_SINCE: Arg = Arg::block(
    "count-block",
    &[Arg::integer("count").token("COUNT"), Arg::pure_token("any", "ANY").since("6.2.0").optional()],
)
.optional();
