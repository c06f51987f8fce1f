//! The configuration as the server uses it: typed fields, grouped by subsystem, units last.
//!
//! The rows of `params/` fill these fields; nothing else writes them but [`Settings::new`] and the command line's helpers. A
//! field's documentation names its parameter where the two differ.

mod choice;
mod clients;
mod general;
mod hash_templates;
mod memory;
mod monitoring;
mod network;
mod persistence;
mod startup;
mod whole;

pub use clients::{Clients, OutputLimit, OutputLimits};
pub use general::{Allow, General, LogLevel, Supervision, SyslogFacility};
pub use hash_templates::{FieldCounts, HashTemplates};
pub use memory::{EvictionPolicy, Memory};
pub use monitoring::{Monitoring, NotifyFlags};
pub use network::{BindAddress, Network};
pub use persistence::{Dialects, Persistence, SavePoint};
pub use startup::{Module, Rename, Startup, User};
pub use whole::{PubsubDefault, Security, Settings};

pub use super::value::MemoryLimit;
