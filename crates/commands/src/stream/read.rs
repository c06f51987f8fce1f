//! XREAD: what follows an id in each of several streams. Its words are shared with XREADGROUP.
//!
//! `$` and `+` mean places in a stream as it is now: a reader that waits has them replaced by the ids they stood for, or it would
//! wait for what follows each new entry.
//!
//! The release notes say of MAXCOUNT and MAXSIZE that they bound the entries and the bytes of the whole reply, where COUNT bounds the
//! entries of each stream; no command page that could be had says more. The texts of their errors are our choice, after those of their neighbours, and so is that a MAXCOUNT below COUNT
//! is refused rather than obeyed.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeyFlags, KeyPosition, KeySpec,
    KeysError, OnTimeout, Protocol, Reply,
};
use keyspace::Key;
use resp::Argv;
use stdx::UnixMs;
use stdx::num::parse_i64;
use value::{Entry, Stream, StreamId};

use super::ids;

pub(super) const XREAD: Command = Command::new("xread", xread)
    .since("5.0.0")
    .arity(-4)
    .readonly()
    .blocking()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::keyword("STREAMS", 1)
        .range(-1, 1, 2)
        .ro()
        .access()
        .incomplete()
        .notes("A key may be called STREAMS, too")])
    .extractor(xread_keys)
    .docs(&XREAD_DOCS);

/// The options in front of the streams, and where those begin.
#[derive(Debug)]
pub(super) struct ReadArgs<'a> {
    /// The most entries of each stream.
    pub(super) count: usize,
    /// The most entries and about the most bytes of the whole answer.
    pub(super) budget: Budget,
    /// How long to wait, in milliseconds; 0: for ever.
    pub(super) block_ms: Option<i64>,
    pub(super) group: Option<(&'a [u8], &'a [u8])>,
    pub(super) no_ack: bool,
    pub(super) claim_min_idle_ms: Option<i64>,
    /// How many streams.
    pub(super) streams: usize,
    /// Index of the first key among the arguments.
    pub(super) first_key: usize,
}

/// What is left of MAXCOUNT and MAXSIZE.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    entries: usize,
    bytes: usize,
    /// The first entry comes whatever its size.
    used: bool,
}

impl Budget {
    /// How many entries may still come, of `count` wanted.
    pub(super) fn at_most(&self, count: usize) -> usize {
        count.min(self.entries)
    }

    /// Whether an answer of `bytes` more may come; it counts if so.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        if self.entries == 0 || self.used && bytes > self.bytes {
            self.entries = 0;
            return false;
        }
        self.entries -= 1;
        self.bytes = self.bytes.saturating_sub(bytes);
        self.used = true;
        true
    }

    pub(super) fn is_spent(&self) -> bool {
        self.entries == 0
    }
}

