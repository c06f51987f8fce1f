//! SADD.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Edit;
use value::Set;

pub(super) const SADD: Command = Command::new("sadd", sadd)
    .since("1.0.0")
    .arity(-3)
    .write()
    .deny_oom()
    .fast()
    .acl(&[Acl::Set])
    .keys(&[KeySpec::index(1).rw().insert()])
    .element(2)
    .docs(&SADD_DOCS);

fn sadd(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let members = args.rest();

    let limits = &cx.tunables.encodings;
    let edited = cx.db.upsert(key, |set: &mut Edit<'_, Set>| {
        set.expect(members.clone().next().unwrap_or_default(), members.len(), limits);
        let mut added = 0;
        for member in members {
            added += u64::from(set.insert(member, limits));
        }
        set.changed(added);
        Ok::<_, CommandError>(added)
    })?;
    if edited.changed {
        cx.notify(Event::Set, "sadd", key);
    }

    reply.int(edited.result.cast_signed());
    Ok(Flow::Done)
}

const SADD_DOCS: Docs =
    Docs::new("Adds members to a set, which is created if missing.", Group::Set, "O(N) with N members given")
        .history(&[("2.4.0", "Several `member` arguments.")])
        .arguments(&[Arg::key("key", 0), Arg::string("member").multiple()]);
