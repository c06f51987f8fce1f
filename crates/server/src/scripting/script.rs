//! SCRIPT: the cache of EVAL's scripts, and the way to end one.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};
use script::{Origin, ScriptError};

use crate::help::help;
use crate::{ServerCommand, ServerContext};

pub(super) const SCRIPT: ServerCommand = ServerCommand::container(
    "script",
    &[&SCRIPT_LOAD, &SCRIPT_EXISTS, &SCRIPT_FLUSH, &SCRIPT_KILL, &SCRIPT_SHOW, &SCRIPT_DEBUG, &SCRIPT_HELP],
)
.since("2.6.0")
.arity(-2)
.docs(&SCRIPT_DOCS);

const SCRIPT_LOAD: ServerCommand = ServerCommand::new("load", load)
    .since("2.6.0")
    .arity(3)
    .noscript()
    .stale()
    .acl(&[Acl::Scripting])
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&SCRIPT_LOAD_DOCS);

const SCRIPT_EXISTS: ServerCommand = ServerCommand::new("exists", exists)
    .since("2.6.0")
    .arity(-3)
    .noscript()
    .acl(&[Acl::Scripting])
    .tips(&["request_policy:all_shards", "response_policy:agg_logical_and"])
    .docs(&SCRIPT_EXISTS_DOCS);

const SCRIPT_FLUSH: ServerCommand = ServerCommand::new("flush", flush)
    .since("2.6.0")
    .arity(-2)
    .noscript()
    .acl(&[Acl::Scripting])
    .tips(&["request_policy:all_nodes", "response_policy:all_succeeded"])
    .docs(&SCRIPT_FLUSH_DOCS);

const SCRIPT_KILL: ServerCommand = ServerCommand::new("kill", kill)
    .since("2.6.0")
    .arity(2)
    .noscript()
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Scripting])
    .tips(&["request_policy:all_shards", "response_policy:one_succeeded"])
    .docs(&SCRIPT_KILL_DOCS);

/// As Valkey has it; Redis has no way to see what a SHA1 stands for.
const SCRIPT_SHOW: ServerCommand =
    ServerCommand::new("show", show).since("8.0.0").arity(3).noscript().acl(&[Acl::Scripting]).docs(&SCRIPT_SHOW_DOCS);

const SCRIPT_DEBUG: ServerCommand = ServerCommand::new("debug", debug)
    .since("3.2.0")
    .arity(3)
    .noscript()
    .acl(&[Acl::Scripting])
    .docs(&SCRIPT_DEBUG_DOCS);

const SCRIPT_HELP: ServerCommand = ServerCommand::new("help", script_help)
    .since("5.0.0")
    .arity(2)
    .loading()
    .stale()
    .acl(&[Acl::Scripting])
    .docs(&SCRIPT_HELP_DOCS);

const FLUSH_MODES: CommandError = CommandError::other("ERR SCRIPT FLUSH only support SYNC|ASYNC option");

fn refused(error: &ScriptError) -> CommandError {
    CommandError::Other(error.to_string().into())
}

fn load(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let body = args.bytes()?;
    let scripting = &cx.node.scripting;
    let mut scripts = scripting.scripts().map_err(|error| refused(&error))?;
    let loaded = scripts.load(body, Origin::ScriptLoad);
    scripting.figures.note_scripts(&scripts);
    let id = loaded.map_err(|error| refused(&error))?;
    reply.bulk(&scripts.sha1_hex(id));
    Ok(Flow::Done)
}

fn exists(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let scripts = cx.node.scripting.scripts().map_err(|error| refused(&error))?;
    reply.array(args.remaining());
    for sha1 in args.rest() {
        reply.int(i64::from(scripts.find(sha1).is_some()));
    }
    Ok(Flow::Done)
}

fn flush(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let lazily = match args.remaining() {
        0 => cx.node.live().settings.memory.lazyfree_user_flush,
        1 if args.accept("SYNC") => false,
        1 if args.accept("ASYNC") => true,
        _ => return Err(FLUSH_MODES),
    };
    if let (Some(scripts), true) = (cx.node.scripting.take_scripts(), lazily) {
        cx.node.host.reclaim(Box::new(scripts));
    }
    reply.ok();
    Ok(Flow::Done)
}

