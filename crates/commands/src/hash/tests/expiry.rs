//! Fields that expire.

use server::testing::{MemoryServer, check};

#[test]
fn a_field_lives_through_the_millisecond_of_its_deadline() {
    check(
        r"
            @since 8.0 valkey 9.0
            > HSET h a 1 b 2                              => 2
            > HPEXPIRE h 300 FIELDS 1 a                   => [1]
            @now +200ms
            > HGET h a                                    => '1'
            @now +110ms
            > HGET h a                                    => (nil)
            > HLEN h                                      => 1
            > HGETALL h                                   => {'b': '2'}
            > HTTL h FIELDS 2 a b                         => [-2, -1]
            > HPEXPIRE h 50 FIELDS 1 b                    => [1]
            @now +60ms
            > EXISTS h                                    => 0
            > TYPE h                                      => none
            > HSET h a 5                                  => 1
            > HTTL h FIELDS 1 a                           => [-1]
        ",
    );
}

#[test]
fn fields_of_large_hashes_expire_too() {
    check(
        r"
            @since 8.0 valkey 9.0
            > CONFIG SET hash-max-listpack-entries 1      => OK
            > HSET h a 1 b 2 c 3 d 4                      => 4
            > HPEXPIRE h 100 FIELDS 2 a b                 => [1, 1]
            > HPEXPIRE h 200 FIELDS 1 c                   => [1]
            > HPERSIST h FIELDS 1 b                       => [1]
            @now +110ms
            > HMGET h a b c d                             => [(nil), '2', '3', '4']
            > HLEN h                                      => 3
            @now +100ms
            > HKEYS h                                     => unordered ['b', 'd']
            > HLEN h                                      => 2
        ",
    );
}

#[test]
fn all_four_units_and_origins_set_the_same_deadline() {
    check(
        r"
            @since 8.0 valkey 9.0
            > HSET h a 1 b 2                              => 2
            > HEXPIREAT h 4102444800 FIELDS 1 a           => [1]
            > HPEXPIREAT h 4102444800000 FIELDS 1 b       => [1]
            > HPEXPIRETIME h FIELDS 2 a b                 => [4102444800000, 4102444800000]
            > HEXPIRETIME h FIELDS 2 a b                  => [4102444800, 4102444800]
            > HPEXPIREAT h 4102444800001 FIELDS 1 a       => [1]
            > HEXPIRE h 100 FIELDS 1 b                    => [1]
            > HTTL h FIELDS 1 b                           => [100]
            > HPEXPIRE h 100000 FIELDS 1 b                => [1]
            > HTTL h FIELDS 1 b                           => [100]
        ",
    );
    check(
        r"
            @only redis ochre
            @since 8.0
            > HSET h a 1                                  => 1
            > HPEXPIREAT h 4102444800001 FIELDS 1 a       => [1]
            > HEXPIRETIME h FIELDS 1 a                    => [4102444801]
        ",
    );
}

#[test]
fn conditions_look_at_each_field() {
    check(
        r"
            @since 8.0 valkey 9.0
            > HSET h a 1 b 2                              => 2
            > HPEXPIREAT h 4102444800000 FIELDS 1 a       => [1]
            > HPEXPIREAT h 4102444800000 NX FIELDS 2 a b  => [0, 1]
            > HPERSIST h FIELDS 1 b                       => [1]
            > HPEXPIREAT h 4102444800001 XX FIELDS 3 a b zz   => [1, 0, -2]
            > HPEXPIREAT h 4102444800001 GT FIELDS 2 a b  => [0, 0]
            > HPEXPIREAT h 4102444800002 GT FIELDS 2 a b  => [1, 0]
            > HPEXPIREAT h 4102444800002 LT FIELDS 2 a b  => [0, 1]
            > HPEXPIREAT h 4102444800001 LT FIELDS 1 a    => [1]
            > HPEXPIRETIME h FIELDS 2 a b                 => [4102444800001, 4102444800002]
            > HPEXPIREAT h 1 NX FIELDS 1 a                => [0]
            > HPEXPIREAT h 1 XX FIELDS 1 a                => [2]
            > HGETALL h                                   => {'b': '2'}
        ",
    );
}

#[test]
fn deadlines_travel_with_the_key() {
    check(
        r"
            @since 8.0 valkey 9.0
            > HSET h a 1 b 2                              => 2
            > HPEXPIRE h 100 FIELDS 1 a                   => [1]
            > COPY h copied                               => 1
            > RENAME h renamed                            => OK
            > COPY renamed moved                          => 1
            > MOVE moved 1                                => 1
            > HLEN copied                                 => 2
            @now +110ms
            > HLEN copied                                 => 1
            > HLEN renamed                                => 1
            > SELECT 1                                    => OK
            > HLEN moved                                  => 1
            > HSETEX gone PX 50 FIELDS 1 a 1              => 1
            > SET gone string                             => OK
            @now +60ms
            > GET gone                                    => 'string'
        ",
    );
}

#[test]
fn fields_past_their_deadline_are_hidden_until_they_are_removed() {
    let text = r"
            > HSET h a 1 b 2 c 3                          => 3
            > HPEXPIRE h 10 FIELDS 2 a b                  => [1, 1]
            @now +20ms
            > HLEN h                                      => 3
            > HGET h a                                    => (nil)
            > HEXISTS h a                                 => 0
            > HSTRLEN h a                                 => 0
            > HMGET h a b c                               => [(nil), (nil), '3']
            > HGETALL h                                   => {'c': '3'}
            > HKEYS h                                     => ['c']
            > HRANDFIELD h 5                              => ['c']
            > HSCAN h 0                                   => ['0', ['c', '3']]
            > HTTL h FIELDS 1 a                           => [-2]
            > HPERSIST h FIELDS 1 a                       => [-2]
            > HSETNX h a 5                                => 1
            > HINCRBY h b 5                               => 5
            > HLEN h                                      => 3
            > HPEXPIRE h 10 FIELDS 3 a b c                => [1, 1, 1]
            @now +20ms
            > EXISTS h                                    => 1
            > TYPE h                                      => hash
            > HGETALL h                                   => {}
            > HDEL h a                                    => 1
            > HSET h b 1                                  => 0
            > HGETDEL h FIELDS 1 c                        => [(nil)]
            > HLEN h                                      => 1
            > HPEXPIRE h 10 FIELDS 1 b                    => [1]
            @now +20ms
            > HSETEX h FXX EX 10 FIELDS 1 b 2             => 0
            > EXISTS h                                    => 0
    ";
    let lazy = || -> Box<dyn testkit::Subject> {
        let server = MemoryServer::new(1);
        server.set_active_expire(false);
        Box::new(server)
    };
    testkit::check_under(&[testkit::Lens::RESP2], &lazy, text);
    testkit::check_under(&[testkit::Lens::REPLICA], &|| Box::new(server::testing::Replicated::lazy()), text);
}
