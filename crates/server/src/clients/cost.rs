//! What clients cost: their buffers within the limit of their class, all of them together within `maxmemory-clients`.
//!
//! A connection's thread publishes what the connection takes after every turn. Nobody adds it all up but the timer, ten times a second, and
//! a lane that has just seen a connection grow large; so the limit costs nothing while it is off and little while it is on. The
//! largest go first: few are closed, and those that cost most.
//!
//! Output is limited twice. A connection with 1 MiB unsent is not served further until it reads, whatever the limits; what
//! `client-output-buffer-limit` closes is one that is sent single replies or messages larger than that.

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use stdx::UnixMs;

use super::ClientInfo;
use crate::config::{MemoryLimit, OutputLimit};
use crate::host::{Event, LogLevel};
use crate::node::{Live, Node};
use crate::session::Session;
use crate::worker::Worker;

/// A connection that takes so much makes its lane add up what all take.
const LARGE_BYTES: usize = 64 * 1024;

/// A lane adds up at most this often.
const EVERY_MS: i64 = 10;

impl Live {
    /// What all clients together may take; `None`: any amount.
    fn clients_limit_bytes(&self) -> Option<u64> {
        let limit = match self.settings.clients.maxmemory_clients {
            MemoryLimit::Bytes(bytes) => bytes,
            MemoryLimit::Percent(percent) => {
                let product = u128::from(self.settings.memory.maxmemory_bytes) * u128::from(percent);
                u64::try_from(product / 100).unwrap_or(u64::MAX)
            }
        };
        (limit > 0).then_some(limit)
    }
}

impl Worker {
    /// Looks at what a connection takes after a turn of its own.
    pub(crate) fn limit_client(&mut self, session: &mut Session) {
        self.limit_output(session);
        if session.input.len() + session.output.len() + session.client.queued_bytes() >= LARGE_BYTES {
            self.limit_clients(self.batch_now);
        }
    }

    /// Closes a connection that has let more output pile up than its class may. Call it once a second too: an allowance may run out.
    pub fn limit_output(&self, session: &mut Session) {
        let limits = &self.live.settings.clients.output_limits;
        let limit = if session.client.subscriptions.is_some() { limits.pubsub } else { limits.normal };
        self.limit_output_to(session, limit);
    }

    pub(crate) fn limit_output_to(&self, session: &mut Session, limit: OutputLimit) {
        if limit == OutputLimit::default() || session.client.closing {
            return;
        }
        let unsent = session.unsent_bytes() as u64;
        if exceeds(&mut session.client.over_soft_limit_since, limit, unsent, || self.node.host.unix_ms()) {
            self.node.end_for_its_output(session, self.lane);
        }
    }

    /// Closes the largest clients while all together take more than `maxmemory-clients`.
    pub(crate) fn limit_clients(&mut self, now: UnixMs) {
        let Some(limit) = self.live.clients_limit_bytes() else { return };
        if now < self.next_client_look {
            return;
        }
        self.next_client_look = UnixMs(now.0.saturating_add(EVERY_MS));
        let mut clients: Vec<(usize, Arc<ClientInfo>)> = self
            .node
            .clients
            .all()
            .into_iter()
            .filter(|client| !client.killed.load(Relaxed))
            .map(|client| (client.total_bytes(), client))
            .collect();
        let mut sum: u64 = clients.iter().map(|(bytes, _)| *bytes as u64).sum();
        if sum <= limit {
            return;
        }
        clients.retain(|(_, client)| !client.no_evict.load(Relaxed));
        clients.sort_by_key(|(bytes, client)| (Reverse(*bytes), client.id));
        for (bytes, client) in clients {
            if sum <= limit {
                break;
            }
            sum -= bytes as u64;
            self.evict_client(&client, bytes);
        }
    }

    fn evict_client(&self, client: &ClientInfo, bytes: usize) {
        // Somebody else may be closing it at this moment.
        if client.killed.swap(true, Relaxed) {
            return;
        }
        let node = &self.node;
        node.stats.lanes[self.lane].evicted_clients.add(1);
        let (id, addr) = (client.id, &client.endpoint.addr);
        node.host
            .log(LogLevel::Notice, &format!("Evicting client id={id} addr={addr} tot-mem={bytes} (maxmemory-clients)"));
        node.host.send(client.lane, Event::Kill { client: id });
    }
}

impl Node {
    /// Ends a connection that does not read what is sent to it.
    fn end_for_its_output(&self, session: &mut Session, lane: usize) {
        let line = format!(
            "Client id={} addr={} scheduled to be closed ASAP for overcoming of output buffer limits.",
            session.client.id, session.client.info.endpoint.addr
        );
        self.host.log(LogLevel::Warning, &line);
        self.stats.lanes[lane].output_buffer_disconnections.add(1);
        // What it would not read is not kept for it.
        session.output.clear();
        session.sent = 0;
        session.client.closing = true;
        self.host.send(session.client.info.lane, Event::Kill { client: session.client.id });
    }
}

/// Whether a client with `unsent_bytes` is to be closed.
fn exceeds(since: &mut Option<UnixMs>, limit: OutputLimit, unsent_bytes: u64, now: impl FnOnce() -> UnixMs) -> bool {
    if limit.hard_bytes > 0 && unsent_bytes >= limit.hard_bytes {
        return true;
    }
    if limit.soft_bytes == 0 || unsent_bytes < limit.soft_bytes {
        *since = None;
        return false;
    }
    let now = now();
    let since = *since.get_or_insert(now);
    now.ms_since(since) > i64::from(limit.soft_s) * 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soft_limit_allows_some_time_and_a_hard_one_none() {
        let limit = OutputLimit { hard_bytes: 100, soft_bytes: 10, soft_s: 2 };
        let mut since = None;
        let mut ends = |unsent, ms| exceeds(&mut since, limit, unsent, || UnixMs(ms));
        assert!(!ends(9, 0));
        assert!(!ends(10, 1000));
        assert!(!ends(99, 3000));
        assert!(ends(50, 3001));
        assert!(!ends(5, 3002), "it has read");
        assert!(!ends(50, 9000), "its time begins anew");
        assert!(ends(100, 9000));
    }
}
