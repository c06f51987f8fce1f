//! Why a rule was refused, and how a list of words becomes a list of rules.

use std::fmt;

use command_api::CommandError;

/// Why a rule was refused, in Redis's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleError {
    Syntax,
    UnknownCommand,
    FirstArgOfSubcommand,
    KeyAfterAll,
    ChannelAfterAll,
    NoSuchPassword,
    BadHash,
    DbOutOfRange,
    TooMany,
}

/// The most rules of one kind that one user may have: each is compared with those before it. Tests make do with few.
pub(super) const MAX_RULES: usize = if cfg!(test) { 64 } else { 4096 };

/// Refuses one rule more than there may be.
pub(super) const fn make_room(len: usize) -> Result<(), RuleError> {
    if len < MAX_RULES { Ok(()) } else { Err(RuleError::TooMany) }
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "Syntax error",
            Self::UnknownCommand => "Unknown command or category name in ACL",
            Self::FirstArgOfSubcommand => "Allowing first-arg of a subcommand is not supported",
            Self::KeyAfterAll => {
                "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try \
                 'resetkeys' to start with an empty list of patterns"
            }
            Self::ChannelAfterAll => {
                "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try \
                 'resetchannels' to start with an empty list of channels"
            }
            Self::NoSuchPassword => "The password you are trying to remove from the user does not exist",
            Self::BadHash => {
                "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
            }
            Self::DbOutOfRange => "The provided database ID is out of range",
            Self::TooMany => "Too many rules of this kind",
        })
    }
}

/// The word that opens a selector and has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unmatched(pub(super) Vec<u8>);

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unmatched parenthesis in acl selector starting at '{}'.", String::from_utf8_lossy(&self.0))
    }
}

/// Puts the words of each selector together: `(+get` `~x)` is one rule.
pub(super) fn join_selectors<'a>(words: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Vec<u8>>, Unmatched> {
    let mut rules: Vec<Vec<u8>> = Vec::new();
    let mut open: Option<(&[u8], Vec<u8>)> = None;
    for word in words {
        let (first, rule) = match open.take() {
            Some((first, mut rule)) => {
                rule.push(b' ');
                rule.extend_from_slice(word);
                (first, rule)
            }
            None => (word, word.to_vec()),
        };
        if first.starts_with(b"(") && !rule.ends_with(b")") {
            open = Some((first, rule));
        } else {
            rules.push(rule);
        }
    }
    match open {
        Some((first, _)) => Err(Unmatched(first.to_vec())),
        None => Ok(rules),
    }
}

/// What C calls a space, which ends a word in a file of users; and NUL, which ends the file for some.
pub(super) fn is_blank(byte: &u8) -> bool {
    matches!(byte, 0 | b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// The reply for a rule that ACL SETUSER cannot apply.
pub(super) fn refused(rule: &[u8], error: RuleError) -> CommandError {
    let rule = String::from_utf8_lossy(rule);
    CommandError::Other(format!("ERR Error in ACL SETUSER modifier '{rule}': {error}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(words: &str) -> Result<Vec<String>, String> {
        let rules = join_selectors(words.split(' ').map(str::as_bytes)).map_err(|error| error.to_string())?;
        Ok(rules.into_iter().map(|rule| String::from_utf8(rule).unwrap()).collect())
    }

    #[test]
    fn words_between_parentheses_are_one_rule() {
        let rules = |rules: &[&str]| Ok(rules.iter().map(|rule| (*rule).to_owned()).collect());
        assert_eq!(join("on (+get ~x) (+set) >pw"), rules(&["on", "(+get ~x)", "(+set)", ">pw"]));
        assert_eq!(join("( +get )"), rules(&["( +get )"]));
        assert_eq!(join("(+get (+set)"), rules(&["(+get (+set)"]));
        assert_eq!(join("on (+get ~x"), Err("Unmatched parenthesis in acl selector starting at '(+get'.".to_owned()));
        assert_eq!(join("+get)"), rules(&["+get)"]));
    }
}
