//! FCALL and FCALL_RO.

use command_api::{Acl, Arg, CommandError, Docs, Flags, Group, KeySpec, Reply, Scope};

use super::eval::{UNKNOWN_READ, UNKNOWN_USE, never_called};
use super::run::{Failure, Run};
use crate::ServerCommand;

pub(super) const FCALL: ServerCommand = ServerCommand::new("fcall", never_called)
    .since("7.0.0")
    .arity(-3)
    .noscript()
    .stale()
    .flag(Flags::SKIP_MONITOR)
    .flag(Flags::NO_MANDATORY_KEYS)
    .flag(Flags::SCRIPT_RUNNER)
    .acl(&[Acl::Scripting])
    .scope(Scope::Script)
    .keys(&[KeySpec::index(2).keynum(0, 1, 1).rw().access().update().notes(UNKNOWN_USE)])
    .docs(&FCALL_DOCS);

pub(super) const FCALL_RO: ServerCommand = ServerCommand::new("fcall_ro", never_called)
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
    .docs(&FCALL_RO_DOCS);

const NO_FUNCTION: CommandError = CommandError::other("ERR Function not found");
const BAD_NUMKEYS: CommandError = CommandError::other("ERR Bad number of keys provided");

/// Finds the function and runs it.
pub(super) fn run(run: &mut Run<'_, '_>, reply: &mut Reply<'_>) -> Result<(), Failure> {
    let node = run.node;
    if !node.scripting.has_functions() {
        return Err(NO_FUNCTION.into());
    }
    let mut functions = node.scripting.functions()?;
    let id = functions.find(run.call.argv.get(1).unwrap_or_default()).ok_or(NO_FUNCTION)?;
    let input = run.input(BAD_NUMKEYS)?;
    let (name, flags) =
        functions.function(id).map(|function| (function.name().into(), function.flags())).unwrap_or_default();
    run.admit(Some(flags))?;
    run.name = name;
    let result = functions.run(id, &input, run, reply);
    node.scripting.figures.note_functions(&functions);
    Ok(result?)
}

const FUNCTION_ARGS: &[Arg] = &[
    Arg::string("function"),
    Arg::integer("numkeys"),
    Arg::key("key", 0).optional().multiple(),
    Arg::string("arg").optional().multiple(),
];

const FCALL_DOCS: Docs = Docs::new("Calls a function.", Group::Scripting, "Depends on the function that is executed.")
    .arguments(FUNCTION_ARGS);

