//! FUNCTION, as real servers answer it.

use crate::testing::check;

#[test]
fn libraries_are_loaded_listed_and_deleted() {
    check(
        r##"
        @since 7.0
        > FUNCTION                                      => (error) ERR wrong number of arguments for 'function' command
        > FUNCTION FOO                                  => (error) ERR unknown subcommand 'FOO'. Try FUNCTION HELP.
        > FUNCTION LIST                                 => []
        > FUNCTION STATS                                => {'running_script': (nil), 'engines': {'LUA': {'libraries_count': 0, 'functions_count': 0}}}
        > FUNCTION KILL                                 => (error) NOTBUSY No scripts in execution right now.
        > FUNCTION LOAD                                 => (error) ERR wrong number of arguments for 'function|load' command
        > FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"     => 'one'
        > FUNCTION LOAD "#!lua name=one\nredis.register_function('g', function() return 1 end)"     => (error) ERR Library 'one' already exists
        > FUNCTION LOAD "#!lua name=two\nredis.register_function('f', function() return 2 end)"     => (error) ERR Function f already exists
        > FUNCTION LOAD REPLACE REPLACE "#!lua name=two\nredis.register_function{function_name='g', callback=function() end, description='the g', flags={'no-writes'}}"  => 'two'
        > FUNCTION LOAD x y                             => (error) ERR Unknown option given: x
        > FUNCTION STATS                                => {'running_script': (nil), 'engines': {'LUA': {'libraries_count': 2, 'functions_count': 2}}}
        > FUNCTION LIST LIBRARYNAME one                 => [{'library_name': 'one', 'engine': 'LUA', 'functions': [{'name': 'f', 'description': (nil), 'flags': ~{}}]}]
        > FUNCTION LIST WITHCODE LIBRARYNAME T*         => [{'library_name': 'two', 'engine': 'LUA', 'functions': [{'name': 'g', 'description': 'the g', 'flags': ~{no-writes}}], 'library_code': *}]
        > FUNCTION LIST                                 => unordered [{'library_name': 'one', ...}, {'library_name': 'two', ...}]
        > FUNCTION LIST LIBRARYNAME none                => []
        > FUNCTION LIST LIBRARYNAME                     => (error) ERR library name argument was not given
        > FUNCTION LIST LIBRARYNAME a LIBRARYNAME b     => (error) ERR Unknown argument LIBRARYNAME
        > FUNCTION LIST WITHCODE WITHCODE               => (error) ERR Unknown argument WITHCODE
        > FUNCTION DELETE                               => (error) ERR wrong number of arguments for 'function|delete' command
        > FUNCTION DELETE none                          => (error) ERR Library not found
        > FUNCTION DELETE one                           => OK
        > FUNCTION LIST                                 => [{'library_name': 'two', ...}]
        > FUNCTION FLUSH FOO                            => (error) ERR FUNCTION FLUSH only supports SYNC|ASYNC option
        > FUNCTION FLUSH SYNC x                         => (error) ERR unknown subcommand or wrong number of arguments for 'FLUSH'. Try FUNCTION HELP.
        > FLUSHALL                                      => OK
        > FUNCTION LIST LIBRARYNAME two                 => [{'library_name': 'two', ...}]
        > FUNCTION FLUSH ASYNC                          => OK
        > FUNCTION LIST                                 => []
        > FUNCTION FLUSH SYNC                           => OK
    "##,
    );
}

#[test]
fn a_library_that_is_none_is_refused_and_changes_nothing() {
    check(
        r##"
        @only redis ochre
        @since 7.0
        > FUNCTION LOAD "#!lua name=lib\nredis.register_function('f', function() return 1 end)"     => 'lib'
        > FUNCTION LOAD 'return 1'                      => (error) ERR Missing library metadata
        > FUNCTION LOAD ''                              => (error) ERR Missing library metadata
        > FUNCTION LOAD REPLACE                         => (error) ERR Missing library metadata
        > FUNCTION LOAD '#!lua name=lib'                => (error) ERR Invalid library metadata
        > FUNCTION LOAD "#!lua\nx"                      => (error) ERR Library name was not given
        > FUNCTION LOAD "#!lua nam=lib\nx"              => (error) ERR Invalid metadata value given: nam=lib
        > FUNCTION LOAD "#!lua name=a name=b\nx"        => (error) 'ERR Invalid metadata value, name argument was given multiple times'
        > FUNCTION LOAD "#!lua name=a-b\nx"             => (error) 'ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long'
        > FUNCTION LOAD "#!js name=lib\nx"              => (error) 'ERR Engine \'js\' not found'
        > FUNCTION LOAD REPLACE "#!lua name=lib\nx y"   => (error) 'ERR Error compiling function: user_function:2: \'=\' expected near \'y\''
        > FUNCTION LOAD REPLACE "#!lua name=lib\nreturn 1"  => (error) ERR No functions registered
        > FUNCTION LOAD REPLACE "#!lua name=lib\nredis.call('ping')"  => (error) 'ERR Error registering functions: ERR user_function:2: Script attempted to access nonexistent global variable \'call\''
        > FUNCTION LOAD REPLACE "#!lua name=lib\nredis.register_function('a-b', function() end)"  => (error) 'ERR Error registering functions: ERR Library names can only contain letters, numbers, or underscores(_) and must be at least one character long'
        > FUNCTION LOAD REPLACE "#!lua name=lib\nredis.register_function('a', 1)"  => (error) ERR Error registering functions: ERR second argument to redis.register_function must be a function
        > FUNCTION LOAD REPLACE "#!lua name=lib\nredis.register_function{function_name='a', callback=function() end, flags={'nosuch'}}"  => (error) ERR Error registering functions: ERR unknown flag given
        > FCALL f 0                                     => 1
        > FUNCTION FLUSH                                => OK
    "##,
    );
}

