//! XADD: an entry at the end, and the old end cut off in the same stroke.
//!
//! What goes to the AOF and to replicas has the id that was chosen, and an exact trim: how much an approximate one cuts depends on
//! how nodes were filled here.
//!
//! IDMPAUTO names a message by its content. Documented is that the name is made of the pairs of field and value, and the same for the same
//! content. Ours is the sum of the hashes of the pairs (XXH3, twice), each with the length of its field in front: the order of
//! pairs does not matter, which the documentation leaves open, a pair that comes twice does. The hash is our choice too, so
//! a name made by Redis is not known again after a file has moved here; it would have gone after `IDMP-DURATION` anyway.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;
use stdx::num::IntText;
use twox_hash::XxHash3_64;
use value::{References, Refused, Stream, StreamId, Trim, TrimTo};

use super::ids;
use super::trim::TrimArgs;

pub(super) const XADD: Command = Command::new("xadd", xadd)
    .since("5.0.0")
    .arity(-5)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().update().notes("UPDATE instead of INSERT because of the optional trimming feature")])
    .tips(&["nondeterministic_output"])
    .docs(&XADD_DOCS);

const EXHAUSTED: CommandError =
    CommandError::other("ERR The stream has exhausted the last possible ID, unable to add more items");
const NOT_GREATER: CommandError =
    CommandError::other("ERR The ID specified in XADD is equal or smaller than the target stream top item");
const ZERO: CommandError = CommandError::other("ERR The ID specified in XADD must be greater than 0-0");
const TOO_LARGE: CommandError = CommandError::other("ERR Elements are too large to be stored");

/// The id as it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// `*`
    Auto,
    /// `ms-*`
    AutoSeq(u64),
    Given(StreamId),
}

impl Wanted {
    fn parse(text: &[u8]) -> Result<Self, CommandError> {
        if text == b"*" {
            return Ok(Self::Auto);
        }
        match StreamId::parse_ms_of_auto(text) {
            Some(ms) => Ok(Self::AutoSeq(ms)),
            None => ids::id(text).map(Self::Given),
        }
    }

    fn settle(self, stream: &Stream, now: stdx::UnixMs) -> Result<StreamId, CommandError> {
        let last = stream.last_id();
        match self {
            Self::Auto => stream.next_id(now).ok_or(EXHAUSTED),
            Self::AutoSeq(ms) if ms > last.ms => Ok(StreamId::new(ms, 0)),
            Self::AutoSeq(ms) if ms == last.ms => {
                last.seq.checked_add(1).map(|seq| StreamId::new(ms, seq)).ok_or(NOT_GREATER)
            }
            Self::AutoSeq(_) => Err(NOT_GREATER),
            Self::Given(id) => Ok(id),
        }
    }
}

/// Whose message it is, so that it is added once.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message<'a> {
    producer: &'a [u8],
    name: std::borrow::Cow<'a, [u8]>,
}

#[derive(Debug, Default)]
struct Options<'a> {
    no_mkstream: bool,
    trim: TrimArgs,
    /// Producer and name; without a name it is made from the entry.
    message: Option<(&'a [u8], Option<&'a [u8]>)>,
}

impl<'a> Options<'a> {
    /// Takes the options in front of the id.
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while args.peek().is_some_and(|arg| arg != b"*") {
            let known = options.trim.accept(args)?
                || args.remaining() > 1 && (options.accept_no_mkstream(args) || options.accept_message(args)?);
            if !known {
                break;
            }
        }
        Ok(options)
    }

    fn accept_no_mkstream(&mut self, args: &mut Args<'a>) -> bool {
        let said = args.accept("NOMKSTREAM");
        self.no_mkstream |= said;
        said
    }

    fn accept_message(&mut self, args: &mut Args<'a>) -> Result<bool, CommandError> {
        let message = if args.accept("IDMPAUTO") {
            (args.bytes()?, None)
        } else if args.remaining() > 2 && args.accept("IDMP") {
            (args.bytes()?, Some(args.bytes()?))
        } else {
            return Ok(false);
        };
        if self.message.is_some() {
            return Err(CommandError::other("ERR IDMP/IDMPAUTO specified multiple times"));
        }
        if message.0.is_empty() || message.1 == Some(b"") {
            return Err(CommandError::other(
                "ERR IDMP and IDMPAUTO need a producer ID and an idempotent ID that are not empty",
            ));
        }
        self.message = Some(message);
        Ok(true)
    }
}

