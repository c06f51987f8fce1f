//! All users, as every lane sees them.
//!
//! The list is immutable and replaced as a whole, with a version that goes up: a lane reads one number per command, and looks at
//! the list only when the number is not the one it knows ([`super::standing`]). Edits are rare and copy the map of shared users.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};

use super::log::Log;
use super::random::Passwords;
use super::user::{DEFAULT, User};

/// The users at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Users {
    by_name: BTreeMap<Box<[u8]>, Arc<User>>,
    default: Arc<User>,
}

/// Users, the log of refusals, and what is counted.
#[derive(Debug)]
pub(crate) struct Acl {
    users: RwLock<Arc<Users>>,
    version: Version,
    last_id: AtomicU64,
    pub(super) log: Mutex<Log>,
    pub(super) denials: Denials,
    /// For ACL GENPASS.
    pub(super) passwords: Mutex<Passwords>,
}

/// On a cache line of its own: every lane reads it before every command, and what stands beside it is written now and then.
#[derive(Debug)]
#[repr(align(128))]
struct Version(AtomicU64);

/// How often something was refused, by reason; see [`super::check::Reason`].
#[derive(Debug, Default)]
pub(super) struct Denials([AtomicU64; 5]);

impl Users {
    pub(super) fn new(default: Arc<User>) -> Self {
        let by_name = BTreeMap::from([(Box::from(DEFAULT), Arc::clone(&default))]);
        Self { by_name, default }
    }

    pub(crate) fn get(&self, name: &[u8]) -> Option<&Arc<User>> {
        self.by_name.get(name)
    }

    pub(crate) const fn default_user(&self) -> &Arc<User> {
        &self.default
    }

    /// In alphabetical order.
    pub(super) fn all(&self) -> impl ExactSizeIterator<Item = &Arc<User>> {
        self.by_name.values()
    }

    pub(super) fn insert(&mut self, user: Arc<User>) {
        if *user.name == *DEFAULT {
            self.default = Arc::clone(&user);
        }
        self.by_name.insert(user.name.clone(), user);
    }

    /// Removes a user; the default one stays.
    pub(super) fn remove(&mut self, name: &[u8]) -> bool {
        name != DEFAULT && self.by_name.remove(name).is_some()
    }
}

impl Acl {
    /// Everybody is the default user, who may do everything. `seed` decides the passwords that ACL GENPASS makes.
    pub(super) fn new(seed: &[u8], all_channels_by_default: bool) -> Self {
        let default = Arc::new(User::open_default(1, all_channels_by_default));
        Self {
            users: RwLock::new(Arc::new(Users::new(default))),
            // 0 is the version that nobody has seen: a connection without a pass has it.
            version: Version(AtomicU64::new(1)),
            last_id: AtomicU64::new(1),
            log: Mutex::default(),
            denials: Denials::default(),
            passwords: Mutex::new(Passwords::new(seed)),
        }
    }

    pub(crate) fn users(&self) -> Arc<Users> {
        Arc::clone(&self.users.read())
    }

    /// A number that goes up whenever a user changes.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        self.version.0.load(Ordering::Acquire)
    }

    /// Puts an edited copy of the list in force, on every lane from its next command on.
    pub(super) fn edit<T>(&self, edit: impl FnOnce(&mut Users) -> T) -> T {
        let mut users = self.users.write();
        let mut next = Users::clone(&users);
        let done = edit(&mut next);
        *users = Arc::new(next);
        // Under the lock: whoever sees the version finds the list.
        self.version.0.fetch_add(1, Ordering::AcqRel);
        done
    }

    /// An id that no user had before.
    pub(super) fn new_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// `requirepass`: the default user's only password; empty for none.
    pub(crate) fn require(&self, password: &[u8]) {
        self.edit(|users| {
            let mut default = User::clone(users.default_user());
            default.require(password);
            users.insert(Arc::new(default));
        });
    }

    /// Whether who connects may go on without a password.
    pub(crate) fn is_open(&self) -> bool {
        self.users.read().default_user().is_open()
    }

    /// `acl_access_denied_*` of INFO.
    pub(crate) fn denied(&self) -> impl Iterator<Item = (&'static str, u64)> {
        use super::check::Reason;
        [
            ("acl_access_denied_auth", Reason::Auth),
            ("acl_access_denied_cmd", Reason::Command),
            ("acl_access_denied_key", Reason::Key),
            ("acl_access_denied_channel", Reason::Channel),
            ("acl_access_denied_db", Reason::Database),
        ]
        .into_iter()
        .map(|(name, reason)| (name, self.denials.0[reason as usize].load(Ordering::Relaxed)))
    }
}

impl Denials {
    pub(super) fn count(&self, reason: super::check::Reason) {
        self.0[reason as usize].fetch_add(1, Ordering::Relaxed);
    }
}