#[test]
fn libraries_move_in_a_payload() {
    check(
        r##"
        @since 7.0
        > FUNCTION DUMP                                 => ${empty}
        > FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"     => 'one'
        > FUNCTION DUMP                                 => ${one}
        > FUNCTION DUMP x                               => (error) ERR wrong number of arguments for 'function|dump' command
        > FUNCTION RESTORE                              => (error) ERR wrong number of arguments for 'function|restore' command
        > FUNCTION RESTORE ${one} FOO                   => (error) ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.
        > FUNCTION RESTORE ${one} FLUSH x               => (error) ERR unknown subcommand or wrong number of arguments for 'RESTORE'. Try FUNCTION HELP.
        > FUNCTION RESTORE ${one}                       => (error) ERR Library one already exists
        > FUNCTION RESTORE ${one} APPEND                => (error) ERR Library one already exists
        > FUNCTION RESTORE ${one} replace               => OK
        > FCALL f 0                                     => 1
        > FUNCTION DELETE one                           => OK
        > FUNCTION RESTORE ${one}                       => OK
        > FUNCTION DELETE one                           => OK
        > FUNCTION LOAD "#!lua name=two\nredis.register_function('f', function() return 2 end)"     => 'two'
        > FUNCTION RESTORE ${one} REPLACE               => (error) ERR Function f already exists
        > FCALL f 0                                     => 2
        > FUNCTION RESTORE ${one} FLUSH                 => OK
        > FCALL f 0                                     => 1
        > FUNCTION LIST                                 => [{'library_name': 'one', ...}]
        > FUNCTION RESTORE ${empty} APPEND              => OK
        > FCALL f 0                                     => 1
        > FUNCTION RESTORE ${empty} FLUSH               => OK
        > FUNCTION LIST                                 => []
    "##,
    );
}

#[test]
fn a_dump_can_be_of_some_libraries_and_for_another_server() {
    check(
        r##"
        @only ochre
        > FUNCTION LOAD "#!lua name=one\nredis.register_function('f', function() return 1 end)"     => 'one'
        > FUNCTION DUMP                                 => ${one}
        > FUNCTION LOAD "#!lua name=two\nredis.register_function('g', function() return 2 end)"     => 'two'
        > FUNCTION DUMP LIBRARY one                     => ${one}
        > FUNCTION DUMP AS REDIS-7.0 LIBRARY two         => ${two}
        > FUNCTION DUMP AS redis-6.2                    => (error) ERR ...
        > FUNCTION DUMP AS nosuch                       => (error) ERR dialect must be one of...
        > FUNCTION DUMP AS                              => (error) ERR wrong number of arguments for 'function|dump' command
        > FUNCTION DUMP LIBRARY                         => (error) ERR wrong number of arguments for 'function|dump' command
        > FUNCTION DUMP LIBRARY one none                => (error) ERR Library not found
        > FUNCTION RESTORE ${two} FLUSH DRYRUN          => {'added': [], 'replaced': ['two'], 'removed': ['one']}
        > FUNCTION RESTORE ${one} DRYRUN                => (error) ERR Library one already exists
        > FUNCTION RESTORE ${one} REPLACE DRYRUN        => {'added': [], 'replaced': ['one'], 'removed': []}
        > FUNCTION DELETE one                           => OK
        > FUNCTION RESTORE ${one} dryrun                => {'added': ['one'], 'replaced': [], 'removed': []}
        > FUNCTION STATS                                => {'running_script': (nil), 'engines': {'LUA': {'libraries_count': 1, 'functions_count': 1}}}
        > FCALL g 0                                     => 2
        > FUNCTION FLUSH                                => OK
    "##,
    );
}
