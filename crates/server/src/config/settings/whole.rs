//! All groups of settings together.

use std::collections::BTreeMap;

use value::EncodingLimits;

use super::choice::choice;
use super::{Allow, Clients, Dialects, General, HashTemplates, Memory, Monitoring, Network, Persistence, Startup};
use crate::config::param::{Effect, Setting};
use crate::config::params::MAX_THREADS;
use crate::config::registry::params;

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
    pub encodings: EncodingLimits,
    pub hash_templates: HashTemplates,
    pub monitoring: Monitoring,
    pub security: Security,
    /// What only the start obeys: renamed commands, users, modules.
    pub startup: Startup,
    /// Values of parameters that have no field, where they are not the default.
    pub(in crate::config) unused: BTreeMap<&'static str, Vec<u8>>,
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
    /// The file of users; empty: they stand in the configuration file.
    pub aclfile: String,
    /// How many refusals ACL LOG keeps.
    pub acllog_max_len: u64,
    /// Which channels new users may use.
    pub acl_pubsub_default: PubsubDefault,
}

choice! {
    /// Which channels a user may use that no rule on channels was made for.
    PubsubDefault {
        AllChannels = "allchannels",
        #[default]
        ResetChannels = "resetchannels",
    }
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
        settings.general.threads = cores.clamp(1, MAX_THREADS);
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
            encodings: EncodingLimits::default(),
            hash_templates: HashTemplates::default(),
            monitoring: Monitoring::default(),
            security: Security::default(),
            startup: Startup::default(),
            unused: BTreeMap::new(),
        }
    }

    /// Parameters and directives that were set and act on nothing, each with the reason.
    pub(in crate::config) fn unused(&self) -> Vec<(&'static str, &'static str)> {
        let idle = params().filter_map(|param| match param.effect {
            Effect::Unused(why) if param.get(self) != param.default.as_bytes() => Some((param.name, why)),
            Effect::Unused(_) | Effect::Live => None,
        });
        let modules = self.startup.modules.first().map(|_| ("loadmodule", "modules cannot be loaded"));
        idle.chain(modules).collect()
    }
}
