//! Publish and subscribe, and the keyspace events that travel the same way.
//!
//! Who subscribed to what stands in one place for all reactors. A publisher looks its receivers up and posts one delivery to each
//! reactor that has any, through the inbox that keeps the order in which one publisher spoke; the reactor writes the message into the
//! output of each of its clients, in the client's protocol. The bytes of a message are shared, not copied per reactor.

mod channels;
mod commands;
mod events;
mod inspect;
mod message;

pub(crate) use channels::{Kind, PubSub, Subscriptions};
pub(crate) use message::Source;
pub use message::{Delivery, Message};

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
