//! The writer's side: who is served when keys have changed. And the waiter's: how the waiting begins and ends.

use std::collections::VecDeque;
use std::sync::Arc;

use command_api::{Caller, CommandResult, Flow, Reply, Retry};
use keyspace::{Access, Changes, Mode};
use resp::Argv;
use stdx::UnixMs;

use super::waiter::Who;
use super::{Answer, KeyName, Waiter};
use crate::Event;
use crate::dispatch::Call;
use crate::keys::NamedKey;
use crate::monitoring::Cost;
use crate::node::{Live, Node};
use crate::propagation::Shape;
use crate::session::{Client, Session};
use crate::table::Entry;
use crate::worker::Worker;

impl Worker {
    /// Enters a client whose handler returned `Flow::Block`, under the locks that the handler ran with.
    pub(crate) fn begin_wait(
        &mut self,
        node: &Node,
        client: &mut Client,
        entry: &'static Entry,
        argv: Argv<'_>,
    ) -> CommandResult {
        let who = Who {
            client: client.id,
            lane: self.lane,
            db: client.db,
            protocol: client.protocol,
            touches: !client.no_touch,
            reader: client.reader(),
            ran_ns: node.host.monotonic_ns().saturating_sub(self.command_start_ns),
            standing: client.standing.clone(),
        };
        let block = std::mem::take(&mut self.block);
        let deadline = block.deadline;
        let keys = self.keys_to_wait_for(node, entry, argv, client.db);
        let waiter = Arc::new(Waiter::new(who, entry, argv, keys, block));
        node.waiters.add(&waiter);
        self.note_retry(&waiter);
        client.waiting = true;
        client.info.set_waiting(true);
        if let Some(deadline) = deadline {
            self.waits.insert((deadline, client.id));
        }
        Ok(Flow::Block)
    }