fn xadd(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let options = Options::parse(args)?;
    let id_index = args.argv().len() - args.remaining();
    let wanted = args.bytes().map_err(|_| cx.wrong_arity()).and_then(Wanted::parse)?;
    let trim = options.trim.finish(&cx.tunables.encodings)?;
    let parts = args.rest();
    if parts.len() == 0 || !parts.len().is_multiple_of(2) {
        return Err(cx.wrong_arity());
    }
    let fields = Fields { parts };
    if wanted == Wanted::Given(StreamId::ZERO) {
        return Err(ZERO);
    }
    if options.message.is_some() && wanted != Wanted::Auto {
        return Err(CommandError::other("ERR IDMP/IDMPAUTO can be used only with auto-generated IDs"));
    }
    let message = options.message.map(|(producer, name)| Message {
        producer,
        name: name.map_or_else(|| digest(fields.clone()).to_vec().into(), Into::into),
    });
    if options.no_mkstream && cx.db.lookup_for_update(key).is_none() {
        reply.null();
        return Ok(Flow::Done);
    }

    let added = add(cx, key, wanted, fields, trim.as_ref(), message.as_ref())?;
    if let Added::New { id, trimmed, len, first_id } = added {
        cx.notify(Event::Stream, "xadd", key);
        if trimmed > 0 {
            cx.notify(Event::Stream, "xtrim", key);
        }
        if cx.effects.interest().propagation {
            let rewritten = trim.map(|trim| exact(&trim, len, first_id));
            propagate(cx, args, (id_index, id), trim.as_ref(), rewritten, &options, message.as_ref());
        }
    }
    ids::reply_id(reply, added.id());
    Ok(Flow::Done)
}

#[derive(Clone, Copy, Debug)]
enum Added {
    New {
        id: StreamId,
        trimmed: u64,
        len: u64,
        first_id: StreamId,
    },
    /// The producer's message was here already.
    Before(StreamId),
}

impl Added {
    const fn id(self) -> StreamId {
        match self {
            Self::New { id, .. } | Self::Before(id) => id,
        }
    }
}

fn add<'a>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    wanted: Wanted,
    fields: Fields<impl ExactSizeIterator<Item = &'a [u8]> + Clone>,
    trim: Option<&Trim>,
    message: Option<&Message<'_>>,
) -> Result<Added, CommandError> {
    let (now, limits) = (cx.now(), cx.tunables.encodings);
    let edited = cx.db.upsert(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        if let Some(message) = message {
            let known = stream.idempotency().and_then(|known| known.find(message.producer, &message.name, now));
            if let Some(id) = known {
                stream.idempotency_mut().duplicates += 1;
                return Ok(Added::Before(id));
            }
        }
        if stream.last_id() == StreamId::MAX {
            return Err(EXHAUSTED);
        }
        let id = wanted.settle(stream, now)?;
        stream.append(id, fields, &limits).map_err(|refused| match refused {
            Refused::NotGreater => NOT_GREATER,
            Refused::TooLarge => TOO_LARGE,
        })?;
        if let Some(message) = message {
            let known = stream.idempotency_mut();
            known.record(message.producer, &message.name, id, now);
            known.added += 1;
        }
        let trimmed = trim.map_or(0, |trim| stream.trim(trim));
        stream.changed(1);
        Ok(Added::New { id, trimmed, len: stream.len(), first_id: stream.first_id() })
    })?;
    Ok(edited.result)
}

/// What a trim came to, in exact terms.
pub(super) fn exact(trim: &Trim, len: u64, first_id: StreamId) -> TrimTo {
    match trim.to {
        TrimTo::MinId(_) if len > 0 => TrimTo::MinId(first_id),
        TrimTo::MaxLen(_) | TrimTo::MinId(_) => TrimTo::MaxLen(len),
    }
}

/// The words of an exact trim.
pub(super) fn push_trim<'a>(command: &mut Vec<&'a [u8]>, to: TrimTo, references: References, threshold: &'a [u8]) {
    match references {
        References::Keep => {}
        References::Delete => command.push(b"DELREF"),
        References::Acked => command.push(b"ACKED"),
    }
    command.push(match to {
        TrimTo::MaxLen(_) => b"MAXLEN",
        TrimTo::MinId(_) => b"MINID",
    });
    command.extend([&b"="[..], threshold]);
}

/// The threshold as text.
pub(super) fn threshold(to: TrimTo) -> Vec<u8> {
    match to {
        TrimTo::MaxLen(len) => IntText::new().format(i64::try_from(len).unwrap_or(i64::MAX)).to_vec(),
        TrimTo::MinId(id) => id.text().as_bytes().to_vec(),
    }
}

