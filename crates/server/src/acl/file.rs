//! Files of users: a line each, as ACL LIST shows them.
//!
//! ```text
//! user default on nopass sanitize-payload ~* &* +@all
//! user worker on sanitize-payload #ba7816bf... ~jobs:* resetchannels -@all +@list (~log:* resetchannels -@all +xadd)
//! ```
//!
//! A file is read as a whole or not at all: every line is judged and every fault told, and only a file without any takes effect.
//! There are no comments and no quotes, words are cut at single spaces: that is how the servers of this family read it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::sync::Arc;

use super::rule::{RuleError, is_blank, join_selectors};
use super::user::{DEFAULT, User};
use super::users::Users;
use crate::host::Host;

/// A longer file is refused: nobody has so many users, and it is read into memory.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// Faults are told up to this length of text.
const MAX_FAULTS_BYTES: usize = 16 << 10;

/// What a line of a file goes on from.
pub(super) trait Origin {
    /// The id of the user of this name: that of the one who has it now.
    fn id(&self, name: &[u8]) -> u64;

    /// `acl-pubsub-default`.
    fn all_channels_by_default(&self) -> bool;
}

/// Reads the file called `name`.
///
/// # Errors
/// Why it cannot be opened, in one sentence.
pub(super) fn read(host: &dyn Host, name: &str) -> Result<Vec<u8>, String> {
    let read = || -> io::Result<Vec<u8>> {
        let (file, len) = host.open_file(name)?;
        if len > MAX_FILE_BYTES {
            return Err(io::Error::other("File too large"));
        }
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| {
        let text = error.to_string();
        let text = text.split(" (os error").next().unwrap_or_default();
        format!("Error loading ACLs, opening file '{name}': {text}")
    })
}

/// The users that the lines of `bytes` declare, and the default one if they do not. `name` is that of the file, for the faults.
///
/// # Errors
/// All faults, in the words of ACL LOAD.
pub(super) fn parse(bytes: &[u8], name: &str, origin: &dyn Origin) -> Result<Users, String> {
    let mut users: BTreeMap<Box<[u8]>, User> = BTreeMap::new();
    let mut faults = String::new();
    for (number, line) in (1_u64..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if faults.len() > MAX_FAULTS_BYTES {
            break;
        }
        // Writing to a string does not fail.
        let _ = match parse_line(line, origin) {
            Ok(user) if users.contains_key(&user.name) => {
                let user = String::from_utf8_lossy(&user.name);
                write!(faults, "WARNING: Duplicate user '{user}' found on line {number}. ")
            }
            Ok(user) => {
                users.insert(user.name.clone(), user);
                Ok(())
            }
            Err(Fault::NoUser) => {
                write!(faults, "{name}:{number} should start with user keyword followed by the username. ")
            }
            Err(Fault::BadName(user)) => {
                write!(faults, "'{name}:{number}: username '{user}' contains invalid characters. ")
            }
            Err(Fault::Rules(texts)) => texts.iter().try_for_each(|text| write!(faults, "{name}:{number}: {text}. ")),
        };
    }
    if !faults.is_empty() {
        faults.push_str("WARNING: ACL errors detected, no change to the previously active ACL rules was performed");
        return Err(faults);
    }
    let default = users
        .remove(DEFAULT)
        .unwrap_or_else(|| User::open_default(origin.id(DEFAULT), origin.all_channels_by_default()));
    let mut loaded = Users::new(Arc::new(default));
    users.into_values().for_each(|user| loaded.insert(Arc::new(user)));
    Ok(loaded)
}

/// All users as the text of a file.
pub(super) fn format(users: &Users) -> Vec<u8> {
    users.all().flat_map(|user| [user.describe(), b"\n".to_vec()].concat()).collect()
}

/// A file of users read and written again, for whoever throws bytes at it; `None` if it is refused.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn rewritten(bytes: &[u8]) -> Option<Vec<u8>> {
    struct Alike;

    impl Origin for Alike {
        fn id(&self, _name: &[u8]) -> u64 {
            1
        }

        fn all_channels_by_default(&self) -> bool {
            false
        }
    }

    parse(bytes, "users.acl", &Alike).ok().map(|users| format(&users))
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    NoUser,
    BadName(String),
    Rules(Vec<String>),
}

