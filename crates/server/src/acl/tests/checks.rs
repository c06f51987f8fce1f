//! What is refused and what passes: a refused and an allowed use of every kind of rule.

use crate::testing::check;

#[test]
fn commands_pass_by_name_subcommand_category_and_first_argument() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > ACL SETUSER u nopass on allkeys +get +config|get +@hash -hset +select|0 +select|A +object -object|freq  => OK
        > ACL DRYRUN u GET k              => OK
        > ACL DRYRUN u SET k v            => 'User u has no permissions to run the \'set\' command'
        > ACL DRYRUN u CONFIG GET x       => OK
        > ACL DRYRUN u CONFIG SET x y     => 'User u has no permissions to run the \'config|set\' command'
        > ACL DRYRUN u HGET h f           => OK
        > ACL DRYRUN u HSET h f v         => 'User u has no permissions to run the \'hset\' command'
        > ACL DRYRUN u SELECT 0           => OK
        > ACL DRYRUN u SELECT 1           => 'User u has no permissions to run the \'select\' command'
        > ACL DRYRUN u SELECT a           => OK
        > ACL DRYRUN u OBJECT ENCODING k  => OK
        > ACL DRYRUN u OBJECT FREQ k      => 'User u has no permissions to run the \'object|freq\' command'
        > ACL SETUSER u -@connection      => OK
        > ACL DRYRUN u SELECT 0           => 'User u has no permissions to run the \'select\' command'
        > ACL SETUSER u +@connection -select +select|7 => OK
        > ACL DRYRUN u SELECT 0           => 'User u has no permissions to run the \'select\' command'
        > ACL DRYRUN u SELECT 7           => OK
        > ACL SETUSER u +select           => OK
        > ACL DRYRUN u SELECT 0           => OK
        > ACL SETUSER u nocommands +@all -@all    => OK
        > ACL DRYRUN u PING               => 'User u has no permissions to run the \'ping\' command'
        > ACL DRYRUN u AUTH x             => OK
        > ACL DRYRUN u HELLO              => OK
        > ACL DRYRUN u RESET              => OK
        > ACL DELUSER u                   => 1
    ",
    );
}

#[test]
fn dryrun_runs_nothing_and_refuses_what_is_no_command() {
    check(
        r"
        > ACL DRYRUN nobody GET k         => (error) ERR User 'nobody' not found
        > ACL DRYRUN default SET k v      => OK
        > EXISTS k                        => 0
        > ACL DRYRUN default NOSUCH       => (error) ERR Command 'NOSUCH' not found
        > ACL DRYRUN default CONFIG NOSUCH  => (error) ERR Command 'CONFIG' not found
        > ACL DRYRUN default GET          => (error) ERR wrong number of arguments for 'get' command
        > ACL DRYRUN default GET k k      => (error) ERR wrong number of arguments for 'get' command
        > ACL DRYRUN default OBJECT       => (error) ERR wrong number of arguments for 'object' command
        > ACL DRYRUN default COMMAND      => OK
        > ACL DRYRUN default config|get x => (error) ERR Command 'config|get' not found
    ",
    );
}

