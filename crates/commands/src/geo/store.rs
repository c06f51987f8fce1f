//! The finds of a search as a sorted set of their own.

use command_api::{Context, Event};
use keyspace::{Key, Ttl};
use value::{Collection, SortedSet};

use super::query::{Found, Query};

/// Stores what was found under `destination`, whatever was there; nothing found leaves no key. Returns how many there were.
pub(super) fn store(
    cx: &mut Context<'_>,
    destination: Key<'_>,
    query: &Query<'_>,
    found: &[Found],
    event: &'static str,
) -> i64 {
    if found.is_empty() {
        if cx.db.remove(destination) {
            cx.notify(Event::Generic, "del", destination);
        }
        return 0;
    }
    let limits = &cx.tunables.encodings;
    let mut zset = SortedSet::new();
    zset.expect(found.len(), limits);
    for found in found {
        zset.insert(&found.member, query.stored_score(found), limits);
    }
    cx.db.set_value(destination, zset.into_value(), Ttl::Clear);
    cx.notify(Event::SortedSet, event, destination);
    i64::try_from(found.len()).unwrap_or(i64::MAX)
}
