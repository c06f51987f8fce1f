//! `script-kill-rollback`: what a killed script has written is undone.
//!
//! Before a command of the script writes, the entries of its keys are copied as they are, each key once; a kill puts the copies back. Until
//! the script ends nobody else has seen the keyspace and nothing was told of its writes, except for what it published and the keyspace
//! events, which are sent as they happen. A command that empties or exchanges databases cannot be undone this way: after one the
//! script is as unkillable as without the parameter.

use std::collections::BTreeMap;

use keyspace::table::{EntryBox, NewValue};
use keyspace::{Access, Changes, Db, Key};
use resp::Argv;
use stdx::UnixMs;

use crate::node::{Live, Node};
use crate::table::Entry;

/// Copies of what was there before the script wrote.
#[derive(Debug, Default)]
pub(super) struct Undo {
    /// By database and key; `None`: there was nothing.
    kept: BTreeMap<(usize, Box<[u8]>), Kept>,
    incomplete: bool,
}

#[derive(Debug)]
struct Kept {
    hash: u64,
    entry: Option<EntryBox>,
}

impl Undo {
    /// Whether something was written that no copy undoes.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// Copies what a command is about to write.
    #[expect(
        clippy::too_many_arguments,
        reason = "the script's run is split into its borrowed parts by the one caller"
    )]
    pub(super) fn keep(
        &mut self,
        access: &mut Access<'_>,
        node: &Node,
        live: &Live,
        now: UnixMs,
        entry: &Entry,
        argv: Argv<'_>,
        db: usize,
    ) {
        if !entry.has_keys {
            self.incomplete = true;
            return;
        }
        let mut positions = Vec::new();
        // The handler of a command whose keys cannot be told refuses it.
        if entry.find_keys(argv, &mut positions).is_err() {
            return;
        }
        // These two write to a database that an argument names.
        let everywhere = matches!(entry.full_name, "move" | "copy");
        let dbs = if everywhere { 0..node.keyspace.databases() } else { db..db + 1 };
        let hasher = node.keyspace.hasher();
        for position in &positions {
            let key = argv.get(position.index as usize).unwrap_or_default();
            for db in dbs.clone() {
                let hash = hasher.hash(key);
                self.kept.entry((db, Box::from(key))).or_insert_with(|| {
                    let view = Db::new(access.lend(), db, now, live.clock(now), false, 0);
                    let entry = view.peek(Key::with_hash(key, hash)).map(|entry| {
                        let value = NewValue::from(entry.value().to_value());
                        EntryBox::new(key, value, entry.deadline(), entry.clock())
                    });
                    Kept { hash, entry }
                });
            }
        }
    }

    /// Puts everything back; `changes` then tells of nothing that was written.
    pub(super) fn apply(self, access: &mut Access<'_>, live: &Live, now: UnixMs, changes: &mut Changes) {
        if self.incomplete {
            return;
        }
        for ((db, key), Kept { hash, entry }) in self.kept {
            let mut view = Db::new(access.lend(), db, now, live.clock(now), false, 0);
            let key = Key::with_hash(&key, hash);
            match entry {
                Some(entry) => view.put(key, entry),
                None => drop(view.remove(key)),
            }
            let put_back = view.finish();
            changes.garbage.extend(put_back.garbage);
            changes.earlier_deadline |= put_back.earlier_deadline;
        }
        changes.count = 0;
        changes.touched.clear();
        changes.replaced_dbs.clear();
    }
}
