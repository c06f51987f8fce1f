//! The configuration as the server uses it: typed fields, grouped by subsystem, units last.
//!
//! The rows of `params/` fill these fields; nothing else writes them but [`Settings::new`] and the command line's helpers. A
//! field's documentation names its parameter where the two differ.

mod clients;
mod encodings;
mod general;
mod memory;
mod monitoring;
mod network;
mod persistence;
mod startup;

use std::collections::BTreeMap;

pub use clients::{Clients, OutputLimit, OutputLimits};
pub use encodings::Encodings;
pub use general::{Allow, General, LogLevel, Supervision, SyslogFacility};
pub use memory::{EvictionPolicy, Memory};
pub use monitoring::{Monitoring, NotifyFlags};
pub use network::{BindAddress, Network};
pub use persistence::{Dialects, Persistence, SavePoint};
pub use startup::{Module, Rename, Startup, User};

use super::param::{Effect, Setting};
use super::registry::params;
pub use super::value::MemoryLimit;

/// Every value in force. Cloned as a whole when CONFIG SET changes something, so that readers see one state.
///
/// ```
/// let settings = server::config::Settings::new(4);
/// assert_eq!((settings.network.port, settings.general.threads), (6379, 4));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub network: Network,
    pub general: General,
    pub clients: Clients,
    pub memory: Memory,
    pub persistence: Persistence,
    pub dialects: Dialects,
    pub encodings: Encodings,
    pub monitoring: Monitoring,
    pub security: Security,
    /// What only the start obeys: renamed commands, users, modules.
    pub startup: Startup,
    /// Values of parameters that have no field, where they are not the default.
    pub(super) unused: BTreeMap<&'static str, Vec<u8>>,
}

/// Who may do what. Users and their rules live with ACL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// The default user's password; empty means none.
    pub requirepass: Vec<u8>,
    /// Whether a server without a password serves this machine only.
    pub protected_mode: bool,
    pub enable_debug_command: Allow,
    pub enable_protected_configs: Allow,
}

impl Settings {
    /// The defaults on a machine of `cores` cores.
    #[must_use]
    pub fn new(cores: usize) -> Self {
        let mut settings = Self::blank();
        for param in params().filter(|param| param.has_field()) {
            let set = param.set(&mut settings, &[param.default.as_bytes()], Setting::Default);
            debug_assert_eq!(set, Ok(()), "default of {}", param.name);
        }
        settings.general.threads = cores.clamp(1, super::params::MAX_THREADS);
        settings
    }

    /// Zeros; the rows know the defaults.
    fn blank() -> Self {
        Self {
            network: Network::default(),
            general: General::default(),
            clients: Clients::default(),
            memory: Memory::default(),
            persistence: Persistence::default(),
            dialects: Dialects::default(),
            encodings: Encodings::default(),
            monitoring: Monitoring::default(),
            security: Security::default(),
            startup: Startup::default(),
            unused: BTreeMap::new(),
        }
    }

    /// Parameters that were set and act on nothing, each with the reason.
    pub(super) fn unused(&self) -> Vec<(&'static str, &'static str)> {
        let idle = params().filter_map(|param| match param.effect {
            Effect::Unused(why) if param.get(self) != param.default.as_bytes() => Some((param.name, why)),
            Effect::Unused(_) | Effect::Live => None,
        });
        idle.collect()
    }
}

/// An enum of a parameter's names: the variants in the order that the refusal lists them.
macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)*
        }

        impl $name {
            const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub(in crate::config) const NAMES: &'static [&'static str] = &[$($text),*];

            /// The name in the configuration.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl crate::config::slot::Stored<crate::config::slot::Pick> for $name {
            fn load(&self) -> crate::config::slot::Pick {
                crate::config::slot::Pick(Self::ALL.iter().position(|choice| choice == self).unwrap_or_default())
            }
            fn store(value: crate::config::slot::Pick) -> Self {
                Self::ALL.get(value.0).copied().unwrap_or_default()
            }
        }
    };
}
use choice;
