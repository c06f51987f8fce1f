//! What clients are sent unasked: published messages, invalidated keys, lines of MONITOR.
//!
//! A sender posts a delivery to the reactor of each receiver, through the inbox that keeps the order in which one sender spoke; the
//! reactor writes the message into the output of its clients, each in the client's protocol. The bytes of a message are shared, not copied
//! per receiver. Since the receiver did not ask, it may not want to read: all of it counts against the limit of the class
//! `pubsub`, also for a client that Redis would put into the class `normal`, whose limit is none by default.

use std::sync::Arc;

use command_api::Reply;
use resp::Protocol;

use crate::session::{Client, Replies, Session};
use crate::worker::Worker;

/// What a client is sent.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody published it.
    Published(Published),
    /// Keys that the client may have cached, or that another client has, which redirects what it is told.
    Invalidated(Invalidated),
    /// The client with this id, to which the receiver redirects its invalidations, is gone.
    RedirectionBroken { to: u64 },
    /// A command that somebody ran, for MONITOR.
    Line(String),
}

/// A published message.
#[derive(Debug, PartialEq, Eq)]
pub struct Published {
    pub(crate) source: Source,
    pub(crate) channel: Box<[u8]>,
    pub(crate) payload: Box<[u8]>,
}

/// By what kind of subscription a message reaches a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Channel,
    ShardChannel,
    Pattern(Box<[u8]>),
}

/// Keys that are not what they were.
#[derive(Debug, PartialEq, Eq)]
pub struct Invalidated {
    /// `None`: all keys there are.
    pub(crate) keys: Option<Vec<Box<[u8]>>>,
    /// The receiver does not track for itself.
    pub(crate) redirected: bool,
}

/// A message for some clients of one reactor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub message: Arc<Message>,
    /// Ids of the clients.
    pub to: Vec<u64>,
}

impl Message {
    /// Writes it for `client`; nothing if the client does not want it, or its protocol has no form for it.
    fn write(&self, client: &Client, reply: &mut Reply<'_>) {
        match self {
            Self::Published(message) => message.write(reply),
            Self::Invalidated(message) => message.write(client, reply),
            Self::Line(line) => {
                if client.monitors && client.replies == Replies::On {
                    reply.status(line);
                }
            }
            Self::RedirectionBroken { to } => {
                if client.protocol == Protocol::Resp3 && client.tracking.is_some() {
                    reply.push(2);
                    reply.bulk(b"tracking-redir-broken");
                    reply.int(i64::try_from(*to).unwrap_or(i64::MAX));
                }
            }
        }
    }
}

impl Published {
    fn write(&self, reply: &mut Reply<'_>) {
        match &self.source {
            Source::Channel => {
                reply.push(3);
                reply.bulk(b"message");
            }
            Source::ShardChannel => {
                reply.push(3);
                reply.bulk(b"smessage");
            }
            Source::Pattern(pattern) => {
                reply.push(4);
                reply.bulk(b"pmessage");
                reply.bulk(pattern);
            }
        }
        reply.bulk(&self.channel);
        reply.bulk(&self.payload);
    }
}

impl Invalidated {
    /// In RESP2 only a subscriber can be told, and only of another client's keys. Which channels it subscribed to does not matter, as
    /// in Redis.
    fn write(&self, client: &Client, reply: &mut Reply<'_>) {
        match client.protocol {
            Protocol::Resp3 if self.redirected || client.tracking.is_some() => {
                reply.push(2);
                reply.bulk(b"invalidate");
            }
            Protocol::Resp2 if self.redirected && client.subscriptions.is_some() => {
                reply.array(3);
                reply.bulk(b"message");
                reply.bulk(b"__redis__:invalidate");
            }
            Protocol::Resp2 | Protocol::Resp3 => return,
        }
        match &self.keys {
            None => reply.null(),
            Some(keys) => {
                reply.array(keys.len());
                keys.iter().for_each(|key| reply.bulk(key));
            }
        }
    }
}

impl Worker {
    /// Writes a message into the output of a client of this reactor. One that has let too much pile up is closed instead.
    pub fn deliver(&self, session: &mut Session, message: &Message) {
        if session.client.closing {
            return;
        }
        message.write(&session.client, &mut Reply::new(&mut session.output, session.client.protocol));
        let limit = self.node.live().settings.clients.output_limits.pubsub;
        self.limit_output_to(session, limit);
        session.note_buffers();
    }
}
