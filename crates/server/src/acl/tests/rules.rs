//! ACL SETUSER and how its rules read back.

use crate::testing::check;

#[test]
fn a_new_user_may_do_nothing() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > ACL SETUSER u                     => OK
        > ACL GETUSER u                     => {'flags': ~{'off', 'sanitize-payload'}, 'passwords': [], 'commands': '-@all', 'keys': '', 'channels': '', 'selectors': []}
        > ACL LIST                          => ['user default on nopass sanitize-payload ~* &* +@all', 'user u off sanitize-payload resetchannels -@all']
        > ACL USERS                         => ['default', 'u']
        > ACL GETUSER nobody                => (nil)
        > ACL SETUSER u on nopass           => OK
        > ACL DRYRUN u PING                 => 'User u has no permissions to run the \'ping\' command'
        > ACL DELUSER u nobody              => 1
        > ACL WHOAMI                        => 'default'
    ",
    );
}

#[test]
fn rules_read_back_as_they_were_said() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > ACL SETUSER u +@all -set +get                => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels +@all -set +get']
        > ACL SETUSER u reset +get +set -get +GET      => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels -@all +set +get']
        > ACL SETUSER u -@all +config|get +config      => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels -@all +config']
        > ACL SETUSER u nocommands +config -config|set +config|set +@read -@write +@READ  => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels -@all +config +config|set -@write +@read']
        > ACL SETUSER u allcommands +select|A +select|a -select  => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels +@all -select']
        > ACL SETUSER u ON -@all %R~a %w~a %wR~b %R~c %RW ~c => OK
        > ACL LIST                                     => [*, 'user u on sanitize-payload ~a ~b ~c ~ resetchannels -@all']
        > ACL SETUSER u resetkeys %R~* &c &d &c        => OK
        > ACL LIST                                     => [*, 'user u on sanitize-payload %R~* resetchannels &c &d -@all']
        > ACL SETUSER u %RW~* &*                       => OK
        > ACL LIST                                     => [*, 'user u on sanitize-payload ~* &* -@all']
        > ACL SETUSER u reset (+get ~x '%R~y)' '( &z +@all -get )' ()  => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload resetchannels -@all (~x %R~y resetchannels -@all +get) (resetchannels &z +@all -get) (resetchannels -@all)']
        > ACL GETUSER u                                => {'flags': ~{'off', 'sanitize-payload'}, 'passwords': [], 'commands': '-@all', 'keys': '', 'channels': '', 'selectors': [{'commands': '-@all +get', 'keys': '~x %R~y', 'channels': ''}, {'commands': '+@all -get', 'keys': '', 'channels': '&z'}, {'commands': '-@all', 'keys': '', 'channels': ''}]}
        > ACL SETUSER u clearselectors skip-sanitize-payload ''  => OK
        > ACL LIST                                     => [*, 'user u off skip-sanitize-payload resetchannels -@all']
        > CONFIG SET acl-pubsub-default allchannels    => OK
        > ACL SETUSER u reset (+get)                   => OK
        > ACL SETUSER v                                => OK
        > CONFIG SET acl-pubsub-default resetchannels  => OK
        > ACL LIST                                     => [*, 'user u off sanitize-payload &* -@all (&* -@all +get)', 'user v off sanitize-payload &* -@all']
        > ACL DELUSER u v                              => 2
    ",
    );
}