    /// The keys that a command names, each once.
    fn keys_to_wait_for(&mut self, node: &Node, entry: &Entry, argv: Argv<'_>, db: usize) -> Vec<(KeyName, Mode)> {
        let mut keys: Vec<(KeyName, Mode)> = Vec::new();
        // A handler that could read its arguments can tell its keys.
        let named = entry.named_keys(argv, node.keyspace.hasher(), &mut self.key_positions);
        for NamedKey { key, hash, mode } in named.into_iter().flatten() {
            let name = KeyName { hash, db, key: Box::from(key) };
            match keys.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = (*known).max(mode),
                None => keys.push((name, mode)),
            }
        }
        keys
    }

    /// Serves everyone whom `changes` made ready, and whom serving them made ready, under what `access` holds.
    pub(crate) fn serve_waiters(
        &mut self,
        access: &mut Access<'_>,
        node: &Node,
        live: &Live,
        now: UnixMs,
        changes: &mut Changes,
    ) {
        let mut ready: VecDeque<KeyName> = changes.touched.drain(..).map(KeyName::from).collect();
        for db in changes.replaced_dbs.drain(..) {
            ready.extend(node.waiters.keys_of_db(db));
        }
        let hasher = node.keyspace.hasher();
        ready.extend(changes.expired.iter().map(|expired| KeyName::new(hasher, expired.db, &expired.key)));
        while let Some(name) = ready.pop_front() {
            for waiter in node.waiters.of(&name) {
                // Those who wait for a key to come hear nothing of its going.
                if !waiter.block.errors_end_it && !name.exists(access, live, now) {
                    continue;
                }
                let served = self.serve(access, node, live, now, &waiter);
                if !self.unit.is_empty() {
                    // By itself: what it did is no part of what made it ready.
                    node.propagation.append(&mut self.unit, Shape::Together);
                }
                let Some(mut further) = served else { continue };
                if node.tracking.is_on() {
                    node.invalidate(&further, waiter.client);
                }
                node.mark_watchers(access, live, now, &further);
                ready.extend(further.touched.drain(..).map(KeyName::from));
                node.apply_changes(self.lane, further);
            }
        }
    }

    /// Runs a waiter's handler again. Returns what that changed.
    fn serve(
        &mut self,
        access: &mut Access<'_>,
        node: &Node,
        live: &Live,
        now: UnixMs,
        waiter: &Arc<Waiter>,
    ) -> Option<Changes> {
        // Held to the end: a timeout or a parting client waits until it is settled who was first.
        let mut answer = waiter.answer.lock();
        if *answer != Answer::None {
            return None;
        }
        let mut bytes = Vec::new();
        let mut reply = Reply::new(&mut bytes, waiter.protocol);
        let call = Call {
            entry: waiter.entry,
            argv: waiter.argv(),
            hashed: (0, 0),
            db: waiter.db,
            touches: waiter.touches,
            reader: waiter.reader,
            caller: Caller::default(),
        };
        let start_ns = node.host.monotonic_ns();
        let allowed =
            waiter.user.check(node, waiter.client, waiter.entry, waiter.argv(), waiter.db, &mut self.key_positions);
        let denied = allowed.is_err();
        let (result, changes) = match allowed {
            Ok(()) => self.invoke(access.lend(), node, live, None, call, now, &mut reply),
            Err(error) => (Err(error), Changes::default()),
        };
        let counters = &node.stats.lanes[self.lane].commands[waiter.entry.id];
        match result {
            Ok(Flow::Done) => {}
            Ok(Flow::Block) => {
                waiter.retry_as(self.block.retry);
                if waiter.lane != self.lane && self.block.retry != Retry::Never {
                    node.host.send(waiter.lane, Event::Deadline);
                }
                // What it found expired is gone all the same.
                return Some(changes);
            }
            Err(error) if denied || waiter.block.errors_end_it => {
                let text = error.to_string();
                node.stats.count_error(self.lane, &text);
                counters.failed.add(1);
                bytes.clear();
                Reply::new(&mut bytes, waiter.protocol).error(&text);
            }
            Err(_) => return None,
        }
        let reply_bytes = bytes.len();
        *answer = Answer::Ready(bytes);
        drop(answer);
        let ns = node.host.monotonic_ns().saturating_sub(start_ns);
        self.note_answered(node, live, waiter, ns, reply_bytes);
        node.waiters.remove(waiter);
        node.host.send(waiter.lane, Event::Wake { client: waiter.client });
        Some(changes)
    }

    /// Gives a client that waited its answer, if there is one; returns whether the session goes on.
    pub fn end_wait(&mut self, session: &mut Session) -> bool {
        if !session.client.waiting {
            return false;
        }
        let Some(bytes) = self.node.waiters.fetch(session.client.id) else { return false };
        session.client.waiting = false;
        session.client.info.set_waiting(false);
        if session.client.replies == crate::session::Replies::On {
            session.output.extend_from_slice(&bytes);
        }
        true
    }

    /// Ends the waiting of those whose time is over. Returns when the next one's is.
    pub(crate) fn end_overdue_waits(&mut self, node: &Node, now: UnixMs) -> Option<UnixMs> {
        while let Some(&(deadline, client)) = self.waits.first() {
            if deadline > now {
                return Some(deadline);
            }
            self.waits.pop_first();
            let waiter = node.waiters.of_client(client).filter(|waiter| waiter.block.deadline == Some(deadline));
            if let Some(waiter) = waiter
                && let Some(reply_bytes) = waiter.end_in_vain()
            {
                node.count_waited(&node.live(), self.lane, &waiter, Cost { ns: 0, reply_bytes, is_inner: false });
                node.waiters.remove(&waiter);
                node.host.send(self.lane, Event::Wake { client });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn who_reads_as_a_group_hears_that_the_key_went_behind_whoever_took_it() {
        check(
            r"
            @since 7.2
            A> BLPOP k 0                                    => (blocked)
            B> XGROUP CREATE k g $ MKSTREAM                 => OK
            C> XREADGROUP GROUP g c BLOCK 0 STREAMS k >     => (blocked)
            B> MULTI                                        => OK
            B> DEL k                                        => QUEUED
            B> RPUSH k v                                    => QUEUED
            B> EXEC                                         => [1, 1]
            A:                                              => ['k', 'v']
            C:                                              => (error) NOGROUP No such key 'k' or consumer group 'g' in XREADGROUP with GROUP option
        ",
        );
    }

    #[test]
    fn who_reads_as_a_group_hears_that_the_key_expires() {
        check(
            r"
            @since 7.2
            A> XGROUP CREATE s g $ MKSTREAM                 => OK
            A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >     => (blocked)
            B> PEXPIRE s 50                                 => 1
            @now +100ms
            A:                                              => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        ",
        );
    }

    /// What a waiter's vain second run had written stayed with the worker, and the next client to wait waited by another's rules: an
    /// error ended its waiting.
    #[test]
    fn each_waits_by_its_own_rules() {
        check(
            r"
            @since 7.2
            A> XGROUP CREATE s g $ MKSTREAM                 => OK
            A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >     => (blocked)
            B> XSETID s 5-0                                 => OK
            C> BLPOP k 0                                    => (blocked)
            B> SET k x                                      => OK
            B> DEL k                                        => 1
            B> RPUSH k v                                    => 1
            C:                                              => ['k', 'v']
            B> DEL s                                        => 1
            A:                                              => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        ",
        );
    }
}
