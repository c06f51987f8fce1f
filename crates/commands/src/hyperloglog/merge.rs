//! PFMERGE.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::Ttl;
use value::StringRef;
use value::hyperloglog::{Registers, Sketch, SketchRef};

use super::bytes::{bytes_of, refuse, sparse_max_bytes};

pub(super) const PFMERGE: Command = Command::new("pfmerge", pfmerge)
    .since("2.8.9")
    .arity(-2)
    .write()
    .deny_oom()
    .acl(&[Acl::HyperLogLog])
    .keys(&[KeySpec::index(1).rw().access().insert(), KeySpec::index(2).range(-1, 1, 0).ro().access()])
    .docs(&PFMERGE_DOCS);

fn pfmerge(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let mut sources = args.clone();
    let destination = args.key()?;

    // The destination is the first of the sources.
    let (mut registers, mut dense) = (Registers::new(), false);
    while !sources.is_empty() {
        let Some(string) = cx.db.string(sources.key()?)? else { continue };
        let bytes = bytes_of(string);
        let source = SketchRef::new(&bytes).map_err(refuse)?;
        dense |= source.is_dense();
        source.merge_into(&mut registers);
    }
    let mut sketch = match cx.db.string_for_update(destination)? {
        Some(string) => Sketch::from_bytes(&bytes_of(string)).map_err(refuse)?,
        None => Sketch::new(),
    };
    if dense {
        sketch.make_dense();
    }
    sketch.merge(&registers, sparse_max_bytes(cx));
    sketch.mark_stale();
    cx.db.rewrite_string(destination, StringRef::Raw(sketch.as_bytes()), Ttl::Keep);
    cx.notify(Event::String, "pfadd", destination);

    reply.ok();
    Ok(Flow::Done)
}

const PFMERGE_DOCS: Docs = Docs::new(
    "Lets a HyperLogLog see what others have seen; it is created if missing.",
    Group::HyperLogLog,
    "O(N) for N keys, 16384 registers each",
)
.arguments(&[Arg::key("destkey", 0), Arg::key("sourcekey", 1).optional().multiple()]);
