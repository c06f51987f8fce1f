//! Transcripts of client-side caching.

use crate::testing::{check, in_memory};

#[test]
fn a_key_that_was_read_is_invalidated_once() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON      => OK
        A> GET k                   => (nil)
        B> SET k 1                 => OK
        A:                         => >['invalidate', ['k']]
        B> SET k 2                 => OK
        A> MGET a b c              => [(nil), (nil), (nil)]
        B> MSET a 1 b 2            => OK
        A:                         => >['invalidate', ['a']]
        A:                         => >['invalidate', ['b']]
        B> SELECT 1                => OK
        B> SET c 1                 => OK
        A:                         => >['invalidate', ['c']]
        A> GET k                   => '2'
        B> SELECT 0                => OK
        B> RENAME k k2             => OK
        A:                         => >['invalidate', ['k']]
        A> LPUSH l 1               => 1
        A> GET l                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        B> EXPIRE l 100            => 1
        A:                         => >['invalidate', ['l']]
        A> CLIENT TRACKING OFF     => OK
        A> GET k2                  => '2'
        B> SET k2 1                => OK
        A> PING                    => PONG
    ",
    );
}

#[test]
fn ones_own_changes_come_behind_their_reply_unless_noloop() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON      => OK
        A> GET k                   => (nil)
        A> SET k 1                 => OK
        A:                         => >['invalidate', ['k']]
        A> GET k                   => '1'
        A> MULTI                   => OK
        A> SET k 2                 => QUEUED
        A> GET k                   => QUEUED
        A> EXEC                    => [OK, '2']
        A:                         => >['invalidate', ['k']]
        A> CLIENT TRACKING ON NOLOOP => OK
        A> GET k                   => '2'
        A> SET k 3                 => OK
        A> GET k                   => '3'
        B> SET k 4                 => OK
        A:                         => >['invalidate', ['k']]
    ",
    );
}

#[test]
fn a_flushed_database_invalidates_all() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON      => OK
        A> GET k                   => (nil)
        B> FLUSHDB                 => OK
        A:                         => >['invalidate', (nil)]
        A> GET k                   => (nil)
        B> FLUSHALL                => OK
        A:                         => >['invalidate', (nil)]
        B> SET k 1                 => OK
        A> PING                    => PONG
    ",
    );
}

#[test]
fn exchanged_databases_invalidate_all() {
    // Redis says nothing here, and its clients go on with values of the other database.
    check(
        r"
        @resp3
        @only ochre
        A> CLIENT TRACKING ON      => OK
        B> SWAPDB 0 1              => OK
        A:                         => >['invalidate', (nil)]
    ",
    );
}

#[test]
fn a_key_that_expires_is_invalidated() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        B> SET k 1 PX 100          => OK
        A> CLIENT TRACKING ON      => OK
        A> GET k                   => '1'
        @now +300ms
        A:                         => >['invalidate', ['k']]
    ",
    );
}

#[test]
fn optin_and_optout_make_exceptions_of_the_next_command() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON OPTIN    => OK
        A> GET k                       => (nil)
        B> SET k 1                     => OK
        A> CLIENT CACHING YES          => OK
        A> CLIENT TRACKINGINFO         => {'flags': ~{'on', 'optin', 'caching-yes'}, 'redirect': 0, 'prefixes': []}
        A> GET k                       => '1'
        A> GET other                   => (nil)
        B> MSET k 2 other 1            => OK
        A:                             => >['invalidate', ['k']]
        A> CLIENT CACHING YES          => OK
        A> MULTI                       => OK
        A> GET other                   => QUEUED
        A> GET k                       => QUEUED
        A> EXEC                        => ['1', '2']
        A> GET third                   => (nil)
        B> MSET k 3 third 1            => OK
        A:                             => >['invalidate', ['k']]
        A> CLIENT TRACKING OFF         => OK
        A> CLIENT TRACKING ON OPTOUT   => OK
        A> CLIENT CACHING NO           => OK
        A> GET k                       => '3'
        A> GET third                   => '1'
        B> MSET k 3 third 1            => OK
        A:                             => >['invalidate', ['third']]
    ",
    );
}

#[test]
fn bcast_tells_of_every_key_with_the_prefix() {
    check(
        r"
        @resp3
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar  => OK
        B> MSET foo2 1 foo1 2 bar 3 other 1  => OK
        A:                                   => >['invalidate', ['bar']]
        A:                                   => >['invalidate', ['foo1', 'foo2']]
        A> SET foo1 3                        => OK
        A:                                   => >['invalidate', ['foo1']]
        A> CLIENT TRACKING ON BCAST NOLOOP   => OK
        A> SET x 1                           => OK
        B> DEL other                         => 1
        A:                                   => >['invalidate', ['other']]
        A> CLIENT TRACKINGINFO               => {'flags': ~{'on', 'bcast', 'noloop'}, 'redirect': 0, 'prefixes': ['', 'bar', 'foo']}
        A> CLIENT INFO                       => ~'* flags=tB * redir=0 *'
        A> INFO stats                        => ~'*tracking_total_keys:0\r\ntracking_total_items:0\r\ntracking_total_prefixes:3\r\n*'
        A> INFO clients                      => ~'*tracking_clients:1\r\n*'
        B> FLUSHALL                          => OK
        A:                                   => >['invalidate', (nil)]
    ",
    );
}

