//! What the hash commands refuse, and in which order they look at their arguments.

use server::testing::check;

#[test]
fn plain_commands_read_their_arguments_before_they_look_at_the_field() {
    check(
        r"
            > SET s x                                        => OK
            > HSET h a 1 b x c 1.5                           => 3
            > HSET h sp ' 1' inf inf big 9223372036854775807 => 3
            > HSET                                           => (error) ERR wrong number of arguments for 'hset' command
            > HSET h a                                       => (error) ERR wrong number of arguments for 'hset' command
            > HSET h a 1 b                                   => (error) ERR wrong number of arguments for 'hset' command
            > HSET s a 1                                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HMSET h a                                      => (error) ERR wrong number of arguments for 'hmset' command
            > HMSET h a 1 b                                  => (error) ERR wrong number of arguments for 'hmset' command
            > HMSET s a 1                                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HSETNX h a                                     => (error) ERR wrong number of arguments for 'hsetnx' command
            > HSETNX s a 1                                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGET s a                                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGET h                                         => (error) ERR wrong number of arguments for 'hget' command
            > HGET h a b                                     => (error) ERR wrong number of arguments for 'hget' command
            > HMGET s a                                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HMGET h                                        => (error) ERR wrong number of arguments for 'hmget' command
            > HGETALL s                                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGETALL h a                                    => (error) ERR wrong number of arguments for 'hgetall' command
            > HLEN s                                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HEXISTS s a                                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HSTRLEN s a                                    => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HDEL s a                                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HDEL h                                         => (error) ERR wrong number of arguments for 'hdel' command
            > HKEYS s                                        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HVALS s                                        => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HINCRBY h b 1                                  => (error) ERR hash value is not an integer
            > HINCRBY h sp 1                                 => (error) ERR hash value is not an integer
            > HINCRBY h c 1                                  => (error) ERR hash value is not an integer
            > HINCRBY h a x                                  => (error) ERR value is not an integer or out of range
            > HINCRBY h b x                                  => (error) ERR value is not an integer or out of range
            > HINCRBY s a x                                  => (error) ERR value is not an integer or out of range
            > HINCRBY s a 1                                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HINCRBY h big 1                                => (error) ERR increment or decrement would overflow
            > HINCRBY h a 1.5                                => (error) ERR value is not an integer or out of range
            > HINCRBY h a                                    => (error) ERR wrong number of arguments for 'hincrby' command
            > HINCRBYFLOAT h b 1                             => (error) ERR hash value is not a float
            > HINCRBYFLOAT h sp 1                            => (error) ERR hash value is not a float
            > HINCRBYFLOAT h a x                             => (error) ERR value is not a valid float
            > HINCRBYFLOAT h a inf                           => (error) ERR value is NaN or Infinity
            > HINCRBYFLOAT h a nan                           => (error) ERR value is not a valid float
            > HINCRBYFLOAT h inf 1                           => (error) ERR increment would produce NaN or Infinity
            > HINCRBYFLOAT s a x                             => (error) ERR value is not a valid float
            > HINCRBYFLOAT s a 1                             => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HINCRBYFLOAT h b inf                           => (error) ERR value is NaN or Infinity
            > HGET h a                                       => '1'
            > HLEN h                                         => 6
            > EXISTS none                                    => 0
            > HINCRBY none f x                               => (error) ERR value is not an integer or out of range
            > EXISTS none                                    => 0
        ",
    );
}

