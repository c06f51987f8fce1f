//! What Redis 7.0.15 and 8.0.6 do with these bytes, in one piece and in every other.

mod connection;
mod limits;
mod outcomes;
mod properties;
