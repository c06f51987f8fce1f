//! Connections that lose their user, or the right to what they are subscribed to, are closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::check::may_hear;
use super::user::User;
use crate::pubsub::Kind;
use crate::{Event, ServerContext};

/// Closes every connection of a user that is no more, and of one that has subscribed to what the user may not hear. Called under the
/// closed gate: nobody logs in or subscribes meanwhile.
pub(super) fn disconnect_the_denied(cx: &mut ServerContext<'_, '_>) {
    let users = cx.node.acl.users();
    let mut denied = BTreeSet::new();
    let mut listeners: BTreeMap<u64, Arc<User>> = BTreeMap::new();
    cx.client.info.note_state(cx.client);
    for client in cx.node.clients.all() {
        match users.get(&client.user.lock()) {
            None => {
                denied.insert(client.id);
            }
            Some(user) if client.subscribes() => {
                listeners.insert(client.id, Arc::clone(user));
            }
            Some(_) => {}
        }
    }
    if !listeners.is_empty() {
        for kind in [Kind::Channel, Kind::Pattern, Kind::ShardChannel] {
            cx.node.pubsub.for_each(kind, |name, client| {
                if listeners.get(&client).is_some_and(|user| !may_hear(user, name, kind == Kind::Pattern)) {
                    denied.insert(client);
                }
            });
        }
    }
    for id in denied {
        if id == cx.client.id {
            // After the reply.
            cx.client.closing = true;
        } else if let Some(client) = cx.node.clients.get(id)
            && !client.killed.swap(true, Relaxed)
        {
            cx.node.host.send(client.lane, Event::Kill { client: id });
        }
    }
}
