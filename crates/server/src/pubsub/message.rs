//! A published message, and its way to the clients of one reactor.

use std::sync::Arc;

use command_api::Reply;

use crate::config::OutputLimit;
use crate::host::{Event, LogLevel};
use crate::node::Node;
use crate::session::Session;
use crate::worker::Worker;

/// What was published.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
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

/// A message for some clients of one reactor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub message: Arc<Message>,
    /// Ids of the clients.
    pub to: Vec<u64>,
}

impl Message {
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

impl Node {
    /// Ends a connection that does not read what is sent to it.
    fn end_for_its_output(&self, session: &mut Session) {
        let line = format!(
            "Client id={} addr={} scheduled to be closed ASAP for overcoming of output buffer limits.",
            session.client.id, session.client.info.endpoint.addr
        );
        self.host.log(LogLevel::Warning, &line);
        // What it would not read is not kept for it.
        session.output.clear();
        session.client.closing = true;
        self.host.send(session.client.info.lane, Event::Kill { client: session.client.id });
    }
}

impl Worker {
    /// Writes a message into a client's output. One that has let too much pile up is closed instead.
    pub fn deliver(&self, session: &mut Session, message: &Message) {
        if session.client.closing {
            return;
        }
        message.write(&mut Reply::new(&mut session.output, session.client.protocol));
        let limit = self.node.live().settings.clients.output_limits.pubsub;
        let now = self.node.host.unix_ms();
        if exceeds(&mut session.client.over_soft_limit_since, limit, session.output.len() as u64, now) {
            self.node.end_for_its_output(session);
        }
    }
}

/// Whether a client with `unsent_bytes` is to be closed.
fn exceeds(since: &mut Option<stdx::UnixMs>, limit: OutputLimit, unsent_bytes: u64, now: stdx::UnixMs) -> bool {
    if limit.hard_bytes > 0 && unsent_bytes >= limit.hard_bytes {
        return true;
    }
    if limit.soft_bytes == 0 || unsent_bytes < limit.soft_bytes {
        *since = None;
        return false;
    }
    let since = *since.get_or_insert(now);
    now.ms_since(since) > i64::from(limit.soft_s) * 1000
}
