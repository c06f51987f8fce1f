//! The commands between MULTI and EXEC.

use resp::{Argv, ArgvBuf};

use crate::table::Entry;

/// What was queued since MULTI.
#[derive(Debug, Default)]
pub(crate) struct Transaction {
    pub(crate) commands: Vec<Queued>,
    /// A command was refused when it was to be queued: EXEC will refuse all.
    pub(crate) failed: bool,
    bytes: usize,
}

/// A command that waits for EXEC.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) entry: &'static Entry,
    pub(crate) args: ArgvBuf,
}

impl Transaction {
    /// Queues a command, unless a refusal has already decided the matter.
    pub(crate) fn push(&mut self, entry: &'static Entry, argv: Argv<'_>) {
        if !self.failed {
            let args = ArgvBuf::new(argv.iter());
            self.bytes += args.heap_bytes() + size_of::<Queued>();
            self.commands.push(Queued { entry, args });
        }
    }

    /// A refused command: what is queued will not run and is forgotten.
    pub(crate) fn fail(&mut self) {
        *self = Self { failed: true, ..Self::default() };
    }

    /// Memory that the queued commands take.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}
