//! The end of every command that stores a whole sorted set.

use command_api::{Context, Event};
use keyspace::{Key, Ttl};
use value::{Collection, SortedSet};

/// Puts the result under `key`, in place of what was there; an empty one leaves nothing there. Returns its size.
pub(super) fn store(cx: &mut Context<'_>, key: Key<'_>, result: SortedSet, event: &'static str) -> usize {
    let len = result.len();
    if len > 0 {
        cx.db.set_value(key, result.into_value(), Ttl::Clear);
        cx.notify(Event::SortedSet, event, key);
    } else if cx.db.remove(key) {
        cx.notify(Event::Generic, "del", key);
    }
    len
}
