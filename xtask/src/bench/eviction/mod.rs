//! A cache that is full: how often it hits, and how well it keeps to its limit.

mod hits;
mod overshoot;
mod run;
mod zipf;

pub(super) use run::{EvictionArgs, run};
