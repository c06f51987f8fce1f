//! What a data command is handed besides its arguments and its reply.

use std::borrow::Cow;

use keyspace::{Db, Key};
use rdb::Dialect;
use resp::Reply;
use stdx::UnixMs;
use value::EncodingLimits;

use crate::{Args, CommandError, Effects, Event};

/// A data command's function: parse, check, change, tell, answer, in that order.
pub type Handler = fn(&mut Context<'_>, &mut Args<'_>, &mut Reply<'_>) -> CommandResult;

/// How a command ended.
pub type CommandResult = Result<Flow, CommandError>;

/// What dispatch does after a handler returned without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The reply is complete.
    Done,
    /// Nothing was answered or changed: the client waits. What for is in [`Context::block`]. When one of the keys changes, the same
    /// handler runs again from the start, with the same arguments.
    Block,
}

/// What a client waits for when a handler returns [`Flow::Block`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Until when; `None`: for ever. Only the first run of a handler is asked for it.
    pub deadline: Option<UnixMs>,
    /// What is answered when the time is over, or the command must not wait (in MULTI, in a script).
    pub on_timeout: OnTimeout,
    /// An error of a later run ends the waiting (XREADGROUP); otherwise the client waits on (BLPOP beside a string).
    pub errors_end_it: bool,
    /// Whether time alone may make an answer.
    pub retry: Retry,
    /// Arguments of the later runs, by index with the command's name as 0: `$` of XREAD is settled when the waiting begins.
    pub replaced_args: Vec<(usize, Box<[u8]>)>,
}

/// Whether a waiting handler is to run again although no key has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    #[default]
    Never,
    /// Not yet; a run after a change may ask for it.
    Later,
    At(UnixMs),
}

/// The answer to a client that waited in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnTimeout {
    /// A null array: `*-1` in RESP2.
    #[default]
    NullArray,
    /// A null: `$-1` in RESP2.
    Null,
    /// A null array when the time is over, a null when the command must not wait: BLMOVE.
    NullArrayIfWaited,
    /// The number 0: WAIT.
    Zero,
    /// Two of them: WAITAOF.
    TwoZeros,
}

/// The configuration that data commands depend on, copied out of the server's when it changes.
#[derive(Clone, Copy, Debug)]
pub struct Tunables {
    /// The longest string, in bytes.
    pub proto_max_bulk_len_bytes: u64,
    /// The form that DUMP writes.
    pub dump_dialect: Dialect,
    /// RESTORE takes a payload whose checksum field is zero.
    pub restore_omitted_checksum: bool,
    /// A value that modules gave metadata, which cannot be kept, is refused.
    pub refuse_key_metadata: bool,
    /// A value that the dialect has no place for in full is not written.
    pub refuse_loss: bool,
    /// OBJECT FREQ answers, OBJECT IDLETIME does not.
    pub policy_is_lfu: bool,
    /// Up to which size values are kept in their compact encodings.
    pub encodings: EncodingLimits,
}

impl Default for Tunables {
    fn default() -> Self {
        Self {
            proto_max_bulk_len_bytes: 512 * 1024 * 1024,
            dump_dialect: Dialect::Portable,
            restore_omitted_checksum: false,
            refuse_key_metadata: false,
            refuse_loss: false,
            policy_is_lfu: false,
            encodings: EncodingLimits::default(),
        }
    }
}

/// Who runs the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// The command comes from a replication stream or a file: what it says is already decided.
    pub trusted: bool,
    /// The user may not read keys that the command does not name: SORT's BY and GET are refused.
    pub reads_named_keys_only: bool,
}

/// A data command's world: the keys it declared, the time, chance, and what to tell the others.
pub struct Context<'a> {
    pub db: Db<'a>,
    pub effects: &'a mut Effects,
    pub rng: &'a mut fastrand::Rng,
    pub tunables: &'a Tunables,
    pub caller: Caller,
    /// What to wait for, written by a handler that returns [`Flow::Block`].
    pub block: &'a mut Block,
    /// Full name of the command, with `|` before a subcommand: some errors name it.
    pub name: &'static str,
}

impl Context<'_> {
    /// The time of the command: the same for all that it does.
    #[must_use]
    pub fn now(&self) -> UnixMs {
        self.db.now()
    }

    /// Tells that `event` happened to `key` of the selected database, after what has happened to keys by themselves until now.
    pub fn notify(&mut self, class: Event, event: &'static str, key: Key<'_>) {
        self.db.take_happened().iter().for_each(|happened| self.effects.notify_happened(happened));
        self.effects.notify(class, event, self.db.index(), key.bytes());
    }

    /// As [`Self::notify`], and which fields of the hash it happened to.
    pub fn notify_fields<'f>(
        &mut self,
        class: Event,
        event: &'static str,
        key: Key<'_>,
        fields: impl IntoIterator<Item = &'f [u8]>,
    ) {
        self.notify(class, event, key);
        self.effects.notify_parts(class, event, self.db.index(), key.bytes(), fields);
    }

    /// Lets the client wait until a key that the command names changes, or until `deadline`.
    ///
    /// # Errors
    /// Never; the type is a handler's.
    pub fn wait(&mut self, deadline: Option<UnixMs>, on_timeout: OnTimeout) -> CommandResult {
        self.block.deadline = deadline;
        self.block.on_timeout = on_timeout;
        Ok(Flow::Block)
    }

    /// Propagates `args` instead of what the client sent.
    pub fn propagate_as(&mut self, args: &[&[u8]]) {
        self.effects.propagate_as(self.db.index(), args);
    }

    /// The error for a wrong number of arguments that the arity could not tell.
    #[must_use]
    pub const fn wrong_arity(&self) -> CommandError {
        CommandError::Arity(Cow::Borrowed(self.name))
    }
}
