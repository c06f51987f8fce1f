//! ACL LOG and the figures of INFO.

use crate::testing::{check, in_memory};

#[test]
fn refusals_are_noted_newest_first() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL LOG RESET                  => OK
        A> ACL SETUSER u on nopass ~k +get +multi +publish  => OK
        B> AUTH u1 x                      => (error) WRONGPASS ...
        B> AUTH u1 x                      => (error) WRONGPASS ...
        A> ACL LOG 1                      => [{'count': 2, 'reason': 'auth', 'context': 'toplevel', 'object': 'AUTH', 'username': 'u1', ...}]
        B> HELLO 3 AUTH u1 x              => (error) WRONGPASS ...
        A> ACL LOG 1                      => [{'count': 1, 'reason': 'auth', 'context': 'toplevel', 'object': 'HELLO', 'username': 'u1', 'client-info': ~'id=* cmd=hello user=default *', ...}]
        B> AUTH u x                       => OK
        B> GET secret                     => (error) NOPERM ...
        A> ACL LOG 1                      => [{'count': 1, 'reason': 'key', 'context': 'toplevel', 'object': 'secret', 'username': 'u', 'client-info': ~'id=* cmd=get user=u *', ...}]
        B> CONFIG SET a b                 => (error) NOPERM ...
        A> ACL LOG 1                      => [{'count': 1, 'reason': 'command', 'context': 'toplevel', 'object': 'config|set', 'username': 'u', ...}]
        B> PUBLISH c x                    => (error) NOPERM ...
        A> ACL LOG 1                      => [{'count': 1, 'reason': 'channel', 'context': 'toplevel', 'object': 'c', 'username': 'u', ...}]
        B> MULTI                          => OK
        B> GET secret                     => (error) NOPERM ...
        A> ACL LOG 2                      => [{'count': 1, 'reason': 'key', 'context': 'multi', 'object': 'secret', ...}, {'reason': 'channel', ...}]
        A> ACL LOG 0                      => []
        A> ACL LOG -1                     => []
        A> ACL LOG x                      => (error) ERR value is not an integer or out of range
        A> ACL LOG RESET 1                => (error) ERR unknown subcommand or wrong number of arguments for 'LOG'. Try ACL HELP.
        A> ACL DRYRUN u GET x             => *
        A> ACL LOG RESET                  => OK
        A> ACL LOG                        => []
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn the_log_is_as_long_as_configured() {
    check(
        r"
        A> ACL LOG RESET                  => OK
        A> CONFIG SET acllog-max-len 2    => OK
        A> AUTH u1 x                      => (error) WRONGPASS ...
        A> AUTH u2 x                      => (error) WRONGPASS ...
        A> AUTH u3 x                      => (error) WRONGPASS ...
        A> ACL LOG                        => [{'username': 'u3', ...}, {'username': 'u2', ...}]
        A> CONFIG SET acllog-max-len 0    => OK
        A> ACL LOG                        => [{'username': 'u3', ...}, {'username': 'u2', ...}]
        A> AUTH u4 x                      => (error) WRONGPASS ...
        A> ACL LOG                        => []
        A> CONFIG SET acllog-max-len -1   => (error) 'ERR CONFIG SET failed (possibly related to argument \'acllog-max-len\') - argument must be between 0 and 9223372036854775807 inclusive'
        A> CONFIG SET acllog-max-len 128  => OK
    ",
    );
}

#[test]
fn entries_have_an_age_and_refusals_are_counted() {
    in_memory(
        r"
        @skip-lens restore it asks the server itself
        A> AUTH u1 x                      => (error) WRONGPASS ...
        @now +1500ms
        A> ACL LOG                        => [{'age-seconds': (double) 1.5, 'entry-id': 0, 'timestamp-created': 1767225600000, 'timestamp-last-updated': 1767225600000, ...}]
        A> AUTH u1 x                      => (error) WRONGPASS ...
        A> ACL LOG                        => [{'count': 2, 'age-seconds': (double) 0, 'entry-id': 0, 'timestamp-created': 1767225600000, 'timestamp-last-updated': 1767225601500, ...}]
        A> ACL SETUSER u on nopass +get +publish ~k  => OK
        B> AUTH u x                       => OK
        B> GET x                          => (error) NOPERM ...
        B> SET k x                        => (error) NOPERM ...
        B> PUBLISH c x                    => (error) NOPERM ...
        A> ACL SETUSER u db=1             => OK
        B> GET k                          => (error) NOPERM ...
        A> CONFIG RESETSTAT               => OK
        A> INFO stats                     => ~'*acl_access_denied_auth:2?\nacl_access_denied_cmd:1?\nacl_access_denied_key:1?\nacl_access_denied_channel:1?\nacl_access_denied_db:1*'
    ",
    );
}