#[test]
fn hrandfield_and_hscan_read_counts_and_cursors_first() {
    check(
        r"
            @since 7.2 valkey 7.2
            > SET s x                                        => OK
            > HSET h a 1 b x c 1.5                           => 3
            > HRANDFIELD h x                                 => (error) ERR value is not an integer or out of range
            > HRANDFIELD h 1 x                               => (error) ERR syntax error
            > HRANDFIELD h 1 WITHVALUES x                    => (error) ERR syntax error
            > HRANDFIELD s                                   => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HRANDFIELD s 1                                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HRANDFIELD none                                => (nil)
            > HRANDFIELD none 1                              => []
            > HRANDFIELD none 0                              => []
            > HRANDFIELD h 0                                 => []
            > HRANDFIELD h -9223372036854775808              => (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            > HRANDFIELD h -9223372036854775807 WITHVALUES   => (error) ERR value is out of range
            > HRANDFIELD h 9223372036854775807 WITHVALUES    => (error) ERR value is out of range
            > HRANDFIELD h x WITHVALUES                      => (error) ERR value is not an integer or out of range
            > HRANDFIELD h 1 FOO BAR                         => (error) ERR syntax error
            > HRANDFIELD s 1 FOO                             => (error) ERR syntax error
            > HRANDFIELD h withvalues                        => (error) ERR value is not an integer or out of range
            > HSCAN h                                        => (error) ERR wrong number of arguments for 'hscan' command
            > HSCAN h x                                      => (error) ERR invalid cursor
            > HSCAN s 0                                      => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HSCAN none 0                                   => ['0', []]
            > HSCAN s x                                      => (error) ERR invalid cursor
            > HSCAN none x                                   => (error) ERR invalid cursor
            > HSCAN none 0 COUNT 0                           => ['0', []]
            > HSCAN none 0 FOO                               => ['0', []]
            > HSCAN h 0 TYPE hash                            => (error) ERR syntax error
            > HSCAN h 0 COUNT x                              => (error) ERR value is not an integer or out of range
            > HSCAN h 0 COUNT 0                              => (error) ERR syntax error
            > HSCAN h 0 MATCH                                => (error) ERR syntax error
            > HSCAN s 0 FOO                                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
        ",
    );
}

#[test]
fn deadlines_of_fields_are_refused_in_redis_8_words() {
    check(
        r"
            @only redis ochre
            @since 8.0
            > SET s x                                        => OK
            > HSET h a 1 b 2                                 => 2
            > HEXPIRE h                                      => (error) ERR wrong number of arguments for 'hexpire' command
            > HEXPIRE h 1 FIELDS 1                           => (error) ERR wrong number of arguments for 'hexpire' command
            > HEXPIRE h x FIELDS 1 a                         => (error) ERR value is not an integer or out of range
            > HEXPIRE h 1 FIELDS x a                         => (error) ERR Parameter `numFields` should be greater than 0
            > HEXPIRE h 1 FIELDS 0 a                         => (error) ERR Parameter `numFields` should be greater than 0
            > HEXPIRE h 1 FIELDS -1 a                        => (error) ERR Parameter `numFields` should be greater than 0
            > HEXPIRE h 1 FIELDS 2 a                         => (error) ERR The `numfields` parameter must match the number of arguments
            > HEXPIRE h 1 FIELDS 1 a b                       => (error) ERR The `numfields` parameter must match the number of arguments
            > HEXPIRE h 1 FOO 1 a                            => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HEXPIRE h 1 NX XX FIELDS 1 a                   => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HEXPIRE h 100 FIELDS 1 a NX                    => (error) ERR The `numfields` parameter must match the number of arguments
            > HEXPIRE h -1 FIELDS 1 a                        => (error) ERR invalid expire time, must be >= 0
            > HEXPIRE h 9223372036854775807 FIELDS 1 a       => (error) ERR invalid expire time in 'hexpire' command
            > HPEXPIREAT h 70368744177664 FIELDS 1 zz        => (error) ERR invalid expire time in 'hpexpireat' command
            > HPEXPIREAT h 70368744177663 FIELDS 1 zz        => [-2]
            > HEXPIREAT h 70368744178 FIELDS 1 zz            => (error) ERR invalid expire time in 'hexpireat' command
            > HEXPIREAT h 70368744177 FIELDS 1 zz            => [-2]
            > HPEXPIRE h 9223372036854775807 FIELDS 1 zz     => (error) ERR invalid expire time in 'hpexpire' command
            > HPEXPIREAT h -1 FIELDS 1 zz                    => (error) ERR invalid expire time, must be >= 0
            > HPEXPIREAT h 0 FIELDS 1 zz                     => [-2]
            > HEXPIRE s 1 FIELDS 1 a                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HEXPIRE s x FIELDS 1 a                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HEXPIRE s 1 FIELDS 0 a                         => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HEXPIRE none 1 FIELDS 2 a b                    => [-2, -2]
            > HEXPIRE none x FIELDS 2 a b                    => (error) ERR value is not an integer or out of range
            > HEXPIRE none 1 FIELDS 3 a b                    => (error) ERR The `numfields` parameter must match the number of arguments
            > HEXPIRE h 1 GT LT FIELDS 1 a                   => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HEXPIRE h 1 FIELDS NX 1 a                      => (error) ERR Parameter `numFields` should be greater than 0
            > HEXPIRE h 1 fields 9999999999999 a             => (error) ERR The `numfields` parameter must match the number of arguments
            > HEXPIRE h x NX FOO 1 a                         => (error) ERR value is not an integer or out of range
            > HEXPIRE h -1 FOO 1 a                           => (error) ERR invalid expire time, must be >= 0
            > HEXPIRE h 9223372036854775807 FIELDS 0 a       => (error) ERR invalid expire time in 'hexpire' command
            > HEXPIRE h 1 NX FIELDS 1                        => (error) ERR The `numfields` parameter must match the number of arguments
            > HTTL h                                         => (error) ERR wrong number of arguments for 'httl' command
            > HTTL h FOO 1 a                                 => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HTTL h FIELDS x a                              => (error) ERR Number of fields must be a positive integer
            > HTTL h FIELDS 0 a                              => (error) ERR Number of fields must be a positive integer
            > HTTL h FIELDS 2 a                              => (error) ERR The `numfields` parameter must match the number of arguments
            > HTTL h FIELDS 1 a b                            => (error) ERR The `numfields` parameter must match the number of arguments
            > HTTL s FIELDS 1 a                              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HTTL none FIELDS 2 a b                         => [-2, -2]
            > HTTL none FIELDS 0 a                           => (error) ERR Number of fields must be a positive integer
            > HTTL s FOO 1 a                                 => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HTTL h FIELDS 2 zz a                           => [-2, -1]
            > HPTTL h FIELDS 2 zz a                          => [-2, -1]
            > HEXPIRETIME h FIELDS 2 zz a                    => [-2, -1]
            > HPEXPIRETIME h FIELDS 2 zz a                   => [-2, -1]
            > HTTL h FIELDS 18446744073709551617 a           => (error) ERR Number of fields must be a positive integer
            > HTTL h FIELDS 9223372036854775807 a            => (error) ERR The `numfields` parameter must match the number of arguments
            > HPERSIST h FIELDS 1                            => (error) ERR wrong number of arguments for 'hpersist' command
            > HPERSIST h FOO 1 a                             => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HPERSIST h FIELDS 2 a                          => (error) ERR The `numfields` parameter must match the number of arguments
            > HPERSIST h FIELDS 0 a                          => (error) ERR Number of fields must be a positive integer
            > HPERSIST s FIELDS 1 a                          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HPERSIST none FIELDS 1 a                       => [-2]
            > HPERSIST h FIELDS 3 a zz a                     => [-1, -2, -1]
            > HEXPIRE h 1000 FIELDS 3 a a zz                 => [1, 1, -2]
            > HTTL h FIELDS 1 a                              => [1000]
            > HPERSIST h FIELDS 2 a a                        => [1, -1]
            > HEXPIRE h 0 FIELDS 2 a a                       => [2, -2]
            > HLEN h                                         => 1
            > HPEXPIRE h 0 FIELDS 1 b                        => [2]
            > EXISTS h                                       => 0
        ",
    );
}

#[test]
fn hgetdel_and_hgetex_look_at_the_key_before_the_options() {
    check(
        r"
            @only redis ochre
            @since 8.0
            > SET s x                                        => OK
            > HSET h a 1 b 2 c 3                             => 3
            > HGETDEL h                                      => (error) ERR wrong number of arguments for 'hgetdel' command
            > HGETDEL h FOO 1 a                              => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HGETDEL h FIELDS x a                           => (error) ERR Number of fields must be a positive integer
            > HGETDEL h FIELDS 0 a                           => (error) ERR Number of fields must be a positive integer
            > HGETDEL h FIELDS 2 a                           => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETDEL h FIELDS 1 a b                         => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETDEL s FIELDS 1 a                           => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGETDEL none FIELDS 2 a b                      => [(nil), (nil)]
            > HGETDEL s FOO 1 a                              => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGETDEL none FIELDS 3 a b                      => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETDEL h FIELDS 3 c zz c                      => ['3', (nil), (nil)]
            > HGETEX h                                       => (error) ERR wrong number of arguments for 'hgetex' command
            > HGETEX h FIELDS 1 a                            => ['1']
            > HGETEX h FIELDS 1                              => (error) ERR wrong number of arguments for 'hgetex' command
            > HGETEX h FIELDS 1 a EX 10                      => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETEX h EX FIELDS 1 a                         => (error) ERR value is not an integer or out of range
            > HGETEX h EX x FIELDS 1 a                       => (error) ERR value is not an integer or out of range
            > HGETEX h EX -1 FIELDS 1 a                      => (error) ERR invalid expire time, must be >= 0
            > HGETEX h EX 10 PX 10 FIELDS 1 a                => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HGETEX h PERSIST EX 10 FIELDS 1 a              => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HGETEX h EX 9223372036854775807 FIELDS 1 a     => (error) ERR invalid expire time in 'hgetex' command
            > HGETEX h PXAT 70368744177664 FIELDS 1 a        => (error) ERR invalid expire time in 'hgetex' command
            > HGETEX h FIELDS 2 a                            => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETEX h FIELDS 0 a                            => (error) ERR Number of fields must be a positive integer
            > HGETEX h FIELDS x a                            => (error) ERR Number of fields must be a positive integer
            > HGETEX s FIELDS 1 a                            => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGETEX s EX x FIELDS 1 a                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HGETEX none FIELDS 2 a b                       => [(nil), (nil)]
            > HGETEX none EX x FIELDS 2 a b                  => (error) ERR value is not an integer or out of range
            > HGETEX h KEEPTTL FIELDS 1 a                    => (error) ERR Mandatory argument FIELDS is missing or not at the right position
            > HGETEX h EX 10                                 => (error) ERR wrong number of arguments for 'hgetex' command
            > HGETEX h EX 10 FIELDS                          => (error) ERR wrong number of arguments for 'hgetex' command
            > HGETEX h EX 10 FIELDS 1                        => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETEX h EX 10 FOO                             => (error) ERR wrong number of arguments for 'hgetex' command
            > HGETEX h PERSIST FIELDS 1                      => (error) ERR The `numfields` parameter must match the number of arguments
            > HGETEX h EX 100 FIELDS 2 a zz                  => ['1', (nil)]
            > HTTL h FIELDS 2 a b                            => [100, -1]
            > HGETEX h PERSIST FIELDS 2 a b                  => ['1', '2']
            > HTTL h FIELDS 2 a b                            => [-1, -1]
            > HGETEX h EX 0 FIELDS 2 a a                     => ['1', (nil)]
            > HGETEX h PXAT 1 FIELDS 1 b                     => ['2']
            > EXISTS h                                       => 0
        ",
    );
}

#[test]
fn hsetex_reads_everything_before_it_looks_at_the_key() {
    check(
        r"
            @only redis ochre
            @since 8.0
            > SET s x                                        => OK
            > HSETEX h                                       => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h FIELDS 1 a 1                          => 1
            > HSETEX h FIELDS 1 a                            => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h FIELDS 2 a 1                          => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h FIELDS 1 a 1 b 2                      => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h FIELDS 1 a 1 EX 10                    => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h FNX FXX FIELDS 1 a 1                  => (error) ERR Only one of FXX or FNX arguments can be specified
            > HSETEX h FNX FNX FIELDS 1 a 1                  => (error) ERR Only one of FXX or FNX arguments can be specified
            > HSETEX h EX 10 KEEPTTL FIELDS 1 a 1            => (error) ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
            > HSETEX h KEEPTTL KEEPTTL FIELDS 1 a 1          => (error) ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified
            > HSETEX h EX x FIELDS 1 a 1                     => (error) ERR value is not an integer or out of range
            > HSETEX h EX -1 FIELDS 1 a 1                    => (error) ERR invalid expire time, must be >= 0
            > HSETEX h PERSIST FIELDS 1 a 1                  => (error) ERR unknown argument: PERSIST
            > HSETEX h FIELDS 0 a 1                          => (error) ERR invalid number of fields
            > HSETEX h FIELDS x a 1                          => (error) ERR invalid number of fields
            > HSETEX h FIELDS 2147483648 a 1                 => (error) ERR invalid number of fields
            > HSETEX s FIELDS 1 a 1                          => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HSETEX s EX x FIELDS 1 a 1                     => (error) ERR value is not an integer or out of range
            > HSETEX s EX 0 FIELDS 1 a 1                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > HSETEX h PXAT 70368744177664 FIELDS 1 a 1      => (error) ERR invalid expire time in 'hsetex' command
            > HSETEX h EX 9223372036854775807 FIELDS 1 a 1   => (error) ERR invalid expire time in 'hsetex' command
            > HSETEX h FOO FIELDS 1 a 1                      => (error) ERR unknown argument: FOO
            > HSETEX h FXX FIELDS 2 a 1 zz 1                 => 0
            > HSETEX none FXX FIELDS 1 a 1                   => 0
            > EXISTS none                                    => 0
            > HSETEX h FNX EX 10 FIELDS                      => (error) ERR wrong number of arguments for 'hsetex' command
            > HSETEX h EX x FOO FIELDS 1 a 1                 => (error) ERR value is not an integer or out of range
            > HSETEX h FNX FIELDS 2 z 1 z 2                  => 1
            > HGET h z                                       => '2'
            > HSETEX h EX 100 FIELDS 2 a 5 n 6               => 1
            > HTTL h FIELDS 3 a n z                          => [100, 100, -1]
            > HSETEX h KEEPTTL FIELDS 1 a 7                  => 1
            > HTTL h FIELDS 1 a                              => [100]
            > HSETEX h FIELDS 1 a 8                          => 1
            > HTTL h FIELDS 1 a                              => [-1]
            > HSETEX h EX 0 FIELDS 2 y 1 a 2                 => 1
            > HMGET h y a n                                  => [(nil), (nil), '6']
            > HSETEX fresh PXAT 1 FIELDS 1 a 1               => 1
            > EXISTS fresh                                   => 0
        ",
    );
}
