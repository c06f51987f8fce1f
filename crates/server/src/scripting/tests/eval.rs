//! EVAL: what scripts return, and what their flags allow.

use crate::testing::check;

#[test]
fn what_a_script_returns_becomes_a_reply() {
    check(
        r#"
        @since 7.0
        > EVAL 'return true' 0                                          => 1
        > EVAL 'return false' 0                                         => (nil)
        > EVAL 'return' 0                                               => (nil)
        > EVAL 'return 3.99' 0                                          => 3
        > EVAL 'return -1.5' 0                                          => -1
        > EVAL 'return "3.99"' 0                                        => '3.99'
        > EVAL 'return {1,2,nil,4}' 0                                   => [1, 2]
        > EVAL 'return {1,{2,{"x"}},"y"}' 0                             => [1, [2, ['x']], 'y']
        > EVAL 'return {}' 0                                            => []
        > EVAL 'return {a=1}' 0                                         => []
        > EVAL 'return {ok="fine"}' 0                                   => fine
        > EVAL 'return {err="MY x"}' 0                                  => (error) MY x
        > EVAL 'return function() end' 0                                => (nil)
        > EVAL 'return redis.call("get","nosuch") == false' 0           => 1
        > EVAL 'redis.setresp(3) return redis.call("get","nosuch") == nil' 0  => (true)
    "#,
    );
}

#[test]
fn a_script_has_a_protocol_of_its_own() {
    check(
        r#"
        @since 7.0
        > HSET h f v                                                    => 1
        > SADD s a                                                      => 1
        > ZADD z 1.5 m                                                  => 1
        > EVAL 'return redis.call("hgetall","h")' 0                     => ['f', 'v']
        > EVAL 'redis.setresp(3) return redis.call("hgetall","h")' 0    => {'f': 'v'}
        > EVAL 'redis.setresp(3) return redis.call("hgetall","h").map.f' 0  => 'v'
        > EVAL 'return redis.call("smembers","s")' 0                    => ['a']
        > EVAL 'redis.setresp(3) return redis.call("smembers","s")' 0   => ~{'a'}
        > EVAL 'redis.setresp(3) return redis.call("smembers","s").set.a' 0  => (true)
        > EVAL 'return redis.call("zscore","z","m")' 0                  => '1.5'
        > EVAL 'redis.setresp(3) return redis.call("zscore","z","m")' 0 => (double) 1.5
        > EVAL 'redis.setresp(3) return tostring(redis.call("zscore","z","m").double)' 0  => '1.5'
        > EVAL 'return {double=2.5}' 0                                  => (double) 2.5
        > EVAL 'return {map={a=1}}' 0                                   => {'a': 1}
        > EVAL 'return {set={a=true}}' 0                                => ~{'a'}
        > EVAL 'return {big_number="123"}' 0                            => (big) 123
        > EVAL 'return {verbatim_string={format="txt",string="hi"}}' 0  => (verbatim txt) 'hi'
        > EVAL 'redis.setresp(2) redis.setresp(3) return true' 0        => (true)
        > EVAL 'redis.setresp(3) return false' 0                        => (false)
        > EVAL 'redis.setresp(3) return nil' 0                          => (nil)
        # The next script begins anew.
        > EVAL 'return redis.call("hgetall","h")' 0                     => ['f', 'v']
    "#,
    );
}

#[test]
fn flags_say_what_a_script_may_do_when_memory_is_short() {
    check(
        r##"
        @only redis ochre
        @since 7.0
        @skip-lens restore RESTORE needs memory too
        > SET k v                                                       => OK
        > CONFIG SET maxmemory 1                                        => OK
        > EVAL "return redis.pcall('set','k','v')" 0                    => (error) 'OOM command not allowed when used memory > \'maxmemory\'.'
        > EVAL "return redis.call('set','k','v')" 0                     => (error) 'OOM command not allowed when used memory > \'maxmemory\'. script: d223ed8c7345b684e8ed044ed472601f536fa58b, on @user_script:1.'
        > EVAL "return redis.call('get','k')" 0                         => 'v'
        > EVAL "redis.call('del','k') return redis.call('set','k','w')" 0  => OK
        > EVAL "#!lua\nreturn redis.call('get','k')" 0                  => (error) 'OOM command not allowed when used memory > \'maxmemory\'.'
        > EVAL "#!lua flags=no-writes\nreturn redis.call('get','k')" 0  => 'w'
        > EVAL "#!lua flags=allow-oom\nreturn redis.call('set','k','x')" 0  => OK
        > EVAL "#!lua flags=allow-oom,no-writes\nreturn redis.pcall('set','k','v')" 0  => (error) ERR Write commands are not allowed from read-only scripts.
        > EVAL "#!lua flags=allow-stale,no-cluster,allow-cross-slot-keys,no-writes\nreturn redis.call('get','k')" 0  => 'x'
        > CONFIG SET maxmemory 0                                        => OK
    "##,
    );
}
