//! The users that a server starts with: those of `redis.conf`, or those of the file that it names.

use std::sync::Arc;

use super::Acl;
use super::file::{self, Origin};
use super::rule::{is_blank, join_selectors};
use super::user::{DEFAULT, User};
use crate::LogLevel;
use crate::config::{self, ConfigError, PubsubDefault, Settings};
use crate::host::Host;

const BOTH: &str = "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This \
    setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users \
    directly in your redis.conf, but not both.";

impl Acl {
    /// The users that `settings` declare or name a file of.
    ///
    /// # Errors
    /// The line of a user that cannot be obeyed, or what is wrong with the file.
    pub(crate) fn at_start(settings: &Settings, host: &dyn Host, seed: &[u8]) -> Result<Self, ConfigError> {
        let security = &settings.security;
        let all_channels = security.acl_pubsub_default == PubsubDefault::AllChannels;
        let acl = Self::new(seed, all_channels);
        let declared = &settings.startup.users;
        if !security.aclfile.is_empty() {
            if !declared.is_empty() {
                return Err(ConfigError::Conflict { reason: BOTH.to_owned() });
            }
            if !security.requirepass.is_empty() {
                let line = "requirepass is not obeyed: the passwords of the users, the default one's too, are those of the aclfile";
                host.log(LogLevel::Warning, line);
            }
            acl.load(host, &security.aclfile, all_channels).map_err(|faults| ConfigError::Conflict {
                reason: format!("Aborting Redis startup because of ACL errors: {faults}"),
            })?;
        } else if !security.requirepass.is_empty() {
            acl.require(&security.requirepass);
        }
        for user in declared {
            let user = acl.declare(user, all_channels)?;
            if !user.enabled {
                let name = String::from_utf8_lossy(&user.name);
                let line = format!(
                    "The user '{name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a \
                     configuration error."
                );
                host.log(LogLevel::Warning, &line);
            }
            acl.edit(|users| users.insert(Arc::new(user)));
        }
        Ok(acl)
    }

    /// Replaces all users by those of the file.
    ///
    /// # Errors
    /// What is wrong with it; nothing has changed then.
    pub(super) fn load(&self, host: &dyn Host, name: &str, all_channels: bool) -> Result<(), String> {
        let bytes = file::read(host, name)?;
        let users = file::parse(&bytes, name, &Loading { acl: self, all_channels })?;
        self.edit(|all| *all = users);
        Ok(())
    }

    /// The user of a `user` line.
    fn declare(&self, line: &config::User, all_channels: bool) -> Result<User, ConfigError> {
        if line.name.iter().any(is_blank) {
            return Err(ConfigError::at(&line.place, "Spaces not allowed in ACL usernames"));
        }
        let name = || String::from_utf8_lossy(&line.name);
        let rules = join_selectors(line.rules.iter().map(Vec::as_slice)).map_err(|error| {
            ConfigError::at(&line.place, format!("Error in user declaration '{}': {error}", name()))
        })?;
        let id = if line.name == DEFAULT { self.users().default_user().id } else { self.new_id() };
        let mut user = User::new(id, &line.name, all_channels);
        user.apply_all(&rules).map_err(|(rule, error)| {
            let rule = String::from_utf8_lossy(rule);
            let text = format!("Error loading ACL rule '{rule}' for the user named '{}': {error}", name());
            ConfigError::at(&line.place, text)
        })?;
        Ok(user)
    }

    /// The lines of the configuration file that the users need: none if they have a file of their own, and none for a default user who
    /// is what `requirepass` makes of it.
    pub(crate) fn user_lines(&self, settings: &Settings) -> Vec<(Vec<u8>, Vec<u8>)> {
        if !settings.security.aclfile.is_empty() {
            return Vec::new();
        }
        let users = self.users();
        let mut plain = User::open_default(users.default_user().id, false);
        plain.require(&settings.security.requirepass);
        let plain = plain.describe();
        let line = |user: &Arc<User>| (user.name.to_vec(), quote_words(&user.describe()));
        // Redis writes these down a second time as well, changed or not, and does not start with that any more.
        let stands_elsewhere = |user: &User| {
            let mut lines = settings.startup.users.iter().filter(|line| line.is_included);
            lines.any(|line| *line.name == *user.name && self.says_the_same(&line.name, &line.rules))
        };
        users.all().filter(|user| user.describe() != plain && !stands_elsewhere(user)).map(line).collect()
    }

    /// Whether the rules of a `user` line say what the user may do now.
    pub(crate) fn says_the_same(&self, name: &[u8], rules: &[Vec<u8>]) -> bool {
        let users = self.users();
        let Some(now) = users.get(name) else { return false };
        let Ok(rules) = join_selectors(rules.iter().map(Vec::as_slice)) else { return false };
        let mut said = User::new(now.id, name, false);
        said.apply_all(&rules).is_ok() && said.describe() == now.describe()
    }
}

/// A line whose words survive being read as a line of configuration.
fn quote_words(line: &[u8]) -> Vec<u8> {
    let is_plain = |word: &[u8]| word.iter().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\''));
    let quoted = line
        .split(|byte| *byte == b' ')
        .map(|word| if is_plain(word) && !word.is_empty() { word.to_vec() } else { config::quote(word).into_bytes() });
    quoted.collect::<Vec<_>>().join(&b' ')
}

/// Users of a file that is being loaded keep the ids that their names have.
struct Loading<'a> {
    acl: &'a Acl,
    all_channels: bool,
}

impl Origin for Loading<'_> {
    fn id(&self, name: &[u8]) -> u64 {
        self.acl.users().get(name).map_or_else(|| self.acl.new_id(), |user| user.id)
    }

    fn all_channels_by_default(&self) -> bool {
        self.all_channels
    }
}
