//! Three logs of commands that are worth a look: slow ones, those whose request was large, those whose reply was.
//!
//! The first is Redis's slow log; the other two are Valkey's, with its parameters (`commandlog-*`). Each has a threshold and a length
//! of its own. An entry keeps a copy of the arguments, cut to what the configuration allows and without secrets.
//!
//! The size of a request is that of its bytes on the wire, `*2 $3 get $1 k` with their line ends: 20 for `GET k`.

use std::collections::VecDeque;

use command_api::Reply;
use parking_lot::Mutex;
use resp::Argv;

use super::hidden::shown;
use crate::ServerContext;
use crate::clients::ClientInfo;
use crate::config::Monitoring;
use crate::node::Node;
use crate::table::Entry;

/// Why a command is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Slow,
    LargeRequest,
    LargeReply,
}

/// The three logs, by [`Kind`].
#[derive(Debug, Default)]
pub(crate) struct CommandLogs([Mutex<Log>; 3]);

/// One of the logs, newest first.
#[derive(Debug, Default)]
struct Log {
    entries: VecDeque<Logged>,
    next_id: i64,
}

/// A command that was logged.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    id: i64,
    at_s: i64,
    /// Microseconds, or bytes.
    amount: u64,
    /// As many and as long as the configuration keeps.
    args: Vec<Box<[u8]>>,
    /// How many there were.
    pub(super) argc: usize,
    addr: String,
    name: Vec<u8>,
}

/// What a command took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) ns: u64,
    pub(crate) reply_bytes: usize,
    /// Nobody sent it, a script called it: it is no request.
    pub(crate) is_inner: bool,
}

impl Kind {
    const fn index(self) -> usize {
        match self {
            Self::Slow => 0,
            Self::LargeRequest => 1,
            Self::LargeReply => 2,
        }
    }

    /// From what amount on a command is logged; none reaches what a negative one stands for.
    fn threshold(self, settings: &Monitoring) -> u64 {
        let threshold = match self {
            Self::Slow => settings.slowlog_log_slower_than_us,
            Self::LargeRequest => settings.request_larger_than_bytes,
            Self::LargeReply => settings.reply_larger_than_bytes,
        };
        u64::try_from(threshold).unwrap_or(u64::MAX)
    }

    fn max_len(self, settings: &Monitoring) -> usize {
        let len = match self {
            Self::Slow => settings.slowlog_max_len,
            Self::LargeRequest => settings.large_request_max_len,
            Self::LargeReply => settings.large_reply_max_len,
        };
        usize::try_from(len).unwrap_or(usize::MAX)
    }
}

