//! `cargo xtask bench`: Ochre beside another server, on the same machine, in the same minutes.
//!
//! Absolute figures drift on a shared machine (clock speed, neighbours, kernel), so nothing here is meant to be read alone:
//! both servers run pinned to the same core, take turns (A B A B ...), and every figure is printed with its ratio to the
//! peer's. The measure to trust is **server CPU per command**: nanoseconds on the core from the scheduler's own books, which
//! do not change when the load generator is the slower of the two. Requests per second and latency are printed beside it.
//!
//! | mode | question |
//! | --- | --- |
//! | (none) | CPU per command, requests/s and latency of a list of commands |
//! | `memory` | resident bytes per key |
//! | `pause` | how long one SET may take while the keyspace grows |
//! | `eviction` | how often a full cache hits, and how well it keeps to `maxmemory` |
//! | `connections` | what idle connections cost |
//! | `serialization` | CPU of DUMP, RESTORE, SAVE and loading |
//! | `scripts` | CPU of the libraries that scripts call |
//! | `expire` | how soon keys with one deadline are gone among many that live on |

mod args;
mod connections;
mod cpu;
mod eviction;
mod expire;
mod histogram;
mod load;
mod loader;
mod machine;
mod memory;
mod pair;
mod pause;
mod progress;
mod record;
mod scripts;
mod serialization;
mod speed;
mod stats;
mod workload;

pub(crate) use args::BenchArgs;
pub(crate) use args::run;
pub(crate) use pair::build_ochre;