#[test]
fn keys_pass_by_pattern_and_by_what_is_done_with_them() {
    check(
        r"
        @since 8.0
        @only redis ochre
        A> ACL SETUSER u on nopass +@all ~k* %R~r* %W~w*  => OK
        B> AUTH u x               => OK
        B> GET k1                 => (nil)
        B> GET x                  => (error) NOPERM No permissions to access a key
        B> GET r1                 => (nil)
        B> SET r1 x               => (error) NOPERM No permissions to access a key
        B> SET w1 x               => OK
        B> SET w1 x NX            => (nil)
        B> GET w1                 => (error) NOPERM No permissions to access a key
        B> SET w1 x GET           => (error) NOPERM No permissions to access a key
        B> GETSET w1 x            => (error) NOPERM No permissions to access a key
        B> EXISTS w1 r1           => 1
        B> STRLEN w1              => 1
        B> TTL w1                 => (error) NOPERM No permissions to access a key
        B> TYPE w1                => string
        B> EXPIRE w1 10           => 1
        B> BITFIELD r1 GET u8 0   => [0]
        B> BITFIELD r1            => []
        B> BITFIELD r1 SET u8 0 1 => (error) NOPERM No permissions to access a key
        B> BITFIELD w1 SET u8 0 1 => (error) NOPERM No permissions to access a key
        B> DEL r1                 => (error) NOPERM No permissions to access a key
        B> DEL w1                 => 1
        B> COPY r1 w1             => 0
        B> COPY w1 r1             => (error) NOPERM No permissions to access a key
        B> MGET k1 k2 x           => (error) NOPERM No permissions to access a key
        B> MSET k1 1 x 2          => (error) NOPERM No permissions to access a key
        B> LPUSH w1 a             => 1
        B> RPOP w1                => (error) NOPERM No permissions to access a key
        B> DEL w1                 => 1
        B> XREAD STREAMS r1 0     => (nil array)
        B> XREAD STREAMS k1 x 0 0 => (error) NOPERM No permissions to access a key
        B> GEORADIUS r1 0 0 1 km STORE w1  => 0
        B> GEORADIUS r1 0 0 1 km STORE r2  => (error) NOPERM No permissions to access a key
        B> ZUNIONSTORE w1 2 r1 r2 => 0
        B> ZUNIONSTORE w1 2 r1 x  => (error) NOPERM No permissions to access a key
        B> LMPOP 2 k1 x LEFT      => (error) NOPERM No permissions to access a key
        B> PFCOUNT r1             => 0
        B> WATCH x                => (error) NOPERM No permissions to access a key
        B> RESTORE x 0 x          => (error) NOPERM No permissions to access a key
        B> RESTORE k1 0 x         => (error) ERR DUMP payload version or checksum are ...
        B> MIGRATE 127.0.0.1 1 x 0 1              => (error) NOPERM No permissions to access a key
        B> MIGRATE 127.0.0.1 1 '' 0 1 KEYS k1 x   => (error) NOPERM No permissions to access a key
        B> MIGRATE 127.0.0.1 1 '' 0 1 KEYS k1     => NOKEY
        B> MIGRATE 127.0.0.1 1 '' 0 1 AUTH keys KEYS x  => (error) NOPERM No permissions to access a key
        B> OBJECT ENCODING x      => (error) NOPERM No permissions to access a key
        B> KEYS *                 => []
        B> RENAME k1 x            => (error) NOPERM No permissions to access a key
        B> MSETNX k1 a x          => (error) NOPERM No permissions to access a key
        A> ACL SETUSER u %R~a* %W~*b  => OK
        B> INCR ab                => (error) NOPERM No permissions to access a key
        B> GET ab                 => (nil)
        B> SET ab 1               => OK
        A> ACL DELUSER u          => 1
    ",
    );
}

#[test]
fn options_decide_what_becomes_of_a_key() {
    check(
        r"
        @since 8.0 valkey 9.1
        > COMMAND GETKEYSANDFLAGS SET k v                     => [['k', ~{OW, update}]]
        > COMMAND GETKEYSANDFLAGS SET k get EX 9 get          => [['k', ~{RW, access, update}]]
        > COMMAND GETKEYSANDFLAGS BITFIELD k                  => [['k', ~{RO, access}]]
        > COMMAND GETKEYSANDFLAGS BITFIELD k OVERFLOW WRAP GET u8 0  => [['k', ~{RO, access}]]
        > COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8 0 1     => [['k', ~{RW, access, update}]]
        > COMMAND GETKEYSANDFLAGS SORT k BY x_* STORE a STORE b      => [['k', ~{RO, access}], ['b', ~{OW, update}]]
        > COMMAND GETKEYSANDFLAGS SORT k LIMIT 0 STORE GET STORE BY STORE  => [['k', ~{RO, access}]]
        > COMMAND GETKEYSANDFLAGS MIGRATE h 1 '' 0 1 KEYS a b => [['a', ~{RW, access, delete}], ['b', ~{RW, access, delete}]]
    ",
    );
}

#[test]
fn msetex_and_delex_name_their_keys() {
    check(
        r"
        @since 8.4
        @only redis ochre
        > ACL SETUSER u +@all ~k* %W~w*   => OK
        > ACL DRYRUN u MSETEX 2 k1 a k2 b EX 9  => OK
        > ACL DRYRUN u MSETEX 2 k1 a x b EX 9   => 'User u has no permissions to access the \'x\' key'
        > ACL DRYRUN u DELEX w1           => OK
        > ACL DRYRUN u DELEX w1 IFEQ v    => 'User u has no permissions to access the \'w1\' key'
        > ACL DRYRUN u SET w1 v IFEQ v    => 'User u has no permissions to access the \'w1\' key'
        > ACL DELUSER u                   => 1
    ",
    );
}