impl CommandLogs {
    /// Enters a command into the logs that it belongs to.
    pub(super) fn note(
        &self,
        node: &Node,
        settings: &Monitoring,
        client: &ClientInfo,
        entry: &Entry,
        argv: Argv<'_>,
        cost: Cost,
    ) {
        let us = cost.ns / 1000;
        if us >= Kind::Slow.threshold(settings) {
            self.add(Kind::Slow, node, settings, client, entry, argv, us);
        }
        let threshold = Kind::LargeRequest.threshold(settings);
        if !cost.is_inner && may_have(argv, threshold) {
            let bytes = wire_bytes(argv);
            if bytes >= threshold {
                self.add(Kind::LargeRequest, node, settings, client, entry, argv, bytes);
            }
        }
        let bytes = cost.reply_bytes as u64;
        if bytes >= Kind::LargeReply.threshold(settings) {
            self.add(Kind::LargeReply, node, settings, client, entry, argv, bytes);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where all that an entry keeps comes together")]
    fn add(
        &self,
        kind: Kind,
        node: &Node,
        settings: &Monitoring,
        client: &ClientInfo,
        entry: &Entry,
        argv: Argv<'_>,
        amount: u64,
    ) {
        let args = kept(&shown(entry, argv), settings);
        let (addr, name) = (client.endpoint.addr.clone(), client.names.lock().name.clone());
        let at_s = node.host.unix_ms().seconds();
        let mut log = self.0[kind.index()].lock();
        let id = log.next_id;
        log.next_id += 1;
        log.entries.push_front(Logged { id, at_s, amount, args, argc: argv.len(), addr, name });
        log.entries.truncate(kind.max_len(settings));
    }

    /// Forgets the entries of a log.
    pub(super) fn clear(&self, kind: Kind) {
        self.0[kind.index()].lock().entries.clear();
    }
}

/// The newest entries of a log, `count` at most; it is cut first to what it may hold now.
pub(super) fn newest(cx: &ServerContext<'_, '_>, kind: Kind, count: usize) -> Vec<Logged> {
    let live = cx.node.live();
    let mut log = cx.node.command_logs.0[kind.index()].lock();
    log.entries.truncate(kind.max_len(&live.settings.monitoring));
    log.entries.iter().take(count).cloned().collect()
}

impl Logged {
    /// The six items that both SLOWLOG GET and COMMANDLOG GET begin an entry with.
    pub(super) fn write(&self, reply: &mut Reply<'_>) {
        reply.int(self.id);
        reply.int(self.at_s);
        reply.int(i64::try_from(self.amount).unwrap_or(i64::MAX));
        reply.array(self.args.len());
        self.args.iter().for_each(|arg| reply.bulk(arg));
        reply.bulk(self.addr.as_bytes());
        reply.bulk(&self.name);
    }
}

/// Whether a request may be as large as `bytes`: cheap, since all commands are asked.
fn may_have(argv: Argv<'_>, bytes: u64) -> bool {
    // Of a number of up to 20 digits, its sign and two line ends there is one before each argument and one before all.
    const AROUND: u64 = 32;
    let around = AROUND * (argv.len() as u64 + 1);
    around >= bytes || argv.iter().map(|arg| arg.len() as u64 + AROUND).sum::<u64>() + AROUND >= bytes
}

/// How many bytes the request takes on the wire.
pub(super) fn wire_bytes(argv: Argv<'_>) -> u64 {
    let header = |number: usize| 4 + u64::from(number.checked_ilog10().unwrap_or(0));
    argv.iter().map(|arg| header(arg.len()) + arg.len() as u64 + 2).sum::<u64>() + header(argv.len())
}

/// What is kept of the arguments: some of them, some bytes of each, and how much more there was.
fn kept(args: &[&[u8]], settings: &Monitoring) -> Vec<Box<[u8]>> {
    let max_args = usize::try_from(settings.slowlog_entry_max_argc).unwrap_or(usize::MAX);
    let max_bytes = usize::try_from(settings.slowlog_entry_max_string_len_bytes).unwrap_or(usize::MAX);
    let count = if args.len() > max_args { max_args.saturating_sub(1) } else { args.len() };
    let mut kept: Vec<Box<[u8]>> = args
        .iter()
        .take(count)
        .map(|arg| match arg.split_at_checked(max_bytes) {
            Some((start, rest @ [_, ..])) => {
                let note = format!("... ({} more bytes)", rest.len());
                [start, note.as_bytes()].concat().into_boxed_slice()
            }
            Some((_, [])) | None => Box::from(*arg),
        })
        .collect();
    if count < args.len() {
        kept.push(format!("... ({} more arguments)", args.len() - count).into_bytes().into_boxed_slice());
    }
    kept
}

#[cfg(test)]
mod tests {
    use resp::ArgvBuf;

    use super::*;

    #[test]
    fn long_arguments_and_long_lists_are_cut() {
        let settings =
            Monitoring { slowlog_entry_max_argc: 3, slowlog_entry_max_string_len_bytes: 4, ..Monitoring::default() };
        let texts = |args: &[&[u8]]| -> Vec<String> {
            kept(args, &settings).iter().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect()
        };
        assert_eq!(texts(&[b"SET", b"1234", b"12345"]), ["SET", "1234", "1234... (1 more bytes)"]);
        assert_eq!(texts(&[b"DEL", b"a", b"b", b"c"]), ["DEL", "a", "... (2 more arguments)"]);
    }

    #[test]
    fn a_request_is_as_large_as_its_bytes_on_the_wire() {
        for words in [&["get", "k"][..], &["set", "k", "vvvvvvvvvvvvvvv"], &["x"], &["", &"y".repeat(1000)]] {
            let bytes: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
            let args = ArgvBuf::new(bytes.iter().copied());
            let size = resp::encode_command(&bytes).len() as u64;
            assert_eq!(wire_bytes(args.as_argv()), size, "{words:?}");
            assert!(may_have(args.as_argv(), size));
            assert!(!may_have(args.as_argv(), size + 200));
        }
    }
}
