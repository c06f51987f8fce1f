//! Whether a user may run a command with these arguments.
//!
//! A command passes if one selector allows all of it: the databases it touches, the command itself, its keys, its channels. If none
//! does, the refusal of the selector that came furthest is told, and of several the one for the later argument, as Redis does.

use command_api::{CommandError, Flags, KeyFlags, KeyPosition};
use resp::Argv;
use stdx::num;

use super::facts::{Channels, Databases, Facts};
use super::selector::Selector;
use super::user::User;
use crate::table::Entry;

/// What was refused, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    Database,
    Command,
    Key,
    Channel,
    /// A name and a password that do not go together.
    Auth,
}

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Denied {
    pub(crate) reason: Reason,
    /// Index of the argument that is refused; 0 when it is the command itself.
    pub(crate) arg: usize,
}

/// Whether `user` may run the command on database `db`. `positions` is scratch memory: a warm one makes the check free of allocations.
///
/// # Errors
/// What is refused.
pub(crate) fn check(
    user: &User,
    entry: &Entry,
    argv: Argv<'_>,
    db: usize,
    positions: &mut Vec<KeyPosition>,
) -> Result<(), Denied> {
    if user.is_unrestricted() {
        return Ok(());
    }
    find_keys(entry, argv, positions);
    let mut worst = None;
    for selector in user.selectors() {
        match check_selector(selector, entry, argv, db, positions) {
            Ok(()) => return Ok(()),
            Err(denied) => worst = worst.max(Some(denied)),
        }
    }
    worst.map_or(Ok(()), Err)
}

/// As [`check`], for a command that also reads keys it does not name, as SORT does with BY and GET: whether one selector allows the
/// command and the reading of every key.
pub(crate) fn may_read_every_key(
    user: &User,
    entry: &Entry,
    argv: Argv<'_>,
    db: usize,
    positions: &mut Vec<KeyPosition>,
) -> bool {
    if user.is_unrestricted() {
        return true;
    }
    find_keys(entry, argv, positions);
    user.selectors()
        .any(|selector| selector.reads_every_key() && check_selector(selector, entry, argv, db, positions).is_ok())
}

/// Whether `user` may stay subscribed.
pub(super) fn may_hear(user: &User, name: &[u8], is_pattern: bool) -> bool {
    user.selectors().any(
        |selector| {
            if is_pattern { selector.allows_channel_pattern(name) } else { selector.allows_channel(name) }
        },
    )
}

/// Keys that cannot be told from wrong arguments are nobody's: the handler refuses such arguments before it touches a key. Those that
/// were found before that are judged.
fn find_keys(entry: &Entry, argv: Argv<'_>, positions: &mut Vec<KeyPosition>) {
    positions.clear();
    if entry.has_keys {
        let _ = entry.find_keys(argv, positions);
        for position in positions {
            position.flags = entry.key_use(argv, position.flags);
        }
    }
}

fn check_selector(
    selector: &Selector,
    entry: &Entry,
    argv: Argv<'_>,
    db: usize,
    keys: &[KeyPosition],
) -> Result<(), Denied> {
    let facts = Facts::of(entry);
    if !selector.allows_all_dbs() {
        check_databases(selector, facts.databases, entry, argv, db)?;
    }
    if !entry.flags.contains(Flags::NO_AUTH) && !selector.commands.allow(entry, argv.get(1)) {
        return Err(Denied { reason: Reason::Command, arg: 0 });
    }
    if !selector.allows_all_keys() {
        for key in keys.iter().filter(|key| !key.flags.contains(KeyFlags::NOT_KEY)) {
            let arg = key.index as usize;
            if !selector.allows_key(argv.get(arg).unwrap_or_default(), key.flags) {
                return Err(Denied { reason: Reason::Key, arg });
            }
        }
    }
    if !selector.allows_all_channels() {
        let (args, is_pattern) = match facts.channels {
            Channels::None => (1..1, false),
            Channels::First => (1..argv.len().min(2), false),
            Channels::Every => (1..argv.len(), false),
            Channels::EveryPattern => (1..argv.len(), true),
        };
        for arg in args {
            let name = argv.get(arg).unwrap_or_default();
            let allowed =
                if is_pattern { selector.allows_channel_pattern(name) } else { selector.allows_channel(name) };
            if !allowed {
                return Err(Denied { reason: Reason::Channel, arg });
            }
        }
    }
    Ok(())
}

