//! A command's documentation, as COMMAND DOCS tells it.

/// The chapter of the reference that a command belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Generic,
    String,
    List,
    Set,
    SortedSet,
    Hash,
    Pubsub,
    Transactions,
    Connection,
    Server,
    Scripting,
    HyperLogLog,
    Cluster,
    Sentinel,
    Geo,
    Stream,
    Bitmap,
    Array,
}

impl Group {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::SortedSet => "sorted-set",
            Self::Hash => "hash",
            Self::Pubsub => "pubsub",
            Self::Transactions => "transactions",
            Self::Connection => "connection",
            Self::Server => "server",
            Self::Scripting => "scripting",
            Self::HyperLogLog => "hyperloglog",
            Self::Cluster => "cluster",
            Self::Sentinel => "sentinel",
            Self::Geo => "geo",
            Self::Stream => "stream",
            Self::Bitmap => "bitmap",
            Self::Array => "array",
        }
    }
}

/// What COMMAND DOCS says of one command.
#[derive(Clone, Copy, Debug)]
pub struct Docs {
    /// One sentence.
    pub summary: &'static str,
    pub group: Group,
    pub complexity: &'static str,
    /// (version, what changed), oldest first.
    pub history: &'static [(&'static str, &'static str)],
    /// Since which version the command is deprecated; empty when it is not.
    pub deprecated_since: &'static str,
    /// What to use instead; empty when not deprecated.
    pub replaced_by: &'static str,
    /// Meant for servers and their developers, not for clients: the doc flag `syscmd`.
    pub is_system_command: bool,
    pub arguments: &'static [Arg],
}

impl Docs {
    /// Of a command that has none yet; a test refuses it.
    pub const NONE: Self = Self::new("", Group::Generic, "");

    #[must_use]
    pub const fn new(summary: &'static str, group: Group, complexity: &'static str) -> Self {
        Self {
            summary,
            group,
            complexity,
            history: &[],
            deprecated_since: "",
            replaced_by: "",
            is_system_command: false,
            arguments: &[],
        }
    }

    #[must_use]
    pub const fn history(mut self, history: &'static [(&'static str, &'static str)]) -> Self {
        self.history = history;
        self
    }

    #[must_use]
    pub const fn deprecated(mut self, since: &'static str, replaced_by: &'static str) -> Self {
        self.deprecated_since = since;
        self.replaced_by = replaced_by;
        self
    }

    #[must_use]
    pub const fn system_command(mut self) -> Self {
        self.is_system_command = true;
        self
    }

    #[must_use]
    pub const fn arguments(mut self, arguments: &'static [Arg]) -> Self {
        self.arguments = arguments;
        self
    }
}

/// The kind of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    String,
    Integer,
    Double,
    Key,
    Pattern,
    UnixTime,
    PureToken,
    /// One of the sub-arguments.
    OneOf,
    /// The sub-arguments together.
    Block,
}

impl ArgKind {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::Key => "key",
            Self::Pattern => "pattern",
            Self::UnixTime => "unix-time",
            Self::PureToken => "pure-token",
            Self::OneOf => "oneof",
            Self::Block => "block",
        }
    }
}

/// One argument, or a group of them.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    pub name: &'static str,
    pub kind: ArgKind,
    /// What redis-cli shows; empty: the name.
    pub display: &'static str,
    /// The literal word before it (or that it is); empty for none.
    pub token: &'static str,
    pub summary: &'static str,
    pub since: &'static str,
    pub deprecated_since: &'static str,
    /// Which of the command's key specs covers it.
    pub key_spec: Option<u8>,
    pub optional: bool,
    pub multiple: bool,
    /// The token stands before every repetition.
    pub multiple_token: bool,
    pub arguments: &'static [Arg],
}

impl Arg {
    #[must_use]
    pub const fn new(name: &'static str, kind: ArgKind) -> Self {
        Self {
            name,
            kind,
            display: "",
            token: "",
            summary: "",
            since: "",
            deprecated_since: "",
            key_spec: None,
            optional: false,
            multiple: false,
            multiple_token: false,
            arguments: &[],
        }
    }

    /// A key that key spec `spec` covers.
    #[must_use]
    pub const fn key(name: &'static str, spec: u8) -> Self {
        let mut arg = Self::new(name, ArgKind::Key);
        arg.key_spec = Some(spec);
        arg
    }

    #[must_use]
    pub const fn string(name: &'static str) -> Self {
        Self::new(name, ArgKind::String)
    }

    #[must_use]
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, ArgKind::Integer)
    }

    #[must_use]
    pub const fn double(name: &'static str) -> Self {
        Self::new(name, ArgKind::Double)
    }

    #[must_use]
    pub const fn pattern(name: &'static str) -> Self {
        Self::new(name, ArgKind::Pattern)
    }

    #[must_use]
    pub const fn unix_time(name: &'static str) -> Self {
        Self::new(name, ArgKind::UnixTime)
    }

    /// A literal word that is an argument by itself.
    #[must_use]
    pub const fn pure_token(name: &'static str, token: &'static str) -> Self {
        Self::new(name, ArgKind::PureToken).token(token)
    }

    #[must_use]
    pub const fn one_of(name: &'static str, arguments: &'static [Arg]) -> Self {
        let mut arg = Self::new(name, ArgKind::OneOf);
        arg.arguments = arguments;
        arg
    }

    #[must_use]
    pub const fn block(name: &'static str, arguments: &'static [Arg]) -> Self {
        let mut arg = Self::new(name, ArgKind::Block);
        arg.arguments = arguments;
        arg
    }

    #[must_use]
    pub const fn token(mut self, token: &'static str) -> Self {
        self.token = token;
        self
    }

    #[must_use]
    pub const fn display(mut self, display: &'static str) -> Self {
        self.display = display;
        self
    }

    #[must_use]
    pub const fn summary(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    #[must_use]
    pub const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    #[must_use]
    pub const fn deprecated_since(mut self, version: &'static str) -> Self {
        self.deprecated_since = version;
        self
    }

    /// Key spec `spec` covers this argument although it is no plain key.
    #[must_use]
    pub const fn key_spec(mut self, spec: u8) -> Self {
        self.key_spec = Some(spec);
        self
    }

    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    #[must_use]
    pub const fn multiple(mut self) -> Self {
        self.multiple = true;
        self
    }

    #[must_use]
    pub const fn multiple_token(mut self) -> Self {
        self.multiple_token = true;
        self
    }
}
