//! XTRIM, and the words that it shares with XADD.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use stdx::num::parse_i64;
use value::{EncodingLimits, References, Stream, Trim, TrimTo};

use super::{add, ids};

pub(super) const XTRIM: Command = Command::new("xtrim", xtrim)
    .since("5.0.0")
    .arity(-4)
    .write()
    .acl(&[Acl::Stream])
    .keys(&[KeySpec::index(1).rw().delete()])
    .tips(&["nondeterministic_output"])
    .docs(&XTRIM_DOCS);

/// What was said about trimming.
#[derive(Debug, Default)]
pub(super) struct TrimArgs {
    to: Option<TrimTo>,
    approximate: bool,
    limit: Option<u64>,
    references: Option<References>,
}

impl TrimArgs {
    /// Takes the next option if it is about trimming.
    pub(super) fn accept(&mut self, args: &mut Args<'_>) -> Result<bool, CommandError> {
        // Without an argument behind it a word is none of these.
        let has_argument = args.remaining() > 1;
        if has_argument && args.accept("MAXLEN") {
            self.operator(args)?;
            let len = args.int()?;
            let len = u64::try_from(len).map_err(|_| CommandError::other("ERR The MAXLEN argument must be >= 0."))?;
            self.to = Some(TrimTo::MaxLen(len));
        } else if has_argument && args.accept("MINID") {
            self.operator(args)?;
            self.to = Some(TrimTo::MinId(ids::id(args.bytes()?)?));
        } else if has_argument && args.accept("LIMIT") {
            let limit = parse_i64(args.bytes()?).ok_or(CommandError::NotInteger)?;
            let limit =
                u64::try_from(limit).map_err(|_| CommandError::other("ERR The LIMIT argument must be >= 0."))?;
            self.limit = Some(limit);
        } else {
            return self.accept_references(args);
        }
        Ok(true)
    }

    fn accept_references(&mut self, args: &mut Args<'_>) -> Result<bool, CommandError> {
        match accept_references(args) {
            None => Ok(false),
            Some(_) if self.references.is_some() => Err(CommandError::Syntax),
            said => {
                self.references = said;
                Ok(true)
            }
        }
    }

    /// `=` or `~`, unless it stands where the threshold must.
    fn operator(&mut self, args: &mut Args<'_>) -> Result<(), CommandError> {
        if self.to.is_some() {
            return Err(CommandError::other(
                "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        if args.remaining() >= 2 {
            self.approximate = args.accept("~");
            if !self.approximate {
                args.accept("=");
            }
        }
        Ok(())
    }

    /// What is to be done, if anything.
    pub(super) fn finish(&self, limits: &EncodingLimits) -> Result<Option<Trim>, CommandError> {
        if self.limit.unwrap_or(0) > 0 && self.to.is_none() {
            return Err(CommandError::other(
                "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
            ));
        }
        if self.limit.is_some() && !self.approximate {
            return Err(CommandError::other("ERR syntax error, LIMIT cannot be used without the special ~ option"));
        }
        // An approximate trim without a limit of its own does the work of a hundred nodes at most.
        let default_limit = match limits.stream_node_max_entries.saturating_mul(100) {
            0 => 10_000,
            limit => limit.min(1_000_000),
        };
        Ok(self.to.map(|to| Trim {
            to,
            approximate: self.approximate,
            limit: self.limit.unwrap_or(default_limit),
            references: self.references.unwrap_or_default(),
        }))
    }
}

/// KEEPREF, DELREF or ACKED, if it is the next word.
pub(super) fn accept_references(args: &mut Args<'_>) -> Option<References> {
    if args.accept("KEEPREF") {
        Some(References::Keep)
    } else if args.accept("DELREF") {
        Some(References::Delete)
    } else if args.accept("ACKED") {
        Some(References::Acked)
    } else {
        None
    }
}

fn xtrim(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let mut said = TrimArgs::default();
    while !args.is_empty() {
        if !said.accept(args)? {
            return Err(CommandError::Syntax);
        }
    }
    let trim = said.finish(&cx.tunables.encodings)?;
    let trim = trim.ok_or(CommandError::other(
        "ERR syntax error, XTRIM must be called with a maxlen or minid trimming strategy",
    ))?;

    let edited = cx.db.update(key, |stream: &mut keyspace::Edit<'_, Stream>| {
        let trimmed = stream.trim(&trim);
        stream.changed(trimmed);
        Ok::<_, CommandError>((trimmed, stream.len(), stream.first_id()))
    })?;
    let (trimmed, len, first_id) = edited.map_or((0, 0, value::StreamId::ZERO), |edited| edited.result);
    if trimmed > 0 {
        cx.notify(Event::Stream, "xtrim", key);
        if trim.approximate {
            let to = add::exact(&trim, len, first_id);
            let threshold = add::threshold(to);
            let mut command: Vec<&[u8]> = vec![b"XTRIM", key.bytes()];
            add::push_trim(&mut command, to, trim.references, &threshold);
            cx.propagate_as(&command);
        }
    }
    reply.int(i64::try_from(trimmed).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

const XTRIM_DOCS: Docs =
    Docs::new("Cuts the old end off a stream.", Group::Stream, "O(n) of the entries that go, most of them by the node")
        .history(&[("6.2.0", "`MINID` and `LIMIT`."), ("8.2.0", "`KEEPREF`, `DELREF` and `ACKED`.")])
        .arguments(&[
            Arg::key("key", 0),
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
                    Arg::one_of(
                        "condition",
                        &[
                            Arg::pure_token("keepref", "KEEPREF"),
                            Arg::pure_token("delref", "DELREF"),
                            Arg::pure_token("acked", "ACKED"),
                        ],
                    )
                    .optional(),
                ],
            ),
        ]);
