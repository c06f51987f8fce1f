//! Which connections CLIENT KILL and CLIENT LIST mean.

use std::sync::atomic::Ordering::Relaxed;

use command_api::{Args, CommandError};
use stdx::{UnixMs, num};

use crate::clients::ClientInfo;
use crate::node::Node;

/// The kinds of connections that TYPE names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    Primary,
    Replica,
    Pubsub,
}

/// All conditions must hold; none given means every connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    ids: Vec<u64>,
    kind: Option<Kind>,
    user: Option<Vec<u8>>,
    addr: Option<Vec<u8>>,
    laddr: Option<Vec<u8>>,
    /// Connected before this time.
    before: Option<UnixMs>,
    skip_me: Option<bool>,
}

const BAD_ID: CommandError = CommandError::other("ERR client-id should be greater than 0");
const BAD_AGE: CommandError = CommandError::other("ERR maxage should be greater than 0");

impl Filter {
    /// Reads `ID 1 2 TYPE normal ...` to the end of the arguments.
    pub(super) fn parse(args: &mut Args<'_>, node: &Node, now: UnixMs) -> Result<Self, CommandError> {
        let mut filter = Self::default();
        while args.remaining() >= 2 {
            if args.accept("ID") {
                filter.ids.push(parse_id(args.bytes()?)?);
                while let Some(id) = args.peek().filter(|text| num::parse_i64(text).is_some()) {
                    filter.ids.push(parse_id(id)?);
                    args.skip(1)?;
                }
            } else if args.accept("TYPE") {
                filter.kind = Some(parse_kind(args.bytes()?)?);
            } else if args.accept("USER") {
                let user = args.bytes()?;
                if node.acl.users().get(user).is_none() {
                    let user = String::from_utf8_lossy(user);
                    return Err(CommandError::Other(format!("ERR No such user '{user}'").into()));
                }
                filter.user = Some(user.to_vec());
            } else if args.accept("ADDR") {
                filter.addr = Some(args.bytes()?.to_vec());
            } else if args.accept("LADDR") {
                filter.laddr = Some(args.bytes()?.to_vec());
            } else if args.accept("MAXAGE") {
                let seconds = num::parse_i64(args.bytes()?).ok_or(CommandError::NotIntegerOf("maxage"))?;
                if seconds <= 0 {
                    return Err(BAD_AGE);
                }
                filter.before = Some(UnixMs(now.0.saturating_sub(seconds.saturating_mul(1000))));
            } else if args.accept("SKIPME") {
                filter.skip_me = Some(match args.bytes()? {
                    word if word.eq_ignore_ascii_case(b"yes") => true,
                    word if word.eq_ignore_ascii_case(b"no") => false,
                    _ => return Err(CommandError::Syntax),
                });
            } else {
                return Err(CommandError::Syntax);
            }
        }
        args.finish()?;
        Ok(filter)
    }

    /// The old form of CLIENT KILL: one address.
    pub(super) fn address(addr: &[u8]) -> Self {
        Self { addr: Some(addr.to_vec()), ..Self::default() }
    }

    /// Whether the caller spares itself unless it says otherwise.
    pub(super) fn skips_me(&self) -> bool {
        self.skip_me.unwrap_or(true)
    }

    /// Whether the connection is meant; `me` is the caller's id.
    pub(super) fn matches(&self, client: &ClientInfo, me: u64) -> bool {
        let is =
            |wanted: &Option<Vec<u8>>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text.as_bytes());
        (self.ids.is_empty() || self.ids.contains(&client.id))
            && self.kind.is_none_or(|kind| kind == if client.subscribes() { Kind::Pubsub } else { Kind::Normal })
            && is(&self.addr, &client.endpoint.addr)
            && is(&self.laddr, &client.endpoint.laddr)
            && self.user.as_ref().is_none_or(|user| **user == **client.user.lock())
            && self.before.is_none_or(|before| client.connected_at <= before)
            && !(self.skip_me == Some(true) && client.id == me)
            && !client.killed.load(Relaxed)
    }
}

fn parse_id(text: &[u8]) -> Result<u64, CommandError> {
    num::parse_i64(text).and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0).ok_or(BAD_ID)
}

fn parse_kind(text: &[u8]) -> Result<Kind, CommandError> {
    let names = [
        ("normal", Kind::Normal),
        ("master", Kind::Primary),
        ("primary", Kind::Primary),
        ("slave", Kind::Replica),
        ("replica", Kind::Replica),
        ("pubsub", Kind::Pubsub),
    ];
    let found = names.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(text)).map(|(_, kind)| *kind);
    found.ok_or_else(|| {
        CommandError::Other(format!("ERR Unknown client type '{}'", String::from_utf8_lossy(text)).into())
    })
}
