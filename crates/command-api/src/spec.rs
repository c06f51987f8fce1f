//! The declaration of a command, built by a chain of `const fn`s so that it reads as a sentence and costs nothing at start.

use resp::Argv;

use crate::{Acl, Docs, Flags, KeyExtractor, KeyFlags, KeyPosition, KeySpec, KeysError};

/// Which part of the keyspace a handler may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The keys that the key specs name, locked before the handler runs.
    Keys,
    /// Any key, one stripe at a time, for reading: SCAN, RANDOMKEY, DBSIZE. Nothing is locked across steps.
    Walk,
    /// The keys of the commands that it runs: EXEC.
    Queued,
    /// Everything, alone: KEYS, FLUSHALL, SWAPDB. Every reactor stands still meanwhile.
    All,
}

/// A command's facts and its handler. `H` tells data commands from server commands.
#[derive(Debug)]
pub struct CommandSpec<H: 'static> {
    /// Lower-case; of a subcommand, its own word only (`get` of `config|get`).
    pub name: &'static str,
    /// `None` for a container that needs a subcommand.
    pub handler: Option<H>,
    /// First version of Redis that had it.
    pub since: &'static str,
    /// Number of arguments, the name (and the subcommand's) included; negative: at least that many.
    pub arity: i32,
    pub flags: Flags,
    /// The categories that do not follow from the flags.
    pub acl: &'static [Acl],
    pub keys: &'static [KeySpec],
    /// Index of the argument that names the first element it looks up in the collection at its first key; 0: none. Only a hint, by
    /// which a batch of commands looks ahead.
    pub element: u8,
    /// For the few commands whose keys no key spec can express.
    pub extractor: Option<KeyExtractor>,
    /// For commands whose options decide what becomes of the key: what these arguments do with a key of `VARIABLE_FLAGS`.
    pub key_use: Option<fn(Argv<'_>) -> KeyFlags>,
    pub scope: Scope,
    /// For the few commands whose arguments decide on the scope.
    pub scope_by: Option<fn(Argv<'_>) -> Scope>,
    /// Hints for clients and proxies, as COMMAND INFO lists them.
    pub tips: &'static [&'static str],
    pub docs: &'static Docs,
    pub subcommands: &'static [&'static CommandSpec<H>],
}

impl<H: Copy> CommandSpec<H> {
    /// A command of arity -1 that touches no key; the chain adds the rest.
    #[must_use]
    pub const fn new(name: &'static str, handler: H) -> Self {
        Self { handler: Some(handler), ..Self::container(name, &[]) }
    }

    /// A command that is only a prefix of subcommands.
    #[must_use]
    pub const fn container(name: &'static str, subcommands: &'static [&'static Self]) -> Self {
        Self {
            name,
            handler: None,
            since: "1.0.0",
            arity: -2,
            flags: Flags::NONE,
            acl: &[],
            keys: &[],
            element: 0,
            extractor: None,
            key_use: None,
            scope: Scope::Keys,
            scope_by: None,
            tips: &[],
            docs: &Docs::NONE,
            subcommands,
        }
    }

    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    #[must_use]
    pub const fn arity(mut self, arity: i32) -> Self {
        self.arity = arity;
        self
    }

    #[must_use]
    pub const fn acl(mut self, categories: &'static [Acl]) -> Self {
        self.acl = categories;
        self
    }

    #[must_use]
    pub const fn keys(mut self, keys: &'static [KeySpec]) -> Self {
        self.keys = keys;
        self
    }

    #[must_use]
    pub const fn element(mut self, index: u8) -> Self {
        self.element = index;
        self
    }

    #[must_use]
    pub const fn extractor(mut self, extractor: KeyExtractor) -> Self {
        self.extractor = Some(extractor);
        self
    }

    #[must_use]
    pub const fn scope_by(mut self, scope: fn(Argv<'_>) -> Scope) -> Self {
        self.scope_by = Some(scope);
        self
    }

    #[must_use]
    pub const fn key_use(mut self, key_use: fn(Argv<'_>) -> KeyFlags) -> Self {
        self.key_use = Some(key_use);
        self
    }

    #[must_use]
    pub const fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    #[must_use]
    pub const fn tips(mut self, tips: &'static [&'static str]) -> Self {
        self.tips = tips;
        self
    }

    #[must_use]
    pub const fn docs(mut self, docs: &'static Docs) -> Self {
        self.docs = docs;
        self
    }

    #[must_use]
    pub const fn subcommands(mut self, subcommands: &'static [&'static Self]) -> Self {
        self.subcommands = subcommands;
        self
    }

    /// Adds one flag; the named forms below read better.
    #[must_use]
    pub const fn flag(mut self, flag: Flags) -> Self {
        self.flags = self.flags.union(flag);
        self
    }

    #[must_use]
    pub const fn write(self) -> Self {
        self.flag(Flags::WRITE)
    }

    #[must_use]
    pub const fn readonly(self) -> Self {
        self.flag(Flags::READONLY)
    }

    #[must_use]
    pub const fn deny_oom(self) -> Self {
        self.flag(Flags::DENYOOM)
    }

    #[must_use]
    pub const fn admin(self) -> Self {
        self.flag(Flags::ADMIN)
    }

    #[must_use]
    pub const fn noscript(self) -> Self {
        self.flag(Flags::NOSCRIPT)
    }

    #[must_use]
    pub const fn blocking(self) -> Self {
        self.flag(Flags::BLOCKING)
    }

    #[must_use]
    pub const fn loading(self) -> Self {
        self.flag(Flags::LOADING)
    }

    #[must_use]
    pub const fn stale(self) -> Self {
        self.flag(Flags::STALE)
    }

    #[must_use]
    pub const fn fast(self) -> Self {
        self.flag(Flags::FAST)
    }
}

impl<H> CommandSpec<H> {
    /// Whether `argc` arguments, the name included, are a legal number.
    #[must_use]
    pub fn accepts(&self, argc: usize) -> bool {
        let wanted = self.arity.unsigned_abs() as usize;
        if self.arity < 0 { argc >= wanted } else { argc == wanted }
    }

