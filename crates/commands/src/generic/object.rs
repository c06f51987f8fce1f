//! OBJECT: how a value is kept, and when or how often its key was used.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};

pub(super) const OBJECT: Command =
    Command::container("object", &[&OBJECT_ENCODING, &OBJECT_FREQ, &OBJECT_IDLETIME, &OBJECT_REFCOUNT, &OBJECT_HELP])
        .since("2.2.3")
        .arity(-2)
        .docs(&OBJECT_DOCS);

pub(super) const OBJECT_ENCODING: Command = Command::new("encoding", object_encoding)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_ENCODING_DOCS);

pub(super) const OBJECT_FREQ: Command = Command::new("freq", object_freq)
    .since("4.0.0")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_FREQ_DOCS);

pub(super) const OBJECT_IDLETIME: Command = Command::new("idletime", object_idletime)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_IDLETIME_DOCS);

pub(super) const OBJECT_REFCOUNT: Command = Command::new("refcount", object_refcount)
    .since("2.2.3")
    .arity(3)
    .readonly()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(2).ro()])
    .tips(&["nondeterministic_output"])
    .docs(&OBJECT_REFCOUNT_DOCS);

pub(super) const OBJECT_HELP: Command = Command::new("help", object_help)
    .since("6.2.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Keyspace])
    .docs(&OBJECT_HELP_DOCS);

fn object_encoding(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        Some(entry) => reply.bulk(entry.encoding().name().as_bytes()),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn object_freq(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        None => reply.null(),
        Some(_) if !cx.tunables.policy_is_lfu => return Err(CommandError::other(NO_FREQUENCY)),
        Some(entry) => reply.int(i64::from(cx.db.clock().frequency(entry.clock()))),
    }
    Ok(Flow::Done)
}

fn object_idletime(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        None => reply.null(),
        Some(_) if cx.tunables.policy_is_lfu => return Err(CommandError::other(NO_IDLE_TIME)),
        Some(entry) => reply.int(i64::from(cx.db.clock().idle_seconds(entry.clock()))),
    }
    Ok(Flow::Done)
}