fn parse_line(line: &[u8], origin: &dyn Origin) -> Result<User, Fault> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(b"user"), Some(name)) = (words.next(), words.next()) else { return Err(Fault::NoUser) };
    if name.iter().any(is_blank) {
        return Err(Fault::BadName(String::from_utf8_lossy(name).into_owned()));
    }
    let rules = join_selectors(words).map_err(|unmatched| {
        let text = unmatched.to_string();
        Fault::Rules(vec![text.trim_end_matches('.').to_owned()])
    })?;
    let mut user = User::new(origin.id(name), name, origin.all_channels_by_default());
    let mut texts = Vec::new();
    let mut told = false;
    for rule in rules {
        match user.apply(&rule) {
            Ok(()) => {}
            Err(error @ RuleError::UnknownCommand) => {
                let rule = String::from_utf8_lossy(&rule);
                texts.push(format!("Error in applying operation '{rule}': {error}"));
            }
            // These do not name their rule: one is as good as many.
            Err(error) if !told => {
                told = true;
                texts.push(error.to_string());
            }
            Err(_) => {}
        }
    }
    if texts.is_empty() { Ok(user) } else { Err(Fault::Rules(texts)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct New;

    impl Origin for New {
        fn id(&self, _name: &[u8]) -> u64 {
            1
        }

        fn all_channels_by_default(&self) -> bool {
            false
        }
    }

    fn read_back(text: &str) -> Result<String, String> {
        parse(text.as_bytes(), "f", &New).map(|users| String::from_utf8(format(&users)).unwrap())
    }

    const OPEN: &str = "user default on nopass sanitize-payload ~* &* +@all\n";

    #[test]
    fn a_file_without_the_default_user_leaves_it_open() {
        assert_eq!(read_back("").unwrap(), OPEN);
        assert_eq!(
            read_back("\n user a on \r\n\n").unwrap(),
            format!("user a on sanitize-payload resetchannels -@all\n{OPEN}")
        );
        assert_eq!(read_back("user default off").unwrap(), "user default off sanitize-payload resetchannels -@all\n");
    }

    #[test]
    fn what_is_written_reads_back() {
        let text = "user a off nopass skip-sanitize-payload %R~x %W~y ~z &c +@all -@dangerous +config|get +select|0 (+get ~q) (db=1,2)\n";
        let written = read_back(text).unwrap();
        assert_eq!(read_back(&written).unwrap(), written);
    }

    /// The lines and the answers are those of Redis 8.0.6.
    #[test]
    fn every_fault_of_a_file_is_told_with_its_line() {
        let cases = [
            ("user a on\nuser a off", "WARNING: Duplicate user 'a' found on line 2. "),
            ("user", "f:1 should start with user keyword followed by the username. "),
            ("\n\n# a comment", "f:3 should start with user keyword followed by the username. "),
            ("User a on", "f:1 should start with user keyword followed by the username. "),
            ("user a \"+get\"", "f:1: Syntax error. "),
            ("user c xx yy", "f:1: Syntax error. "),
            (
                "user c xx +foo yy ~* ~x (+bar) +q|",
                "f:1: Syntax error. f:1: Error in applying operation '+foo': Unknown command or category name in ACL. \
                 f:1: Error in applying operation '(+bar)': Unknown command or category name in ACL. \
                 f:1: Error in applying operation '+q|': Unknown command or category name in ACL. ",
            ),
            ("user a\u{b} on", "'f:1: username 'a\u{b}' contains invalid characters. "),
            // Redis and Valkey crash on this one.
            ("user a (+get ~x", "f:1: Unmatched parenthesis in acl selector starting at '(+get'. "),
        ];
        for (text, faults) in cases {
            let end = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";
            assert_eq!(read_back(text), Err(format!("{faults}{end}")), "{text}");
        }
    }

    #[test]
    fn a_file_of_faults_has_a_short_answer() {
        let faults = read_back(&"x\n".repeat(100_000)).unwrap_err();
        assert!(faults.len() < 2 * MAX_FAULTS_BYTES, "{}", faults.len());
    }
}
