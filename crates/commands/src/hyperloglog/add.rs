//! PFADD.
//!
//! A dense sketch is changed where it lies; a sparse one, of 3000 bytes at most by default, is copied, checked and stored again.

use command_api::{Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply};
use keyspace::{Key, Ttl};
use value::StringRef;
use value::hyperloglog::{Sketch, SketchRef};

use super::bytes::{bytes_of, refuse, sparse_max_bytes};

pub(super) const PFADD: Command = Command::new("pfadd", pfadd)
    .since("2.8.9")
    .arity(-2)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::HyperLogLog])
    .keys(&[KeySpec::index(1).rw().insert()])
    .docs(&PFADD_DOCS);

fn pfadd(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let elements = args.rest();

    let max_bytes = sparse_max_bytes(cx);
    let current = cx.db.string_for_update(key)?.map(bytes_of);
    let mut changed = current.is_none();
    let mut sketch = match current {
        Some(bytes) if SketchRef::new(&bytes).map_err(refuse)?.is_dense() => {
            let len = bytes.len();
            let raised = add_in_place(cx, key, len, elements)?;
            return Ok(answer(cx, key, raised, reply));
        }
        Some(bytes) => Sketch::from_bytes(&bytes).map_err(refuse)?,
        None => Sketch::new(),
    };
    for element in elements {
        changed |= sketch.add(element, max_bytes);
    }
    if changed {
        sketch.mark_stale();
        cx.db.rewrite_string(key, StringRef::Raw(sketch.as_bytes()), Ttl::Keep);
    }
    Ok(answer(cx, key, changed, reply))
}

fn add_in_place<'e>(
    cx: &mut Context<'_>,
    key: Key<'_>,
    len: usize,
    elements: impl Iterator<Item = &'e [u8]>,
) -> Result<bool, keyspace::WrongType> {
    cx.db.edit_string_counted(key, len, |bytes, _| {
        let raised = elements.filter(|element| Sketch::add_in_place(bytes, element) == Some(true)).count();
        (raised as u64, raised > 0)
    })
}

fn answer(cx: &mut Context<'_>, key: Key<'_>, changed: bool, reply: &mut Reply<'_>) -> Flow {
    if changed {
        cx.notify(Event::String, "pfadd", key);
    }
    reply.int(i64::from(changed));
    Flow::Done
}

const PFADD_DOCS: Docs = Docs::new(
    "Lets a HyperLogLog see elements; it is created if missing.",
    Group::HyperLogLog,
    "O(1) for each element",
)
.arguments(&[Arg::key("key", 0), Arg::string("element").optional().multiple()]);