fn kill(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.scripting.busy.kill()?;
    reply.ok();
    Ok(Flow::Done)
}

fn show(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let sha1 = args.bytes()?;
    let scripts = cx.node.scripting.scripts().map_err(|error| refused(&error))?;
    let id = scripts.find(sha1).ok_or(CommandError::other("NOSCRIPT No matching script."))?;
    reply.bulk(scripts.body(id));
    Ok(Flow::Done)
}

/// There is no debugger here, so it can only be turned off. Who asks for it all the same gets no script run until then.
fn debug(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if cx.client.in_exec {
        return Err(CommandError::other("ERR SCRIPT DEBUG must be called outside a pipeline"));
    }
    if args.accept("NO") {
        cx.client.wants_debugger = false;
        reply.ok();
        return Ok(Flow::Done);
    }
    if args.accept("YES") || args.accept("SYNC") {
        cx.client.wants_debugger = true;
        return Err(CommandError::other("ERR There is no Lua debugger in this server"));
    }
    Err(CommandError::other("ERR Use SCRIPT DEBUG YES/SYNC/NO"))
}

fn script_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "SCRIPT",
        &[
            ("DEBUG (YES|SYNC|NO)", "Turn the debugger off; there is none to turn on."),
            ("EXISTS <sha1> [<sha1> ...]", "Tell which of the scripts are in the cache."),
            ("FLUSH [ASYNC|SYNC]", "Empty the cache, now (SYNC) or on a thread of its own (ASYNC)."),
            ("KILL", "End the script or function that runs for long, if it has not written."),
            ("LOAD <script>", "Put a script into the cache, to stay there until FLUSH."),
            ("SHOW <sha1>", "Return the text of a script of the cache."),
        ],
    );
    Ok(Flow::Done)
}

const SCRIPT_DOCS: Docs = Docs::new("Groups commands for Lua scripts.", Group::Scripting, "Depends on subcommand.");

const SCRIPT_LOAD_DOCS: Docs = Docs::new(
    "Puts a script into the cache.",
    Group::Scripting,
    "O(N) with N being the length in bytes of the script body.",
)
.arguments(&[Arg::string("script")]);

const SCRIPT_EXISTS_DOCS: Docs = Docs::new(
    "Tells which scripts are in the cache.",
    Group::Scripting,
    "O(N) with N being the number of scripts to check (so checking a single script is an O(1) operation).",
)
.arguments(&[Arg::string("sha1").multiple()]);

const SCRIPT_FLUSH_DOCS: Docs =
    Docs::new("Empties the cache of scripts.", Group::Scripting, "O(N) with N being the number of scripts in cache")
        .history(&[("6.2.0", "Added the `ASYNC` and `SYNC` flushing mode modifiers.")])
        .arguments(&[Arg::one_of("flush-type", &[Arg::pure_token("async", "ASYNC"), Arg::pure_token("sync", "SYNC")])
            .since("6.2.0")
            .optional()]);

const SCRIPT_KILL_DOCS: Docs = Docs::new("Ends a script that runs for long.", Group::Scripting, "O(1)");

const SCRIPT_SHOW_DOCS: Docs =
    Docs::new("Returns the text of a script in the cache.", Group::Scripting, "O(1)").arguments(&[Arg::string("sha1")]);

const SCRIPT_DEBUG_DOCS: Docs =
    Docs::new("Turns the debugger of scripts off.", Group::Scripting, "O(1)").arguments(&[Arg::one_of(
        "mode",
        &[Arg::pure_token("yes", "YES"), Arg::pure_token("sync", "SYNC"), Arg::pure_token("no", "NO")],
    )]);

