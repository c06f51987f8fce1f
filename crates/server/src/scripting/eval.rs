//! EVAL, EVALSHA and their read-only twins.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Group, KeySpec, Reply, Scope};
use script::Origin;

use super::run::{Failure, Run};
use crate::{ServerCommand, ServerContext};

pub(super) const EVAL: ServerCommand = ServerCommand::new("eval", never_called)
    .since("2.6.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update().notes(UNKNOWN_USE)])
    .docs(&EVAL_DOCS);

pub(super) const EVALSHA: ServerCommand = ServerCommand::new("evalsha", never_called)
    .since("2.6.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update()])
    .docs(&EVALSHA_DOCS);

pub(super) const EVAL_RO: ServerCommand = ServerCommand::new("eval_ro", never_called)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).ro().access().notes(UNKNOWN_READ)])
    .docs(&EVAL_RO_DOCS);

pub(super) const EVALSHA_RO: ServerCommand = ServerCommand::new("evalsha_ro", never_called)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).ro().access()])
    .docs(&EVALSHA_RO_DOCS);

/// As Redis tells it, since clients compare.
pub(super) const UNKNOWN_USE: &str = "We cannot tell how the keys will be used so we assume the worst, RW and UPDATE";
pub(super) const UNKNOWN_READ: &str = "We cannot tell how the keys will be used so we assume the worst, RO and ACCESS";

const NO_SCRIPT: CommandError = CommandError::other("NOSCRIPT No matching script. Please use EVAL.");

/// What a client hears that went on after SCRIPT DEBUG was refused. `redis-cli --ldb` does: it looks at no answer but EVAL's, and
/// whoever debugs a script counts on its writes being taken back, so it is not run at all.
const NOT_DEBUGGED: CommandError = CommandError::other(
    "ERR The script was not run: there is no Lua debugger in this server. SCRIPT DEBUG NO goes back to running scripts.",
);

/// How long a SHA1 is in hex.
const SHA1_HEX_BYTES: usize = 40;

/// The worker runs scripts itself (`Worker::run_script`): a handler has neither the locks nor the other commands.
pub(super) fn never_called(
    _cx: &mut ServerContext<'_, '_>,
    _args: &mut Args<'_>,
    _reply: &mut Reply<'_>,
) -> CommandResult {
    Err(CommandError::Syntax)
}

/// Finds or compiles the script, and runs it.
pub(super) fn run(run: &mut Run<'_, '_>, reply: &mut Reply<'_>) -> Result<(), Failure> {
    if run.client.wants_debugger {
        return Err(NOT_DEBUGGED.into());
    }
    let argv = run.call.argv;
    let by_sha1 = matches!(run.call.entry.full_name, "evalsha" | "evalsha_ro");
    let text = argv.get(1).unwrap_or_default();
    if by_sha1 && text.len() != SHA1_HEX_BYTES {
        return Err(NO_SCRIPT.into());
    }
    let input = run.input(CommandError::NotInteger)?;
    let node = run.node;
    let mut scripts = node.scripting.scripts()?;
    let id = if by_sha1 { scripts.find(text).ok_or(NO_SCRIPT)? } else { scripts.load(text, Origin::Eval)? };
    run.admit(scripts.flags(id))?;
    run.name = scripts.sha1_hex(id).to_vec();
    let result = scripts.run(id, &input, run, reply);
    node.scripting.figures.note_scripts(&scripts);
    Ok(result?)
}

const SCRIPT_ARGS: &[Arg] = &[
    Arg::string("script"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).optional().multiple(),
    Arg::string("arg").optional().multiple(),
];

const SHA1_ARGS: &[Arg] = &[
    Arg::string("sha1"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).optional().multiple(),
    Arg::string("arg").optional().multiple(),
];

const EVAL_DOCS: Docs =
    Docs::new("Runs a Lua script.", Group::Scripting, "Depends on the script that is executed.").arguments(SCRIPT_ARGS);

const EVALSHA_DOCS: Docs =
    Docs::new("Runs a Lua script known by its SHA1.", Group::Scripting, "Depends on the script that is executed.")
        .arguments(SHA1_ARGS);

const EVAL_RO_DOCS: Docs =
    Docs::new("Runs a Lua script that may not write.", Group::Scripting, "Depends on the script that is executed.")
        .arguments(SCRIPT_ARGS);

