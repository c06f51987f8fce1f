//! Publish and subscribe, and the keyspace events that travel the same way.
//!
//! Who subscribed to what stands in one place for all reactors. A publisher looks its receivers up and posts one delivery to each
//! reactor that has any.

mod channels;
mod commands;
mod events;
mod inspect;

pub(crate) use channels::{Kind, PubSub, Subscriptions};
pub(crate) use events::{PARTS, key_events};

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] = &[
    &commands::SUBSCRIBE,
    &commands::UNSUBSCRIBE,
    &commands::PSUBSCRIBE,
    &commands::PUNSUBSCRIBE,
    &commands::SSUBSCRIBE,
    &commands::SUNSUBSCRIBE,
    &commands::PUBLISH,
    &commands::SPUBLISH,
    &inspect::PUBSUB,
];