impl<'a> ReadArgs<'a> {
    /// Takes everything up to the first key.
    pub(super) fn parse(args: &mut Args<'a>, groups: bool) -> Result<Self, CommandError> {
        let mut read = Self {
            count: usize::MAX,
            budget: Budget { entries: usize::MAX, bytes: usize::MAX, used: false },
            block_ms: None,
            group: None,
            no_ack: false,
            claim_min_idle_ms: None,
            streams: 0,
            first_key: 0,
        };
        while !args.is_empty() {
            let has_argument = args.remaining() > 1;
            if has_argument && args.accept("BLOCK") {
                read.block_ms = Some(timeout_ms(args.bytes()?)?);
            } else if has_argument && args.accept("COUNT") {
                // Nothing, or less: everything.
                read.count = usize::try_from(args.int()?).ok().filter(|count| *count > 0).unwrap_or(usize::MAX);
            } else if has_argument && args.accept("MAXCOUNT") {
                read.budget.entries = positive(args, "ERR MAXCOUNT must be a positive integer")?;
            } else if has_argument && args.accept("MAXSIZE") {
                read.budget.bytes = positive(args, "ERR MAXSIZE must be a positive integer")?;
            } else if has_argument && args.accept("STREAMS") {
                read.streams(args, groups)?;
                break;
            } else if args.remaining() > 2 && args.accept("GROUP") {
                if !groups {
                    return Err(CommandError::other(
                        "ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.",
                    ));
                }
                read.group = Some((args.bytes()?, args.bytes()?));
            } else if args.accept("NOACK") {
                if !groups {
                    return Err(CommandError::other(
                        "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
                    ));
                }
                read.no_ack = true;
            } else if groups && has_argument && args.accept("CLAIM") {
                let idle = parse_i64(args.bytes()?).filter(|idle| *idle >= 0);
                let error = CommandError::other("ERR min-idle-time must be a non-negative integer");
                read.claim_min_idle_ms = Some(idle.ok_or(error)?);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if read.streams == 0 {
            return Err(CommandError::Syntax);
        }
        if read.count != usize::MAX && read.budget.entries < read.count {
            return Err(CommandError::other("ERR MAXCOUNT must be greater than or equal to COUNT"));
        }
        if groups && read.group.is_none() {
            return Err(CommandError::other("ERR Missing GROUP option for XREADGROUP"));
        }
        Ok(read)
    }

    fn streams(&mut self, args: &Args<'_>, groups: bool) -> Result<(), CommandError> {
        if !args.remaining().is_multiple_of(2) {
            return Err(CommandError::other(if groups {
                "ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified."
            } else {
                "ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified."
            }));
        }
        self.streams = args.remaining() / 2;
        self.first_key = args.argv().len() - args.remaining();
        Ok(())
    }

    /// The key, the index of its id among the arguments, and that id as it was said.
    pub(super) fn stream(&self, args: &Args<'a>, index: usize) -> (Key<'a>, usize, &'a [u8]) {
        let argv = args.argv();
        let key = argv.get(self.first_key + index).unwrap_or_default();
        let id_index = self.first_key + self.streams + index;
        (args.key_of(key), id_index, argv.get(id_index).unwrap_or_default())
    }

    /// Until when to wait from `now` on; `None`: for ever.
    pub(super) fn deadline(&self, now: UnixMs) -> Result<Option<UnixMs>, CommandError> {
        match self.block_ms {
            None | Some(0) => Ok(None),
            Some(ms) => now.checked_add_ms(ms).map(Some).ok_or(CommandError::other("ERR timeout is out of range")),
        }
    }
}

fn positive(args: &mut Args<'_>, error: &'static str) -> Result<usize, CommandError> {
    let number = parse_i64(args.bytes()?).filter(|number| *number > 0).ok_or_else(|| CommandError::other(error))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn timeout_ms(text: &[u8]) -> Result<i64, CommandError> {
    let ms = parse_i64(text).ok_or(CommandError::other("ERR timeout is not an integer or out of range"))?;
    if ms < 0 { Err(CommandError::other("ERR timeout is negative")) } else { Ok(ms) }
}

/// The keys of XREAD, which may be named STREAMS as well as a group may.
fn xread_keys(argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    find_keys(argv, KeyFlags::RO.union(KeyFlags::ACCESS), out)
}

/// Finds the keys by stepping over the options as the handler does.
pub(super) fn find_keys(argv: Argv<'_>, flags: KeyFlags, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    let mut index = 1;
    while let Some(word) = argv.get(index) {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        if is("STREAMS") {
            let keys = argv.len().saturating_sub(index + 1) / 2;
            for key in index + 1..index + 1 + keys {
                out.push(KeyPosition { index: u32::try_from(key).map_err(|_| KeysError::Invalid)?, flags });
            }
            return if keys == 0 { Err(KeysError::Invalid) } else { Ok(()) };
        }
        index += if is("GROUP") {
            3
        } else if ["COUNT", "BLOCK", "MAXCOUNT", "MAXSIZE", "CLAIM"].into_iter().any(is) {
            2
        } else {
            1
        };
    }
    Err(KeysError::Invalid)
}

fn xread(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut read = ReadArgs::parse(args, false)?;
    let deadline = read.deadline(cx.now())?;
    let places = (0..read.streams).map(|index| place(cx, args, &read, index)).collect::<Result<Vec<_>, _>>()?;

    let mut answer = Answer::new(reply);
    for (index, (after, only_last)) in places.iter().enumerate() {
        let (key, _, _) = read.stream(args, index);
        let Some(stream) = cx.db.read::<Stream>(key)? else { continue };
        let Some(start) = after.next().filter(|start| *start <= stream.last_id()) else { continue };
        let count = if *only_last { 1 } else { read.count };
        let mut entries = stream.range(start, StreamId::MAX).take(count).peekable();
        if entries.peek().is_none() || read.budget.is_spent() {
            continue;
        }
        answer.stream(reply, key, |reply| {
            ids::reply_entries(reply, entries.take_while(|entry| read.budget.take(reply_bytes(entry))));
        });
    }
    if answer.finish(reply) {
        return Ok(Flow::Done);
    }
    if read.block_ms.is_none() {
        reply.null_array();
        return Ok(Flow::Done);
    }
    for (index, (after, _)) in places.iter().enumerate() {
        let (_, id_index, said) = read.stream(args, index);
        if matches!(said, b"$" | b"+") {
            cx.block.replaced_args.push((id_index, Box::from(after.text().as_bytes())));
        }
    }
    cx.wait(deadline, OnTimeout::NullArray)
}

/// The id behind which to read, and whether that is for the last entry only.
fn place(
    cx: &Context<'_>,
    args: &Args<'_>,
    read: &ReadArgs<'_>,
    index: usize,
) -> Result<(StreamId, bool), CommandError> {
    let (key, _, said) = read.stream(args, index);
    let stream = cx.db.read::<Stream>(key)?;
    match said {
        b"$" => Ok((stream.map_or(StreamId::ZERO, Stream::last_id), false)),
        b"+" => Ok(match stream.and_then(Stream::last) {
            Some(last) => (last.id.prev().unwrap_or(StreamId::ZERO), true),
            None => (stream.map_or(StreamId::ZERO, Stream::last_id), false),
        }),
        b">" => Err(CommandError::other(
            "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.",
        )),
        _ => ids::id(said).map(|id| (id, false)),
    }
}

/// About how many bytes the entry takes in an answer.
pub(super) fn reply_bytes(entry: &Entry<'_>) -> usize {
    const FRAME_BYTES: usize = 8;
    let fields: usize = entry.fields.clone().map(|(name, value)| name.text_len() + value.text_len()).sum();
    entry.id.text().as_bytes().len() + 3 * FRAME_BYTES + fields + 2 * FRAME_BYTES * entry.fields.len()
}

/// The answer of a read: streams with their entries, a map where the protocol has one and else pairs.
#[derive(Debug)]
pub(super) struct Answer {
    later: Option<resp::DeferredLen>,
    mark: resp::Mark,
    streams: usize,
}

impl Answer {
    pub(super) fn new(reply: &mut Reply<'_>) -> Self {
        let mark = reply.mark();
        Self { later: Some(reply.array_later()), mark, streams: 0 }
    }

    pub(super) fn stream(&mut self, reply: &mut Reply<'_>, key: Key<'_>, entries: impl FnOnce(&mut Reply<'_>)) {
        if reply.protocol() == Protocol::Resp2 {
            reply.array(2);
        }
        reply.bulk(key.bytes());
        entries(reply);
        self.streams += 1;
    }

    /// Returns whether there is any stream in it; without, nothing is left of the answer.
    pub(super) fn finish(self, reply: &mut Reply<'_>) -> bool {
        let Some(later) = self.later.filter(|_| self.streams > 0) else {
            reply.rewind(self.mark);
            return false;
        };
        match reply.protocol() {
            Protocol::Resp2 => reply.settle_array(later, self.streams),
            Protocol::Resp3 => reply.settle_map(later, self.streams),
        }
        true
    }
}

const XREAD_DOCS: Docs = Docs::new(
    "Reads what follows an id in each of several streams, waiting for it if asked to.",
    Group::Stream,
    "O(log n) for each stream and O(1) for each entry",
)
.history(&[("8.10.0", "`MAXCOUNT` and `MAXSIZE`.")])
.arguments(&[
    Arg::integer("count").token("COUNT").optional(),
    Arg::integer("maxcount").token("MAXCOUNT").since("8.10.0").optional(),
    Arg::integer("maxsize").token("MAXSIZE").since("8.10.0").optional(),
    Arg::integer("milliseconds").token("BLOCK").optional(),
    Arg::block("streams", &[Arg::key("key", 0).multiple(), Arg::string("id").multiple()]).token("STREAMS"),
]);
