//! CONFIG SET: all of it or nothing.
//!
//! [`Config::prepare`](super::Config::prepare) checks every pair and sets it in a copy of the settings. The server then does
//! what the changed parameters ask of it (listen elsewhere, say), and puts the copy in force with
//! [`Config::commit`](super::Config::commit), or drops it and answers [`SetError::refused`].

use std::fmt;

use super::param::{Param, Setting};
use super::registry;
use super::settings::{Allow, Settings};
use super::value::Reason;

/// Where a client is: some parameters change only from this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A loopback address or a Unix socket.
    Local,
    Remote,
}

/// Settings that are checked and wait to be put in force.
#[derive(Clone, Debug)]
pub struct Change {
    pub settings: Settings,
    /// The parameters whose value is another one now.
    pub params: Vec<&'static Param>,
}

/// Why CONFIG SET did nothing; displayed, the text of the error reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetError {
    /// A name without a value.
    Syntax,
    Unknown {
        name: String,
    },
    Refused {
        name: String,
        reason: Reason,
    },
}

impl SetError {
    /// The error if what `param` asks for could not be done.
    #[must_use]
    pub fn refused(param: &Param, reason: impl Into<Reason>) -> Self {
        Self::Refused { name: param.name.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => f.write_str("ERR syntax error"),
            Self::Unknown { name } => write!(f, "ERR Unknown option or number of arguments for CONFIG SET - '{name}'"),
            Self::Refused { name, reason } => {
                write!(f, "ERR CONFIG SET failed (possibly related to argument '{name}') - {reason}")
            }
        }
    }
}

impl std::error::Error for SetError {}

/// `args` are names and values in turn.
pub(super) fn prepare(settings: &Settings, args: &[&[u8]], peer: Peer) -> Result<Change, SetError> {
    let (pairs, rest) = args.as_chunks::<2>();
    if !rest.is_empty() || pairs.is_empty() {
        return Err(SetError::Syntax);
    }
    // First everything that can be refused without looking at a value.
    let mut params: Vec<&'static Param> = Vec::with_capacity(pairs.len());
    for [name, _] in pairs {
        let param = registry::find(name).ok_or_else(|| SetError::Unknown { name: printable(name) })?;
        let refuse = |reason| Err(SetError::Refused { name: printable(name), reason: Reason::Borrowed(reason) });
        if param.flags.immutable {
            return refuse("can't set immutable config");
        }
        if param.flags.protected && !allows(settings.security.enable_protected_configs, peer) {
            return refuse("can't set protected config");
        }
        if params.iter().any(|other| other.name == param.name) {
            return refuse("duplicate parameter");
        }
        params.push(param);
    }
    let mut next = settings.clone();
    for ([name, value], param) in pairs.iter().zip(&params) {
        param
            .set(&mut next, &[value], Setting::Runtime)
            .map_err(|reason| SetError::Refused { name: printable(name), reason })?;
    }
    params.retain(|param| param.get(settings) != param.get(&next));
    Ok(Change { settings: next, params })
}

const fn allows(allow: Allow, peer: Peer) -> bool {
    match (allow, peer) {
        (Allow::Yes, _) | (Allow::Local, Peer::Local) => true,
        (Allow::No, _) | (Allow::Local, Peer::Remote) => false,
    }
}

/// A name fit for one line of reply.
fn printable(name: &[u8]) -> String {
    String::from_utf8_lossy(name).replace(['\r', '\n'], " ")
}
