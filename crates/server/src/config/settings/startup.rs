//! What only the start obeys, kept with its place so that the server can refuse it by line.

use crate::config::Place;

/// Directives that are not parameters: CONFIG GET does not answer them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Startup {
    pub renames: Vec<Rename>,
    pub users: Vec<User>,
    pub modules: Vec<Module>,
}

/// `rename-command OLD NEW`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    pub from: Vec<u8>,
    /// None: the command is gone.
    pub to: Option<Vec<u8>>,
    pub place: Place,
}

/// `user NAME RULE...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: Vec<u8>,
    pub rules: Vec<Vec<u8>>,
    /// An included file says so, which CONFIG REWRITE does not touch.
    pub is_included: bool,
    pub place: Place,
}

/// `loadmodule PATH ARG...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    pub path: Vec<u8>,
    pub args: Vec<Vec<u8>>,
    pub place: Place,
}