const SCRIPT_HELP_DOCS: Docs = Docs::new("Describes the subcommands.", Group::Scripting, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn scripts_are_cached_until_they_are_flushed() {
        check(
            r"
            @since 7.0
            > SCRIPT LOAD                                                       => (error) ERR wrong number of arguments for 'script|load' command
            > SCRIPT LOAD 'return 1'                                            => 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'
            > SCRIPT LOAD 'return x('                                           => (error) 'ERR Error compiling script (new function): user_script:1: unexpected symbol near \'<eof>\''
            > SCRIPT EXISTS                                                     => (error) ERR wrong number of arguments for 'script|exists' command
            > SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db a          => [1, 0]
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0                => 1
            > SCRIPT FLUSH FOO                                                  => (error) ERR SCRIPT FLUSH only support SYNC|ASYNC option
            > SCRIPT FLUSH SYNC x                                               => (error) ERR SCRIPT FLUSH only support SYNC|ASYNC option
            > SCRIPT FLUSH ASYNC                                                => OK
            > SCRIPT EXISTS e0e1f9fabfc9d4800c877a703b823ac0578ff8db            => [0]
            > SCRIPT FLUSH SYNC                                                 => OK
            > SCRIPT KILL                                                       => (error) NOTBUSY No scripts in execution right now.
            > SCRIPT FOO                                                        => (error) ERR unknown subcommand 'FOO'. Try SCRIPT HELP.
            > SCRIPT                                                            => (error) ERR wrong number of arguments for 'script' command
        ",
        );
    }

    #[test]
    fn the_text_of_a_script_can_be_seen() {
        check(
            r"
            @only valkey ochre
            @since 8.0
            > SCRIPT LOAD 'return 1'                                            => 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'
            > SCRIPT SHOW e0e1f9fabfc9d4800c877a703b823ac0578ff8db              => 'return 1'
            > SCRIPT SHOW abc                                                   => (error) NOSCRIPT No matching script.
        ",
        );
    }

    #[test]
    fn the_debugger_is_asked_for_outside_transactions_and_scripts() {
        check(
            r"
            @only redis ochre
            @since 7.0
            > SCRIPT DEBUG              => (error) ERR wrong number of arguments for 'script|debug' command
            > SCRIPT DEBUG YES x        => (error) ERR wrong number of arguments for 'script|debug' command
            > SCRIPT DEBUG maybe        => (error) ERR Use SCRIPT DEBUG YES/SYNC/NO
            > SCRIPT DEBUG no           => OK
            > MULTI                     => OK
            > SCRIPT DEBUG YES          => QUEUED
            > SCRIPT DEBUG NO           => QUEUED
            > SCRIPT DEBUG maybe        => QUEUED
            > EVAL 'return 1' 0         => QUEUED
            > EXEC                      => [
                (error) ERR SCRIPT DEBUG must be called outside a pipeline,
                (error) ERR SCRIPT DEBUG must be called outside a pipeline,
                (error) ERR SCRIPT DEBUG must be called outside a pipeline,
                1]
            > EVAL 'return redis.pcall(\'script\',\'debug\',\'yes\')' 0    => (error) ERR This Redis command is not allowed from script
            > EVAL 'return redis.breakpoint()' 0                           => (nil)
            > EVAL 'return redis.debug(1)' 0                               => (nil)
        ",
        );
    }

    #[test]
    fn who_wants_a_debugger_gets_no_script_run() {
        check(
            r"
            @only ochre
            > SCRIPT DEBUG YES                          => (error) ERR There is no Lua debugger in this server
            > EVAL 'return redis.call(\'incr\',\'k\')' 0  => (error) ERR The script was not run: there is no Lua debugger in this server. ...
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0  => (error) ERR The script was not run: ...
            > MULTI                                     => OK
            > EVAL 'return 1' 0                         => QUEUED
            > EXEC                                      => [(error) 'ERR The script was not run: '...]
            B> EVAL 'return 1' 0                        => 1
            B> EXISTS k                                 => 0
            > SCRIPT DEBUG NO                           => OK
            > EVAL 'return 1' 0                         => 1
            > SCRIPT DEBUG SYNC                         => (error) ERR There is no Lua debugger in this server
            > EVAL 'return 1' 0                         => (error) ERR The script was not run: ...
        ",
        );
    }
}
