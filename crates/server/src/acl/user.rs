//! A user: who may log in, and what is allowed then.

use super::password::PasswordHash;
use super::rule::{RuleError, make_room};
use super::selector::Selector;

/// The name of the user that every connection begins as.
pub(crate) const DEFAULT: &[u8] = b"default";

/// A user. Never changed: ACL SETUSER puts another one in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// Another one for each user that is created, so that a connection of one that was deleted is not taken for one of a later user
    /// of the same name.
    pub(super) id: u64,
    pub(crate) name: Box<[u8]>,
    pub(super) enabled: bool,
    /// Any password will do.
    pub(super) no_password: bool,
    /// Payloads of RESTORE are checked in full here whoever sends them; the flag is only told.
    sanitizes_payload: bool,
    pub(super) passwords: Vec<PasswordHash>,
    pub(super) root: Selector,
    pub(super) selectors: Vec<Selector>,
    /// `acl-pubsub-default`: what `reset` and a new selector begin with.
    all_channels_by_default: bool,
    unrestricted: bool,
}

impl User {
    /// A user that is off and may do nothing.
    pub(super) fn new(id: u64, name: &[u8], all_channels_by_default: bool) -> Self {
        Self {
            id,
            name: Box::from(name),
            enabled: false,
            no_password: false,
            sanitizes_payload: true,
            passwords: Vec::new(),
            root: Selector::new(all_channels_by_default),
            selectors: Vec::new(),
            all_channels_by_default,
            unrestricted: false,
        }
    }

    /// The default user, as a server without a configuration has it: everybody is it, and it may do everything.
    pub(super) fn open_default(id: u64, all_channels_by_default: bool) -> Self {
        Self {
            enabled: true,
            no_password: true,
            root: Selector::everything(),
            unrestricted: true,
            ..Self::new(id, DEFAULT, all_channels_by_default)
        }
    }

    /// Nothing is forbidden to it.
    pub(crate) const fn is_unrestricted(&self) -> bool {
        self.unrestricted
    }

    /// Whether any password will do, also while the user is off.
    pub(crate) const fn asks_for_no_password(&self) -> bool {
        self.no_password
    }

    /// Whether a connection is this user without having said so.
    pub(super) const fn is_open(&self) -> bool {
        self.enabled && self.no_password
    }

    /// Whether `password` lets somebody in. All hashes are compared, whichever is right.
    pub(super) fn admits(&self, password: &PasswordHash) -> bool {
        let known = self.passwords.iter().fold(false, |known, hash| known | hash.is_same(password));
        self.enabled && (self.no_password || known)
    }

    /// Replaces all passwords by one; by none at all if it is empty, as `requirepass` does.
    pub(super) fn require(&mut self, password: &[u8]) {
        self.no_password = password.is_empty();
        self.passwords.clear();
        if !self.no_password {
            self.passwords.push(PasswordHash::of(password));
        }
    }

    pub(super) fn selectors(&self) -> impl Iterator<Item = &Selector> {
        std::iter::once(&self.root).chain(&self.selectors)
    }

    /// What later rules than these add goes on from where they left.
    pub(super) fn set_channel_default(&mut self, all: bool) {
        self.all_channels_by_default = all;
    }

    /// Applies rules in order.
    ///
    /// # Errors
    /// The rule that cannot be applied, and why. Those before it have been.
    pub(super) fn apply_all<'r>(&mut self, rules: &'r [Vec<u8>]) -> Result<(), (&'r [u8], RuleError)> {
        rules.iter().try_for_each(|rule| self.apply(rule).map_err(|error| (&rule[..], error)))
    }

    /// Applies one rule; a failure changes nothing.
    pub(super) fn apply(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        let is = |word: &str| rule.eq_ignore_ascii_case(word.as_bytes());
        match rule {
            [] => {}
            _ if is("on") => self.enabled = true,
            _ if is("off") => self.enabled = false,
            _ if is("nopass") => self.require(b""),
            _ if is("resetpass") => {
                self.no_password = false;
                self.passwords.clear();
            }
            _ if is("sanitize-payload") => self.sanitizes_payload = true,
            _ if is("skip-sanitize-payload") => self.sanitizes_payload = false,
            _ if is("clearselectors") => self.selectors.clear(),
            _ if is("reset") => *self = Self::new(self.id, &self.name, self.all_channels_by_default),
            [b'>', password @ ..] => self.add_password(PasswordHash::of(password))?,
            [b'#', digits @ ..] => self.add_password(PasswordHash::parse(digits).ok_or(RuleError::BadHash)?)?,
            [b'<', password @ ..] => self.remove_password(PasswordHash::of(password))?,
            [b'!', digits @ ..] => self.remove_password(PasswordHash::parse(digits).ok_or(RuleError::BadHash)?)?,
            [b'(', rules @ .., b')'] => {
                make_room(self.selectors.len())?;
                let mut selector = Selector::new(self.all_channels_by_default);
                for rule in rules.split(super::rule::is_blank).filter(|rule| !rule.is_empty()) {
                    selector.apply(rule)?;
                }
                self.selectors.push(selector);
            }
            _ => self.root.apply(rule)?,
        }
        self.unrestricted = self.root.allows_everything();
        Ok(())
    }

    fn add_password(&mut self, hash: PasswordHash) -> Result<(), RuleError> {
        if !self.passwords.contains(&hash) {
            make_room(self.passwords.len())?;
            self.passwords.push(hash);
        }
        self.no_password = false;
        Ok(())
    }

    fn remove_password(&mut self, hash: PasswordHash) -> Result<(), RuleError> {
        let at = self.passwords.iter().position(|known| *known == hash).ok_or(RuleError::NoSuchPassword)?;
        self.passwords.remove(at);
        Ok(())
    }

    /// `on`, `nopass`, ...
    pub(super) fn flags(&self) -> Vec<&'static str> {
        let mut flags = vec![if self.enabled { "on" } else { "off" }];
        if self.no_password {
            flags.push("nopass");
        }
        flags.push(if self.sanitizes_payload { "sanitize-payload" } else { "skip-sanitize-payload" });
        flags
    }

    /// The user as a line of a file: `user NAME on #HASH ~* resetchannels -@all +get (~x resetchannels -@all +set)`.
    pub(super) fn describe(&self) -> Vec<u8> {
        let mut line = b"user ".to_vec();
        line.extend_from_slice(&self.name);
        for flag in self.flags() {
            line.push(b' ');
            line.extend_from_slice(flag.as_bytes());
        }
        for hash in &self.passwords {
            line.extend_from_slice(b" #");
            line.extend_from_slice(hash.hex().as_bytes());
        }
        line.push(b' ');
        self.root.describe(&mut line);
        for selector in &self.selectors {
            line.extend_from_slice(b" (");
            selector.describe(&mut line);
            line.push(b')');
        }
        line
    }
}