#[test]
fn sort_reads_foreign_keys_only_for_who_may_read_all() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on nopass +@all ~k*     => OK
        B> AUTH u x                       => OK
        B> SORT k1                        => []
        B> SORT k1 BY k_*                 => (error) ERR BY option of SORT denied due to insufficient ACL permissions.
        B> SORT k1 GET #                  => (error) ERR GET option of SORT denied due to insufficient ACL permissions.
        B> SORT_RO k1 GET x_*             => (error) ERR GET option of SORT denied due to insufficient ACL permissions.
        B> SORT k1 BY nosort              => []
        B> SORT k1 STORE k2               => 0
        B> SORT k1 STORE x                => (error) NOPERM No permissions to access a key
        B> SORT x                         => (error) NOPERM No permissions to access a key
        B> MULTI                          => OK
        B> SORT k1 BY k_*                 => QUEUED
        B> EXEC                           => [(error) 'ERR BY option of SORT denied due to insufficient ACL permissions.']
        A> ACL SETUSER u %R~*             => OK
        B> SORT k1 BY x_* GET x_*         => []
        A> ACL SETUSER u resetkeys ~k1 %W~*  => OK
        B> SORT k1 BY x_*                 => (error) ERR BY option of SORT denied due to insufficient ACL permissions.
        A> ACL SETUSER u resetkeys ~k1 (+get allkeys)  => OK
        B> SORT k1 BY x_*                 => (error) ERR BY option of SORT denied due to insufficient ACL permissions.
        A> ACL SETUSER u (+sort %R~* ~k1) => OK
        B> SORT k1 BY x_*                 => []
        A> ACL SETUSER u reset on nopass +@all ~k*  => OK
        B> AUTH u x                       => OK
        B> EVAL 'return redis.pcall(\'sort\',\'k1\',\'get\',\'x_*\')' 0  => (error) ERR GET option of SORT denied due to insufficient ACL permissions.
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn channels_pass_by_pattern_and_patterns_by_the_letter() {
    check(
        r"
        @since 8.0 valkey 9.1
        @resp3
        A> ACL SETUSER u on nopass +@all &c* &d   => OK
        B> HELLO 3 AUTH u x               => *
        B> PUBLISH c1 x                   => 0
        B> PUBLISH x x                    => (error) NOPERM No permissions to access a channel
        B> SPUBLISH x x                   => (error) NOPERM No permissions to access a channel
        B> SPUBLISH d x                   => 0
        B> SUBSCRIBE c1 x                 => (error) NOPERM No permissions to access a channel
        B> SUBSCRIBE c1 d                 => >['subscribe', 'c1', 1]
                                          => >['subscribe', 'd', 2]
        B> PSUBSCRIBE c1*                 => (error) NOPERM No permissions to access a channel
        B> PSUBSCRIBE c1                  => (error) NOPERM No permissions to access a channel
        B> PSUBSCRIBE c*                  => >['psubscribe', 'c*', 3]
        B> SSUBSCRIBE x                   => (error) NOPERM No permissions to access a channel
        B> SSUBSCRIBE c2                  => >['ssubscribe', 'c2', 1]
        B> UNSUBSCRIBE x                  => >['unsubscribe', 'x', 3]
        A> ACL SETUSER u allchannels      => OK
        B> PUBLISH x x                    => 0
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn one_selector_must_allow_all_of_a_command() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > ACL SETUSER u ~k +get (+set ~s) (+@all ~q &c)  => OK
        > ACL DRYRUN u GET k              => OK
        > ACL DRYRUN u SET s v            => OK
        > ACL DRYRUN u SET k v            => 'User u has no permissions to access the \'k\' key'
        > ACL DRYRUN u SET q v            => OK
        > ACL DRYRUN u MSET q 1 s 2       => 'User u has no permissions to access the \'s\' key'
        > ACL DRYRUN u PUBLISH c x        => OK
        > ACL DRYRUN u PUBLISH d x        => 'User u has no permissions to access the \'d\' channel'
        > ACL SETUSER u reset (+mget ~z* ~q1) (+mget ~q*)  => OK
        > ACL DRYRUN u MGET z1 a1 q2      => 'User u has no permissions to access the \'a1\' key'
        > ACL DRYRUN u MGET q1 z1 b2      => 'User u has no permissions to access the \'b2\' key'
        > ACL SETUSER u clearselectors (+mget ~q*) (+mget ~z* ~q1)  => OK
        > ACL DRYRUN u MGET q1 z1 b2      => 'User u has no permissions to access the \'b2\' key'
        > ACL DRYRUN u GET q1             => 'User u has no permissions to run the \'get\' command'
        > ACL DELUSER u                   => 1
    ",
    );
}

