//! CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::tracker::Mode;
use super::{Tracker, Tracking};
use crate::{ServerCommand, ServerContext};

pub(crate) const CLIENT_TRACKING: ServerCommand = ServerCommand::new("tracking", client_tracking)
    .since("6.0.0")
    .arity(-3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_TRACKING_DOCS);

pub(crate) const CLIENT_CACHING: ServerCommand = ServerCommand::new("caching", client_caching)
    .since("6.0.0")
    .arity(3)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_CACHING_DOCS);

pub(crate) const CLIENT_GETREDIR: ServerCommand = ServerCommand::new("getredir", client_getredir)
    .since("6.0.0")
    .arity(2)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_GETREDIR_DOCS);

pub(crate) const CLIENT_TRACKINGINFO: ServerCommand = ServerCommand::new("trackinginfo", client_trackinginfo)
    .since("6.2.0")
    .arity(2)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_TRACKINGINFO_DOCS);

const TWO_REDIRECTS: CommandError = CommandError::other("ERR A client can only redirect to a single other client");
const NO_SUCH_CLIENT: CommandError = CommandError::other("ERR The client ID you want redirect to does not exist");
const PREFIX_NEEDS_BCAST: CommandError = CommandError::other("ERR PREFIX option requires BCAST mode to be enabled");
const BCAST_SWITCHED: CommandError = CommandError::other(
    "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
);
const BCAST_AND_OPT: CommandError = CommandError::other("ERR OPTIN and OPTOUT are not compatible with BCAST");
const OPTIN_AND_OPTOUT: CommandError = CommandError::other("ERR You can't specify both OPTIN mode and OPTOUT mode");
const OPT_SWITCHED: CommandError = CommandError::other(
    "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
);
const CACHING_NEEDS_MODE: CommandError = CommandError::other(
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
);
const YES_NEEDS_OPTIN: CommandError =
    CommandError::other("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.");
const NO_NEEDS_OPTOUT: CommandError =
    CommandError::other("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.");

/// What CLIENT TRACKING was told besides ON or OFF.
#[derive(Debug, Default)]
struct Options<'a> {
    redirect: Option<u64>,
    prefixes: Vec<&'a [u8]>,
    bcast: bool,
    optin: bool,
    optout: bool,
    noloop: bool,
}