#[test]
fn passwords_are_added_and_removed_by_text_and_by_hash() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > ACL SETUSER u nopass >pw >abc >abc #ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad => OK
        > ACL LIST                => [*, 'user u off sanitize-payload #30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4 #ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad resetchannels -@all']
        > ACL SETUSER u <pw       => OK
        > ACL GETUSER u           => {'flags': ~{'off', 'sanitize-payload'}, 'passwords': ['ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'], 'commands': '-@all', 'keys': '', 'channels': '', 'selectors': []}
        > ACL SETUSER u <pw       => (error) ERR Error in ACL SETUSER modifier '<pw': The password you are trying to remove from the user does not exist
        > ACL SETUSER u !ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad => OK
        > ACL SETUSER u !ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad => (error) 'ERR Error in ACL SETUSER modifier \'!ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\': The password you are trying to remove from the user does not exist'
        > ACL SETUSER u #abc      => (error) ERR Error in ACL SETUSER modifier '#abc': The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters
        > ACL SETUSER u !ABC      => (error) ERR Error in ACL SETUSER modifier '!ABC': The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters
        > ACL SETUSER u >pw nopass  => OK
        > ACL LIST                => [*, 'user u off nopass sanitize-payload resetchannels -@all']
        > ACL SETUSER u resetpass => OK
        > ACL LIST                => [*, 'user u off sanitize-payload resetchannels -@all']
        > ACL DELUSER u           => 1
    ",
    );
}

