//! Users and what they may do: the access control lists of Redis 7 and later, with Valkey's rules on databases.
//!
//! - [`command_rules`], [`selector`], [`user`]: what is allowed, and the rules that say so;
//! - [`rule`]: why a rule is refused; [`password`]: what is kept of a password;
//! - [`check`], with the [`facts`] of commands: whether a user may run a command; scripts ask here too;
//! - [`users`]: all users, immutable snapshots with a version; [`standing`]: how a connection asks at the cost of a comparison;
//! - [`log`]: what was refused; [`disconnect`]: who is thrown out;
//! - [`file`] and [`start`]: files of users, and the users of the start;
//! - [`commands`] and its siblings: ACL's subcommands.
//!
//! Rejected: rules kept as a bit set alone, from which the text is derived, as Redis 7.0 did: a list then says what nobody wrote.

mod check;
mod command_rules;
mod commands;
mod disconnect;
mod dryrun;
mod facts;
mod file;
mod file_commands;
mod log;
mod log_commands;
mod password;
mod random;
mod rule;
mod selector;
mod standing;
mod start;
mod user;
mod user_commands;
mod users;

#[cfg(test)]
mod tests;

pub(crate) use commands::TABLE;
#[cfg(any(test, feature = "testing"))]
pub(crate) use file::rewritten;
use password::PasswordHash;
pub(crate) use standing::{Standing, WaitingUser};
pub(crate) use user::DEFAULT;
pub(crate) use users::Acl;