fn check_databases(
    selector: &Selector,
    databases: Databases,
    entry: &Entry,
    argv: Argv<'_>,
    selected: usize,
) -> Result<(), Denied> {
    let refuse = |arg| Err(Denied { reason: Reason::Database, arg });
    // What is no number of a database is refused by the handler.
    let named = |arg: usize| {
        let db = argv.get(arg).and_then(num::parse_i64).and_then(|db| usize::try_from(db).ok());
        if db.is_none_or(|db| selector.allows_db(db)) { Ok(()) } else { refuse(arg) }
    };
    match databases {
        Databases::None => return Ok(()),
        Databases::First => return named(1),
        Databases::FirstTwo => {
            named(1)?;
            return named(2);
        }
        Databases::All => return refuse(0),
        Databases::Selected | Databases::SelectedAndSecond | Databases::SelectedAndOption => {}
    }
    if !selector.allows_db(selected) {
        return refuse(0);
    }
    match databases {
        Databases::SelectedAndSecond => named(2),
        Databases::SelectedAndOption => {
            // Behind the two keys of COPY.
            let is_db = |arg: &usize| argv.get(*arg).is_some_and(|word| word.eq_ignore_ascii_case(b"DB"));
            (entry.first_arg + 2..argv.len()).filter(is_db).try_for_each(|arg| named(arg + 1))
        }
        Databases::None | Databases::Selected | Databases::First | Databases::FirstTwo | Databases::All => Ok(()),
    }
}

impl Denied {
    /// The reply to a client.
    pub(crate) fn error(self, user: &User, entry: &Entry) -> CommandError {
        match self.reason {
            Reason::Command | Reason::Auth => {
                let user = String::from_utf8_lossy(&user.name);
                let text = format!("NOPERM User {user} has no permissions to run the '{}' command", entry.full_name);
                CommandError::Other(text.into())
            }
            Reason::Key => CommandError::other("NOPERM No permissions to access a key"),
            Reason::Channel => CommandError::other("NOPERM No permissions to access a channel"),
            Reason::Database => CommandError::other("NOPERM No permissions to access database"),
        }
    }

    /// What ACL DRYRUN tells, who names the argument.
    pub(super) fn explain(self, user: &User, entry: &Entry, argv: Argv<'_>) -> String {
        let user = String::from_utf8_lossy(&user.name);
        let arg = String::from_utf8_lossy(argv.get(self.arg).unwrap_or_default());
        match self.reason {
            Reason::Command | Reason::Auth => {
                format!("User {user} has no permissions to run the '{}' command", entry.full_name)
            }
            Reason::Key => format!("User {user} has no permissions to access the '{arg}' key"),
            Reason::Channel => format!("User {user} has no permissions to access the '{arg}' channel"),
            Reason::Database => format!("User {user} has no permissions to access database {arg}"),
        }
    }

    /// Why a command of a transaction does not run that was allowed when it was queued.
    pub(crate) fn error_in_exec(self) -> CommandError {
        let reason = match self.reason {
            Reason::Command | Reason::Auth => "no permission to execute the command or subcommand",
            Reason::Key => "no permission to touch the specified keys",
            Reason::Channel => "no permission to access one of the channels used as arguments",
            Reason::Database => "no permission to access the database",
        };
        let text = format!(
            "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no \
             longer allowed for the following reason: {reason}"
        );
        CommandError::Other(text.into())
    }

    /// What the log names: the refused argument, or the command.
    pub(super) fn object<'a>(self, entry: &'a Entry, argv: Argv<'a>) -> &'a [u8] {
        if self.arg == 0 { entry.full_name.as_bytes() } else { argv.get(self.arg).unwrap_or_default() }
    }
}
