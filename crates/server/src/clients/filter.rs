//! Which connections CLIENT KILL and CLIENT LIST mean.
//!
//! Redis has a handful of conditions; Valkey 9 added more, and an opposite (`NOT-...`) to most. All that are given must hold. One that
//! is given twice counts as it was said last, but for `ID`, whose numbers add up.

use std::sync::atomic::Ordering::Relaxed;

use command_api::{Args, CommandError};
use stdx::{UnixMs, num};

use super::flags;
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

/// What a condition asks of a connection.
#[derive(Clone, Debug)]
enum Is {
    AnyOf(Vec<u64>),
    Kind(Kind),
    User(Vec<u8>),
    Addr(Vec<u8>),
    Laddr(Vec<u8>),
    Ip(Vec<u8>),
    /// Has all these letters.
    Flagged(Vec<u8>),
    Named(Vec<u8>),
    LibName(Vec<u8>),
    LibVer(Vec<u8>),
    InDb(usize),
    /// Can be redirected.
    Redirected,
    /// Connected before this time.
    Before(UnixMs),
    /// Has said nothing for so many seconds.
    IdleSeconds(i64),
}

/// A condition or its opposite.
#[derive(Clone, Debug)]
struct Condition {
    is: Is,
    opposite: bool,
}

/// All conditions must hold; none given means every connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    conditions: Vec<Condition>,
    skip_me: Option<bool>,
}

const BAD_ID: CommandError = CommandError::other("ERR client-id should be greater than 0");
const BAD_LIST_ID: CommandError = CommandError::other("ERR Invalid client ID");
const BAD_AGE: CommandError = CommandError::other("ERR maxage should be greater than 0");
const BAD_IDLE: CommandError = CommandError::other("ERR idle should be greater than 0");

impl Filter {
    /// Reads `ID 1 2 TYPE normal ...` to the end of the arguments.
    pub(super) fn parse(args: &mut Args<'_>, node: &Node, now: UnixMs) -> Result<Self, CommandError> {
        let mut filter = Self::default();
        while args.remaining() >= 2 {
            let word = args.bytes()?.to_ascii_uppercase();
            let (name, opposite) = match word.strip_prefix(b"NOT-") {
                Some(name) => (name, true),
                None => (word.as_slice(), false),
            };
            let is = match name {
                b"SKIPME" if !opposite => {
                    filter.skip_me = Some(match args.bytes()? {
                        word if word.eq_ignore_ascii_case(b"yes") => true,
                        word if word.eq_ignore_ascii_case(b"no") => false,
                        _ => return Err(CommandError::Syntax),
                    });
                    continue;
                }
                b"ID" => Is::AnyOf(parse_ids(args, opposite)?),
                b"TYPE" => Is::Kind(parse_kind(args.bytes()?)?),
                b"USER" => Is::User(parse_user(node, args.bytes()?)?),
                b"ADDR" => Is::Addr(args.bytes()?.to_vec()),
                b"LADDR" => Is::Laddr(args.bytes()?.to_vec()),
                b"IP" => Is::Ip(args.bytes()?.to_vec()),
                b"FLAGS" => Is::Flagged(parse_flags(args.bytes()?, opposite)?),
                b"NAME" => Is::Named(args.bytes()?.to_vec()),
                b"LIB-NAME" => Is::LibName(args.bytes()?.to_vec()),
                b"LIB-VER" => Is::LibVer(args.bytes()?.to_vec()),
                b"DB" => Is::InDb(parse_db(args.bytes()?, node.keyspace.databases())?),
                b"CAPA" => parse_capa(args.bytes()?, opposite)?,
                b"MAXAGE" if !opposite => {
                    let seconds = parse_positive(args.bytes()?, "maxage", BAD_AGE)?;
                    Is::Before(UnixMs(now.0.saturating_sub(seconds.saturating_mul(1000))))
                }
                b"IDLE" if !opposite => Is::IdleSeconds(parse_positive(args.bytes()?, "idle", BAD_IDLE)?),
                _ => return Err(CommandError::Syntax),
            };
            filter.add(Condition { is, opposite });
        }
        args.finish()?;
        Ok(filter)
    }

    /// As [`Self::parse`], for CLIENT LIST: Redis words a bad `ID` otherwise there, and takes no other condition beside it.
    pub(super) fn parse_for_list(args: &mut Args<'_>, node: &Node, now: UnixMs) -> Result<Self, CommandError> {
        let starts_with_ids = args.remaining() >= 2 && args.peek().is_some_and(|word| word.eq_ignore_ascii_case(b"ID"));
        if starts_with_ids {
            let mut words = args.rest().skip(1);
            let bad = words.find(|word| num::parse_i64(word).is_none_or(|id| id <= 0));
            if bad.is_some_and(|word| !is_name(word)) {
                return Err(BAD_LIST_ID);
            }
        }
        Self::parse(args, node, now)
    }

    /// The old form of CLIENT KILL: one address.
    pub(super) fn address(addr: &[u8]) -> Self {
        let conditions = vec![Condition { is: Is::Addr(addr.to_vec()), opposite: false }];
        Self { conditions, skip_me: None }
    }

    fn add(&mut self, new: Condition) {
        let same = |old: &&mut Condition| {
            old.opposite == new.opposite && std::mem::discriminant(&old.is) == std::mem::discriminant(&new.is)
        };
        match (self.conditions.iter_mut().find(same), &new.is) {
            (Some(Condition { is: Is::AnyOf(ids), .. }), Is::AnyOf(more)) => ids.extend(more),
            (Some(old), _) => *old = new,
            (None, _) => self.conditions.push(new),
        }
    }

