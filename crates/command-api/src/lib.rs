//! What a command is: its declaration, its arguments, what it may touch, and how it answers.
//!
//! A command is one `const` ([`CommandSpec`]) beside one function. The declaration has five enforcers - arity check, ACL, cluster
//! redirect, key locking, COMMAND output - so a fact stands in one place. Data commands get a [`Context`]: a view of the
//! keys they declared, the frozen time, and [`Effects`] to record what others must hear. They never see a connection.
//!
//! Rejected: attribute macros and link-time registration (hidden order, no go-to-definition), one enum over all commands (an
//! edit in six places), generated tables (a second copy to keep honest).

mod acl;
mod args;
mod context;
mod docs;
mod effects;
mod error;
mod flags;
mod help;
mod key_spec;
mod spec;

pub use acl::Acl;
pub use args::Args;
pub use context::{Block, Caller, CommandResult, Context, Flow, Handler, OnTimeout, Retry, Tunables};
pub use docs::{Arg, ArgKind, Docs, Group};
pub use effects::{Effects, Event, Interest, Loss, Record, Reduced, Targets};
pub use error::CommandError;
pub use flags::Flags;
pub use help::help;
pub use key_spec::{Begin, Find, KeyExtractor, KeyFlags, KeyPosition, KeySpec, KeysError};
pub use resp::{Protocol, Reply};
pub use spec::{CommandSpec, Scope};

/// A command on data: what the `commands` crate is made of.
pub type Command = CommandSpec<Handler>;
