//! What one client command did, as commands, before it enters the stream: a command, a transaction's or a script's.
//!
//! In wire form from the start, since it is copied to every tap and read by nobody in between.

use command_api::{Effects, Record, Targets};
use keyspace::Changes;
use resp::{Argv, write_command};

/// How much scratch memory a warm lane keeps.
const KEEP_BYTES: usize = 64 * 1024;

/// Commands in the order in which they happened.
#[derive(Debug)]
pub(crate) struct Unit {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    /// `redis.set_repl`: who takes what follows.
    pub(crate) allowed: Targets,
}

/// One command of a unit.
#[derive(Clone, Copy, Debug)]
struct Piece {
    db: usize,
    targets: Targets,
    /// Where it ends; it begins where the one before it does.
    end: usize,
    /// It goes when the script that did it is undone; what expired on the way stays gone.
    is_undone: bool,
}

impl Default for Unit {
    fn default() -> Self {
        Self { bytes: Vec::new(), pieces: Vec::new(), allowed: Targets::ALL }
    }
}

impl Unit {
    pub(crate) const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Takes note of a command that ran on database `db`: what expired before it, then what it did if it `succeeded`.
    pub(crate) fn note_run(
        &mut self,
        (db, argv): (usize, Argv<'_>),
        effects: &Effects,
        changes: &Changes,
        succeeded: bool,
        lazy_expire: bool,
    ) {
        self.note_expired(changes, lazy_expire);
        if !succeeded {
            return;
        }
        let is_verbatim = changes.count > 0 && effects.propagates_verbatim();
        if is_verbatim || effects.records().iter().any(|record| matches!(record, Record::Command { .. })) {
            self.note_found_expired(effects, changes, lazy_expire);
        }
        if is_verbatim {
            self.push(db, self.allowed, true, argv.iter());
        } else if effects.message_targets() != Targets::NONE {
            self.push(db, self.allowed.intersect(effects.message_targets()), false, argv.iter());
        }
        for record in effects.records() {
            if let Record::Command { db, args } = record {
                self.push(*db, self.allowed, true, args.iter().map(|arg| effects.bytes(arg)));
            }
        }
    }

    /// Takes note of keys and fields that were found to have expired.
    pub(crate) fn note_expired(&mut self, changes: &Changes, lazily: bool) {
        changes.expired.iter().for_each(|gone| self.push_removal((gone.db, &gone.key), lazily));
        for expired in &changes.expired_parts {
            let head = [&b"HDEL"[..], &expired.key];
            let words: Vec<&[u8]> = head.into_iter().chain(expired.parts.iter().map(|part| &**part)).collect();
            self.push(expired.db, Targets::ALL, false, words.into_iter());
        }
    }

    /// Takes note of keys that the command took for missing, and that wait for the timer to remove them: whoever repeats the command lets
    /// nothing expire by itself.
    fn note_found_expired(&mut self, effects: &Effects, changes: &Changes, lazily: bool) {
        let mut told: Vec<(usize, &[u8])> = changes.expired.iter().map(|gone| (gone.db, &*gone.key)).collect();
        for record in effects.records() {
            let Record::FoundExpired { db, key } = record else { continue };
            let gone = (*db, effects.bytes(key));
            if !told.contains(&gone) {
                told.push(gone);
                self.push_removal(gone, lazily);
            }
        }
    }

    /// Takes note of keys that made room for others.
    pub(crate) fn note_evicted(&mut self, changes: &Changes, lazily: bool) {
        changes.evicted.iter().for_each(|gone| self.push_removal((gone.db, &gone.key), lazily));
    }

    fn push_removal(&mut self, (db, key): (usize, &[u8]), lazily: bool) {
        let word: &[u8] = if lazily { b"UNLINK" } else { b"DEL" };
        self.push(db, Targets::ALL, false, [word, key].into_iter());
    }

    fn push<'w>(
        &mut self,
        db: usize,
        targets: Targets,
        is_undone: bool,
        words: impl ExactSizeIterator<Item = &'w [u8]>,
    ) {
        if targets == Targets::NONE {
            return;
        }
        write_command(&mut self.bytes, words);
        self.pieces.push(Piece { db, targets, end: self.bytes.len(), is_undone });
    }

    /// The commands that `targets` take, each with its database.
    pub(super) fn commands_for(&self, targets: Targets) -> impl Iterator<Item = (usize, &[u8])> + Clone {
        let mut start = 0;
        let all = self.pieces.iter().map(move |piece| {
            let bytes = self.bytes.get(start..piece.end).unwrap_or_default();
            start = piece.end;
            (piece, bytes)
        });
        all.filter(move |(piece, _)| piece.targets.meets(targets)).map(|(piece, bytes)| (piece.db, bytes))
    }

    /// A place to come back to with [`Self::undo_since`].
    pub(crate) const fn mark(&self) -> usize {
        self.pieces.len()
    }

    /// Forgets what was written since the mark: it has been undone. What expired meanwhile and what was published has happened.
    pub(crate) fn undo_since(&mut self, mark: usize) {
        let mut start = mark.checked_sub(1).and_then(|last| self.pieces.get(last)).map_or(0, |piece| piece.end);
        let tail = self.bytes.split_off(start);
        let from = start;
        for piece in self.pieces.split_off(mark.min(self.pieces.len())) {
            let bytes = tail.get(start - from..piece.end - from).unwrap_or_default();
            start = piece.end;
            if !piece.is_undone {
                self.bytes.extend_from_slice(bytes);
                self.pieces.push(Piece { end: self.bytes.len(), ..piece });
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEEP_BYTES);
        self.pieces.clear();
        self.pieces.shrink_to(KEEP_BYTES / size_of::<Piece>());
    }
}
