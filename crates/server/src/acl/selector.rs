//! A selector: commands, keys, channels and databases that are allowed together. Every user has one, and may have more in
//! parentheses; a command passes if one of them allows all of it.

use command_api::KeyFlags;
use stdx::{glob, num};

use super::command_rules::CommandRules;
use super::rule::{RuleError, is_blank, make_room};

/// What is allowed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector {
    pub(super) commands: CommandRules,
    keys: Keys,
    channels: Names,
    dbs: Dbs,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Keys {
    All,
    These(Vec<KeyPattern>),
}

/// Keys, and what may be done with them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct KeyPattern {
    reads: bool,
    writes: bool,
    pattern: Box<[u8]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Names {
    All,
    These(Vec<Box<[u8]>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Dbs {
    All,
    /// In ascending order.
    These(Vec<usize>),
}

impl Selector {
    /// Nothing is allowed, but channels if `all_channels`.
    pub(super) fn new(all_channels: bool) -> Self {
        Self {
            commands: CommandRules::all(false),
            keys: Keys::These(Vec::new()),
            channels: if all_channels { Names::All } else { Names::These(Vec::new()) },
            dbs: Dbs::All,
        }
    }

    /// Everything is allowed.
    pub(super) fn everything() -> Self {
        Self { commands: CommandRules::all(true), keys: Keys::All, channels: Names::All, dbs: Dbs::All }
    }

    /// Applies one rule; a failure changes nothing.
    pub(super) fn apply(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        let is = |word: &str| rule.eq_ignore_ascii_case(word.as_bytes());
        match rule {
            _ if is("allkeys") || rule == b"~*" => self.keys = Keys::All,
            _ if is("resetkeys") => self.keys = Keys::These(Vec::new()),
            _ if is("allchannels") || rule == b"&*" => self.channels = Names::All,
            _ if is("resetchannels") => self.channels = Names::These(Vec::new()),
            _ if is("allcommands") => self.commands = CommandRules::all(true),
            _ if is("nocommands") => self.commands = CommandRules::all(false),
            _ if is("alldbs") => self.dbs = Dbs::All,
            _ if is("resetdbs") => self.dbs = Dbs::These(Vec::new()),
            [b'~', pattern @ ..] => return self.add_key(true, true, pattern),
            [b'%', rest @ ..] => {
                let (reads, writes, pattern) = parse_key_rule(rest)?;
                return self.add_key(reads, writes, pattern);
            }
            [b'&', pattern @ ..] => return self.add_channel(pattern),
            [b'+', name @ ..] => return self.commands.apply(true, name),
            [b'-', name @ ..] => return self.commands.apply(false, name),
            _ => match rule.split_at_checked(3) {
                Some((word, list)) if word.eq_ignore_ascii_case(b"db=") => self.dbs = Dbs::These(parse_dbs(list)?),
                Some(_) | None => return Err(RuleError::Syntax),
            },
        }
        Ok(())
    }

    fn add_key(&mut self, reads: bool, writes: bool, pattern: &[u8]) -> Result<(), RuleError> {
        let Keys::These(patterns) = &mut self.keys else { return Err(RuleError::KeyAfterAll) };
        if pattern.iter().any(is_blank) {
            return Err(RuleError::Syntax);
        }
        if reads && writes && pattern == b"*" {
            self.keys = Keys::All;
        } else if let Some(known) = patterns.iter_mut().find(|known| *known.pattern == *pattern) {
            known.reads |= reads;
            known.writes |= writes;
        } else {
            make_room(patterns.len())?;
            patterns.push(KeyPattern { reads, writes, pattern: Box::from(pattern) });
        }
        Ok(())
    }

    fn add_channel(&mut self, pattern: &[u8]) -> Result<(), RuleError> {
        let Names::These(patterns) = &mut self.channels else { return Err(RuleError::ChannelAfterAll) };
        if pattern.iter().any(is_blank) {
            return Err(RuleError::Syntax);
        }
        if !patterns.iter().any(|known| **known == *pattern) {
            make_room(patterns.len())?;
            patterns.push(Box::from(pattern));
        }
        Ok(())
    }

    /// Whether `key` may be used as `flags` say. A command that neither reads nor changes what a key holds (EXISTS, TYPE) is content
    /// with any pattern that the key fits.
    pub(super) fn allows_key(&self, key: &[u8], flags: KeyFlags) -> bool {
        let Keys::These(patterns) = &self.keys else { return true };
        let reads = flags.contains(KeyFlags::ACCESS);
        let writes = [KeyFlags::INSERT, KeyFlags::UPDATE, KeyFlags::DELETE].iter().any(|flag| flags.contains(*flag));
        patterns.iter().any(|one| (one.reads || !reads) && (one.writes || !writes) && glob::matches(&one.pattern, key))
    }

    /// Whether every key may be read, whatever it is called.
    pub(super) fn reads_every_key(&self) -> bool {
        match &self.keys {
            Keys::All => true,
            Keys::These(patterns) => patterns.iter().any(|one| one.reads && *one.pattern == *b"*"),
        }
    }

    pub(super) const fn allows_all_keys(&self) -> bool {
        matches!(self.keys, Keys::All)
    }

    pub(super) fn allows_channel(&self, channel: &[u8]) -> bool {
        match &self.channels {
            Names::All => true,
            Names::These(patterns) => patterns.iter().any(|pattern| glob::matches(pattern, channel)),
        }
    }

    /// Whether a pattern may be subscribed to: only one that a rule spells out, for it might match more than any other.
    pub(super) fn allows_channel_pattern(&self, wanted: &[u8]) -> bool {
        match &self.channels {
            Names::All => true,
            Names::These(patterns) => patterns.iter().any(|pattern| **pattern == *wanted),
        }
    }

    pub(super) const fn allows_all_channels(&self) -> bool {
        matches!(self.channels, Names::All)
    }

    pub(super) fn allows_db(&self, db: usize) -> bool {
        match &self.dbs {
            Dbs::All => true,
            Dbs::These(dbs) => dbs.binary_search(&db).is_ok(),
        }
    }

    pub(super) const fn allows_all_dbs(&self) -> bool {
        matches!(self.dbs, Dbs::All)
    }

    pub(super) fn allows_everything(&self) -> bool {
        self.allows_all_keys()
            && self.allows_all_channels()
            && self.allows_all_dbs()
            && self.commands.allow_everything()
    }

    /// `~k* %R~r*`: the patterns of keys.
    pub(super) fn key_rules(&self) -> Vec<u8> {
        let Keys::These(patterns) = &self.keys else { return b"~*".to_vec() };
        let one = |key: &KeyPattern| {
            let sign: &[u8] = match (key.reads, key.writes) {
                (true, true) => b"~",
                (true, false) => b"%R~",
                (false, _) => b"%W~",
            };
            [sign, &key.pattern].concat()
        };
        patterns.iter().map(one).collect::<Vec<_>>().join(&b' ')
    }

    /// `&a* &b`: the patterns of channels.
    pub(super) fn channel_rules(&self) -> Vec<u8> {
        let Names::These(patterns) = &self.channels else { return b"&*".to_vec() };
        patterns.iter().map(|pattern| [b"&", &**pattern].concat()).collect::<Vec<_>>().join(&b' ')
    }

    /// `db=0,3`; empty for none.
    pub(super) fn db_rules(&self) -> Vec<u8> {
        let Dbs::These(dbs) = &self.dbs else { return b"alldbs".to_vec() };
        let dbs: Vec<String> = dbs.iter().map(usize::to_string).collect();
        if dbs.is_empty() { Vec::new() } else { format!("db={}", dbs.join(",")).into_bytes() }
    }

    /// Appends all rules, in the form that a list of users and a file of users have: a channel list says that it begins empty, and
    /// databases are mentioned if not all are allowed.
    pub(super) fn describe(&self, out: &mut Vec<u8>) {
        let mut word = |text: &[u8]| {
            if !text.is_empty() {
                out.extend_from_slice(text);
                out.push(b' ');
            }
        };
        word(&self.key_rules());
        if !self.allows_all_channels() {
            word(b"resetchannels");
        }
        word(&self.channel_rules());
        if !self.allows_all_dbs() {
            let dbs = self.db_rules();
            word(if dbs.is_empty() { b"resetdbs" } else { &dbs });
        }
        self.commands.describe(out);
    }
}

/// `R~x`, `W~x`, `RW~x`: the letters in any order and case. Redis takes the letters without a tilde for the empty pattern.
fn parse_key_rule(rule: &[u8]) -> Result<(bool, bool, &[u8]), RuleError> {
    let (mut reads, mut writes) = (false, false);
    let mut rest = rule;
    loop {
        match rest {
            [b'r' | b'R', after @ ..] if !reads => (reads, rest) = (true, after),
            [b'w' | b'W', after @ ..] if !writes => (writes, rest) = (true, after),
            [b'~', pattern @ ..] if reads || writes => return Ok((reads, writes, pattern)),
            [] if reads || writes => return Ok((reads, writes, &[])),
            _ => return Err(RuleError::Syntax),
        }
    }
}

/// `0,3`: numbers between commas.
fn parse_dbs(list: &[u8]) -> Result<Vec<usize>, RuleError> {
    let mut dbs = Vec::new();
    for text in list.split(|byte| *byte == b',') {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(RuleError::Syntax);
        }
        let significant = digits.iter().position(|digit| *digit != b'0').unwrap_or(digits.len() - 1);
        let db = num::parse_i64(&digits[significant..]).filter(|_| digits.len() == text.len());
        let db = db.and_then(|db| i32::try_from(db).ok()).and_then(|db| usize::try_from(db).ok());
        dbs.push(db.ok_or(RuleError::DbOutOfRange)?);
    }
    dbs.sort_unstable();
    dbs.dedup();
    Ok(dbs)
}
