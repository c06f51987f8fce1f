//! Users, from the outside: transcripts that real servers are asked as well, and what only holds in memory.

mod checks;
mod files;
mod log;
mod properties;
mod rules;
mod sessions;
