//! Making room: before a command runs, and from the timer.
//!
//! Every command makes sure that what is in use is within `maxmemory`, before it takes any lock; one that may need more memory is refused when
//! nothing may go. Keys go one at a time, each under its own stripe's lock, until there is room or the time that
//! `maxmemory-eviction-tenacity` grants is over; then the command runs all the same and the timer goes on. What a command itself adds
//! is made up for by the next: the limit is passed by no more than one command's data per lane.

use command_api::{CommandError, Event as Class, Flags};
use keyspace::{Db, Rank, Rule, Turn, Victim};
use stdx::UnixMs;

use crate::config::{EvictionPolicy, Memory};
use crate::node::{Live, Node};
use crate::propagation::Shape;
use crate::session::Client;
use crate::table::Entry;
use crate::worker::Worker;

/// Whether there is room for what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Enough,
    /// Keys are still to go, but others want to be served meanwhile.
    Later,
    /// Nothing may go, and memory is over the limit.
    No,
}

/// Refuses a command that may need memory when there is none. The text is the same in scripts.
pub(crate) const OUT_OF_MEMORY: CommandError =
    CommandError::other("OOM command not allowed when used memory > 'maxmemory'.");

/// EXEC's refusal: the transaction is over.
const EXEC_OUT_OF_MEMORY: CommandError = CommandError::other(
    "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
);

/// How often the clock is asked: after so many keys.
const CLOCK_EVERY: u32 = 16;

/// Candidates that turn out to be in use, in a row, before it is said that nothing may go.
const VAIN_TRIES: u32 = 1000;

/// What goes first under a policy; `None`: nothing may.
fn rule_of(memory: &Memory) -> Option<Rule> {
    let rank = match memory.policy {
        EvictionPolicy::NoEviction => return None,
        EvictionPolicy::VolatileLru
        | EvictionPolicy::AllkeysLru
        | EvictionPolicy::VolatileLrm
        | EvictionPolicy::AllkeysLrm => Rank::Idle,
        EvictionPolicy::VolatileLfu | EvictionPolicy::AllkeysLfu => Rank::Rare,
        EvictionPolicy::VolatileRandom | EvictionPolicy::AllkeysRandom => Rank::Random,
        EvictionPolicy::VolatileTtl => Rank::Soonest,
    };
    let samples = usize::try_from(memory.samples).unwrap_or(usize::MAX);
    Some(Rule { rank, volatile_only: memory.policy.is_volatile(), samples })
}

/// How long one call may evict: `maxmemory-eviction-tenacity` counts 50 microseconds a step up to 10, grows by 15 % a step beyond, and is
/// without limit at 100.
fn budget_ns(tenacity: u32) -> u64 {
    match tenacity {
        0..=10 => u64::from(tenacity) * 50_000,
        11..=99 => (10..tenacity).fold(500_000_u64, |ns, _| ns + ns * 15 / 100),
        100.. => u64::MAX,
    }
}

impl Worker {
    /// Whether memory is looked at before `entry` runs: a command that only reads is neither refused nor adds to the data, so
    /// the first of a batch stands for all that follow.
    pub(crate) const fn looks_at_memory(&mut self, entry: &Entry) -> bool {
        let begins_batch = std::mem::replace(&mut self.begins_batch, false);
        begins_batch || !entry.flags.contains(Flags::READONLY)
    }