fn client_tracking(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let state = args.bytes()?;
    let options = parse(cx, args)?;
    if state.eq_ignore_ascii_case(b"ON") {
        let before = cx.client.tracking.as_deref();
        let mode = choose_mode(&options, before.map(|tracking| tracking.mode))?;
        if let Some(before) = before {
            check_existing(&options.prefixes, &before.prefixes)?;
        }
        check_provided(&options.prefixes)?;
        start(cx, &options, mode);
    } else if state.eq_ignore_ascii_case(b"OFF") {
        cx.client.stop_tracking(cx.node);
    } else {
        return Err(CommandError::Syntax);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn parse<'a>(cx: &ServerContext<'_, '_>, args: &mut Args<'a>) -> Result<Options<'a>, CommandError> {
    let mut options = Options::default();
    while !args.is_empty() {
        if args.remaining() >= 2 && args.accept("REDIRECT") {
            if options.redirect.is_some() {
                return Err(TWO_REDIRECTS);
            }
            let id = u64::try_from(args.int()?).map_err(|_| NO_SUCH_CLIENT)?;
            cx.node.clients.get(id).ok_or(NO_SUCH_CLIENT)?;
            options.redirect = Some(id);
        } else if args.remaining() >= 2 && args.accept("PREFIX") {
            options.prefixes.push(args.bytes()?);
        } else if args.accept("BCAST") {
            options.bcast = true;
        } else if args.accept("OPTIN") {
            options.optin = true;
        } else if args.accept("OPTOUT") {
            options.optout = true;
        } else if args.accept("NOLOOP") {
            options.noloop = true;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    Ok(options)
}

/// The mode that the options ask for, if it may follow the one that is in force.
fn choose_mode(options: &Options<'_>, before: Option<Mode>) -> Result<Mode, CommandError> {
    if !options.bcast && !options.prefixes.is_empty() {
        return Err(PREFIX_NEEDS_BCAST);
    }
    if before.is_some_and(|before| (before == Mode::Bcast) != options.bcast) {
        return Err(BCAST_SWITCHED);
    }
    match (options.bcast, options.optin, options.optout) {
        (true, false, false) => Ok(Mode::Bcast),
        (true, _, _) => Err(BCAST_AND_OPT),
        (false, true, true) => Err(OPTIN_AND_OPTOUT),
        (false, true, false) if before == Some(Mode::OptOut) => Err(OPT_SWITCHED),
        (false, false, true) if before == Some(Mode::OptIn) => Err(OPT_SWITCHED),
        (false, true, false) => Ok(Mode::OptIn),
        (false, false, true) => Ok(Mode::OptOut),
        (false, false, false) => Ok(Mode::All),
    }
}

fn overlap(left: &[u8], right: &[u8]) -> bool {
    left.starts_with(right) || right.starts_with(left)
}

fn check_existing(prefixes: &[&[u8]], existing: &BTreeSet<Box<[u8]>>) -> Result<(), CommandError> {
    for prefix in prefixes {
        if let Some(existing) = existing.iter().find(|existing| overlap(prefix, existing)) {
            return Err(overlaps(prefix, "an existing", existing));
        }
    }
    Ok(())
}

fn check_provided(prefixes: &[&[u8]]) -> Result<(), CommandError> {
    for (index, prefix) in prefixes.iter().enumerate() {
        if let Some(other) = prefixes.iter().skip(index + 1).find(|other| overlap(prefix, other)) {
            return Err(overlaps(prefix, "another provided", other));
        }
    }
    Ok(())
}

fn overlaps(prefix: &[u8], which: &str, other: &[u8]) -> CommandError {
    let (prefix, other) = (String::from_utf8_lossy(prefix), String::from_utf8_lossy(other));
    CommandError::Other(Cow::Owned(format!(
        "ERR Prefix '{prefix}' overlaps with {which} prefix '{other}'. Prefixes for a single client must not overlap."
    )))
}

/// Tracks from now on, by these options alone; only prefixes stay from before.
fn start(cx: &mut ServerContext<'_, '_>, options: &Options<'_>, mode: Mode) {
    let mut prefixes = cx.client.tracking.take().map(|tracking| tracking.prefixes).unwrap_or_default();
    let tracker = Arc::new(Tracker {
        client: cx.client.id,
        lane: cx.client.info.lane,
        redirect: options.redirect,
        noloop: options.noloop,
        bcast: options.bcast,
        broken: AtomicBool::new(false),
    });
    prefixes.extend(options.prefixes.iter().map(|prefix| Box::from(*prefix)));
    if options.bcast && options.prefixes.is_empty() {
        prefixes.insert(Box::default());
    }
    let trackers = &cx.node.tracking;
    prefixes.iter().for_each(|prefix| trackers.prefixes.add(prefix, &tracker));
    trackers.enter(&tracker);
    cx.client.tracking = Some(Box::new(Tracking { tracker, mode, caching: false, prefixes }));
}

fn client_caching(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let Some(tracking) = &mut cx.client.tracking else { return Err(CACHING_NEEDS_MODE) };
    if args.accept("YES") {
        if tracking.mode != Mode::OptIn {
            return Err(YES_NEEDS_OPTIN);
        }
    } else if args.accept("NO") {
        if tracking.mode != Mode::OptOut {
            return Err(NO_NEEDS_OPTOUT);
        }
    } else {
        return Err(CommandError::Syntax);
    }
    tracking.caching = true;
    reply.ok();
    Ok(Flow::Done)
}

fn client_getredir(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.int(redirect_of(cx.client.tracking.as_ref().map(|tracking| &*tracking.tracker)));
    Ok(Flow::Done)
}

/// The client that is told instead; 0 for none, -1 for one that does not track.
pub(crate) fn redirect_of(tracker: Option<&Tracker>) -> i64 {
    tracker.map_or(-1, |tracker| i64::try_from(tracker.redirect.unwrap_or(0)).unwrap_or(i64::MAX))
}

fn client_trackinginfo(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let tracking = cx.client.tracking.as_deref();
    let mut flags = Vec::new();
    match tracking {
        None => flags.push("off"),
        Some(tracking) => {
            flags.push("on");
            match tracking.mode {
                Mode::All => {}
                Mode::Bcast => flags.push("bcast"),
                Mode::OptIn => flags.extend(["optin"].into_iter().chain(tracking.caching.then_some("caching-yes"))),
                Mode::OptOut => flags.extend(["optout"].into_iter().chain(tracking.caching.then_some("caching-no"))),
            }
            flags.extend(tracking.tracker.noloop.then_some("noloop"));
            flags.extend(tracking.tracker.broken.load(Relaxed).then_some("broken_redirect"));
        }
    }
    reply.map(3);
    reply.bulk(b"flags");
    reply.set(flags.len());
    flags.iter().for_each(|flag| reply.bulk(flag.as_bytes()));
    reply.bulk(b"redirect");
    reply.int(redirect_of(tracking.map(|tracking| &*tracking.tracker)));
    reply.bulk(b"prefixes");
    reply.array(tracking.map_or(0, |tracking| tracking.prefixes.len()));
    tracking.iter().flat_map(|tracking| &tracking.prefixes).for_each(|prefix| reply.bulk(prefix));
    Ok(Flow::Done)
}

const CLIENT_TRACKING_DOCS: Docs = Docs::new(
    "Tells the connection when keys that it has read change, or no longer.",
    Group::Connection,
    "O(1). Some options may introduce additional complexity.",
)
.arguments(&[
    Arg::one_of("status", &[Arg::pure_token("on", "ON"), Arg::pure_token("off", "OFF")]),
    Arg::integer("client-id").token("REDIRECT").optional(),
    Arg::string("prefix").token("PREFIX").optional().multiple().multiple_token(),
    Arg::pure_token("bcast", "BCAST").optional(),
    Arg::pure_token("optin", "OPTIN").optional(),
    Arg::pure_token("optout", "OPTOUT").optional(),
    Arg::pure_token("noloop", "NOLOOP").optional(),
]);

const CLIENT_CACHING_DOCS: Docs =
    Docs::new("Makes the next command an exception to OPTIN or OPTOUT.", Group::Connection, "O(1)")
        .arguments(&[Arg::one_of("mode", &[Arg::pure_token("yes", "YES"), Arg::pure_token("no", "NO")])]);

const CLIENT_GETREDIR_DOCS: Docs =
    Docs::new("Tells which connection is told of changed keys instead.", Group::Connection, "O(1)");

const CLIENT_TRACKINGINFO_DOCS: Docs =
    Docs::new("Describes the connection's tracking of keys.", Group::Connection, "O(1)");