/// Values are never shared here, so each has one owner, its key.
fn object_refcount(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;

    match cx.db.inspect(key) {
        Some(_) => reply.int(1),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn object_help(_cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    command_api::help(
        reply,
        "OBJECT",
        &[
            ("ENCODING <key>", "The name of the form in which the value of <key> is kept."),
            (
                "FREQ <key>",
                "How often <key> was used lately, on a logarithmic scale from 0 to 255.\nNeeds an LFU maxmemory policy.",
            ),
            ("IDLETIME <key>", "Seconds since <key> was used last. Not kept under an LFU maxmemory policy."),
            ("REFCOUNT <key>", "How many owners the value of <key> has."),
        ],
    );
    Ok(Flow::Done)
}

const NO_FREQUENCY: &str = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when \
    switching between policies at runtime LRU and LFU data will take some time to adjust.";

const NO_IDLE_TIME: &str = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when \
    switching between policies at runtime LRU and LFU data will take some time to adjust.";

const OBJECT_DOCS: Docs = Docs::new("Tells how values are kept and used.", Group::Generic, "As the subcommand says.");

const OBJECT_ENCODING_DOCS: Docs =
    Docs::new("Names the form in which a value is kept.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

const OBJECT_FREQ_DOCS: Docs =
    Docs::new("Tells how often a key was used lately, on a logarithmic scale.", Group::Generic, "O(1)")
        .arguments(&[Arg::key("key", 0)]);

const OBJECT_IDLETIME_DOCS: Docs = Docs::new("Tells how many seconds ago a key was used last.", Group::Generic, "O(1)")
    .arguments(&[Arg::key("key", 0)]);

const OBJECT_REFCOUNT_DOCS: Docs =
    Docs::new("Tells how many owners a value has.", Group::Generic, "O(1)").arguments(&[Arg::key("key", 0)]);

const OBJECT_HELP_DOCS: Docs = Docs::new("Lists the subcommands.", Group::Generic, "O(1)");

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_counted;

    #[test]
    fn encodings_are_those_that_redis_names() {
        check(
            r"
            > SET i 12                      => OK
            > SET e abc                     => OK
            > SET r ${x*500}                => OK
            > OBJECT ENCODING i             => 'int'
            > OBJECT ENCODING e             => 'embstr'
            > OBJECT ENCODING r             => 'raw'
            > OBJECT encoding none          => (nil)
        ",
        );
    }

    #[test]
    fn idle_time_counts_from_the_last_use() {
        check(
            r"
            @skip-lens restore a restored key counts as used
            > SET k v                       => OK
            > OBJECT IDLETIME k             => 0
            @now +3s
            > OBJECT IDLETIME k             => (int 3..4)
            > OBJECT ENCODING k             => 'embstr'
            > TTL k                         => -1
            > EXISTS k                      => 1
            > TYPE k                        => string
            > OBJECT IDLETIME k             => (int 3..4)
            > TOUCH k                       => 1
            > OBJECT IDLETIME k             => (int 0..1)
            > OBJECT IDLETIME none          => (nil)
        ",
        );
    }

    #[test]
    fn a_renamed_key_keeps_its_idle_time_and_a_copied_one_does_not() {
        check(
            r"
            @skip-lens restore a restored key counts as used
            > MSET a v b v c v              => OK
            @now +3s
            > COPY a d                      => 1
            > OBJECT IDLETIME d             => (int 0..1)
            > OBJECT IDLETIME b             => (int 3..4)
            > PERSIST b                     => 0
            > OBJECT IDLETIME b             => (int 0..1)
            > EXPIRE c 100                  => 1
            > OBJECT IDLETIME c             => (int 0..1)
        ",
        );
    }

    #[test]
    fn frequency_and_idle_time_exclude_each_other() {
        check(
            r"
            > SET k v                       => OK
            > OBJECT FREQ none              => (nil)
            > OBJECT FREQ k                 => (error) ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
            @config maxmemory-policy allkeys-lfu
            > OBJECT IDLETIME none          => (nil)
            > OBJECT IDLETIME k             => (error) ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.
            > SET f abc                     => OK
            > OBJECT FREQ f                 => 5
            > OBJECT FREQ none              => (nil)
        ",
        );
    }

    #[test]
    fn every_value_has_one_owner() {
        check(
            r"
            > SET k value                   => OK
            > OBJECT REFCOUNT k             => 1
            > OBJECT REFCOUNT none          => (nil)
        ",
        );
    }

    #[test]
    fn subcommands_have_their_own_arity() {
        check(
            r"
            > OBJECT                        => (error) ERR wrong number of arguments for 'object' command
            > OBJECT FOO                    => (error) ERR unknown subcommand 'FOO'. Try OBJECT HELP.
            > OBJECT FOO k                  => (error) ERR unknown subcommand 'FOO'. Try OBJECT HELP.
            > OBJECT ENCODING               => (error) ERR wrong number of arguments for 'object|encoding' command
            > OBJECT ENCODING k k           => (error) ERR wrong number of arguments for 'object|encoding' command
            > OBJECT FREQ                   => (error) ERR wrong number of arguments for 'object|freq' command
            > OBJECT IDLETIME               => (error) ERR wrong number of arguments for 'object|idletime' command
            > OBJECT REFCOUNT               => (error) ERR wrong number of arguments for 'object|refcount' command
            > OBJECT HELP k                 => (error) ERR wrong number of arguments for 'object|help' command
            > OBJECT HELP                   => [(status) 'OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:', ...]
        ",
        );
    }

    #[test]
    fn looking_at_a_value_counts_as_a_hit_or_a_miss() {
        check_counted(&[
            ("SET k v", 0, 0),
            ("OBJECT ENCODING k", 1, 0),
            ("OBJECT ENCODING none", 0, 1),
            ("OBJECT IDLETIME k", 1, 0),
            ("OBJECT REFCOUNT k", 1, 0),
            ("OBJECT REFCOUNT none", 0, 1),
        ]);
    }
}
