//! RENAME, RENAMENX: the same value, deadline and access clock under another name.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::Key;

pub(super) const RENAME: Command = Command::new("rename", rename)
    .since("1.0.0")
    .arity(3)
    .write()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).ow().update()])
    .docs(&RENAME_DOCS);

pub(super) const RENAMENX: Command = Command::new("renamenx", renamenx)
    .since("1.0.0")
    .arity(3)
    .write()
    .fast()
    .acl(&[Acl::Keyspace])
    .keys(&[KeySpec::index(1).rw().access().delete(), KeySpec::index(2).ow().insert()])
    .docs(&RENAMENX_DOCS);

fn rename(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let from = args.key()?;
    let to = args.key()?;
    args.finish()?;

    cx.db.lookup_for_update(from).ok_or(CommandError::NoSuchKey)?;
    if from.bytes() != to.bytes() {
        carry(cx, from, to);
    }
    reply.ok();
    Ok(Flow::Done)
}

fn renamenx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let from = args.key()?;
    let to = args.key()?;
    args.finish()?;

    cx.db.lookup_for_update(from).ok_or(CommandError::NoSuchKey)?;
    // The name that the key has already is taken, too.
    let is_free = !cx.db.contains(to);
    if is_free {
        carry(cx, from, to);
    }
    reply.int(i64::from(is_free));
    Ok(Flow::Done)
}

fn carry(cx: &mut Context<'_>, from: Key<'_>, to: Key<'_>) {
    if cx.db.carry(from, cx.db.index(), to) {
        cx.notify(Event::Generic, "rename_from", from);
        cx.notify(Event::Generic, "rename_to", to);
    }
}

const RENAME_DOCS: Docs = Docs::new("Gives a key another name, whatever was there.", Group::Generic, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::key("newkey", 1)]);

const RENAMENX_DOCS: Docs = Docs::new("Gives a key another name if that is free.", Group::Generic, "O(1)")
    .history(&[("3.2.0", "A key renamed to its own name is no error.")])
    .arguments(&[Arg::key("key", 0), Arg::key("newkey", 1)]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::{check_counted, check_told};

    #[test]
    fn value_and_deadline_go_along_and_replace_what_was_there() {
        check(
            r"
            > SET a 1 PXAT 4102444800000    => OK
            > SET b 2                       => OK
            > RENAME a b                    => OK
            > GET b                         => '1'
            > PEXPIRETIME b                 => 4102444800000
            > EXISTS a                      => 0
            > SET c 3                       => OK
            > RENAME c b                    => OK
            > TTL b                         => -1
            > RENAME b 'another, longer name than before'   => OK
            > GET 'another, longer name than before'        => '3'
            > DBSIZE                        => 1
        ",
        );
    }

    #[test]
    fn a_missing_key_cannot_be_renamed_not_even_to_itself() {
        check(
            r"
            > RENAME a b                    => (error) ERR no such key
            > RENAME a a                    => (error) ERR no such key
            > RENAMENX a b                  => (error) ERR no such key
            > RENAMENX a a                  => (error) ERR no such key
            > SET a 1 PX 10                 => OK
            @now +20ms
            > RENAME a b                    => (error) ERR no such key
            > RENAMENX a b                  => (error) ERR no such key
        ",
        );
    }

    #[test]
    fn a_key_renamed_to_itself_stays() {
        check(
            r"
            > SET a 1 EX 100                => OK
            > RENAME a a                    => OK
            > RENAMENX a a                  => 0
            > GET a                         => '1'
            > TTL a                         => 100
        ",
        );
    }

    #[test]
    fn renamenx_leaves_a_taken_name_alone() {
        check(
            r"
            > MSET a 1 b 2                  => OK
            > RENAMENX a b                  => 0
            > MGET a b                      => ['1', '2']
            > RENAMENX a c                  => 1
            > MGET a c                      => [(nil), '1']
            > SET d 4 PX 10                 => OK
            @now +20ms
            > RENAMENX c d                  => 1
            > GET d                         => '1'
            > TTL d                         => -1
            > RENAME a                      => (error) ERR wrong number of arguments for 'rename' command
            > RENAMENX a b c                => (error) ERR wrong number of arguments for 'renamenx' command
        ",
        );
    }

    #[test]
    fn both_names_are_told() {
        check_told(&[
            ("MSET a v b v", "set:a set:b", "="),
            ("RENAME a b", "rename_from:a rename_to:b", "="),
            ("RENAME b b", "", ""),
            ("RENAMENX b b", "", ""),
            ("RENAMENX b c", "rename_from:b rename_to:c", "="),
            ("SET d v", "set:d", "="),
            ("RENAMENX c d", "", ""),
        ]);
        check_counted(&[("SET a v", 0, 0), ("RENAME a b", 0, 0), ("RENAMENX b b", 0, 0)]);
    }
}