fn propagate(
    cx: &mut Context<'_>,
    args: &Args<'_>,
    (id_index, id): (usize, StreamId),
    trim: Option<&Trim>,
    rewritten: Option<TrimTo>,
    options: &Options<'_>,
    message: Option<&Message<'_>>,
) {
    let argv = args.argv();
    let id = id.text();
    let threshold = rewritten.map(threshold).unwrap_or_default();
    let mut command: Vec<&[u8]> = Vec::with_capacity(argv.len() + 4);
    match (trim, rewritten) {
        (Some(trim), Some(to)) if trim.approximate || message.is_some() => {
            command.extend(argv.iter().take(2));
            if options.no_mkstream {
                command.push(b"NOMKSTREAM");
            }
            push_trim(&mut command, to, trim.references, &threshold);
        }
        (None, _) if message.is_some() => command.extend(argv.iter().take(2)),
        _ => command.extend(argv.iter().take(id_index)),
    }
    command.push(id.as_bytes());
    command.extend(argv.iter().skip(id_index + 1));
    cx.propagate_as(&command);
    if let Some(message) = message {
        let key = argv.get(1).unwrap_or_default();
        cx.propagate_as(&[b"XIDMPRECORD", key, message.producer, &message.name, id.as_bytes()]);
    }
}

/// Names and values, two by two.
#[derive(Clone, Debug)]
struct Fields<I> {
    parts: I,
}

impl<'a, I: ExactSizeIterator<Item = &'a [u8]>> Iterator for Fields<I> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        Some((self.parts.next()?, self.parts.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.parts.len() / 2, Some(self.parts.len() / 2))
    }
}

impl<'a, I: ExactSizeIterator<Item = &'a [u8]>> ExactSizeIterator for Fields<I> {}

/// A name for the message, made of its fields in whatever order. They are added up: the same field twice is not the same as none.
fn digest<'a>(fields: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> [u8; 16] {
    let (mut low, mut high) = (0_u64, 0_u64);
    let mut pair = Vec::new();
    for (name, value) in fields {
        pair.clear();
        pair.extend((name.len() as u64).to_le_bytes());
        pair.extend(name);
        pair.extend(value);
        low = low.wrapping_add(XxHash3_64::oneshot_with_seed(1, &pair));
        high = high.wrapping_add(XxHash3_64::oneshot_with_seed(2, &pair));
    }
    let mut digest = [0; 16];
    digest[..8].copy_from_slice(&low.to_le_bytes());
    digest[8..].copy_from_slice(&high.to_le_bytes());
    digest
}

const XADD_DOCS: Docs =
    Docs::new("Appends an entry to a stream.", Group::Stream, "O(1); O(n) of the entries that are trimmed")
        .history(&[
            ("6.2.0", "`NOMKSTREAM`, `MINID` and `LIMIT`."),
            ("7.0.0", "Ids `<ms>-*`."),
            ("8.2.0", "`KEEPREF`, `DELREF` and `ACKED`."),
        ])
        .arguments(&[
            Arg::key("key", 0),
            Arg::pure_token("nomkstream", "NOMKSTREAM").since("6.2.0").optional(),
            Arg::one_of(
                "condition",
                &[
                    Arg::pure_token("keepref", "KEEPREF"),
                    Arg::pure_token("delref", "DELREF"),
                    Arg::pure_token("acked", "ACKED"),
                ],
            )
            .optional(),
            Arg::one_of(
                "idmp",
                &[
                    Arg::string("pid").token("IDMPAUTO"),
                    Arg::block("idmp", &[Arg::string("pid"), Arg::string("iid")]).token("IDMP"),
                ],
            )
            .since("8.6.0")
            .optional(),
            Arg::block(
                "trim",
                &[
                    Arg::one_of(
                        "strategy",
                        &[Arg::pure_token("maxlen", "MAXLEN"), Arg::pure_token("minid", "MINID").since("6.2.0")],
                    ),
                    Arg::one_of("operator", &[Arg::pure_token("equal", "="), Arg::pure_token("approximately", "~")])
                        .optional(),
                    Arg::string("threshold"),
                    Arg::integer("count").token("LIMIT").since("6.2.0").optional(),
                ],
            )
            .optional(),
            Arg::one_of("id-selector", &[Arg::pure_token("auto-id", "*"), Arg::string("id")]),
            Arg::block("data", &[Arg::string("field"), Arg::string("value")]).multiple(),
        ]);
