//! What a connection may do, kept so that the common case costs one comparison.
//!
//! A connection whose user may do everything holds a **pass**: the version of the list of users under which that was found. As
//! long as nobody changes a user, the pass equals the version and the command runs. Everybody else, and everybody once after a
//! change, takes the long way: find the user again, look at the password, check the rules.

use std::sync::Arc;

use command_api::{CommandError, Flags, KeyPosition};
use resp::Argv;

use super::check::{self, Denied, Reason};
use super::log::{Context, Refusal};
use super::user::User;
use super::{Acl, PasswordHash};
use crate::clients::{self, ClientInfo};
use crate::node::Node;
use crate::session::Client;
use crate::table::Entry;

/// Who a connection is.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    user: Arc<User>,
    /// The version of the list that `user` was taken from.
    seen: u64,
    /// That version if the connection may do everything, otherwise 0.
    pass: u64,
}

const NO_AUTH: CommandError = CommandError::other("NOAUTH Authentication required.");

impl Standing {
    /// A new connection's: it is the default user.
    pub(crate) fn new(acl: &Acl) -> Self {
        Self { user: Arc::clone(acl.users().default_user()), seen: 0, pass: 0 }
    }

    pub(crate) const fn user(&self) -> &Arc<User> {
        &self.user
    }

    /// Whether everything is allowed, for sure.
    #[inline]
    pub(crate) const fn passes(&self, version: u64) -> bool {
        self.pass == version
    }

    /// Looks the user up again if the list has changed. `None`: it was deleted.
    fn refresh(&mut self, acl: &Acl) -> Option<()> {
        let version = acl.version();
        if self.seen != version {
            let users = acl.users();
            let user = users.get(&self.user.name).filter(|user| user.id == self.user.id)?;
            self.user = Arc::clone(user);
            self.seen = version;
        }
        Some(())
    }
}

impl Client {
    /// Refuses a command that the client's user may not run, and notes it. `positions` is scratch memory.
    pub(crate) fn check_acl(
        &mut self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        positions: &mut Vec<KeyPosition>,
    ) -> Result<(), CommandError> {
        if self.from_primary {
            return Ok(());
        }
        self.find_user(node, entry)?;
        if !self.is_known(node) && !entry.flags.contains(Flags::NO_AUTH) {
            return Err(NO_AUTH);
        }
        let user = &self.standing.user;
        if user.is_unrestricted() {
            // Only with a password, or where none is asked for; AUTH may come before either.
            if self.is_known(node) {
                self.standing.pass = self.standing.seen;
            }
            return Ok(());
        }
        match check::check(user, entry, argv, self.db, positions) {
            Ok(()) => Ok(()),
            Err(denied) => {
                let error = denied.error(user, entry);
                let context = self.context();
                self.note_denial(node, denied, entry, argv, context);
                Err(error)
            }
        }
    }

    /// As [`Client::check_acl`], for a command that was allowed when it was queued and is about to run.
    pub(crate) fn check_acl_in_exec(
        &mut self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        positions: &mut Vec<KeyPosition>,
    ) -> Result<(), CommandError> {
        if self.from_primary {
            return Ok(());
        }
        self.find_user(node, entry)?;
        check::check(&self.standing.user, entry, argv, self.db, positions).map_err(|denied| {
            self.note_denial(node, denied, entry, argv, Context::Multi);
            denied.error_in_exec()
        })
    }

    /// As [`Client::check_acl`], for a command that the client's script calls on database `db`.
    pub(crate) fn check_acl_in_script(
        &self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        db: usize,
        positions: &mut Vec<KeyPosition>,
    ) -> Result<(), CommandError> {
        check::check(&self.standing.user, entry, argv, db, positions).map_err(|denied| {
            self.info.note_state(self);
            note_denial(node, &self.info, &self.standing.user, denied, entry, argv, Context::Script);
            let text = denied.error(&self.standing.user, entry).to_string();
            let reason = text.strip_prefix("NOPERM ").unwrap_or(&text);
            CommandError::Other(format!("ERR ACL failure in script: {reason}").into())
        })
    }

    /// Whether the client's user may run the command on database `db`; nothing is noted.
    pub(crate) fn may_call(&self, entry: &Entry, argv: Argv<'_>, db: usize, positions: &mut Vec<KeyPosition>) -> bool {
        check::check(&self.standing.user, entry, argv, db, positions).is_ok()
    }

