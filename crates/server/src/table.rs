//! The command table: every command under every name, with what dispatch wants to know precomputed.
//!
//! Built once, from the tables that the families publish. Subcommands have entries of their own under `container|sub`.

use std::collections::HashMap;
use std::sync::LazyLock;

use command_api::{
    Acl, Begin, Command, CommandSpec, Docs, Find, Flags, KeyFlags, KeyPosition, KeySpec, KeysError, Scope,
};
use resp::Argv;

use crate::{
    ServerCommand, acl, admin, clients, cluster, config, connection, hash_import, info, introspection, migrate,
    monitoring, persistence, pubsub, replication, scripting, transaction,
};

/// What runs when a command is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spec {
    Data(&'static Command),
    Server(&'static ServerCommand),
}

/// Evaluates an expression on the spec, whichever kind it is.
macro_rules! spec {
    ($entry:expr, $spec:ident => $body:expr) => {
        match $entry {
            $crate::table::Spec::Data($spec) => $body,
            $crate::table::Spec::Server($spec) => $body,
        }
    };
}

/// The keys of most commands: a plain range, found without looking at the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyRange {
    pub(crate) first: u32,
    /// Negative: from the end.
    pub(crate) last: i32,
    pub(crate) step: u32,
    /// Whether all keys are only read.
    pub(crate) read_only: bool,
}

/// A command or subcommand in the table.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Index into the statistics.
    pub(crate) id: usize,
    /// Lower-case, `container|sub` for a subcommand.
    pub(crate) full_name: &'static str,
    pub(crate) spec: Spec,
    pub(crate) flags: Flags,
    scope: Scope,
    scope_by: Option<fn(Argv<'_>) -> Scope>,
    pub(crate) arity: i32,
    /// Index of the first argument after the name: 2 for a subcommand.
    pub(crate) first_arg: usize,
    /// `None`: no keys, or only [`Entry::find_keys`] can tell.
    pub(crate) range: Option<KeyRange>,
    pub(crate) has_keys: bool,
    /// See [`CommandSpec::element`].
    pub(crate) element: usize,
    /// Writes hashes, so that their field names may come to be shared.
    pub(crate) settles_hashes: bool,
    /// Takes a payload: RESTORE.
    pub(crate) restores: bool,
    /// Runs at once between MULTI and EXEC, where others are queued.
    pub(crate) runs_in_multi: bool,
    /// A subscriber in RESP2 may call it.
    pub(crate) runs_subscribed: bool,
    /// Ids of the subcommands.
    pub(crate) subcommands: Vec<usize>,
}

pub(crate) use spec;

impl Entry {
    pub(crate) fn name(&self) -> &'static str {
        spec!(self.spec, spec => spec.name)
    }

    pub(crate) fn docs(&self) -> &'static Docs {
        spec!(self.spec, spec => spec.docs)
    }

    pub(crate) fn keys(&self) -> &'static [KeySpec] {
        spec!(self.spec, spec => spec.keys)
    }

    /// What the command does with a key whose spec says `flags`; see [`CommandSpec::use_of_key`].
    pub(crate) fn key_use(&self, argv: Argv<'_>, flags: KeyFlags) -> KeyFlags {
        spec!(self.spec, spec => spec.use_of_key(argv, flags))
    }

    pub(crate) fn accepts(&self, argc: usize) -> bool {
        spec!(self.spec, spec => spec.accepts(argc))
    }

    /// Whether it is a subcommand.
    pub(crate) const fn is_sub(&self) -> bool {
        self.first_arg == 2
    }

    /// Which part of the keyspace a call with these arguments may touch.
    pub(crate) fn scope(&self, argv: Argv<'_>) -> Scope {
        self.scope_by.map_or(self.scope, |scope| scope(argv))
    }

    /// Whether it may read keys that its arguments do not name, whatever these arguments are: SORT's `GET #` reads none and is refused all
    /// the same where BY and GET are.
    pub(crate) fn may_read_others(&self) -> bool {
        self.scope == Scope::All || self.scope_by.is_some()
    }

    /// Whether it runs the commands that were queued: EXEC.
    pub(crate) fn runs_queued(&self) -> bool {
        self.scope == Scope::Queued
    }

    pub(crate) fn is_container(&self) -> bool {
        spec!(self.spec, spec => spec.handler.is_none())
    }

    pub(crate) fn find_keys(&self, argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
        spec!(self.spec, spec => spec.find_keys(argv, out))
    }
}

/// All commands.
#[derive(Debug)]
pub(crate) struct CommandTable {
    entries: Vec<Entry>,
    by_name: HashMap<&'static str, usize, NameHasher>,
    top_level: Vec<usize>,
}

static TABLE: LazyLock<CommandTable> = LazyLock::new(CommandTable::build);