#[test]
fn databases_pass_by_number() {
    check(
        r"
        @since 8.0 valkey 9.1
        @only valkey ochre
        A> ACL SETUSER u on nopass allkeys allchannels +@all db=1,2  => OK
        B> AUTH u x                       => OK
        B> GET a                          => (error) NOPERM No permissions to access database
        B> PING                           => PONG
        B> SELECT 0                       => (error) NOPERM No permissions to access database
        B> SELECT 1                       => OK
        B> GET a                          => (nil)
        B> DBSIZE                         => 0
        B> COPY a b DB 3                  => (error) NOPERM No permissions to access database
        B> COPY a b DB 2                  => 0
        B> MOVE a 3                       => (error) NOPERM No permissions to access database
        B> MOVE a 2                       => 0
        B> SWAPDB 1 2                     => OK
        B> SWAPDB 1 3                     => (error) NOPERM No permissions to access database
        B> FLUSHDB                        => OK
        B> FLUSHALL                       => (error) NOPERM No permissions to access database
        B> PUBLISH x y                    => 0
        B> SELECT x                       => (error) ERR value is not an integer or out of range
        A> ACL SETUSER u db=2             => OK
        A> ACL DRYRUN u SELECT 2          => OK
        A> ACL DRYRUN u SELECT 3          => 'User u has no permissions to access database 3'
        B> KEYS *                         => (error) NOPERM No permissions to access database
        A> ACL SETUSER u (alldbs allkeys +keys)  => OK
        B> KEYS *                         => []
        A> ACL DELUSER u                  => 1
    ",
    );
}

#[test]
fn a_transaction_is_checked_when_it_is_queued_and_when_it_runs() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on nopass ~k* &c* +multi +exec +get +set +publish +ping => OK
        B> AUTH u x                       => OK
        B> MULTI                          => OK
        B> GET x                          => (error) NOPERM No permissions to access a key
        B> EXEC                           => (error) EXECABORT Transaction discarded because of previous errors.
        B> MULTI                          => OK
        B> GET k                          => QUEUED
        B> PUBLISH c x                    => QUEUED
        B> SET k v                        => QUEUED
        B> PING                           => QUEUED
        A> ACL SETUSER u resetkeys resetchannels -set  => OK
        B> EXEC                           => [
            (error) 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to touch the specified keys',
            (error) 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to access one of the channels used as arguments',
            (error) 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand',
            PONG,
        ]
        B> MULTI                          => OK
        B> PING                           => QUEUED
        A> ACL SETUSER u -ping            => OK
        B> EXEC                           => [(error) 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand']
        B> MULTI                          => OK
        A> ACL SETUSER u -exec            => OK
        B> EXEC                           => (error) EXECABORT Transaction discarded because of: NOPERM User u has no permissions to run the 'exec' command
        A> ACL SETUSER u +exec            => OK
        B> EXEC                           => (error) ERR EXEC without MULTI
        B> MULTI                          => OK
        B> EXEC x                         => (error) EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command
        B> EXEC                           => (error) ERR EXEC without MULTI
        A> ACL DELUSER u                  => 1
        A> DEL k                          => 0
    ",
    );
}

#[test]
fn a_rule_changed_in_a_transaction_holds_for_what_follows_in_it() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on nopass +@all  => OK
        B> AUTH u x                       => OK
        B> MULTI                          => OK
        B> PING                           => QUEUED
        B> ACL SETUSER u -ping            => QUEUED
        B> PING                           => QUEUED
        B> EXEC                           => [PONG, OK, (error) 'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: no permission to execute the command or subcommand']
        A> ACL DELUSER u                  => 1
    ",
    );
}

/// Redis 7.0 serves who waits whatever has become of the rules.
#[test]
fn a_client_that_waits_is_checked_again_before_it_is_served() {
    check(
        r"
        @since 8.0 valkey 9.1
        A> ACL SETUSER u on nopass ~l +blpop  => OK
        B> AUTH u x                       => OK
        B> BLPOP l 0                      => (blocked)
        A> ACL SETUSER u -blpop           => OK
        A> RPUSH l a                      => 1
        B:                                => (error) NOPERM User u has no permissions to run the 'blpop' command
        A> LRANGE l 0 -1                  => ['a']
        A> DEL l                          => 1
        A> ACL SETUSER u +blpop           => OK
        B> BLPOP l 0                      => (blocked)
        A> ACL SETUSER u on               => OK
        A> RPUSH l a                      => 1
        B:                                => ['l', 'a']
        A> ACL DELUSER u                  => 1
    ",
    );
}
