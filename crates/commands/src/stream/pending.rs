//! XPENDING: what was delivered to a group and not acknowledged.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::UnixMs;
use value::{Group as ConsumerGroup, Pending, Stream, StreamId};

use super::ids;

pub(super) const XPENDING: Command = Command::new("xpending", xpending)
    .since("5.0.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).ro().access()])
    .tips(&["nondeterministic_output"])
    .docs(&XPENDING_DOCS);

fn xpending(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let name = args.bytes()?;
    let filter = if args.is_empty() { None } else { Some(Filter::parse(args)?) };

    let group = cx.db.read::<Stream>(key)?.and_then(|stream| stream.group(name));
    let group = group.ok_or_else(|| ids::no_group(key.bytes(), name))?;
    match filter {
        None => summary(reply, group),
        Some(filter) => filter.answer(reply, group, cx.now()),
    }
    Ok(Flow::Done)
}

fn summary(reply: &mut Reply<'_>, group: &ConsumerGroup) {
    reply.array(4);
    reply.len(group.pending_count());
    let mut all = group.pending(..);
    let Some((first, _)) = all.next() else {
        reply.null();
        reply.null();
        reply.null_array();
        return;
    };
    ids::reply_id(reply, first);
    ids::reply_id(reply, all.next_back().map_or(first, |(last, _)| last));
    let later = reply.array_later();
    let mut count = 0;
    for consumer in group.consumers().filter(|consumer| consumer.pending_count() > 0) {
        reply.array(2);
        reply.bulk(consumer.name());
        reply.bulk_int(i64::try_from(consumer.pending_count()).unwrap_or(i64::MAX));
        count += 1;
    }
    reply.settle_array(later, count);
}

/// Which entries to list.
#[derive(Debug)]
struct Filter<'a> {
    min_idle_ms: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

impl<'a> Filter<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        // Fewer than the shortest form has, or more than the longest.
        if !(3..=6).contains(&args.remaining()) {
            return Err(CommandError::Syntax);
        }
        let mut min_idle_ms = 0;
        let mut has_idle = false;
        if args.accept("IDLE") {
            min_idle_ms = args.int()?;
            has_idle = true;
            if args.remaining() < 3 {
                return Err(CommandError::Syntax);
            }
        }
        let (start, end, count) = (args.bytes()?, args.bytes()?, args.int()?);
        let consumer = args.bytes().ok();
        if has_idle {
            args.finish()?;
        }
        Ok(Self {
            min_idle_ms,
            start: ids::start(start)?,
            end: ids::end(end)?,
            count: usize::try_from(count.max(0)).unwrap_or(usize::MAX),
            consumer,
        })
    }

    fn answer(&self, reply: &mut Reply<'_>, group: &ConsumerGroup, now: UnixMs) {
        let later = reply.array_later();
        let mut listed = 0;
        let mut list = |id: StreamId, pending: &Pending| {
            let owner = pending.consumer();
            let idle_ms = now.ms_since(pending.delivered_at());
            if idle_ms < self.min_idle_ms {
                return false;
            }
            reply.array(4);
            ids::reply_id(reply, id);
            reply.bulk(group.holder_name(pending));
            reply.int(if owner.is_some() { idle_ms.max(0) } else { -1 });
            reply.int(i64::try_from(pending.deliveries).unwrap_or(i64::MAX));
            listed += 1;
            listed == self.count
        };
        if self.count > 0 && self.start <= self.end {
            match self.consumer {
                None => _ = group.pending(self.start..=self.end).any(|(id, pending)| list(id, pending)),
                Some(name) => {
                    let consumer = group.find_consumer(name).map(|id| group.consumer(id));
                    let ids = consumer.into_iter().flat_map(|consumer| consumer.pending_from(self.start));
                    let mut ids = ids.take_while(|id| *id <= self.end);
                    ids.any(|id| group.pending_of(id).is_some_and(|pending| list(id, pending)));
                }
            }
        }
        reply.settle_array(later, listed);
    }
}

const XPENDING_DOCS: Docs = Docs::new(
    "Tells what was delivered to a group and is not acknowledged.",
    Group::Stream,
    "O(n) of the entries looked at; the summary O(n) of the consumers",
)
.history(&[("6.2.0", "`IDLE`, and `(` for open intervals.")])
.arguments(&[
    Arg::key("key", 0),
    Arg::string("group"),
    Arg::block(
        "filters",
        &[
            Arg::integer("min-idle-time").token("IDLE").since("6.2.0").optional(),
            Arg::string("start"),
            Arg::string("end"),
            Arg::integer("count"),
            Arg::string("consumer").optional(),
        ],
    )
    .optional(),
]);