    /// The subcommand called `name`, in any case.
    #[must_use]
    pub fn subcommand(&self, name: &[u8]) -> Option<&'static Self> {
        self.subcommands.iter().copied().find(|sub| sub.name.as_bytes().eq_ignore_ascii_case(name))
    }

    /// All ACL categories: the declared ones and those that follow from the flags.
    pub fn categories(&self) -> impl Iterator<Item = Acl> + '_ {
        Acl::ALL.iter().copied().filter(|category| self.acl.contains(category) || self.implies(*category))
    }

    fn implies(&self, category: Acl) -> bool {
        let flags = self.flags;
        match category {
            Acl::Write => flags.contains(Flags::WRITE),
            Acl::Read => flags.contains(Flags::READONLY) && !self.acl.contains(&Acl::Scripting),
            Acl::Admin => flags.contains(Flags::ADMIN),
            Acl::Dangerous => flags.contains(Flags::ADMIN),
            Acl::Pubsub => flags.contains(Flags::PUBSUB),
            Acl::Fast => flags.contains(Flags::FAST),
            Acl::Slow => !flags.contains(Flags::FAST),
            Acl::Blocking => flags.contains(Flags::BLOCKING),
            Acl::Keyspace
            | Acl::Set
            | Acl::SortedSet
            | Acl::List
            | Acl::Hash
            | Acl::String
            | Acl::Array
            | Acl::Bitmap
            | Acl::HyperLogLog
            | Acl::Geo
            | Acl::Stream
            | Acl::Connection
            | Acl::Transaction
            | Acl::Scripting => false,
        }
    }

    /// Whether the positions of the keys depend on the arguments beyond a plain range.
    #[must_use]
    pub fn has_movable_keys(&self) -> bool {
        self.extractor.is_some()
            || self.keys.iter().any(|key| !key.is_plain_range() || key.flags.contains(KeyFlags::INCOMPLETE))
    }

    /// What the command does with a key whose spec says `flags`: the same, unless the arguments decide.
    #[must_use]
    pub fn use_of_key(&self, argv: Argv<'_>, flags: KeyFlags) -> KeyFlags {
        match self.key_use {
            Some(decide) if flags.contains(KeyFlags::VARIABLE_FLAGS) => decide(argv),
            Some(_) | None => flags,
        }
    }

    /// Appends the positions of all keys in `argv` to `out`, in the order of the key specs.
    ///
    /// # Errors
    /// When the arguments do not follow the specs, so that it cannot be told which are keys.
    pub fn find_keys(&self, argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
        if let Some(extract) = self.extractor {
            return extract(argv, out);
        }
        for key in self.keys {
            key.find(argv, out)?;
        }
        Ok(())
    }
}