#[test]
fn what_is_no_rule_is_refused_and_changes_nothing() {
    check(
        r"
        > ACL SETUSER u on                     => OK
        > ACL SETUSER u foo                    => (error) ERR Error in ACL SETUSER modifier 'foo': Syntax error
        > ACL SETUSER u off +get +nosuch       => (error) ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL
        > ACL SETUSER u -nosuch                => (error) ERR Error in ACL SETUSER modifier '-nosuch': Unknown command or category name in ACL
        > ACL SETUSER u +@nosuch               => (error) ERR Error in ACL SETUSER modifier '+@nosuch': Unknown command or category name in ACL
        > ACL SETUSER u +                      => (error) ERR Error in ACL SETUSER modifier '+': Unknown command or category name in ACL
        > ACL SETUSER u -get|first             => (error) ERR Error in ACL SETUSER modifier '-get|first': Unknown command or category name in ACL
        > ACL SETUSER u +config|nosuch         => (error) ERR Error in ACL SETUSER modifier '+config|nosuch': Unknown command or category name in ACL
        > ACL SETUSER u -config|nosuch         => (error) ERR Error in ACL SETUSER modifier '-config|nosuch': Unknown command or category name in ACL
        > ACL SETUSER u +config|nosuch|x       => (error) ERR Error in ACL SETUSER modifier '+config|nosuch|x': Unknown command or category name in ACL
        > ACL SETUSER u +config|get|x          => (error) ERR Error in ACL SETUSER modifier '+config|get|x': Allowing first-arg of a subcommand is not supported
        > ACL SETUSER u +get|a|b               => (error) ERR Error in ACL SETUSER modifier '+get|a|b': Unknown command or category name in ACL
        > ACL SETUSER u +config|               => (error) ERR Error in ACL SETUSER modifier '+config|': Syntax error
        > ACL SETUSER u +select|               => (error) ERR Error in ACL SETUSER modifier '+select|': Syntax error
        > ACL SETUSER u +nosuch|               => (error) ERR Error in ACL SETUSER modifier '+nosuch|': Unknown command or category name in ACL
        > ACL SETUSER u '~a b'                 => (error) ERR Error in ACL SETUSER modifier '~a b': Syntax error
        > ACL SETUSER u '&a b'                 => (error) ERR Error in ACL SETUSER modifier '&a b': Syntax error
        > ACL SETUSER u %                      => (error) ERR Error in ACL SETUSER modifier '%': Syntax error
        > ACL SETUSER u %~x                    => (error) ERR Error in ACL SETUSER modifier '%~x': Syntax error
        > ACL SETUSER u %RR~x                  => (error) ERR Error in ACL SETUSER modifier '%RR~x': Syntax error
        > ACL SETUSER u allkeys ~x             => (error) ERR Error in ACL SETUSER modifier '~x': Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns
        > ACL SETUSER u &* &x                  => (error) ERR Error in ACL SETUSER modifier '&x': Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels
        > ACL SETUSER u (+get ~x               => (error) ERR Unmatched parenthesis in acl selector starting at '(+get'.
        > ACL SETUSER u (on)                   => (error) ERR Error in ACL SETUSER modifier '(on)': Syntax error
        > ACL SETUSER u (+get (+set))          => (error) ERR Error in ACL SETUSER modifier '(+get (+set))': Syntax error
        > ACL SETUSER u (+nosuch)              => (error) ERR Error in ACL SETUSER modifier '(+nosuch)': Unknown command or category name in ACL
        > ACL SETUSER 'a b' on                 => (error) ERR Usernames can't contain spaces or null characters
        > ACL SETUSER new +get -nosuch         => (error) ERR Error in ACL SETUSER modifier '-nosuch': Unknown command or category name in ACL
        > ACL USERS                            => ['default', 'u']
        > ACL DRYRUN u GET x                   => ~'*no permissions to run the \'get\' command'
        > ACL SETUSER                          => (error) 'ERR wrong number of arguments for \'acl|setuser\' command'
        > ACL DELUSER u default                => (error) ERR The 'default' user cannot be removed
        > ACL DELUSER u u                      => 1
    ",
    );
}

/// A file of users cuts its words at blanks: what a rule smuggled in there would be read back as other rules, or as another user. Redis
/// 8.0.6 and Valkey 9.1.2 end when they are to list such a user.
#[test]
fn a_blank_in_a_first_argument_is_refused() {
    check(
        r#"
        @only ochre
        > ACL SETUSER u '+select|a b'          => (error) ERR Error in ACL SETUSER modifier '+select|a b': Syntax error
        > ACL SETUSER u "+select|a\nb"         => (error) ERR Error in ACL SETUSER modifier '+select|a b': Syntax error
        > ACL USERS                            => ['default']
    "#,
    );
}

#[test]
fn databases_are_rules_as_in_valkey() {
    check(
        r"
        @since 8.0 valkey 9.1
        @only valkey ochre
        > ACL SETUSER u db=3,1,1               => OK
        > ACL LIST                             => [*, ~'user u off * db=1,3 -@all']
        > ACL SETUSER u db=2 DB=0,01           => OK
        > ACL LIST                             => [*, ~'user u off * db=0,1 -@all']
        > ACL SETUSER u resetdbs (db=1)        => OK
        > ACL LIST                             => [*, ~'user u off * resetdbs -@all (resetchannels db=1 -@all)']
        > ACL SETUSER u alldbs clearselectors  => OK
        > ACL LIST                             => [*, ~'user u off *resetchannels -@all']
        > ACL SETUSER u db=                    => (error) ERR Error in ACL SETUSER modifier 'db=': Syntax error
        > ACL SETUSER u db=1,                  => (error) ERR Error in ACL SETUSER modifier 'db=1,': Syntax error
        > ACL SETUSER u db=x                   => (error) ERR Error in ACL SETUSER modifier 'db=x': Syntax error
        > ACL SETUSER u db=-1                  => (error) ERR Error in ACL SETUSER modifier 'db=-1': The provided database ID is out of range
        > ACL SETUSER u db=2147483648          => (error) ERR Error in ACL SETUSER modifier 'db=2147483648': The provided database ID is out of range
        > ACL DELUSER u                        => 1
    ",
    );
}

#[test]
fn categories_hold_commands() {
    check(
        r"
        > ACL CAT geo                          => unordered ['geoadd', 'geodist', 'geohash', 'geopos', 'georadius', 'georadius_ro', 'georadiusbymember', 'georadiusbymember_ro', 'geosearch', 'geosearchstore']
        > ACL CAT nosuch                       => (error) 'ERR Unknown category \'nosuch\''
        > ACL CAT a b                          => (error) ERR unknown subcommand or wrong number of arguments for 'CAT'. Try ACL HELP.
        > ACL GENPASS 0                        => (error) ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096
        > ACL GENPASS 4097                     => (error) ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096
        > ACL GENPASS x                        => (error) ERR value is not an integer or out of range
        > ACL GENPASS 1 2                      => (error) ERR unknown subcommand or wrong number of arguments for 'GENPASS'. Try ACL HELP.
        > ACL NOSUCH                           => (error) ERR unknown subcommand 'NOSUCH'. Try ACL HELP.
        > ACL                                  => (error) ERR wrong number of arguments for 'acl' command
    ",
    );
}
