//! DEL, UNLINK, EXISTS, TOUCH, TYPE: is a key there, what is it, and away with it.
//!
//! The lists of keys are walked in batches whose cache lines are asked for ahead, so that many keys cost little more than one.
//! DEL and UNLINK are the same here: whatever is large is freed by another thread.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;

pub(super) const DEL: Command = Command::new("del", del)
    .since("1.0.0")
    .arity(-2)
    .write()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).rm().delete()])
    .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
    .docs(&DEL_DOCS);

pub(super) const UNLINK: Command = Command::new("unlink", del)
    .since("4.0.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).rm().delete()])
    .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
    .docs(&UNLINK_DOCS);

pub(super) const EXISTS: Command = Command::new("exists", exists)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro()])
    .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
    .docs(&EXISTS_DOCS);

pub(super) const TOUCH: Command = Command::new("touch", touch)
    .since("3.2.1")
    .arity(-2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro()])
    .tips(&["request_policy:multi_shard", "response_policy:agg_sum"])
    .docs(&TOUCH_DOCS);

pub(super) const TYPE: Command = Command::new("type", type_of)
    .since("1.0.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).ro()])
    .docs(&TYPE_DOCS);

fn del(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let count = count_keys(cx, args, |cx, key| {
        let removed = cx.db.remove(key);
        if removed {
            cx.notify(Event::Generic, "del", key);
        }
        removed
    })?;
    reply.int(count);
    Ok(Flow::Done)
}

fn exists(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let count = count_keys(cx, args, |cx, key| cx.db.inspect(key).is_some())?;
    reply.int(count);
    Ok(Flow::Done)
}

fn touch(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let count = count_keys(cx, args, |cx, key| cx.db.lookup(key).is_some())?;
    reply.int(count);
    Ok(Flow::Done)
}

fn type_of(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    reply.status(cx.db.inspect(key).map_or("none", |entry| entry.value_type().name()));
    Ok(Flow::Done)
}

/// How many keys are asked for ahead: enough to overlap the cache misses, few enough to still be there when they are needed.
const BATCH: usize = 16;

/// Visits every key that is left in `args`, in order and as often as it is named; returns for how many `visit` says yes.
fn count_keys(
    cx: &mut Context<'_>,
    args: &mut Args<'_>,
    mut visit: impl FnMut(&mut Context<'_>, Key<'_>) -> bool,
) -> Result<i64, CommandError> {
    let mut count = 0;
    while args.remaining() > 1 {
        let mut batch = [Key::with_hash(b"", 0); BATCH];
        let len = args.remaining().min(BATCH);
        for slot in &mut batch[..len] {
            *slot = args.key()?;
        }
        let keys = &batch[..len];
        cx.db.prefetch(keys.iter().copied());
        for key in keys {
            count += i64::from(visit(cx, *key));
        }
    }
    if !args.is_empty() {
        let key = args.key()?;
        count += i64::from(visit(cx, key));
    }
    Ok(count)
}

const DEL_DOCS: Docs = Docs::new(
    "Removes keys.",
    Group::Generic,
    "O(N) with N keys; what a large value takes to be freed is left to another thread",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const UNLINK_DOCS: Docs = Docs::new(
    "Removes keys; memory is freed in the background.",
    Group::Generic,
    "O(1) for each key, and O(N) in another thread to free the N allocations of its value",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const EXISTS_DOCS: Docs = Docs::new("Counts which of the keys exist.", Group::Generic, "O(N) with N keys")
    .history(&[("3.0.3", "Several keys may be given.")])
    .arguments(&[Arg::key("key", 0).multiple()]);

const TOUCH_DOCS: Docs = Docs::new("Counts as a use of each key that exists.", Group::Generic, "O(N) with N keys")
    .arguments(&[Arg::key("key", 0).multiple()]);

const TYPE_DOCS: Docs =
    Docs::new("Names the type of the value under a key.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_counted, check_told};

    #[test]
    fn keys_are_removed_and_counted() {
        check(
            r"
            > MSET a 1 b 2 c 3 d 4         => OK
            > DEL a none b                 => 2
            > DEL a                        => 0
            > DEL c c                      => 1
            > UNLINK d none d              => 1
            > EXISTS a b c d               => 0
            > SET '' empty                 => OK
            > DEL ''                       => 1
            > DEL                          => (error) ERR wrong number of arguments for 'del' command
            > UNLINK                       => (error) ERR wrong number of arguments for 'unlink' command
        ",
        );
    }

    #[test]
    fn a_key_named_several_times_counts_as_often() {
        check(
            r"
            > MSET a 1 b 2                 => OK
            > EXISTS a                     => 1
            > EXISTS a a none b a          => 4
            > TOUCH a a none b             => 3
            > EXISTS none                  => 0
            > EXISTS                       => (error) ERR wrong number of arguments for 'exists' command
            > TOUCH                        => (error) ERR wrong number of arguments for 'touch' command
        ",
        );
    }

    #[test]
    fn more_keys_than_are_asked_for_ahead_are_all_seen() {
        check(
            r"
            > MSET ${40: k# v#}            => OK
            > EXISTS ${40: k#}             => 40
            > TOUCH ${40: k#} none         => 40
            > DEL none ${33: k#}           => 33
            > UNLINK ${40: k#}             => 7
            > DBSIZE                       => 0
        ",
        );
    }

    #[test]
    fn expired_keys_are_not_there() {
        check(
            r"
            > SET a 1 PX 10                => OK
            > SET b 1 PX 10                => OK
            > SET c 1 PX 10                => OK
            > SET d 1                      => OK
            @now +20ms
            > EXISTS a b c d               => 1
            > TOUCH a d                    => 1
            > TYPE a                       => none
            > DEL a b d                    => 1
            > UNLINK c                     => 0
        ",
        );
    }

    #[test]
    fn type_names_the_value() {
        check(
            r"
            > SET s 1                      => OK
            > TYPE s                       => string
            > TYPE none                    => none
            > TYPE                         => (error) ERR wrong number of arguments for 'type' command
            > TYPE s s                     => (error) ERR wrong number of arguments for 'type' command
        ",
        );
    }

    #[test]
    fn every_removed_key_is_told_once() {
        check_told(&[
            ("MSET a v b v c v", "set:a set:b set:c", "="),
            ("DEL a none a c", "del:a del:c", "="),
            ("DEL a none", "", ""),
            ("UNLINK none b", "del:b", "="),
            ("UNLINK b", "", ""),
        ]);
    }

    #[test]
    fn looking_counts_as_a_hit_or_a_miss_and_removing_as_neither() {
        check_counted(&[
            ("MSET a v b v", 0, 0),
            ("EXISTS a none a", 2, 1),
            ("TOUCH a none b", 2, 1),
            ("TYPE a", 1, 0),
            ("TYPE none", 0, 1),
            ("DEL a none", 0, 0),
            ("UNLINK b none", 0, 0),
        ]);
    }
}
