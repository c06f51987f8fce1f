//! The names that commands answer to: those of the table, and what `rename-command` made of them.

use std::collections::HashMap;

use crate::config::{Config, ConfigError, Rename};
use crate::table::{CommandTable, Entry};

/// Renamed and removed commands; empty for nearly everybody.
#[derive(Debug, Default)]
pub(crate) struct CommandNames {
    /// Lower-case name to the command's id; `None`: there is no such command any more.
    changed: HashMap<Vec<u8>, Option<usize>>,
}

impl CommandNames {
    /// Applies the renames in their order.
    ///
    /// # Errors
    /// The directive that names no command, or a name that is taken.
    pub(crate) fn new(renames: &[Rename]) -> Result<Self, ConfigError> {
        let mut names = Self::default();
        for rename in renames {
            let refuse = |reason: &str| ConfigError::at(&rename.place, reason);
            let entry = names.find(&rename.from).ok_or_else(|| refuse("No such command in rename-command"))?;
            names.changed.insert(rename.from.to_ascii_lowercase(), None);
            let Some(to) = &rename.to else { continue };
            if names.find(to).is_some() {
                return Err(refuse("Target command name already exists"));
            }
            names.changed.insert(to.to_ascii_lowercase(), Some(entry.id));
        }
        Ok(names)
    }

    /// The command called `name`, in any case. `config|get` is the table's name for a subcommand, not one that a client may use.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&'static Entry> {
        let table = CommandTable::get();
        let find = || table.find(name).filter(|entry| entry.first_arg == 1);
        if self.changed.is_empty() {
            return find();
        }
        match self.changed.get(&name.to_ascii_lowercase()) {
            Some(id) => id.and_then(|id| table.entries().get(id)),
            None => find(),
        }
    }
}

/// Refuses a configuration that asks for protection, or for a role, that this version cannot give: to start without it would
/// surprise whoever wrote it.
///
/// # Errors
/// The first such directive.
pub fn refuse_unsupported(config: &Config) -> Result<(), ConfigError> {
    let startup = &config.settings().startup;
    if let Some(module) = startup.modules.first() {
        return Err(ConfigError::at(&module.place, "Modules are not supported"));
    }
    const OFF: &[(&str, &[&str], &str)] = &[
        ("tls-port", &["0"], "TLS is not supported by this version"),
        ("cluster-enabled", &["no"], "cluster mode is not supported by this version"),
        ("replicaof", &["", "no one"], "replication is not supported by this version"),
    ];
    for (name, off, reason) in OFF {
        for answer in config.get(&[name.as_bytes()]) {
            if !off.iter().any(|value| value.as_bytes() == answer.value) {
                return Err(ConfigError::Conflict { reason: format!("{name}: {reason}") });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Place, Source};

    fn rename(from: &str, to: Option<&str>) -> Rename {
        let place = Place { source: Source::CommandLine, line: 1, directive: "rename-command".into() };
        Rename { from: from.into(), to: to.map(Into::into), place }
    }

    #[test]
    fn commands_are_renamed_and_removed() {
        let names = CommandNames::new(&[rename("FLUSHALL", None), rename("config", Some("secret"))]).unwrap();
        assert!(names.find(b"flushall").is_none());
        assert!(names.find(b"CONFIG").is_none());
        assert!(names.find(b"config|get").is_none(), "nor by the name that the table has for its subcommand");
        assert_eq!(names.find(b"Secret").unwrap().full_name, "config");
        assert_eq!(names.find(b"get").unwrap().full_name, "get");
    }

    #[test]
    fn a_rename_of_nothing_or_onto_something_is_refused() {
        assert!(CommandNames::new(&[rename("nosuch", Some("x"))]).is_err());
        assert!(CommandNames::new(&[rename("get", Some("SET"))]).is_err());
    }

    #[test]
    fn the_defaults_ask_for_nothing_unsupported() {
        assert_eq!(refuse_unsupported(&Config::new(1)), Ok(()));
    }

    #[test]
    fn tls_and_cluster_mode_are_refused_rather_than_ignored() {
        for (name, value) in [("tls-port", "6380"), ("replicaof", "h 1")] {
            let mut config = Config::new(1);
            let Ok(change) = config.prepare(&[name.as_bytes(), value.as_bytes()], crate::config::Peer::Local) else {
                continue;
            };
            config.commit(change);
            assert!(refuse_unsupported(&config).is_err(), "{name}");
        }
    }
}