    /// Whether the command may read keys that it does not name: SORT.
    pub(crate) fn may_read_every_key(
        &self,
        node: &Node,
        entry: &Entry,
        argv: Argv<'_>,
        positions: &mut Vec<KeyPosition>,
    ) -> bool {
        self.standing.passes(node.acl.version())
            || check::may_read_every_key(&self.standing.user, entry, argv, self.db, positions)
    }

    /// Whether it has said who it is, or need not.
    pub(crate) fn is_known(&self, node: &Node) -> bool {
        self.authenticated || node.acl.is_open()
    }

    /// Lets the client be the user of this name if the password is right. Who is refused is noted, with the `command` that tried.
    pub(crate) fn log_in(&mut self, node: &Node, name: &[u8], password: &[u8], command: &str) -> bool {
        // Also for a name that nobody has: the answer does not come sooner for that.
        let hash = PasswordHash::of(password);
        let version = node.acl.version();
        match node.acl.users().get(name).filter(|user| user.admits(&hash)) {
            Some(user) => {
                self.become_user(Standing { user: Arc::clone(user), seen: version, pass: 0 });
                self.authenticated = true;
                true
            }
            None => {
                let refusal = Refusal {
                    reason: Reason::Auth,
                    context: self.context(),
                    object: command.as_bytes().to_vec(),
                    username: name.to_vec(),
                };
                self.info.note_state(self);
                note(node, &self.info, refusal);
                false
            }
        }
    }

    const fn context(&self) -> Context {
        if self.transaction.is_some() || self.in_exec { Context::Multi } else { Context::TopLevel }
    }

    /// Forgets who the client said it is.
    pub(crate) fn log_out(&mut self, node: &Node) {
        self.become_user(Standing::new(&node.acl));
        self.authenticated = node.acl.is_open();
    }

    fn become_user(&mut self, standing: Standing) {
        *self.info.user.lock() = standing.user.name.clone();
        self.standing = standing;
    }

    /// Takes the rules in force. A transaction may have deleted its own user.
    fn find_user(&mut self, node: &Node, entry: &Entry) -> Result<(), CommandError> {
        if self.standing.refresh(&node.acl).is_none() {
            self.closing = true;
            return Err(Denied { reason: Reason::Command, arg: 0 }.error(&self.standing.user, entry));
        }
        Ok(())
    }

    fn note_denial(&mut self, node: &Node, denied: Denied, entry: &Entry, argv: Argv<'_>, context: Context) {
        if !self.in_exec {
            self.last_command = entry.id + 1;
        }
        self.info.note_state(self);
        note_denial(node, &self.info, &self.standing.user, denied, entry, argv, context);
    }
}

/// Takes note of a refusal.
fn note_denial(
    node: &Node,
    client: &ClientInfo,
    user: &User,
    denied: Denied,
    entry: &Entry,
    argv: Argv<'_>,
    context: Context,
) {
    let object = denied.object(entry, argv).to_vec();
    note(node, client, Refusal { reason: denied.reason, context, object, username: user.name.to_vec() });
}

fn note(node: &Node, client: &ClientInfo, refusal: Refusal) {
    node.acl.denials.count(refusal.reason);
    let now = node.host.unix_ms();
    let line = clients::describe(node, client, now).trim_end().to_owned();
    let max_len = usize::try_from(node.live().settings.security.acllog_max_len).unwrap_or(usize::MAX);
    node.acl.log.lock().add(refusal, line, now, max_len);
}

/// The user of a client that waits, for the check before it is served.
#[derive(Debug)]
pub(crate) struct WaitingUser {
    standing: parking_lot::Mutex<Standing>,
}

impl WaitingUser {
    pub(crate) const fn new(standing: Standing) -> Self {
        Self { standing: parking_lot::Mutex::new(standing) }
    }

    /// Refuses what was allowed when the waiting began, if the rules have changed since.
    pub(crate) fn check(
        &self,
        node: &Node,
        client: u64,
        entry: &Entry,
        argv: Argv<'_>,
        db: usize,
        positions: &mut Vec<KeyPosition>,
    ) -> Result<(), CommandError> {
        let mut standing = self.standing.lock();
        if standing.seen == node.acl.version() {
            return Ok(());
        }
        let denied = match standing.refresh(&node.acl) {
            // Its connection is about to be closed.
            None => Some(Denied { reason: Reason::Command, arg: 0 }),
            Some(()) => check::check(&standing.user, entry, argv, db, positions).err(),
        };
        let Some(denied) = denied else { return Ok(()) };
        if let Some(info) = node.clients.get(client) {
            note_denial(node, &info, &standing.user, denied, entry, argv, Context::TopLevel);
        }
        Err(denied.error(&standing.user, entry))
    }
}
