//! ACL LOG: what was refused lately.

use command_api::{Arg, Args, CommandResult, Docs, Flow, Group, Reply};

use super::commands::too_many;
use super::log::Entry;
use crate::{ServerCommand, ServerContext};

pub(super) const ACL_LOG: ServerCommand =
    ServerCommand::new("log", log).since("6.0.0").arity(-2).admin().noscript().loading().stale().docs(&LOG_DOCS);

/// Entries shown without a word on it.
const DEFAULT_COUNT: i64 = 10;

fn log(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() > 1 {
        return Err(too_many("LOG"));
    }
    if args.accept("RESET") {
        cx.node.acl.log.lock().clear();
        reply.ok();
        return Ok(Flow::Done);
    }
    let count = if args.is_empty() { DEFAULT_COUNT } else { args.int()? };
    let count = usize::try_from(count).unwrap_or(0);

    let now = cx.data.now();
    let log = cx.node.acl.log.lock();
    let shown = count.min(log.entries().len());
    reply.array(shown);
    for entry in log.entries().take(shown) {
        reply.map(10);
        write_entry(entry, now.ms_since(entry.updated), reply);
    }
    Ok(Flow::Done)
}

fn write_entry(entry: &Entry, age_ms: i64, reply: &mut Reply<'_>) {
    let refusal = &entry.refusal;
    reply.bulk(b"count");
    reply.int(i64::try_from(entry.count).unwrap_or(i64::MAX));
    for (name, text) in [
        (&b"reason"[..], refusal.reason.name().as_bytes()),
        (b"context", refusal.context.name().as_bytes()),
        (b"object", &refusal.object),
        (b"username", &refusal.username),
    ] {
        reply.bulk(name);
        reply.bulk(text);
    }
    reply.bulk(b"age-seconds");
    #[expect(clippy::cast_precision_loss, reason = "an age in milliseconds is far below 2^52")]
    reply.double(age_ms.max(0) as f64 / 1000.0);
    reply.bulk(b"client-info");
    reply.bulk(entry.client.as_bytes());
    reply.bulk(b"entry-id");
    reply.int(i64::try_from(entry.id).unwrap_or(i64::MAX));
    reply.bulk(b"timestamp-created");
    reply.int(entry.created.0);
    reply.bulk(b"timestamp-last-updated");
    reply.int(entry.updated.0);
}

const LOG_DOCS: Docs =
    Docs::new("Shows what was refused lately.", Group::Server, "O(N) with N being the number of entries shown.")
        .history(&[("7.2.0", "Added entry ID, timestamp created, and timestamp last updated.")])
        .arguments(&[Arg::one_of("operation", &[Arg::integer("count"), Arg::pure_token("reset", "RESET")]).optional()]);
