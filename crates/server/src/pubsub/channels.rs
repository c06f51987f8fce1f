//! Who subscribed to what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::RwLock;
use stdx::glob;

use crate::delivery::{Delivery, Message, Published, Source};
use crate::host::{Event, Host};

/// The three kinds of subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Channel,
    Pattern,
    ShardChannel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subscriber {
    client: u64,
    lane: usize,
}

type Names = RwLock<BTreeMap<Box<[u8]>, Vec<Subscriber>>>;

/// All subscriptions of all clients.
#[derive(Debug, Default)]
pub(crate) struct PubSub {
    channels: Names,
    patterns: Names,
    shard_channels: Names,
    /// All of them: 0 lets a publisher pass without a look.
    count: AtomicUsize,
}

/// What one client has subscribed to.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions {
    channels: BTreeSet<Box<[u8]>>,
    patterns: BTreeSet<Box<[u8]>>,
    shard_channels: BTreeSet<Box<[u8]>>,
}

impl Subscriptions {
    pub(crate) const fn of(&self, kind: Kind) -> &BTreeSet<Box<[u8]>> {
        match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::ShardChannel => &self.shard_channels,
        }
    }

    const fn of_mut(&mut self, kind: Kind) -> &mut BTreeSet<Box<[u8]>> {
        match kind {
            Kind::Channel => &mut self.channels,
            Kind::Pattern => &mut self.patterns,
            Kind::ShardChannel => &mut self.shard_channels,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty() && self.patterns.is_empty() && self.shard_channels.is_empty()
    }

    /// The number that answers a subscription of this kind.
    pub(crate) fn count(&self, kind: Kind) -> usize {
        match kind {
            Kind::Channel | Kind::Pattern => self.channels.len() + self.patterns.len(),
            Kind::ShardChannel => self.shard_channels.len(),
        }
    }
}

impl PubSub {
    const fn names(&self, kind: Kind) -> &Names {
        match kind {
            Kind::Channel => &self.channels,
            Kind::Pattern => &self.patterns,
            Kind::ShardChannel => &self.shard_channels,
        }
    }

    /// Whether nobody has subscribed to anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    pub(crate) fn subscribe(&self, mine: &mut Subscriptions, kind: Kind, name: &[u8], client: u64, lane: usize) {
        if mine.of_mut(kind).insert(Box::from(name)) {
            self.names(kind).write().entry(Box::from(name)).or_default().push(Subscriber { client, lane });
            self.count.fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn unsubscribe(&self, mine: &mut Subscriptions, kind: Kind, name: &[u8], client: u64) {
        if mine.of_mut(kind).remove(name) {
            let mut names = self.names(kind).write();
            if let Some(those) = names.get_mut(name) {
                those.retain(|one| one.client != client);
                if those.is_empty() {
                    names.remove(name);
                }
            }
            self.count.fetch_sub(1, Relaxed);
        }
    }

    /// Forgets a client that is gone.
    pub(crate) fn forget(&self, mine: &mut Subscriptions, client: u64) {
        for kind in [Kind::Channel, Kind::Pattern, Kind::ShardChannel] {
            for name in std::mem::take(mine.of_mut(kind)) {
                mine.of_mut(kind).insert(name.clone());
                self.unsubscribe(mine, kind, &name, client);
            }
        }
    }

    /// Sends a message on its way; returns how many receive it, those of patterns included.
    pub(crate) fn publish(&self, host: &dyn Host, kind: Kind, channel: &[u8], payload: &[u8]) -> usize {
        if self.is_empty() {
            return 0;
        }
        let mut receivers = 0;
        let source = if kind == Kind::ShardChannel { Source::ShardChannel } else { Source::Channel };
        if let Some(those) = self.names(kind).read().get(channel) {
            receivers += post(host, those, message(source, channel, payload));
        }
        if kind == Kind::Channel {
            for (pattern, those) in &*self.patterns.read() {
                if glob::matches(pattern, channel) {
                    receivers += post(host, those, message(Source::Pattern(pattern.clone()), channel, payload));
                }
            }
        }
        receivers
    }

    /// Names of this kind that somebody has subscribed to, and by how many.
    pub(crate) fn active(&self, kind: Kind) -> Vec<(Box<[u8]>, usize)> {
        self.names(kind).read().iter().map(|(name, those)| (name.clone(), those.len())).collect()
    }

    /// Calls `see` with each name of this kind and each client that has subscribed to it.
    pub(crate) fn for_each(&self, kind: Kind, mut see: impl FnMut(&[u8], u64)) {
        for (name, those) in &*self.names(kind).read() {
            those.iter().for_each(|one| see(name, one.client));
        }
    }

    /// How many have subscribed to this name.
    pub(crate) fn subscribers(&self, kind: Kind, name: &[u8]) -> usize {
        self.names(kind).read().get(name).map_or(0, Vec::len)
    }

    /// How many names of this kind somebody has subscribed to.
    pub(crate) fn len(&self, kind: Kind) -> usize {
        self.names(kind).read().len()
    }
}

fn message(source: Source, channel: &[u8], payload: &[u8]) -> Arc<Message> {
    Arc::new(Message::Published(Published { source, channel: Box::from(channel), payload: Box::from(payload) }))
}

/// Posts to each reactor what its clients are to get.
fn post(host: &dyn Host, those: &[Subscriber], message: Arc<Message>) -> usize {
    let mut by_lane: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for Subscriber { client, lane } in those {
        by_lane.entry(*lane).or_default().push(*client);
    }
    for (lane, to) in by_lane {
        host.send(lane, Event::Deliver(Delivery { message: Arc::clone(&message), to }));
    }
    those.len()
}