    /// Makes room before `entry` runs for `client`, and refuses it when there is none and it may need some.
    pub(crate) fn admit_by_memory(
        &mut self,
        turn: &mut Turn<'_>,
        node: &Node,
        live: &Live,
        client: &mut Client,
        entry: &Entry,
        now: UnixMs,
    ) -> Result<(), CommandError> {
        self.room = self.make_room(turn, node, live, now);
        if self.room != Room::No {
            return Ok(());
        }
        match &client.transaction {
            Some(transaction) if entry.runs_queued() => {
                if transaction.commands.iter().any(|queued| queued.entry.flags.contains(Flags::DENYOOM)) {
                    client.transaction = None;
                    client.watch.clear(node);
                    return Err(EXEC_OUT_OF_MEMORY);
                }
                Ok(())
            }
            Some(_) | None if entry.flags.contains(Flags::DENYOOM) => Err(OUT_OF_MEMORY),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the running command was admitted although there is no room: what a script adds to the data is refused then.
    pub(crate) fn has_no_room(&self, live: &Live) -> bool {
        live.settings.memory.maxmemory_bytes > 0 && self.room == Room::No
    }

    /// Evicts until memory is within the limit, nothing more may go, or the time for it is over. Call it with nothing locked.
    pub(crate) fn make_room(&mut self, turn: &mut Turn<'_>, node: &Node, live: &Live, now: UnixMs) -> Room {
        let memory = &live.settings.memory;
        let host = &*node.host;
        let used = node.memory.counted(self.lane, host);
        node.memory.note_nearness(used, memory.maxmemory_bytes);
        let room = if memory.maxmemory_bytes == 0 || used <= memory.maxmemory_bytes || node.keeps_its_keys() {
            Room::Enough
        } else {
            node.memory.note_peak(used);
            let start_ns = host.monotonic_ns();
            let room = rule_of(memory).map_or(Room::No, |rule| self.evict(turn, node, live, rule, start_ns, now));
            let end_ns = host.monotonic_ns();
            node.latency.note(live, "eviction-cycle", end_ns.saturating_sub(start_ns), now);
            // The command that comes next did not take this time.
            self.command_start_ns = end_ns;
            room
        };
        self.tell_waiters_of_evicted(turn, node, live, now);
        node.memory.note_exceeded(room != Room::Enough, || host.monotonic_ns());
        room
    }

    fn evict(&mut self, turn: &mut Turn<'_>, node: &Node, live: &Live, rule: Rule, start_ns: u64, now: UnixMs) -> Room {
        let memory = &live.settings.memory;
        let budget_ns = budget_ns(memory.eviction_tenacity);
        let (mut gone, mut vain) = (0, 0);
        while node.memory.counted(self.lane, &*node.host) > memory.maxmemory_bytes {
            let rng = &mut self.rng;
            let chosen = turn.choose_victim(&mut self.candidates, rule, live.clock(now), &mut || rng.u64(..));
            let Some(victim) = chosen else { return Room::No };
            if self.evict_one(turn, node, live, rule, victim, now) {
                gone += 1;
                vain = 0;
            } else {
                vain += 1;
                if vain == VAIN_TRIES {
                    return Room::No;
                }
                continue;
            }
            if gone % CLOCK_EVERY == 0 && node.host.monotonic_ns().saturating_sub(start_ns) >= budget_ns {
                return Room::Later;
            }
        }
        Room::Enough
    }

    /// Who reads a stream as a group hears that it went; the others wait on.
    fn tell_waiters_of_evicted(&mut self, turn: &mut Turn<'_>, node: &Node, live: &Live, now: UnixMs) {
        if self.evicted_names.is_empty() {
            return;
        }
        let names = std::mem::take(&mut self.evicted_names);
        if let Err(names) = self.serve_keys_within(turn, node, live, now, names) {
            // While a script runs nobody is served: the next look at memory does it.
            self.evicted_names = names;
        }
    }

    /// Removes a chosen key and tells everybody. Returns whether it was still there to go.
    fn evict_one(
        &mut self,
        turn: &mut Turn<'_>,
        node: &Node,
        live: &Live,
        rule: Rule,
        victim: Victim,
        now: UnixMs,
    ) -> bool {
        let is_timed = live.settings.monitoring.latency_monitor_threshold_ms > 0;
        let start_ns = if is_timed { node.host.monotonic_ns() } else { 0 };
        let mut access = turn.lock_victim(victim);
        let mut db = Db::new(access.lend(), victim.db, now, live.clock(now), false, 0);
        if !node.watchers.is_empty() || node.tracking.is_on() {
            db.record_touched();
        }
        let evicted = db.evict(victim, rule);
        let mut changes = db.finish();
        let Some(evicted) = evicted else { return false };
        if node.propagation.is_on() {
            self.unit.note_evicted(&changes, live.settings.memory.lazyfree_eviction);
            node.propagation.append(&mut self.unit, Shape::Apart);
        }
        if node.tracking.is_on() {
            node.invalidate(&changes, 0);
        }
        self.evicted_names.extend(node.names_waited_for(&changes.evicted));
        node.mark_watchers(&mut access, live, now, &changes);
        node.stats.lanes[self.lane].evicted_keys.add(1);
        if live.interest.events {
            for evicted in &changes.evicted {
                node.publish_event(live, Class::Evicted, "evicted", evicted.db, &evicted.key);
            }
        }
        let garbage: Vec<_> = std::mem::take(&mut changes.garbage).into_iter().collect();
        node.apply_changes(self.lane, changes);
        drop(access);
        if !garbage.is_empty() {
            let memory = &live.settings.memory;
            let bytes = evicted.garbage_bytes as u64;
            match node.memory.defer(garbage, bytes, memory.maxmemory_bytes, memory.lazyfree_eviction) {
                Ok(garbage) => node.host.reclaim(garbage),
                Err(garbage) => drop(garbage),
            }
        }
        if is_timed {
            node.latency.note(live, "eviction-del", node.host.monotonic_ns().saturating_sub(start_ns), now);
        }
        true
    }
}

impl Node {
    /// A file is loaded whole before anything of it goes, and while clients are paused nothing changes.
    fn keeps_its_keys(&self) -> bool {
        self.persistence.is_loading() || self.clients.pause.state().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check;

    #[test]
    fn tenacity_grows_from_nothing_to_no_limit() {
        assert_eq!([0, 1, 10, 11, 100].map(budget_ns), [0, 50_000, 500_000, 575_000, u64::MAX]);
        assert!((10..100).all(|tenacity| budget_ns(tenacity) < budget_ns(tenacity + 1)));
    }

    #[test]
    fn what_may_need_memory_is_refused_when_nothing_may_go() {
        check(
            r"
            @skip-lens restore its own commands are refused
            > SET k v                          => OK
            > SET volatile v EX 100            => OK
            > CONFIG SET maxmemory 1           => OK
            > SET a b                          => (error) OOM command not allowed when used memory > 'maxmemory'.
            > LPUSH l a                        => (error) OOM command not allowed when used memory > 'maxmemory'.
            > APPEND k w                       => (error) OOM command not allowed when used memory > 'maxmemory'.
            > GET k                            => 'v'
            > EXPIRE k 100                     => 1
            > PERSIST k                        => 1
            > DEL k                            => 1
            > DBSIZE                           => 1
            > CONFIG SET maxmemory 0           => OK
            > SET k v                          => OK
            > CONFIG SET maxmemory 1 maxmemory-policy volatile-lru => OK
            > GET k                            => 'v'
            > EXISTS volatile                  => 0
            > SET a b                          => (error) OOM command not allowed when used memory > 'maxmemory'.
            > CONFIG SET maxmemory-policy allkeys-lru => OK
            > GET k                            => (nil)
            > SET a b                          => (error) OOM command not allowed when used memory > 'maxmemory'.
            > CONFIG SET maxmemory 0 maxmemory-policy noeviction => OK
            > SET a b                          => OK
        ",
        );
    }

    #[test]
    fn every_policy_frees_what_it_may() {
        let volatile = ["volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"];
        let all = ["allkeys-lru", "allkeys-lfu", "allkeys-random"];
        for (policies, exists) in [(&volatile[..], 1), (&all[..], 0)] {
            for policy in policies {
                check(&format!(
                    r"
                    @skip-lens restore its own commands are refused
                    > SET k v                                      => OK
                    > SET v v EX 100                               => OK
                    > SELECT 3                                     => OK
                    > HSET v f v                                   => 1
                    > EXPIRE v 10                                  => 1
                    > CONFIG SET maxmemory 1 maxmemory-policy {policy} => OK
                    > EXISTS v k                                   => 0
                    > SELECT 0                                     => OK
                    > EXISTS v                                     => 0
                    > EXISTS k                                     => {exists}
                    > CONFIG SET maxmemory 0 maxmemory-policy noeviction => OK
                "
                ));
            }
        }
    }

    #[test]
    fn under_lrm_idle_time_is_time_since_the_last_change() {
        check(
            r"
            @since 8.6
            @only redis ochre
            @skip-lens restore idle times start anew
            > CONFIG SET maxmemory-policy allkeys-lrm       => OK
            > RPUSH l a                                     => 1
            > SET k v                                       => OK
            > SET idle v                                    => OK
            @now +5s
            > GET k                                         => 'v'
            > LRANGE l 0 -1                                 => ['a']
            > OBJECT IDLETIME k                             => (int 5..6)
            > OBJECT IDLETIME l                             => (int 5..6)
            > APPEND k w                                    => 2
            > RPUSH l b                                     => 2
            > OBJECT IDLETIME k                             => (int 0..1)
            > OBJECT IDLETIME l                             => (int 0..1)
            > OBJECT FREQ k                                 => (error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
            > CONFIG SET maxmemory 1                        => OK
            > EXISTS k l idle                               => 0
            > CONFIG SET maxmemory 0 maxmemory-policy volatile-lrm => OK
            > MSET k v v v                                  => OK
            > EXPIRE v 100                                  => 1
            > CONFIG SET maxmemory 1                        => OK
            > EXISTS v                                      => 0
            > EXISTS k                                      => 1
            > CONFIG SET maxmemory 0 maxmemory-policy noeviction => OK
        ",
        );
    }

    #[test]
    fn who_reads_as_a_group_hears_that_the_stream_was_evicted() {
        check(
            r"
            @since 7.2
            @skip-lens restore its own commands are refused
            A> XGROUP CREATE s g $ MKSTREAM                => OK
            A> XREADGROUP GROUP g c BLOCK 0 STREAMS s >    => (blocked)
            B> BLPOP s2 s3 0                               => (blocked)
            C> CONFIG SET maxmemory 1 maxmemory-policy allkeys-lru => OK
            C> EXISTS s                                    => 0
            A:                                             => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
            C> CONFIG SET maxmemory 0 maxmemory-policy noeviction => OK
            C> RPUSH s3 v                                  => 1
            B:                                             => ['s3', 'v']
        ",
        );
    }

    #[test]
    fn nothing_goes_while_clients_are_paused() {
        check(
            r"
            @skip-lens pipelined reads of a batch look at memory once
            @skip-lens restore its own commands are refused
            @skip-lens script a pause of writes holds scripts
            @skip-lens script-resp3 a pause of writes holds scripts
            A> SET k v                          => OK
            A> CLIENT PAUSE 100000 WRITE        => OK
            A> CONFIG SET maxmemory 1 maxmemory-policy allkeys-lru => OK
            A> EXISTS k                         => 1
            A> CLIENT UNPAUSE                   => OK
            A> PING                             => PONG
            A> EXISTS k                         => 0
            A> CONFIG SET maxmemory 0 maxmemory-policy noeviction => OK
        ",
        );
    }

    #[test]
    fn transactions_are_refused_as_a_whole() {
        check(
            r"
            @skip-lens restore its own commands are refused
            A> MULTI                           => OK
            A> SET a b                         => QUEUED
            A> GET a                           => QUEUED
            B> CONFIG SET maxmemory 1          => OK
            A> EXEC                            => (error) EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.
            A> EXEC                            => (error) ERR EXEC without MULTI
            A> MULTI                           => OK
            B> CONFIG SET maxmemory 0          => OK
            A> GET a                           => QUEUED
            B> CONFIG SET maxmemory 1          => OK
            A> EXEC                            => [(nil)]
            B> CONFIG SET maxmemory 0          => OK
        ",
        );
    }

    #[test]
    fn a_transaction_takes_what_needs_no_memory() {
        check(
            r"
            @since 8.0
            @skip-lens restore its own commands are refused
            > CONFIG SET maxmemory 1           => OK
            > MULTI                            => OK
            > PING                             => QUEUED
            > GET a                            => QUEUED
            > EXEC                             => [PONG, (nil)]
            > MULTI                            => OK
            > SET a b                          => (error) OOM command not allowed when used memory > 'maxmemory'.
            > PING                             => QUEUED
            > EXEC                             => (error) EXECABORT Transaction discarded because of previous errors.
            > CONFIG SET maxmemory 0           => OK
        ",
        );
    }

    #[test]
    fn watchers_and_trackers_and_listeners_hear_of_it() {
        check(
            r"
            @skip-lens restore its own commands are refused
            A> CONFIG SET notify-keyspace-events Ee => OK
            A> SET k v                         => OK
            B> WATCH k                         => OK
            B> MULTI                           => OK
            B> PING                            => QUEUED
            C> SUBSCRIBE __keyevent@0__:evicted => >['subscribe', '__keyevent@0__:evicted', 1]
            A> CONFIG SET maxmemory 1 maxmemory-policy allkeys-random => OK
            A> EXISTS k                        => 0
            C:                                 => >['message', '__keyevent@0__:evicted', 'k']
            A> CONFIG SET maxmemory 0 notify-keyspace-events '' maxmemory-policy noeviction => OK
            B> EXEC                            => (nil)
        ",
        );
    }
}