const FCALL_RO_DOCS: Docs =
    Docs::new("Calls a function that may not write.", Group::Scripting, "Depends on the function that is executed.")
        .arguments(FUNCTION_ARGS);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_function_is_called_with_keys_and_arguments() {
        check(
            r##"
            @since 7.0
            > FCALL f 0                     => (error) ERR Function not found
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('echo', function(keys, args) return {keys, args, #keys} end)\nredis.register_function('incr', function(keys, args) return redis.call('incrby', keys[1], args[1]) end)"  => 'lib'
            > FCALL                         => (error) ERR wrong number of arguments for 'fcall' command
            > FCALL echo                    => (error) ERR wrong number of arguments for 'fcall' command
            > FCALL nosuch x                => (error) ERR Function not found
            > FCALL '' 0                    => (error) ERR Function not found
            > FCALL echo x                  => (error) ERR Bad number of keys provided
            > FCALL echo 1.5                => (error) ERR Bad number of keys provided
            > FCALL echo 99999999999999999999  => (error) ERR Bad number of keys provided
            > FCALL echo -1                 => (error) 'ERR Number of keys can\'t be negative'
            > FCALL echo 1                  => (error) 'ERR Number of keys can\'t be greater than number of args'
            > FCALL echo 0                  => [[], [], 0]
            > FCALL echo 2 a b c d          => [['a', 'b'], ['c', 'd'], 2]
            > FCALL incr 1 k 5              => 5
            > FCALL incr 1 k -2             => 3
            > GET k                         => '3'
            > FCALL_RO echo 1 a             => (error) ERR Can not execute a script with write flag using *_ro command.
            > FUNCTION FLUSH                => OK
            > FCALL echo 0                  => (error) ERR Function not found
        "##,
        );
    }

    #[test]
    fn upper_and_lower_case_call_the_same_function() {
        check(
            r##"
            @since 7.0
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('Mixed', function() return 1 end)"     => 'lib'
            > FCALL mixed 0                 => 1
            > FCALL MIXED 0                 => 1
            > FUNCTION LOAD "#!lua name=other\nredis.register_function('mIXED', function() return 2 end)"   => (error) ERR Function mIXED already exists
            > FUNCTION LOAD "#!lua name=LIB\nredis.register_function('f', function() return 2 end)"         => 'LIB'
            > FUNCTION STATS                => {'running_script': (nil), 'engines': {'LUA': {'libraries_count': 2, 'functions_count': 2}}}
            > FUNCTION DELETE Lib           => (error) ERR Library not found
            > FUNCTION DELETE LIB           => OK
            > FCALL f 0                     => (error) ERR Function not found
            > FUNCTION FLUSH                => OK
        "##,
        );
    }

    /// Redis 7.0 and 8.0 and Valkey 9.1 die on the FUNCTION DELETE.
    #[test]
    fn a_library_may_have_two_functions_that_differ_in_case_alone() {
        check(
            r##"
            @only ochre
            > FUNCTION LOAD "#!lua name=pair\nredis.register_function('p', function() return 1 end) redis.register_function('P', function() return 2 end)"  => 'pair'
            > FUNCTION STATS                => {'running_script': (nil), 'engines': {'LUA': {'libraries_count': 1, 'functions_count': 2}}}
            > FUNCTION DELETE pair          => OK
            > FCALL p 0                     => (error) ERR Function not found
        "##,
        );
    }

    #[test]
    fn a_function_is_held_to_its_flags() {
        check(
            r##"
            @only redis ochre
            @since 7.0
            @skip-lens restore RESTORE needs memory too
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('plain', function(k) return redis.call('get', k[1]) end)\nredis.register_function{function_name='reads', callback=function(k) return redis.call('get', k[1]) end, flags={'no-writes'}}\nredis.register_function{function_name='lies', callback=function(k) return redis.call('set', k[1], 'x') end, flags={'no-writes'}}\nredis.register_function{function_name='oom', callback=function(k) return redis.call('set', k[1], 'x') end, flags={'allow-oom'}}"  => 'lib'
            > SET k v                       => OK
            > FCALL plain 1 k               => 'v'
            > FCALL_RO plain 1 k            => (error) ERR Can not execute a script with write flag using *_ro command.
            > FCALL reads 1 k               => 'v'
            > FCALL_RO reads 1 k            => 'v'
            > FCALL lies 1 k                => (error) 'ERR Write commands are not allowed from read-only scripts. script: lies, on @user_function:4.'
            > FCALL_RO LIES 1 k             => (error) 'ERR Write commands are not allowed from read-only scripts. script: lies, on @user_function:4.'
            > FCALL_RO oom 1 k              => (error) ERR Can not execute a script with write flag using *_ro command.
            > CONFIG SET maxmemory 1        => OK
            > FCALL plain 1 k               => (error) 'OOM command not allowed when used memory > \'maxmemory\'.'
            > FCALL_RO reads 1 k            => 'v'
            > FCALL oom 1 k                 => OK
            > FUNCTION DELETE lib           => OK
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() end)"  => (error) 'OOM command not allowed when used memory > \'maxmemory\'.'
            > CONFIG SET maxmemory 0        => OK
            > GET k                         => 'x'
            > FUNCTION LIST                 => []
        "##,
        );
    }

    #[test]
    fn a_function_that_fails_says_where() {
        check(
            r##"
            @only redis ochre
            @since 7.0
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('bad', function()\n return redis.call('incr') end)\nredis.register_function('globals', function() return KEYS end)\nredis.register_function('again', function() return redis.call('fcall', 'bad', 0) end)\nredis.register_function('fault', function() return redis.error_reply('MY fault') end)\nredis.register_function('throws', function() error('thrown') end)"  => 'lib'
            > FCALL bad 0                   => (error) 'ERR Wrong number of args calling Redis command from script script: bad, on @user_function:3.'
            > FCALL globals 0               => (error) 'ERR user_function:4: Script attempted to access nonexistent global variable \'KEYS\' script: globals, on @user_function:4.'
            > FCALL again 0                 => (error) 'ERR This Redis command is not allowed from script script: again, on @user_function:5.'
            > FCALL fault 0                 => (error) MY fault
            > FCALL throws 0                => (error) 'ERR user_function:7: thrown script: throws, on @user_function:7.'
            > FUNCTION FLUSH                => OK
        "##,
        );
    }

    #[test]
    fn a_function_is_a_part_of_its_transaction() {
        check(
            r##"
            @since 7.0
            > MULTI                         => OK
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function(k) return redis.call('incr', k[1]) end)"  => QUEUED
            > FCALL f 1 k                   => QUEUED
            > FCALL f                       => (error) ERR wrong number of arguments for 'fcall' command
            > EXEC                          => (error) EXECABORT Transaction discarded because of previous errors.
            > FUNCTION LIST                 => []
            > MULTI                         => OK
            > FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function(k) return redis.call('incr', k[1]) end)"  => QUEUED
            > FCALL f 1 k                   => QUEUED
            > FCALL f 1 k                   => QUEUED
            > FUNCTION FLUSH                => QUEUED
            > FCALL f 1 k                   => QUEUED
            > EXEC                          => ['lib', 1, 2, OK, (error) ERR Function not found]
            > GET k                         => '2'
        "##,
        );
    }

    #[test]
    fn functions_keep_what_they_share_between_calls() {
        check(
            r##"
            @since 7.0
            > FUNCTION LOAD "#!lua name=lib\nlocal n = 0\nredis.register_function('tick', function() n = n + 1 return n end)\nredis.register_function('seen', function() return n end)"  => 'lib'
            > FCALL tick 0                  => 1
            > FCALL tick 0                  => 2
            > FCALL seen 0                  => 2
            > FUNCTION LOAD REPLACE "#!lua name=lib\nlocal n = 10\nredis.register_function('tick', function() n = n + 1 return n end)"  => 'lib'
            > FCALL tick 0                  => 11
            > FCALL seen 0                  => (error) ERR Function not found
            > FUNCTION FLUSH                => OK
        "##,
        );
    }
}
