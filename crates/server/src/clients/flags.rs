//! What a connection is, in one letter each: `flags` of CLIENT LIST, and the filter on them.

use std::sync::atomic::Ordering::Relaxed;

use crate::clients::ClientInfo;
use crate::node::Node;

/// The letters that Redis and Valkey use; a filter may name any of them.
pub(super) const KNOWN: &[u8] = b"ABEIMNOPRSTUbcdeirtux";

/// The letters of a connection; `N` when none applies.
pub(super) fn flags_of(node: &Node, client: &ClientInfo) -> String {
    let tracker = node.tracking.get(client.id);
    let letters = [
        (client.monitors.load(Relaxed), 'O'),
        (client.subscribes(), 'P'),
        (client.queued_plus_one.load(Relaxed) > 0, 'x'),
        (client.waiting.load(Relaxed), 'b'),
        (tracker.is_some(), 't'),
        (tracker.as_ref().is_some_and(|tracker| tracker.broken.load(Relaxed)), 'R'),
        (tracker.as_ref().is_some_and(|tracker| tracker.bcast), 'B'),
        (client.endpoint.is_unix, 'U'),
        (client.no_evict.load(Relaxed), 'e'),
        (client.no_touch.load(Relaxed), 'T'),
        (client.imports.load(Relaxed), 'I'),
    ];
    let flags: String = letters.iter().filter(|(holds, _)| *holds).map(|(_, letter)| letter).collect();
    if flags.is_empty() { "N".into() } else { flags }
}
