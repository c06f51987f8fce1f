//! Which commands may be called: a bit for each, and the rules that set them.
//!
//! A check looks at one bit. The rules are kept as they were given, so that the list of users says what an administrator wrote
//! rather than what can be derived from it:
//!
//! ```text
//! +@all -set +get             both stay, although +get changes nothing
//! +get +set -get              -@all +set -get: a rule takes the place of an earlier one on the same name
//! +config|get +config         -@all +config: one on the whole command replaces those on its subcommands
//! +get -@all +set             -@all +set: @all begins anew
//! ```

use std::collections::BTreeMap;

use command_api::Acl;

use super::rule::{RuleError, is_blank, make_room};
use crate::table::{CommandTable, Entry, spec};

/// The commands that a selector allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommandRules {
    /// `+@all` or `-@all`, which every list begins with.
    begins_with_all: bool,
    written: Vec<Written>,
    /// A bit for each entry of the table, by its id.
    allowed: Vec<u64>,
    /// First arguments that are allowed of commands that are not, by the command's id; lower case.
    first_args: BTreeMap<usize, Vec<Box<[u8]>>>,
}

/// A rule as the list of users shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Written {
    allows: bool,
    /// Without the sign, in lower case.
    name: Box<[u8]>,
}

impl CommandRules {
    /// `+@all` or `-@all`.
    pub(super) fn all(allows: bool) -> Self {
        let entries = CommandTable::get().entries().len();
        let mut allowed = vec![if allows { u64::MAX } else { 0 }; entries.div_ceil(64)];
        if let (Some(last), true) = (allowed.last_mut(), !entries.is_multiple_of(64)) {
            *last &= (1 << (entries % 64)) - 1;
        }
        Self { begins_with_all: allows, written: Vec::new(), allowed, first_args: BTreeMap::new() }
    }

    /// Applies `+name` or `-name`.
    pub(super) fn apply(&mut self, allows: bool, name: &[u8]) -> Result<(), RuleError> {
        let name = name.to_ascii_lowercase();
        let table = CommandTable::get();
        if name == b"@all" {
            *self = Self::all(allows);
            return Ok(());
        }
        make_room(self.written.len())?;
        if let Some(category) = name.strip_prefix(b"@") {
            let category = find_category(category).ok_or(RuleError::UnknownCommand)?;
            for entry in table.entries().iter().filter(|entry| is_in(entry, category)) {
                self.set(entry, allows);
            }
        } else if let Some(entry) = table.find(&name) {
            self.set(entry, allows);
            table.subcommands(entry).for_each(|sub| self.set(sub, allows));
        } else if allows {
            self.allow_first_arg(&name)?;
        } else {
            return Err(RuleError::UnknownCommand);
        }
        self.write(allows, &name);
        Ok(())
    }

    /// Whether the command may be called with `first_arg` behind its name.
    pub(super) fn allow(&self, entry: &Entry, first_arg: Option<&[u8]>) -> bool {
        let word = self.allowed.get(entry.id / 64).copied().unwrap_or(0);
        if word >> (entry.id % 64) & 1 == 1 {
            return true;
        }
        let (Some(args), Some(first)) = (self.first_args.get(&entry.id), first_arg) else { return false };
        args.iter().any(|arg| arg.eq_ignore_ascii_case(first))
    }

    /// Whether no command is left out.
    pub(super) fn allow_everything(&self) -> bool {
        self.allowed == Self::all(true).allowed
    }

    /// Appends `+@all -set +get`.
    pub(super) fn describe(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.begins_with_all { b"+@all" } else { b"-@all" });
        for rule in &self.written {
            out.extend_from_slice(if rule.allows { b" +" } else { b" -" });
            out.extend_from_slice(&rule.name);
        }
    }

    fn set(&mut self, entry: &Entry, allows: bool) {
        self.first_args.remove(&entry.id);
        if let Some(word) = self.allowed.get_mut(entry.id / 64) {
            let bit = 1 << (entry.id % 64);
            *word = if allows { *word | bit } else { *word & !bit };
        }
    }

    /// `select|0`: a command that is not allowed as a whole, with one first argument. A blank in it could not be written to a file
    /// of users and read back.
    fn allow_first_arg(&mut self, name: &[u8]) -> Result<(), RuleError> {
        let bar = name.iter().rposition(|byte| *byte == b'|').ok_or(RuleError::UnknownCommand)?;
        let (command, arg) = (&name[..bar], &name[bar + 1..]);
        let entry = CommandTable::get().find(command).ok_or(RuleError::UnknownCommand)?;
        if entry.first_arg > 1 {
            return Err(RuleError::FirstArgOfSubcommand);
        }
        if arg.is_empty() || arg.iter().any(is_blank) {
            return Err(RuleError::Syntax);
        }
        if !entry.subcommands.is_empty() {
            return Err(RuleError::UnknownCommand);
        }
        let args = self.first_args.entry(entry.id).or_default();
        if !args.iter().any(|known| **known == *arg) {
            args.push(Box::from(arg));
        }
        Ok(())
    }

    fn write(&mut self, allows: bool, name: &[u8]) {
        let is_command = !name.starts_with(b"@") && !name.contains(&b'|');
        let replaces =
            |old: &[u8]| old == name || is_command && old.strip_prefix(name).is_some_and(|rest| rest.starts_with(b"|"));
        self.written.retain(|rule| !replaces(&rule.name));
        self.written.push(Written { allows, name: Box::from(name) });
    }
}

/// The category called `name`, in lower case and without its `@`.
pub(super) fn find_category(name: &[u8]) -> Option<Acl> {
    Acl::ALL.iter().copied().find(|category| category.name().as_bytes() == name)
}

/// Whether the command belongs to the category.
pub(super) fn is_in(entry: &Entry, wanted: Acl) -> bool {
    spec!(entry.spec, spec => spec.categories().any(|category| category == wanted))
}