impl CommandTable {
    /// The one table of this program.
    pub(crate) fn get() -> &'static Self {
        &TABLE
    }

    fn build() -> Self {
        let mut table = Self { entries: Vec::new(), by_name: HashMap::default(), top_level: Vec::new() };
        for command in commands::tables().flatten() {
            table.add_top(command, Spec::Data);
        }
        let families: &[&[&'static ServerCommand]] = &[
            connection::TABLE,
            acl::TABLE,
            transaction::TABLE,
            pubsub::TABLE,
            migrate::TABLE,
            persistence::TABLE,
            clients::TABLE,
            config::TABLE,
            introspection::TABLE,
            info::TABLE,
            admin::TABLE,
            monitoring::TABLE,
            replication::TABLE,
            cluster::TABLE,
            hash_import::TABLE,
            scripting::TABLE,
        ];
        for command in families.iter().copied().flatten() {
            table.add_top(command, Spec::Server);
        }
        table
    }

    fn add_top<H: Copy>(&mut self, command: &'static CommandSpec<H>, wrap: fn(&'static CommandSpec<H>) -> Spec) {
        let id = self.add(command, wrap, command.name, 1);
        self.top_level.push(id);
        let taken = self.by_name.insert(command.name, id);
        assert!(taken.is_none(), "command '{}' stands in two tables", command.name);
        for sub in command.subcommands {
            let full_name: &'static str = Box::leak(format!("{}|{}", command.name, sub.name).into_boxed_str());
            let sub_id = self.add(sub, wrap, full_name, 2);
            self.by_name.insert(full_name, sub_id);
            self.entries[id].subcommands.push(sub_id);
        }
    }

    fn add<H: Copy>(
        &mut self,
        command: &'static CommandSpec<H>,
        wrap: fn(&'static CommandSpec<H>) -> Spec,
        full_name: &'static str,
        first_arg: usize,
    ) -> usize {
        let id = self.entries.len();
        let restores = matches!(full_name, "restore" | "restore-asking");
        let movable = if command.has_movable_keys() { Flags::MOVABLEKEYS } else { Flags::NONE };
        self.entries.push(Entry {
            id,
            full_name,
            spec: wrap(command),
            flags: command.flags.union(movable),
            scope: command.scope,
            scope_by: command.scope_by,
            arity: command.arity,
            first_arg,
            range: plain_range(command),
            settles_hashes: restores || command.flags.contains(Flags::WRITE) && command.acl.contains(&Acl::Hash),
            restores,
            runs_in_multi: matches!(full_name, "multi" | "exec" | "discard" | "watch" | "quit" | "reset"),
            runs_subscribed: matches!(
                full_name,
                "subscribe"
                    | "unsubscribe"
                    | "psubscribe"
                    | "punsubscribe"
                    | "ssubscribe"
                    | "sunsubscribe"
                    | "ping"
                    | "quit"
                    | "reset"
            ),
            has_keys: !command.keys.is_empty() || command.extractor.is_some(),
            element: usize::from(command.element),
            subcommands: Vec::new(),
        });
        id
    }

    /// The command called `name`, in any case; containers are not resolved further.
    pub(crate) fn find(&self, name: &[u8]) -> Option<&Entry> {
        let mut lower = [0_u8; 32];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let name = std::str::from_utf8(lower).ok()?;
        self.by_name.get(name).map(|id| &self.entries[*id])
    }

    /// The subcommand of `container` called `name`, in any case.
    pub(crate) fn find_sub(&self, container: &Entry, name: &[u8]) -> Option<&Entry> {
        let subs = container.subcommands.iter().map(|id| &self.entries[*id]);
        subs.into_iter().find(|sub| sub.name().as_bytes().eq_ignore_ascii_case(name))
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The commands that are not subcommands, in the order of the tables.
    pub(crate) fn top_level(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.top_level.iter().map(|id| &self.entries[*id])
    }

    pub(crate) fn subcommands(&self, container: &Entry) -> impl ExactSizeIterator<Item = &Entry> {
        container.subcommands.iter().map(|id| &self.entries[*id])
    }
}

fn plain_range<H>(command: &CommandSpec<H>) -> Option<KeyRange> {
    let [key] = command.keys else { return None };
    let (Begin::Index(first), Find::Range { last, step, limit: 0 | 1 }) = (key.begin, key.find) else { return None };
    let last = if last >= 0 { i32::try_from(first).ok()?.checked_add(last)? } else { last };
    let read_only = key.flags.contains(KeyFlags::RO);
    (command.extractor.is_none() && !key.flags.contains(KeyFlags::NOT_KEY)).then_some(KeyRange {
        first,
        last,
        step,
        read_only,
    })
}

/// Names are ours and few: FNV-1a over a dozen bytes, no seed needed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NameHasher;

/// The running state of [`NameHasher`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameHash(u64);

impl std::hash::BuildHasher for NameHasher {
    type Hasher = NameHash;

    fn build_hasher(&self) -> NameHash {
        NameHash(0xcbf2_9ce4_8422_2325)
    }
}

impl std::hash::Hasher for NameHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
