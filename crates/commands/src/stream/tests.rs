//! Transcripts whose answers are Redis's own, and what commands tell the others.

use server::testing::check;

use crate::told::check_told;

#[test]
fn adding_and_trimming_refuses_what_redis_refuses() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > XADD s  => (error) ERR wrong number of arguments for 'xadd' command
        > XADD s * a  => (error) ERR wrong number of arguments for 'xadd' command
        > XADD s * a b c  => (error) ERR wrong number of arguments for 'xadd' command
        > XADD s x a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s 0-0 a b  => (error) ERR The ID specified in XADD must be greater than 0-0
        > XADD s 0 a b  => (error) ERR The ID specified in XADD must be greater than 0-0
        > XADD s 5-* a b  => '5-0'
        > XADD s 5-* a b  => '5-1'
        > XADD s 5 a b  => (error) ERR The ID specified in XADD is equal or smaller than the target stream top item
        > XADD s 4-* a b  => (error) ERR The ID specified in XADD is equal or smaller than the target stream top item
        > XADD s 5-x a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s 5-1-2 a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s -1 a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s - a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s + a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s 5-9223372036854775808 a b  => '5-9223372036854775808'
        > XADD s 05-0 a b  => (error) ERR The ID specified in XADD is equal or smaller than the target stream top item
        > XADD s 18446744073709551616-1 a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s 6- a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s MAXLEN -1 * a b  => (error) ERR The MAXLEN argument must be >= 0.
        > XADD s MAXLEN x * a b  => (error) ERR value is not an integer or out of range
        > XADD s MAXLEN ~ 1 LIMIT -1 * a b  => (error) ERR The LIMIT argument must be >= 0.
        > XADD s MAXLEN ~ 1 LIMIT x * a b  => (error) ERR value is not an integer or out of range
        > XADD s MAXLEN 1 LIMIT 5 * a b  => (error) ERR syntax error, LIMIT cannot be used without the special ~ option
        > XADD s MAXLEN = 1 LIMIT 5 * a b  => (error) ERR syntax error, LIMIT cannot be used without the special ~ option
        > XADD s LIMIT 5 * a b  => (error) ERR syntax error, LIMIT cannot be used without specifying a trimming strategy
        > XADD s MAXLEN 1 MINID 4 * a b  => (error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible
        > XADD s MINID 4 MAXLEN 3 * a b  => (error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible
        > XADD s MAXLEN 1 MAXLEN 3 100-1 a b  => (error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible
        > XADD s MINID x * a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s MINID ~ x * a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s MINID ~ * a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s MAXLEN * a b  => (error) ERR value is not an integer or out of range
        > XADD s MAXLEN 5 a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD s MAXLEN  => (error) ERR wrong number of arguments for 'xadd' command
        > XADD s NOMKSTREAM * a  => (error) ERR wrong number of arguments for 'xadd' command
        > XADD nn NOMKSTREAM * a b  => (nil)
        > XADD nn FOO * a b  => (error) ERR Invalid stream ID specified as stream command argument
        > SET str x  => OK
        > XADD str * a b  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XADD str x a b  => (error) ERR Invalid stream ID specified as stream command argument
        > XADD str 0-0 a b  => (error) ERR The ID specified in XADD must be greater than 0-0
        > XADD s 18446744073709551615-18446744073709551615 a b  => '18446744073709551615-18446744073709551615'
        > XADD s * a b  => (error) ERR The stream has exhausted the last possible ID, unable to add more items
        > XADD s 18446744073709551615-* a b  => (error) ERR The stream has exhausted the last possible ID, unable to add more items
        > XADD s 18446744073709551615-18446744073709551615 a b  => (error) ERR The stream has exhausted the last possible ID, unable to add more items
        > DEL s  => 1
        > XADD s 18446744073709551615-5 a b  => '18446744073709551615-5'
        > DEL s  => 1
        > XADD s 0-* a b  => '0-1'
        > XADD s 0-* a b  => '0-2'
        > DEL s  => 1
        ",
    );
}

#[test]
fn trimming_refuses_what_redis_refuses() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > SET str x  => OK
        > XTRIM s  => (error) ERR wrong number of arguments for 'xtrim' command
        > XTRIM s MAXLEN  => (error) ERR wrong number of arguments for 'xtrim' command
        > XTRIM s MAXLEN 1  => 0
        > XTRIM s FOO 1  => (error) ERR syntax error
        > XTRIM s MAXLEN ~  => (error) ERR value is not an integer or out of range
        > XTRIM s MAXLEN =  => (error) ERR value is not an integer or out of range
        > XTRIM s MAXLEN 1 LIMIT 1  => (error) ERR syntax error, LIMIT cannot be used without the special ~ option
        > XTRIM s MAXLEN ~ 1 LIMIT 1  => 0
        > XTRIM s NOMKSTREAM MAXLEN 1  => (error) ERR syntax error
        > XTRIM s MAXLEN 1 foo  => (error) ERR syntax error
        > XTRIM s MAXLEN 1 MINID 1  => (error) ERR syntax error, MAXLEN and MINID options at the same time are not compatible
        > XTRIM s LIMIT 1 x  => (error) ERR syntax error
        > XTRIM s MAXLEN ~ 1 LIMIT  => (error) ERR syntax error
        > XTRIM str MAXLEN 1  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XTRIM str MAXLEN x  => (error) ERR value is not an integer or out of range
        > XTRIM s MINID (5  => (error) ERR Invalid stream ID specified as stream command argument
        > XTRIM s MINID -  => (error) ERR Invalid stream ID specified as stream command argument
        > XTRIM s MINID 5-x  => (error) ERR Invalid stream ID specified as stream command argument
        > XTRIM s MINID ~ 5 LIMIT 0  => 0
        > XDEL s  => (error) ERR wrong number of arguments for 'xdel' command
        > XDEL s x  => 0
        > XDEL str 1  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XDEL str x  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XDEL s 1 x  => 0
        > XDEL none 1-1  => 0
        > XLEN none  => 0
        > XLEN str  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XLEN a b  => (error) ERR wrong number of arguments for 'xlen' command
        > XRANGE s - +  => []
        > XRANGE s x +  => (error) ERR Invalid stream ID specified as stream command argument
        > XRANGE s - + COUNT  => (error) ERR syntax error
        > XRANGE s - + COUNT x  => (error) ERR value is not an integer or out of range
        > XRANGE s - + COUNT 0  => []
        > XRANGE s - + COUNT -1  => []
        > XRANGE s - + FOO 1  => (error) ERR syntax error
        > XRANGE s - + COUNT 1 COUNT 1  => []
        > XRANGE s (- +  => (error) ERR Invalid stream ID specified as stream command argument
        > XRANGE s - (+  => (error) ERR Invalid stream ID specified as stream command argument
        > XRANGE s ( +  => (error) ERR Invalid stream ID specified as stream command argument
        > XRANGE s (18446744073709551615-18446744073709551615 +  => (error) ERR invalid start ID for the interval
        > XRANGE s - (0-0  => (error) ERR invalid end ID for the interval
        > XRANGE s - (0  => []
        > XRANGE str - +  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XRANGE str x +  => (error) ERR Invalid stream ID specified as stream command argument
        > XREVRANGE s - +  => []
        > XREVRANGE s + - COUNT 0  => []
        > XREVRANGE s (18446744073709551615-18446744073709551615 (-  => (error) ERR Invalid stream ID specified as stream command argument
        > XREVRANGE s x -  => (error) ERR Invalid stream ID specified as stream command argument
        > XREVRANGE s + x  => (error) ERR Invalid stream ID specified as stream command argument
        > XREVRANGE s (0-0 -  => (error) ERR invalid end ID for the interval
        > XREVRANGE s + (18446744073709551615-18446744073709551615  => (error) ERR invalid start ID for the interval
        ",
    );
}

#[test]
fn reads_answer_as_redis_does() {
    check(
        r"
        @since 8.0
        @only redis ochre
        @resp2
        > SET str x  => OK
        > XADD s 1-1 a 1  => '1-1'
        > XADD s 2-1 a 2  => '2-1'
        > XADD s 3-1 b 3  => '3-1'
        > XREAD STREAMS s  => (error) ERR wrong number of arguments for 'xread' command
        > XREAD STREAMS s 0 1  => (error) ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.
        > XREAD STREAMS s x  => (error) ERR Invalid stream ID specified as stream command argument
        > XREAD STREAMS s t 0  => (error) ERR Unbalanced 'xread' list of streams: for each stream key an ID, '+', or '$' must be specified.
        > XREAD COUNT x STREAMS s 0  => (error) ERR value is not an integer or out of range
        > XREAD COUNT -1 STREAMS s 0  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']], ['3-1', ['b', '3']]]]]
        > XREAD COUNT 0 STREAMS s 0  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']], ['3-1', ['b', '3']]]]]
        > XREAD COUNT 1 STREAMS s 0  => [['s', [['1-1', ['a', '1']]]]]
        > XREAD COUNT 1 COUNT 2 STREAMS s 0  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']]]]]
        > XREAD BLOCK x STREAMS s 0  => (error) ERR timeout is not an integer or out of range
        > XREAD BLOCK -1 STREAMS s 0  => (error) ERR timeout is negative
        > XREAD BLOCK 1.5 STREAMS s $  => (error) ERR timeout is not an integer or out of range
        > XREAD STREAMS s >  => (error) ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.
        > XREAD STREAMS s $  => (nil)
        > XREAD STREAMS s +  => [['s', [['3-1', ['b', '3']]]]]
        > XREAD COUNT 5 STREAMS s s2 + +  => [['s', [['3-1', ['b', '3']]]]]
        > XREAD STREAMS s +x  => (error) ERR Invalid stream ID specified as stream command argument
        > XREAD STREAMS none 0  => (nil)
        > XREAD STREAMS str 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XREAD STREAMS str x  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XREAD STREAMS s str 0 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XREAD STREAMS str s 0 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XREAD STREAMS s s 0 2  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']], ['3-1', ['b', '3']]]], ['s', [['2-1', ['a', '2']], ['3-1', ['b', '3']]]]]
        > XREAD FOO STREAMS s 0  => (error) ERR syntax error
        > XREAD NOACK STREAMS s 0  => (error) ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.
        > XREAD GROUP g c STREAMS s 0  => (error) ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.
        > XREAD COUNT  => (error) ERR wrong number of arguments for 'xread' command
        > XREAD COUNT 1 STREAMS  => (error) ERR syntax error
        > XREAD COUNT 1 BLOCK  => (error) ERR syntax error
        > XREAD COUNT 1 BLOCK 1  => (error) ERR syntax error
        > XREAD COUNT STREAMS s 0  => (error) ERR value is not an integer or out of range
        > XREADGROUP GROUP g c STREAMS s >  => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        > XREADGROUP GROUP g c STREAMS none >  => (error) NOGROUP No such key 'none' or consumer group 'g' in XREADGROUP with GROUP option
        > XREADGROUP GROUP g c STREAMS str >  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XREADGROUP STREAMS s > COUNT 1 x  => (error) ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.
        > XREADGROUP COUNT 1 NOACK STREAMS s >  => (error) ERR Missing GROUP option for XREADGROUP
        > XREADGROUP GROUP g c COUNT x STREAMS s >  => (error) ERR value is not an integer or out of range
        > XREADGROUP GROUP g c STREAMS s x  => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        > XREADGROUP GROUP g c STREAMS s $  => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        > XREADGROUP GROUP g c STREAMS s +  => (error) NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option
        > XREADGROUP GROUP g c STREAMS s s >  => (error) ERR Unbalanced 'xreadgroup' list of streams: for each stream key an ID or '>' must be specified.
        ",
    );
}

#[test]
fn groups_are_made_and_unmade_as_redis_does() {
    check(
        r"
        @since 8.0
        @only redis ochre
        > SET str x  => OK
        > XADD s 1-1 a 1  => '1-1'
        > XADD s 2-1 a 2  => '2-1'
        > XADD s 3-1 b 3  => '3-1'
        > XGROUP  => (error) ERR wrong number of arguments for 'xgroup' command
        > XGROUP FOO  => (error) ERR unknown subcommand 'FOO'. Try XGROUP HELP.
        > XGROUP CREATE s  => (error) ERR wrong number of arguments for 'xgroup|create' command
        > XGROUP CREATE s g  => (error) ERR wrong number of arguments for 'xgroup|create' command
        > XGROUP CREATE s g x  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP CREATE none g $  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP CREATE none g x  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP CREATE none g 0 MKSTREAM  => OK
        > XGROUP CREATE none g 0 MKSTREAM  => (error) BUSYGROUP Consumer Group name already exists
        > XGROUP CREATE s g 0  => OK
        > XGROUP CREATE s g 0  => (error) BUSYGROUP Consumer Group name already exists
        > XGROUP CREATE s g x  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP CREATE s g2 0 FOO  => (error) ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.
        > XGROUP CREATE s g2 0 ENTRIESREAD  => (error) ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.
        > XGROUP CREATE s g2 0 ENTRIESREAD x  => (error) ERR value is not an integer or out of range
        > XGROUP CREATE s g2 0 ENTRIESREAD -2  => (error) ERR value for ENTRIESREAD must be positive or -1
        > XGROUP CREATE s g2 0 ENTRIESREAD -1  => OK
        > XGROUP CREATE s g3 0 ENTRIESREAD 999  => OK
        > XGROUP CREATE s g4 -  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP CREATE s g5 +  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP CREATE s g6 (1  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP CREATE s g7 0 ENTRIESREAD 1 MKSTREAM ENTRIESREAD 2  => (error) ERR unknown subcommand or wrong number of arguments for 'CREATE'. Try XGROUP HELP.
        > XGROUP CREATE str g 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XGROUP CREATE str g 0 MKSTREAM  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XGROUP CREATE str g x  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XGROUP SETID s g  => (error) ERR wrong number of arguments for 'xgroup|setid' command
        > XGROUP SETID s g x  => (error) ERR Invalid stream ID specified as stream command argument
        > XGROUP SETID s none 0  => (error) NOGROUP No such consumer group 'none' for key name 's'
        > XGROUP SETID none2 g 0  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP SETID str g 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XGROUP SETID s g 0 ENTRIESREAD  => (error) ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.
        > XGROUP SETID s g 0 ENTRIESREAD x  => (error) ERR value is not an integer or out of range
        > XGROUP SETID s g 0 ENTRIESREAD -2  => (error) ERR value for ENTRIESREAD must be positive or -1
        > XGROUP SETID s g 0 MKSTREAM  => (error) ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.
        > XGROUP SETID s g 0 ENTRIESREAD 3  => OK
        > XGROUP SETID s g $  => OK
        > XGROUP SETID s g -  => OK
        > XGROUP DESTROY s  => (error) ERR wrong number of arguments for 'xgroup|destroy' command
        > XGROUP DESTROY s none  => 0
        > XGROUP DESTROY none2 g  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP DESTROY str g  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XGROUP DESTROY s g2  => 1
        > XGROUP CREATECONSUMER s g  => (error) ERR wrong number of arguments for 'xgroup|createconsumer' command
        > XGROUP CREATECONSUMER s g c  => 1
        > XGROUP CREATECONSUMER s g c  => 0
        > XGROUP CREATECONSUMER s nog c  => (error) NOGROUP No such consumer group 'nog' for key name 's'
        > XGROUP CREATECONSUMER none2 g c  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP DELCONSUMER s g x  => 0
        > XGROUP DELCONSUMER s nog x  => (error) NOGROUP No such consumer group 'nog' for key name 's'
        > XGROUP DELCONSUMER none2 g x  => (error) ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.
        > XGROUP DELCONSUMER s g c  => 0
        ",
    );
}

#[test]
fn pending_entries_are_claimed_as_redis_does() {
    check(
        r"
        @since 8.0
        @only redis ochre
        @resp2
        > SET str x  => OK
        > XADD s 1-1 a 1  => '1-1'
        > XADD s 2-1 a 2  => '2-1'
        > XADD s 3-1 b 3  => '3-1'
        > XGROUP CREATE s g 0  => OK
        > XREADGROUP GROUP g c COUNT 2 STREAMS s >  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']]]]]
        > XREADGROUP GROUP g c COUNT 2 STREAMS s 0  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']]]]]
        > XREADGROUP GROUP g c2 STREAMS s 0  => [['s', []]]
        > XREADGROUP GROUP g c STREAMS s >  => [['s', [['3-1', ['b', '3']]]]]
        > XACK s  => (error) ERR wrong number of arguments for 'xack' command
        > XACK s g  => (error) ERR wrong number of arguments for 'xack' command
        > XACK s g x  => (error) ERR Invalid stream ID specified as stream command argument
        > XACK s g 1-1 x  => (error) ERR Invalid stream ID specified as stream command argument
        > XACK s nog x  => 0
        > XACK s nog 1-1  => 0
        > XACK none g 1-1  => 0
        > XACK none g x  => 0
        > XACK str g 1-1  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XACK str g x  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XACK s g 1-1 1-1 9-9  => 1
        > XPENDING s  => (error) ERR wrong number of arguments for 'xpending' command
        > XPENDING s g  => [2, '2-1', '3-1', [['c', '2']]]
        > XPENDING s nog  => (error) NOGROUP No such key 's' or consumer group 'nog'
        > XPENDING none g  => (error) NOGROUP No such key 'none' or consumer group 'g'
        > XPENDING str g  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XPENDING s g -  => (error) ERR syntax error
        > XPENDING s g - +  => (error) ERR syntax error
        > XPENDING s g - + 0  => []
        > XPENDING s g - + -1  => []
        > XPENDING s g - + x  => (error) ERR value is not an integer or out of range
        > XPENDING s g x + 1  => (error) ERR Invalid stream ID specified as stream command argument
        > XPENDING s g - + 10 nobody  => []
        > XPENDING s g IDLE  => (error) ERR syntax error
        > XPENDING s g IDLE 0  => (error) ERR syntax error
        > XPENDING s g IDLE 0 -  => (error) ERR syntax error
        > XPENDING s g IDLE 0 - +  => (error) ERR syntax error
        > XPENDING s g IDLE x - + 10  => (error) ERR value is not an integer or out of range
        > XPENDING s g IDLE -1 - + 0  => []
        > XPENDING s g IDLE 100000 - + 10  => []
        > XPENDING s g FOO 0 - + 10  => (error) ERR value is not an integer or out of range
        > XPENDING s g (- + 10  => (error) ERR Invalid stream ID specified as stream command argument
        > XPENDING s g - (0-0 10  => (error) ERR invalid end ID for the interval
        > XPENDING s nog x + 1  => (error) ERR Invalid stream ID specified as stream command argument
        ",
    );
}

#[test]
fn pending_entries_change_hands_as_redis_has_it() {
    check(
        r"
        @since 8.0
        @only redis ochre
        @resp2
        > SET str x  => OK
        > XADD s 1-1 a 1  => '1-1'
        > XADD s 2-1 a 2  => '2-1'
        > XADD s 3-1 b 3  => '3-1'
        > XGROUP CREATE s g 0  => OK
        > XREADGROUP GROUP g c STREAMS s >  => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']], ['3-1', ['b', '3']]]]]
        > XREADGROUP GROUP g c2 STREAMS s 0  => [['s', []]]
        > XACK s g 1-1  => 1
        > XCLAIM s g c  => (error) ERR wrong number of arguments for 'xclaim' command
        > XCLAIM s g c 0  => (error) ERR wrong number of arguments for 'xclaim' command
        > XCLAIM s g c x 2-1  => (error) ERR Invalid min-idle-time argument for XCLAIM
        > XCLAIM s g c -5 9-1  => []
        > XCLAIM s g c 0 x  => (error) ERR Unrecognized XCLAIM option 'x'
        > XCLAIM s nog c 0 2-1  => (error) NOGROUP No such key 's' or consumer group 'nog'
        > XCLAIM none g c 0 2-1  => (error) NOGROUP No such key 'none' or consumer group 'g'
        > XCLAIM str g c 0 2-1  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XCLAIM s nog c x 2-1  => (error) NOGROUP No such key 's' or consumer group 'nog'
        > XCLAIM s g c2 0 2-1  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 9-9  => []
        > XCLAIM s g c2 0 9-9 FORCE  => []
        > XCLAIM s g c2 0 3-1 JUSTID FORCE  => ['3-1']
        > XCLAIM s g c2 0 2-1 IDLE  => (error) ERR Unrecognized XCLAIM option 'IDLE'
        > XCLAIM s g c2 0 2-1 IDLE x  => (error) ERR Invalid IDLE option argument for XCLAIM
        > XCLAIM s g c2 0 2-1 IDLE 1000 RETRYCOUNT 7  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 2-1 TIME x  => (error) ERR Invalid TIME option argument for XCLAIM
        > XCLAIM s g c2 0 2-1 TIME 5 RETRYCOUNT 7  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 2-1 RETRYCOUNT -1  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 2-1 RETRYCOUNT x  => (error) ERR Invalid RETRYCOUNT option argument for XCLAIM
        > XCLAIM s g c2 0 2-1 LASTID  => (error) ERR Unrecognized XCLAIM option 'LASTID'
        > XCLAIM s g c2 0 2-1 LASTID x  => (error) ERR Invalid stream ID specified as stream command argument
        > XCLAIM s g c2 0 2-1 LASTID 5-5  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 2-1 FOO  => (error) ERR Unrecognized XCLAIM option 'FOO'
        > XCLAIM s g c2 0 2-1 IDLE -5  => [['2-1', ['a', '2']]]
        > XCLAIM s g c2 0 2-1 TIME -5  => [['2-1', ['a', '2']]]
        > XCLAIM s g c3 999999999 2-1  => []
        > XCLAIM s g c3 0 FORCE  => []
        > XCLAIM s g c3 0 IDLE 5  => []
        > XDEL s 2-1  => 1
        > XREADGROUP GROUP g c2 STREAMS s 0  => [['s', [['2-1', (nil)], ['3-1', ['b', '3']]]]]
        > XCLAIM s g c2 0 2-1  => []
        > XADD s 6-1 a 1  => '6-1'
        > XADD s 7-1 a 1  => '7-1'
        > XREADGROUP GROUP g c STREAMS s >  => [['s', [['6-1', ['a', '1']], ['7-1', ['a', '1']]]]]
        > XDEL s 7-1  => 1
        > XAUTOCLAIM s g c2 0  => (error) ERR wrong number of arguments for 'xautoclaim' command
        > XAUTOCLAIM s g c2 0 0  => ['0-0', [['3-1', ['b', '3']], ['6-1', ['a', '1']]], ['7-1']]
        > XAUTOCLAIM s g c2 x 0  => (error) ERR Invalid min-idle-time argument for XAUTOCLAIM
        > XAUTOCLAIM s g c2 0 x  => (error) ERR Invalid stream ID specified as stream command argument
        > XAUTOCLAIM s g c2 0 0 COUNT 0  => (error) ERR COUNT must be > 0
        > XAUTOCLAIM s g c2 0 0 COUNT x  => (error) ERR COUNT must be > 0
        > XAUTOCLAIM s g c2 0 0 COUNT -1  => (error) ERR COUNT must be > 0
        > XAUTOCLAIM s g c2 0 0 COUNT  => (error) ERR syntax error
        > XAUTOCLAIM s g c2 0 0 COUNT 9223372036854775807  => (error) ERR COUNT must be > 0
        > XAUTOCLAIM s g c2 0 0 FOO  => (error) ERR syntax error
        > XAUTOCLAIM s g c2 0 (1-1  => ['0-0', [['3-1', ['b', '3']], ['6-1', ['a', '1']]], []]
        > XAUTOCLAIM s g c2 0 - COUNT 1 JUSTID  => ['6-1', ['3-1'], []]
        > XAUTOCLAIM s g c2 0 +  => ['0-0', [], []]
        > XAUTOCLAIM s nog c2 0 0  => (error) NOGROUP No such key 's' or consumer group 'nog'
        > XAUTOCLAIM none g c2 0 0  => (error) NOGROUP No such key 'none' or consumer group 'g'
        > XAUTOCLAIM str g c2 0 0  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XAUTOCLAIM s g c2 -5 0  => ['0-0', [['3-1', ['b', '3']], ['6-1', ['a', '1']]], []]
        > XAUTOCLAIM s g newc 10000000 0  => ['0-0', [], []]
        > XSETID s  => (error) ERR wrong number of arguments for 'xsetid' command
        > XSETID s x  => (error) ERR Invalid stream ID specified as stream command argument
        > XSETID none 5  => (error) ERR no such key
        > XSETID str 5  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        > XSETID s 5-0  => (error) ERR The ID specified in XSETID is smaller than current max_deleted_entry_id
        > XSETID s 6-0  => (error) ERR The ID specified in XSETID is smaller than current max_deleted_entry_id
        > XSETID s 9-0  => OK
        > XSETID s 9-0 FOO  => (error) ERR syntax error
        > XSETID s 9-0 ENTRIESADDED  => (error) ERR syntax error
        > XSETID s 9-0 ENTRIESADDED 5  => OK
        > XSETID s 9-0 ENTRIESADDED 5 MAXDELETEDID  => (error) ERR syntax error
        > XSETID s 9-0 ENTRIESADDED -1 MAXDELETEDID 1-1  => (error) ERR entries_added must be positive
        > XSETID s 9-0 ENTRIESADDED x MAXDELETEDID 1-1  => (error) ERR value is not an integer or out of range
        > XSETID s 9-0 ENTRIESADDED 2 MAXDELETEDID 9-1  => (error) ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id
        > XSETID s 9-0 ENTRIESADDED 2 MAXDELETEDID 7-1  => (error) ERR The entries_added specified in XSETID is smaller than the target stream length
        > XSETID s 9-0 ENTRIESADDED 1 MAXDELETEDID 7-1  => (error) ERR The entries_added specified in XSETID is smaller than the target stream length
        > XSETID s 9-0 ENTRIESADDED 100 MAXDELETEDID 1-1  => OK
        > XSETID s 9-0 MAXDELETEDID 1-1 ENTRIESADDED 100  => OK
        > XSETID s 9-0 MAXDELETEDID 1-1  => OK
        > XSETID s 9-0 MAXDELETEDID 0  => OK
        > XSETID s 8-0 MAXDELETEDID 9-0  => (error) ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id
        > XSETID s *  => (error) ERR Invalid stream ID specified as stream command argument
        > XSETID s -  => (error) ERR Invalid stream ID specified as stream command argument
        ",
    );
}

#[test]
fn what_goes_to_replicas_is_settled() {
    check_told(&[
        ("XADD s 1-1 a 1", "xadd:s", "XADD s 1-1 a 1"),
        ("XADD s * a 1", "xadd:s", "XADD s 1000000-0 a 1"),
        ("XADD s MAXLEN ~ 1 * a 1", "xadd:s", "XADD s MAXLEN = 3 1000000-1 a 1"),
        ("XADD s MAXLEN 2 * a 1", "xadd:s xtrim:s", "XADD s MAXLEN 2 1000000-2 a 1"),
        ("XTRIM s MAXLEN ~ 1", "", ""),
        ("XTRIM s MAXLEN 1", "xtrim:s", "="),
        ("XDEL s 9-9", "", ""),
        ("XDEL s 1000000-2", "xdel:s", "="),
        ("XGROUP CREATE s g 0", "xgroup-create:s", "="),
        ("XGROUP CREATECONSUMER s g c", "xgroup-createconsumer:s", "="),
        ("XGROUP CREATECONSUMER s g c", "", ""),
        ("XADD s 2000000-1 a 1", "xadd:s", "XADD s 2000000-1 a 1"),
        (
            "XREADGROUP GROUP g c COUNT 2 STREAMS s >",
            "",
            "XCLAIM s g c 0 2000000-1 TIME 1000000 RETRYCOUNT 1 FORCE JUSTID LASTID 2000000-1 ; XGROUP SETID s g 2000000-1 ENTRIESREAD 5",
        ),
        (
            "XREADGROUP GROUP g c STREAMS s 0",
            "",
            "XCLAIM s g c 0 2000000-1 TIME 1000000 RETRYCOUNT 2 FORCE JUSTID LASTID 0-0",
        ),
        ("XREADGROUP GROUP g e STREAMS s 0", "xgroup-createconsumer:s", "XGROUP CREATECONSUMER s g e"),
        ("XREADGROUP GROUP g f STREAMS s >", "xgroup-createconsumer:s", "XGROUP CREATECONSUMER s g f"),
        ("XCLAIM s g h 9 2000000-1", "xgroup-createconsumer:s", "XGROUP CREATECONSUMER s g h"),
        ("XAUTOCLAIM s g i 9 0", "xgroup-createconsumer:s", "XGROUP CREATECONSUMER s g i"),
        (
            "XCLAIM s g d 0 2000000-1",
            "xgroup-createconsumer:s",
            "XCLAIM s g d 0 2000000-1 TIME 1000000 RETRYCOUNT 3 FORCE JUSTID LASTID 2000000-1",
        ),
        ("XACK s g 2000000-1 1-1", "", "="),
        ("XACK s g 2000000-1", "", ""),
        ("XGROUP DESTROY s g", "xgroup-destroy:s", "="),
        ("XSETID s 3000000-0", "xsetid:s", "="),
        ("XADD s IDMP p m * a 1", "xadd:s", "XADD s 3000000-1 a 1 ; XIDMPRECORD s p m 3000000-1"),
        ("XADD s IDMP p m * a 1", "", ""),
    ]);
}

#[test]
fn messages_of_producers_are_added_once() {
    check(
        r"
        @since 8.6
        @skip-lens restore the dialect of a dump is not fixed
        > XADD s IDMP p m 5-1 a 1             => (error) ERR IDMP/IDMPAUTO can be used only with auto-generated IDs
        > XADD s 99999999999999-1 a 1         => '99999999999999-1'
        > XADD s IDMP p m * a 1               => '99999999999999-2'
        > XADD s IDMP p m * a 2               => '99999999999999-2'
        > XADD s IDMP q m * a 2               => '99999999999999-3'
        > XADD s IDMPAUTO p * a 1 b 2         => '99999999999999-4'
        > XADD s IDMPAUTO p * b 2 a 1         => '99999999999999-4'
        > XADD s IDMPAUTO p * b 2 a 2         => '99999999999999-5'
        > XLEN s                              => 5
        > XCFGSET s                           => (error) ERR syntax error
        > XCFGSET none IDMP-DURATION 5        => (error) ERR no such key
        > XCFGSET s IDMP-DURATION 0           => (error) ERR invalid duration
        > XCFGSET s IDMP-MAXSIZE 10001        => (error) ERR invalid maxsize
        > XCFGSET s IDMP-DURATION 300         => OK
        > XADD s IDMP p m * a 1               => '99999999999999-6'
        ",
    );
}

#[test]
fn entries_that_were_handed_back_are_claimed_first() {
    check(
        r"
        @since 8.8
        @resp2
        > XADD s 1-1 a 1                      => '1-1'
        > XADD s 2-1 a 2                      => '2-1'
        > XGROUP CREATE s g 0                 => OK
        > XREADGROUP GROUP g c STREAMS s >    => [['s', [['1-1', ['a', '1']], ['2-1', ['a', '2']]]]]
        > XNACK s g FAIL IDS 2 2-1 9-9        => 1
        > XPENDING s g - + 10                 => [['1-1', 'c', (int 0..99999), 1], ['2-1', '', -1, 1]]
        > XNACK s none FAIL IDS 1 2-1         => (error) NOGROUP No such key 's' or consumer group 'none'
        > XREADGROUP GROUP g d COUNT 1 CLAIM 0 STREAMS s >   => [['s', [['2-1', ['a', '2'], -1, 1]]]]
        > XDELEX s ACKED IDS 1 1-1            => [2]
        > XACKDEL s g ACKED IDS 2 1-1 7-7     => [1, -1]
        > XDELEX s DELREF IDS 1 2-1           => [1]
        > XPENDING s g                        => [0, (nil), (nil), (nil)]
        ",
    );
}
