//! SREM.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use value::Set;

pub(super) const SREM: Command = Command::new("srem", srem)
    .since("1.0.0")
    .arity(-3)
    .write()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).rw().delete()])
    .element(2)
    .docs(&SREM_DOCS);

fn srem(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let edited = cx.db.update(key, |set: &mut Edit<'_, Set>| {
        let removed = members.map(|member| u64::from(set.remove(member))).sum::<u64>();
        set.changed(removed);
        Ok::<_, CommandError>(removed)
    })?;
    let Some(edited) = edited else {
        reply.int(0);
        return Ok(Flow::Done);
    };
    if edited.changed {
        cx.notify(Event::Set, "srem", key);
    }
    if edited.removed {
        cx.notify(Event::Generic, "del", key);
    }

    reply.int(edited.result.cast_signed());
    Ok(Flow::Done)
}

const SREM_DOCS: Docs = Docs::new("Removes members from a set.", Group::Set, "O(N) with N members given")
    .history(&[("2.4.0", "Several `member` arguments.")])
    .arguments(&[Arg::key("key", 0), Arg::string("member").multiple()]);
