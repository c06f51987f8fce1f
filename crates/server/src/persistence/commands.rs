//! SAVE, LASTSAVE.

use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply, Scope};

use crate::{ServerCommand, ServerContext};

pub(crate) const TABLE: &[&ServerCommand] = &[&SAVE, &LASTSAVE];

const SAVE: ServerCommand = ServerCommand::new("save", save)
    .since("1.0.0")
    .arity(1)
    .admin()
    .noscript()
    .flag(Flags::NO_ASYNC_LOADING)
    .flag(Flags::NO_MULTI)
    .scope(Scope::All)
    .docs(&SAVE_DOCS);

const LASTSAVE: ServerCommand = ServerCommand::new("lastsave", lastsave)
    .since("1.0.0")
    .arity(1)
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Admin, Acl::Dangerous])
    .tips(&["nondeterministic_output"])
    .docs(&LASTSAVE_DOCS);

fn save(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    let live = cx.node.live();
    cx.node
        .save(&live, &mut cx.data.db)
        .map_err(|error| CommandError::Other(Cow::Owned(format!("ERR the RDB file was not written: {error}"))))?;
    reply.ok();
    Ok(Flow::Done)
}

fn lastsave(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    args.finish()?;
    reply.int(cx.node.persistence.last_save_s.load(Relaxed));
    Ok(Flow::Done)
}

const SAVE_DOCS: Docs = Docs::new(
    "Writes the RDB file while nobody else is served.",
    Group::Server,
    "O(N) where N is the total number of keys in all databases",
);

const LASTSAVE_DOCS: Docs =
    Docs::new("Tells when the RDB file was last written, in seconds of Unix time.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::in_memory;

    #[test]
    fn what_is_saved_comes_back() {
        in_memory(
            r"
            > SET text hello            => OK
            > SET int 42 PX 100000      => OK
            > SELECT 3                  => OK
            > SET other x               => OK
            > SAVE                      => OK
            > LASTSAVE                  => 1767225600
            > CONFIG SET rdb-dialect valkey-9   => OK
        ",
        );
    }
}