    /// Whether the caller of CLIENT KILL spares itself unless it says otherwise.
    pub(super) fn skips_me(&self) -> bool {
        self.skip_me.unwrap_or(true)
    }

    /// Whether the connection is meant; `me` is the caller's id.
    pub(super) fn matches(&self, node: &Node, client: &ClientInfo, me: u64, now: UnixMs) -> bool {
        self.conditions.iter().all(|condition| condition.is.holds(node, client, now) != condition.opposite)
            && !(self.skip_me == Some(true) && client.id == me)
            && !client.killed.load(Relaxed)
    }
}

impl Is {
    fn holds(&self, node: &Node, client: &ClientInfo, now: UnixMs) -> bool {
        match self {
            Self::AnyOf(ids) => ids.contains(&client.id),
            Self::Kind(kind) => *kind == if client.subscribes() { Kind::Pubsub } else { Kind::Normal },
            Self::User(user) => **user == **client.user.lock(),
            Self::Addr(addr) => addr == client.endpoint.addr.as_bytes(),
            Self::Laddr(laddr) => laddr == client.endpoint.laddr.as_bytes(),
            Self::Ip(ip) => client.endpoint.addr.rsplit_once(':').is_some_and(|(host, _)| {
                let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
                ip == host.as_bytes()
            }),
            Self::Flagged(letters) => {
                let has = flags::flags_of(node, client);
                letters.iter().all(|letter| has.as_bytes().contains(letter))
            }
            Self::Named(name) => *name == client.names.lock().name,
            Self::LibName(name) => *name == client.names.lock().lib_name,
            Self::LibVer(version) => *version == client.names.lock().lib_ver,
            Self::InDb(db) => *db == client.db.load(Relaxed),
            Self::Redirected => client.redirects.load(Relaxed),
            Self::Before(time) => client.connected_at <= *time,
            Self::IdleSeconds(seconds) => now.ms_since(UnixMs(client.last_active_ms.load(Relaxed))) / 1000 >= *seconds,
        }
    }
}

/// Whether a word begins a condition.
fn is_name(word: &[u8]) -> bool {
    const NAMES: [&str; 15] = [
        "SKIPME", "ID", "TYPE", "USER", "ADDR", "LADDR", "IP", "FLAGS", "NAME", "LIB-NAME", "LIB-VER", "DB", "CAPA",
        "MAXAGE", "IDLE",
    ];
    let word = word.to_ascii_uppercase();
    let name = word.strip_prefix(b"NOT-").unwrap_or(&word);
    NAMES.iter().any(|known| known.as_bytes() == name)
}

/// One number at least, and all that follow.
fn parse_ids(args: &mut Args<'_>, opposite: bool) -> Result<Vec<u64>, CommandError> {
    let first = args.bytes()?;
    if opposite && num::parse_i64(first).is_none() {
        return Err(CommandError::Syntax);
    }
    let mut ids = vec![parse_id(first)?];
    while let Some(id) = args.peek().filter(|text| num::parse_i64(text).is_some()) {
        ids.push(parse_id(id)?);
        args.skip(1)?;
    }
    Ok(ids)
}

fn parse_id(text: &[u8]) -> Result<u64, CommandError> {
    num::parse_i64(text).and_then(|id| u64::try_from(id).ok()).filter(|id| *id > 0).ok_or(BAD_ID)
}

fn parse_user(node: &Node, user: &[u8]) -> Result<Vec<u8>, CommandError> {
    if node.acl.users().get(user).is_some() {
        return Ok(user.to_vec());
    }
    let user = String::from_utf8_lossy(user);
    Err(CommandError::Other(format!("ERR No such user '{user}'").into()))
}

fn parse_positive(text: &[u8], what: &'static str, too_small: CommandError) -> Result<i64, CommandError> {
    let number = num::parse_i64(text).ok_or(CommandError::NotIntegerOf(what))?;
    if number > 0 { Ok(number) } else { Err(too_small) }
}

fn parse_db(text: &[u8], databases: usize) -> Result<usize, CommandError> {
    let number = num::parse_i64(text).ok_or(CommandError::NotIntegerOf("DB"))?;
    usize::try_from(number).ok().filter(|db| *db < databases).ok_or_else(|| {
        CommandError::Other(format!("ERR DB number should be between 0 and {}", databases.saturating_sub(1)).into())
    })
}

fn parse_flags(letters: &[u8], opposite: bool) -> Result<Vec<u8>, CommandError> {
    if letters.iter().all(|letter| flags::KNOWN.contains(letter)) {
        return Ok(letters.to_vec());
    }
    Err(unknown("flags", "FLAGS", letters, opposite))
}

/// `r` is the only one that there is.
fn parse_capa(letters: &[u8], opposite: bool) -> Result<Is, CommandError> {
    if !letters.is_empty() && letters.iter().all(|letter| *letter == b'r') {
        return Ok(Is::Redirected);
    }
    Err(unknown("capa", "CAPA", letters, opposite))
}

fn unknown(what: &str, name: &str, letters: &[u8], opposite: bool) -> CommandError {
    let letters = String::from_utf8_lossy(letters);
    let filter = if opposite { format!("NOT-{name}") } else { "provided".into() };
    CommandError::Other(format!("ERR Unknown {what} found in the {filter} filter: {letters}").into())
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
