//! EXEC: the queued commands, one after the other, under one set of locks.

use command_api::{CommandError, CommandResult, Flow, Reply, Scope};
use keyspace::{Access, Changes, Mode, Turn};
use stdx::UnixMs;

use super::{Transaction, Watch};
use crate::dispatch::Call;
use crate::keys::NamedKey;
use crate::node::{Live, Node};
use crate::session::Client;
use crate::worker::Worker;

const ABORTED: CommandError = CommandError::other("EXECABORT Transaction discarded because of previous errors.");

impl Worker {
    /// Runs what was queued and answers with all replies, or with a null when a watched key has changed.
    pub(crate) fn exec(
        &mut self,
        turn: &mut Turn<'_>,
        node: &Node,
        live: &Live,
        client: &mut Client,
        now: UnixMs,
        reply: &mut Reply<'_>,
    ) -> CommandResult {
        let Some(transaction) = client.transaction.take() else {
            return Err(CommandError::other("ERR EXEC without MULTI"));
        };
        let mut watch = std::mem::take(&mut client.watch);
        if transaction.failed {
            watch.clear(node);
            return Err(ABORTED);
        }
        let mut access = self.lock_queued(turn, node, &transaction, &watch);
        let holds = watch.holds(&mut access, live, now);
        watch.clear(node);
        if !holds {
            reply.null_array();
            return Ok(Flow::Done);
        }
        reply.array(transaction.commands.len());
        let mut all = Changes::default();
        client.in_exec = true;
        for queued in &transaction.commands {
            let call = Call {
                entry: queued.entry,
                argv: queued.args.as_argv(),
                hashed: (0, 0),
                db: client.db,
                touches: !client.no_touch,
                reader: 0,
                caller: client.caller(node, queued.entry, queued.args.as_argv(), &mut self.key_positions),
            };
            let changes = self.run_queued(&mut access, node, live, client, call, now, reply);
            append(&mut all, changes);
        }
        client.in_exec = false;
        self.settle(&mut access, node, live, now, all, client.id);
        Ok(Flow::Done)
    }

    #[expect(clippy::too_many_arguments, reason = "see `execute`")]
    fn run_queued(
        &mut self,
        access: &mut Access<'_>,
        node: &Node,
        live: &Live,
        client: &mut Client,
        call: Call<'_>,
        now: UnixMs,
        reply: &mut Reply<'_>,
    ) -> Changes {
        let mark = reply.mark();
        // What comes before it in the queue may have changed what is remembered.
        let call = Call { reader: client.reader(), ..call };
        let entry = call.entry;
        if !client.standing.passes(node.acl.version())
            && let Err(error) = client.check_acl_in_exec(node, entry, call.argv, &mut self.key_positions)
        {
            let text = error.to_string();
            node.stats.count_error(self.lane, &text);
            node.stats.lanes[self.lane].commands[entry.id].rejected.add(1);
            reply.error(&text);
            return Changes::default();
        }
        let (result, changes) = self.invoke(access.lend(), node, live, Some(client), call, now, reply);
        match &result {
            Ok(Flow::Done) => {}
            Ok(Flow::Block) => crate::waiting::answer_at_once(self.block.on_timeout, reply),
            Err(error) => {
                let text = error.to_string();
                node.stats.count_error(self.lane, &text);
                reply.rewind(mark);
                reply.error(&text);
            }
        }
        // One that may not wait has its answer.
        let result = result.map(|_| Flow::Done);
        self.note_run(node, live, client, entry, call.argv, &result);
        changes
    }

    /// Locks what the queued commands and the watched keys need.
    fn lock_queued<'t>(
        &mut self,
        turn: &'t mut Turn<'_>,
        node: &Node,
        transaction: &Transaction,
        watch: &Watch,
    ) -> Access<'t> {
        let hasher = node.keyspace.hasher();
        let mut keys: Vec<(u64, Mode)> = watch.hashes().map(|hash| (hash, Mode::Read)).collect();
        for queued in &transaction.commands {
            let argv = queued.args.as_argv();
            if queued.entry.scope(argv) != Scope::Keys {
                return turn.lock_all();
            }
            if let Ok(named) = queued.entry.named_keys(argv, hasher, &mut self.key_positions) {
                keys.extend(named.map(NamedKey::lock));
            }
        }
        let access = turn.lock_keys(keys.iter().copied());
        node.widen_for_waiters(access, &keys)
    }
}

/// One account of several commands' changes.
fn append(all: &mut Changes, more: Changes) {
    all.count += more.count;
    all.hits += more.hits;
    all.misses += more.misses;
    all.expired.extend(more.expired);
    all.expired_parts.extend(more.expired_parts);
    all.touched.extend(more.touched);
    all.replaced_dbs.extend(more.replaced_dbs);
    all.garbage.extend(more.garbage);
    all.free_garbage_here |= more.free_garbage_here;
    all.earlier_deadline |= more.earlier_deadline;
}
