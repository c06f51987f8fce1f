//! SHUTDOWN: ends the process, cleanly.
//!
//! With save points the data is written first, as SAVE would; what cannot be written keeps the server up, unless FORCE is given.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply, Scope};

use crate::{LogLevel, ServerCommand, ServerContext};

pub(super) const SHUTDOWN: ServerCommand = ServerCommand::new("shutdown", shutdown)
    .since("1.0.0")
    .arity(-1)
    .admin()
    .noscript()
    .loading()
    .stale()
    .flag(Flags::NO_MULTI)
    .flag(Flags::ALLOW_BUSY)
    .scope(Scope::All)
    .docs(&SHUTDOWN_DOCS);

const CANNOT: CommandError = CommandError::other("ERR Errors trying to SHUTDOWN. Check logs.");
const NONE_IN_PROGRESS: CommandError = CommandError::other("ERR No shutdown in progress.");

fn shutdown(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    let (mut save, mut nosave, mut abort, mut force, mut other) = (false, false, false, false, false);
    while !args.is_empty() {
        if args.accept("SAVE") {
            save = true;
        } else if args.accept("NOSAVE") {
            nosave = true;
        } else if args.accept("ABORT") {
            abort = true;
        } else if args.accept("FORCE") {
            force = true;
            other = true;
        } else if args.accept("NOW") {
            other = true;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    if abort && (save || nosave || other) || save && nosave {
        return Err(CommandError::Syntax);
    }
    if abort {
        // A shutdown waits for nothing here, so none is ever in progress.
        return Err(NONE_IN_PROGRESS);
    }
    if !nosave && cx.node.scripting.busy.is_busy() {
        // Half of what the script writes is nothing to save.
        return Err(cx.node.scripting.busy.error());
    }
    cx.node.host.log(LogLevel::Warning, "User requested shutdown...");
    let live = cx.node.live();
    let wanted = save || !nosave && !live.settings.persistence.save.is_empty();
    if wanted && !cx.node.persistence.is_loading() {
        cx.node.host.log(LogLevel::Notice, "Saving the final RDB snapshot before exiting.");
        if cx.node.save(&live, &mut cx.data.db).is_err() && !force {
            return Err(CANNOT);
        }
    }
    cx.node.persistence.mark_final();
    cx.client.closing = true;
    cx.node.host.shut_down();
    Ok(Flow::Done)
}

const SHUTDOWN_DOCS: Docs =
    Docs::new("Ends the server.", Group::Server, "O(N) when saving, N being the number of keys, otherwise O(1)")
        .history(&[("7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers.")])
        .arguments(&[
            Arg::one_of("save-selector", &[Arg::pure_token("nosave", "NOSAVE"), Arg::pure_token("save", "SAVE")])
                .optional(),
            Arg::pure_token("now", "NOW").since("7.0.0").optional(),
            Arg::pure_token("force", "FORCE").since("7.0.0").optional(),
            Arg::pure_token("abort", "ABORT").since("7.0.0").optional(),
        ]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn shutdown_refuses_what_makes_no_sense() {
        check(
            "
            > SHUTDOWN foo            => (error) ERR syntax error
            > SHUTDOWN SAVE NOSAVE    => (error) ERR syntax error
            > SHUTDOWN ABORT NOW      => (error) ERR syntax error
            > SHUTDOWN ABORT          => (error) ERR No shutdown in progress.
        ",
        );
    }
}