const EVALSHA_RO_DOCS: Docs = Docs::new(
    "Runs a Lua script known by its SHA1 that may not write.",
    Group::Scripting,
    "Depends on the script that is executed.",
)
.arguments(SHA1_ARGS);

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn a_script_runs_commands_on_its_keys() {
        check(
            r#"
            > EVAL 'return 1'                                               => (error) ERR wrong number of arguments for 'eval' command
            > EVAL 'return 1' x                                             => (error) ERR value is not an integer or out of range
            > EVAL 'return 1' 1.5                                           => (error) ERR value is not an integer or out of range
            > EVAL 'return 1' -1                                            => (error) 'ERR Number of keys can\'t be negative'
            > EVAL 'return 1' 2 a                                           => (error) 'ERR Number of keys can\'t be greater than number of args'
            > EVAL 'return redis.call("incr",KEYS[1])' 1 k                  => 1
            > EVAL 'return redis.call("incrby",KEYS[1],ARGV[1])' 1 k 41     => 42
            > GET k                                                         => '42'
            > EVAL 'return {KEYS[1],KEYS[2],ARGV[1],#ARGV}' 2 a b c d       => ['a', 'b', 'c', 2]
            > EVAL 'redis.call("rpush",KEYS[1],"x","y") return redis.call("lrange",KEYS[1],0,-1)' 1 l  => ['x', 'y']
            > EVAL 'return redis.status_reply("fine")' 0                    => fine
            > EVAL 'return redis.error_reply("MY fault")' 0                 => (error) MY fault
            > EVAL 'return redis.pcall("incr",KEYS[1])' 1 l                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        "#,
        );
    }

    #[test]
    fn the_server_checks_what_a_script_calls() {
        check(
            r##"
            @only redis ochre
            @since 7.0
            > EVAL 'return redis.pcall("nosuch")' 0               => (error) ERR Unknown Redis command called from script
            > EVAL 'return redis.pcall("config","nosuch")' 0      => (error) ERR Unknown Redis command called from script
            > EVAL 'return redis.pcall("get")' 0                  => (error) ERR Wrong number of args calling Redis command from script
            > EVAL 'return redis.pcall("config")' 0               => (error) ERR Wrong number of args calling Redis command from script
            > EVAL 'return redis.pcall("multi","x")' 0            => (error) ERR Wrong number of args calling Redis command from script
            > EVAL 'return redis.pcall("multi")' 0                => (error) ERR This Redis command is not allowed from script
            > EVAL 'return redis.pcall("eval","return 1",0)' 0    => (error) ERR This Redis command is not allowed from script
            > EVAL 'return redis.pcall("subscribe","c")' 0        => (error) ERR This Redis command is not allowed from script
            > EVAL 'return redis.call("nosuch")' 0                => (error) 'ERR Unknown Redis command called from script script: 2218effcac8108416909801acfb39c080a85adfa, on @user_script:1.'
            > EVAL_RO 'return redis.pcall("set","k","v")' 0       => (error) ERR Write commands are not allowed from read-only scripts.
            > EVAL_RO 'return redis.pcall("publish","c","m")' 0   => (error) ERR Write commands are not allowed from read-only scripts.
            > EVAL_RO 'return redis.pcall("get","k")' 0           => (nil)
            > EVAL_RO "#!lua\nreturn 1" 0                         => (error) ERR Can not execute a script with write flag using *_ro command.
            > EVAL_RO "#!lua flags=no-writes\nreturn 1" 0         => 1
            > EVAL "#!lua flags=no-writes\nreturn redis.pcall('set','k','v')" 0  => (error) ERR Write commands are not allowed from read-only scripts.
            > EVAL "#!lua flags=bogus\nreturn 1" 0                => (error) 'ERR Unexpected flag in script shebang: bogus'
        "##,
        );
    }

    #[test]
    fn a_script_is_found_by_its_sha1() {
        check(
            r#"
            @only redis ochre
            > EVALSHA abc 0                                                 => (error) NOSCRIPT No matching script. Please use EVAL.
            > EVALSHA abc x                                                 => (error) NOSCRIPT No matching script. Please use EVAL.
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db x            => (error) ERR value is not an integer or out of range
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0            => (error) NOSCRIPT No matching script. Please use EVAL.
            > EVAL 'return 1' 0                                             => 1
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0            => 1
            > EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0            => 1
            > EVALSHA_RO e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0         => 1
            > SCRIPT FLUSH                                                  => OK
            > EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0            => (error) NOSCRIPT No matching script. Please use EVAL.
        "#,
        );
    }

    #[test]
    fn the_database_a_script_selects_is_its_own() {
        check(
            r#"
            > EVAL 'redis.call("select",3) return redis.call("set","k","v")' 0     => OK
            > EXISTS k                                                              => 0
            > SELECT 3                                                              => OK
            > GET k                                                                 => 'v'
            > EVAL 'return redis.call("get","k")' 0                                 => 'v'
        "#,
        );
    }

    #[test]
    fn nothing_waits_in_a_script() {
        check(
            r#"
            @since 7.2
            > EVAL 'return redis.call("blpop","k",0)' 0                             => (nil)
            > EVAL 'return redis.call("xread","block",0,"streams","s","0")' 0       => (nil)
            > EVAL 'return redis.call("wait",1,0)' 0                                => 0
            > EVAL 'return redis.call("ping")' 0                                    => PONG
        "#,
        );
    }

    #[test]
    fn a_script_is_a_part_of_its_transaction() {
        check(
            r#"
            @only redis ochre
            > MULTI                                                 => OK
            > EVAL 'return redis.call("incr","k")' 0                => QUEUED
            > EVAL 'return redis.pcall("multi")' 0                  => QUEUED
            > EVALSHA abc 0                                         => QUEUED
            > GET k                                                 => QUEUED
            > EXEC                                                  => [1, (error) ERR This Redis command is not allowed from script, (error) NOSCRIPT No matching script. Please use EVAL., '1']
        "#,
        );
    }

    #[test]
    fn who_waits_and_who_watches_hears_of_a_script_when_it_ends() {
        check(
            r#"
            A> BLPOP l 0                                                                        => (blocked)
            B> WATCH k                                                                          => OK
            C> EVAL 'redis.call("rpush","l","a","b") redis.call("lpop","l") redis.call("incr","k") return redis.call("llen","l")' 0  => 1
            A:                                                                                  => ['l', 'b']
            B> MULTI                                                                            => OK
            B> PING                                                                             => QUEUED
            B> EXEC                                                                             => (nil)
            C> EXISTS l                                                                         => 0
        "#,
        );
    }

    #[test]
    fn a_script_that_fails_has_done_what_it_did() {
        check(
            r#"
            @only redis ochre
            @since 7.0
            > EVAL 'redis.call("set","k","v") return redis.call("incr","k")' 0  => (error) 'ERR value is not an integer or out of range script: 47f94877cfe9b373c07b7eb759906b99fb2237fa, on @user_script:1.'
            > GET k                                                              => 'v'
        "#,
        );
    }

    #[test]
    fn a_pause_of_writes_holds_whatever_may_write() {
        check(
            r#"
            @since 7.0
            @skip-lens restore its own commands are held too
            > CLIENT PAUSE 100000 WRITE                                             => OK
            A> EVAL 'return 1' 0                                                    => (blocked)
            B> EVAL_RO 'return 1' 0                                                 => 1
            C> FCALL nosuch 0                                                       => (blocked)
            B> FCALL_RO nosuch 0                                                    => (error) ERR Function not found
            D> MULTI                                                                => OK
            D> EVAL 'return 2' 0                                                    => (blocked)
            > CLIENT UNPAUSE                                                        => OK
            A:                                                                      => 1
            C:                                                                      => (error) ERR Function not found
            D:                                                                      => QUEUED
            D> EXEC                                                                 => [2]
        "#,
        );
    }

    #[test]
    fn keys_of_scripts_are_known() {
        check(
            r"
            > COMMAND GETKEYS EVAL s 2 a b c        => ['a', 'b']
            > COMMAND GETKEYS EVALSHA s 1 a b       => ['a']
            > COMMAND GETKEYS FCALL f 1 a b         => ['a']
        ",
        );
    }

    #[test]
    fn time_stands_still_in_a_script() {
        check(
            r#"
            @since 7.2
            > SET k v PX 100                                                                    => OK
            > EVAL 'local t = redis.call("time") for i = 1, 1000 do end local u = redis.call("time") return t[1] == u[1] and t[2] == u[2]' 0  => 1
            > EVAL 'return redis.call("get","k")' 0                                             => 'v'
        "#,
        );
    }

    #[test]
    fn a_monitor_sees_what_a_script_calls() {
        in_memory(
            r#"
            @skip-lens restore its own commands are shown too
            @skip-lens not-compact its own commands are shown too
            @skip-lens script what calls them is shown too
            @skip-lens script-resp3 what calls them is shown too
            @skip-lens resp3 HELLO is shown too
            M> MONITOR                    => OK
            A> EVAL 'redis.call("select",3) redis.pcall("nosuch") return redis.call("set","k","v")' 0     => OK
            M:                            => ~'* ?0 127.0.0.1:50002? \x22EVAL\x22 \x22redis.call(*\x22 \x220\x22'
            M:                            => ~'* ?3 lua? \x22select\x22 \x223\x22'
            M:                            => ~'* ?3 lua? \x22set\x22 \x22k\x22 \x22v\x22'
            A> PING                       => PONG
            M:                            => ~'* ?0 127.0.0.1:50002? \x22PING\x22'
        "#,
        );
    }

    #[test]
    fn inner_commands_are_counted_and_errors_once() {
        in_memory(
            r#"
            @skip-lens restore its own commands are counted too
            @skip-lens not-compact its own commands are counted too
            @skip-lens script what calls them is counted too
            @skip-lens script-resp3 what calls them is counted too
            > CONFIG RESETSTAT                                          => OK
            > EVAL 'redis.call("set","k","v") redis.pcall("get") redis.pcall("multi") return redis.pcall("lpush","k","x")' 0  => (error) WRONGTYPE ...
            > INFO commandstats                                         => ~'*cmdstat_set:calls=1,*'
            > INFO commandstats                                         => ~'*cmdstat_get:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,*'
            > INFO commandstats                                         => ~'*cmdstat_multi:calls=0,usec=0,usec_per_call=0.00,rejected_calls=1,*'
            > INFO commandstats                                         => ~'*cmdstat_lpush:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=1*'
            > INFO commandstats                                         => ~'*cmdstat_eval:calls=1,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=1*'
            > INFO errorstats                                           => ~'*errorstat_ERR:count=2*errorstat_WRONGTYPE:count=1*'
            > SLOWLOG RESET                                             => OK
        "#,
        );
    }
}