#[test]
fn options_that_do_not_go_together_are_refused() {
    check(
        r"
        > CLIENT TRACKING foo                      => (error) ERR syntax error
        > CLIENT TRACKING ON foo                   => (error) ERR syntax error
        > CLIENT TRACKING ON REDIRECT              => (error) ERR syntax error
        > CLIENT TRACKING ON BCAST PREFIX          => (error) ERR syntax error
        > CLIENT TRACKING ON REDIRECT x            => (error) ERR value is not an integer or out of range
        > CLIENT TRACKING ON REDIRECT 99999        => (error) ERR The client ID you want redirect to does not exist
        > CLIENT TRACKING ON REDIRECT -1           => (error) ERR The client ID you want redirect to does not exist
        > CLIENT TRACKING ON PREFIX a              => (error) ERR PREFIX option requires BCAST mode to be enabled
        > CLIENT TRACKING ON OPTIN OPTOUT          => (error) 'ERR You can\'t specify both OPTIN mode and OPTOUT mode'
        > CLIENT TRACKING ON OPTIN BCAST           => (error) ERR OPTIN and OPTOUT are not compatible with BCAST
        > CLIENT CACHING YES                       => (error) ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled
        > CLIENT TRACKING OFF BCAST NOLOOP         => OK
        > CLIENT TRACKING ON OPTIN                 => OK
        > CLIENT CACHING NO                        => (error) ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.
        > CLIENT CACHING foo                       => (error) ERR syntax error
        > CLIENT TRACKING ON OPTOUT                => (error) 'ERR You can\'t switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.'
        > CLIENT TRACKING ON BCAST                 => (error) 'ERR You can\'t switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.'
        > CLIENT TRACKING ON                       => OK
        > CLIENT CACHING YES                       => (error) ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.
        > CLIENT TRACKING OFF                      => OK
        > CLIENT TRACKING ON BCAST PREFIX foo PREFIX foob => (error) 'ERR Prefix \'foo\' overlaps with another provided prefix \'foob\'. Prefixes for a single client must not overlap.'
        > CLIENT TRACKING ON BCAST PREFIX foo      => OK
        > CLIENT TRACKING ON BCAST PREFIX fo       => (error) 'ERR Prefix \'fo\' overlaps with an existing prefix \'foo\'. Prefixes for a single client must not overlap.'
        > CLIENT TRACKING ON                       => (error) 'ERR You can\'t switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.'
        > CLIENT TRACKING OFF                      => OK
        > CLIENT TRACKINGINFO                      => {'flags': ~{'off'}, 'redirect': -1, 'prefixes': []}
        > CLIENT GETREDIR                          => -1
        > CLIENT TRACKING ON                       => OK
        > CLIENT GETREDIR                          => 0
        > RESET                                    => RESET
        > CLIENT GETREDIR                          => -1
    ",
    );
}

#[test]
fn another_client_is_told_instead() {
    in_memory(
        r"
        @resp2
        @skip-lens restore its own connection is one of the clients
        @skip-lens pipelined a connection is closed when the input has run
        R> CLIENT ID                        => 1
        A> CLIENT TRACKING ON REDIRECT 1    => OK
        A> CLIENT GETREDIR                  => 1
        A> GET k                            => (nil)
        B> SET k 1                          => OK
        R> SUBSCRIBE __redis__:invalidate   => ['subscribe', '__redis__:invalidate', 1]
        A> GET k                            => '1'
        B> SET k 2                          => OK
        R:                                  => ['message', '__redis__:invalidate', ['k']]
        B> FLUSHALL                         => OK
        R:                                  => ['message', '__redis__:invalidate', (nil)]
        A> CLIENT INFO                      => ~'* flags=t * redir=1 *'
        A> GET k                            => (nil)
        B> CLIENT KILL ID 1                 => 1
        B> SET k 1                          => OK
        A> CLIENT TRACKINGINFO              => ['flags', ['on', 'broken_redirect'], 'redirect', 1, 'prefixes', []]
        A> CLIENT INFO                      => ~'* flags=tR * redir=1 *'
    ",
    );
}

#[test]
fn a_client_hears_that_its_redirection_is_broken() {
    in_memory(
        r"
        @resp3
        @skip-lens restore its own connection is one of the clients
        @skip-lens pipelined a connection is closed when the input has run
        R> CLIENT ID                        => 1
        A> CLIENT TRACKING ON REDIRECT 1    => OK
        A> GET k                            => (nil)
        B> SET k 1                          => OK
        R:                                  => >['invalidate', ['k']]
        A> GET k                            => '1'
        B> CLIENT KILL ID 1                 => 1
        B> SET k 1                          => OK
        A:                                  => >['tracking-redir-broken', 1]
    ",
    );
}

#[test]
fn more_keys_than_the_table_may_hold_are_invalidated() {
    in_memory(
        r"
        @resp3
        A> CONFIG SET tracking-table-max-keys 1  => OK
        A> CLIENT TRACKING ON                    => OK
        A> GET a                                 => (nil)
        A> INFO stats                            => ~'*tracking_total_keys:1\r\ntracking_total_items:1\r\n*'
        A> GET b                                 => (nil)
        A:                                       => >['invalidate', [~'[ab]']]
        A> INFO stats                            => ~'*tracking_total_keys:1\r\n*'
    ",
    );
}

#[test]
fn a_reader_that_waited_is_told_of_what_came_after() {
    check(
        r"
        @resp3
        @since 7.2
        @skip-lens restore a key that is restored has changed
        A> CLIENT TRACKING ON            => OK
        A> XREAD BLOCK 0 STREAMS s 0     => (blocked)
        B> XADD s 1-1 f v                => '1-1'
        A:                               => >['invalidate', ['s']]
        A:                               => {'s': [['1-1', ['f', 'v']]]}
        B> XADD s 2-1 f v                => '2-1'
        A:                               => >['invalidate', ['s']]
    ",
    );
}
