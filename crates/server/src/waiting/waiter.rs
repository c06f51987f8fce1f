//! One client that waits: its command, what for, and the answer once there is one.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use command_api::{Block, OnTimeout, Reply, Retry};
use keyspace::Mode;
use parking_lot::Mutex;
use resp::{Argv, ArgvBuf, Protocol};
use stdx::UnixMs;

use super::KeyName;
use crate::acl::{Standing, WaitingUser};
use crate::table::Entry;

/// No time.
const NEVER: i64 = i64::MAX;

/// A client that waits.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) client: u64,
    pub(crate) lane: usize,
    pub(crate) db: usize,
    pub(crate) protocol: Protocol,
    /// Whether its reading counts as a use.
    pub(crate) touches: bool,
    /// The client to tell when a key that it reads changes; 0 for none.
    pub(crate) reader: u64,
    pub(crate) user: WaitingUser,
    pub(crate) entry: &'static Entry,
    pub(crate) keys: Vec<(KeyName, Mode)>,
    pub(crate) block: Block,
    pub(crate) answer: Mutex<Answer>,
    /// When the handler is to run again although no key has changed: milliseconds, or [`NEVER`].
    retry_at_ms: AtomicI64,
    args: ArgvBuf,
}

/// What has become of the waiting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    None,
    /// The reply, encoded.
    Ready(Vec<u8>),
    /// Fetched, or the client is gone.
    Over,
}

/// Who waits: the parts of a client that matter.
#[derive(Clone, Debug)]
pub(crate) struct Who {
    pub(crate) client: u64,
    pub(crate) lane: usize,
    pub(crate) db: usize,
    pub(crate) protocol: Protocol,
    pub(crate) touches: bool,
    pub(crate) reader: u64,
    pub(crate) standing: Standing,
}

impl Waiter {
    pub(crate) fn new(
        who: Who,
        entry: &'static Entry,
        argv: Argv<'_>,
        keys: Vec<(KeyName, Mode)>,
        block: Block,
    ) -> Self {
        let args = ArgvBuf::new(argv.iter().enumerate().map(|(index, arg)| {
            let replaced = block.replaced_args.iter().find(|(at, _)| *at == index);
            replaced.map_or(arg, |(_, arg)| arg)
        }));
        let Who { client, lane, db, protocol, touches, reader, standing } = who;
        let user = WaitingUser::new(standing);
        let answer = Mutex::new(Answer::None);
        let waiter = Self {
            client,
            lane,
            db,
            protocol,
            touches,
            reader,
            user,
            entry,
            keys,
            block,
            answer,
            retry_at_ms: AtomicI64::new(NEVER),
            args,
        };
        waiter.retry_as(waiter.block.retry);
        waiter
    }

    /// Follows what a run in vain asked for.
    pub(crate) fn retry_as(&self, retry: Retry) {
        let at = if let Retry::At(at) = retry { at.0 } else { NEVER };
        self.retry_at_ms.store(at, Relaxed);
    }

    pub(crate) fn retry_at(&self) -> Option<UnixMs> {
        let at = self.retry_at_ms.load(Relaxed);
        (at != NEVER).then_some(UnixMs(at))
    }

    pub(crate) fn argv(&self) -> Argv<'_> {
        self.args.as_argv()
    }

    /// Answers as when the time is over; returns whether it still waited.
    pub(crate) fn end_in_vain(&self) -> bool {
        self.end_with(|reply| answer_in_vain(self.block.on_timeout, reply))
    }

    /// Answers with what `write` writes; returns whether it still waited.
    pub(crate) fn end_with(&self, write: impl FnOnce(&mut Reply<'_>)) -> bool {
        let mut answer = self.answer.lock();
        if *answer != Answer::None {
            return false;
        }
        let mut bytes = Vec::new();
        write(&mut Reply::new(&mut bytes, self.protocol));
        *answer = Answer::Ready(bytes);
        true
    }
}

/// The answer of a command that waited in vain.
fn answer_in_vain(answer: OnTimeout, reply: &mut Reply<'_>) {
    match answer {
        OnTimeout::NullArray | OnTimeout::NullArrayIfWaited => reply.null_array(),
        OnTimeout::Null => reply.null(),
        OnTimeout::Zero => reply.int(0),
        OnTimeout::TwoZeros => {
            reply.array(2);
            reply.int(0);
            reply.int(0);
        }
    }
}

/// The answer of a command that was not to wait.
pub(crate) fn answer_at_once(answer: OnTimeout, reply: &mut Reply<'_>) {
    match answer {
        OnTimeout::NullArrayIfWaited => reply.null(),
        OnTimeout::NullArray | OnTimeout::Null | OnTimeout::Zero | OnTimeout::TwoZeros => answer_in_vain(answer, reply),
    }
}
