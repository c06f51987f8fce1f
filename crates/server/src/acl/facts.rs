//! What the rules must know of a command besides its keys: which arguments are channels, and which databases it touches.
//!
//! Key specs have no words for channels and databases, so the few commands that name them stand here.

use std::sync::LazyLock;

use command_api::{Acl, Flags, KeyFlags};

use super::command_rules::is_in;
use crate::table::{CommandTable, Entry};

/// The arguments that are channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    None,
    /// The first argument.
    First,
    /// All arguments.
    Every,
    /// All arguments, and they are patterns: one is allowed if a rule says exactly the same.
    EveryPattern,
}

/// The databases that a command touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Databases {
    None,
    /// The one that is selected.
    Selected,
    /// The one that the first argument names: SELECT.
    First,
    /// Those that the first two arguments name: SWAPDB.
    FirstTwo,
    /// The selected one and the one of the second argument: MOVE.
    SelectedAndSecond,
    /// The selected one and what follows the word DB: COPY.
    SelectedAndOption,
    All,
}

/// What is known of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) channels: Channels,
    pub(super) databases: Databases,
}

/// By the command's id.
static FACTS: LazyLock<Vec<Facts>> =
    LazyLock::new(|| CommandTable::get().entries().iter().map(Facts::derive).collect());

impl Facts {
    pub(super) fn of(entry: &Entry) -> Self {
        // Every entry has its facts; one that had none would touch everything.
        FACTS.get(entry.id).copied().unwrap_or(Self { channels: Channels::EveryPattern, databases: Databases::All })
    }

    fn derive(entry: &Entry) -> Self {
        let channels = match entry.full_name {
            "publish" | "spublish" => Channels::First,
            "subscribe" | "ssubscribe" => Channels::Every,
            "psubscribe" => Channels::EveryPattern,
            _ => Channels::None,
        };
        let databases = match entry.full_name {
            "select" => Databases::First,
            "swapdb" => Databases::FirstTwo,
            "move" => Databases::SelectedAndSecond,
            "copy" => Databases::SelectedAndOption,
            "flushall" => Databases::All,
            _ if touches_keyspace(entry) => Databases::Selected,
            _ => Databases::None,
        };
        Self { channels, databases }
    }
}

fn touches_keyspace(entry: &Entry) -> bool {
    entry.flags.contains(Flags::WRITE)
        || entry.flags.contains(Flags::READONLY)
        || is_in(entry, Acl::Keyspace)
        || entry.keys().iter().any(|key| !key.flags.contains(KeyFlags::NOT_KEY))
}
