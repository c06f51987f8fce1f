//! When a hash changes its form: as Redis does, and never back.

use server::testing::check;

#[test]
fn a_hash_grows_out_of_its_listpack_by_number_and_by_length() {
    check(
        r"
            > CONFIG SET hash-max-listpack-entries 3      => OK
            > HSET h a 1 b 2 c 3                          => 3
            > OBJECT ENCODING h                           => 'listpack'
            > HSET h a 5                                  => 0
            > OBJECT ENCODING h                           => 'listpack'
            > HSET h d 4                                  => 1
            @skip-encodings restore a hash table comes back as small as it fits
            > OBJECT ENCODING h                           => 'hashtable'
            > HDEL h a b c                                => 3
            > OBJECT ENCODING h                           => 'hashtable'
            > HSETNX n a 1                                => 1
            > HINCRBY n b 1                               => 1
            > HINCRBYFLOAT n c 1                          => '1'
            > OBJECT ENCODING n                           => 'listpack'
            > HINCRBY n d 1                               => 1
            > OBJECT ENCODING n                           => 'hashtable'
            > HSET twice a 1 a 2 a 3 a 4                  => 1
            > OBJECT ENCODING twice                       => 'hashtable'
            > HGETALL twice                               => {'a': '4'}
        ",
    );
    check(
        r"
            > CONFIG SET hash-max-listpack-value 5        => OK
            > HSET h abcde 12345                          => 1
            > OBJECT ENCODING h                           => 'listpack'
            > HSET h b 123456                             => 1
            @skip-encodings restore a hash table comes back as small as it fits
            > OBJECT ENCODING h                           => 'hashtable'
            > HSET g abcdef 1                             => 1
            > OBJECT ENCODING g                           => 'hashtable'
            > HSET i n 99999                              => 1
            > HINCRBY i n 1                               => 100000
            > OBJECT ENCODING i                           => 'hashtable'
            > HINCRBYFLOAT f n 1.2345                     => '1.2345'
            > OBJECT ENCODING f                           => 'hashtable'
            > HGET f n                                    => '1.2345'
        ",
    );
}

#[test]
fn a_deadline_makes_a_listpackex_which_stays() {
    check(
        r"
            @only redis ochre
            @since 8.0
            @skip-encodings restore without a deadline the portable form is the plain one
            > CONFIG SET hash-max-listpack-entries 3      => OK
            > HSET h a 1 b 2                              => 2
            > HEXPIRE h 100 FIELDS 1 zz                   => [-2]
            > OBJECT ENCODING h                           => 'listpack'
            > HEXPIRE h 100 FIELDS 1 b                    => [1]
            > OBJECT ENCODING h                           => 'listpackex'
            > HPERSIST h FIELDS 1 b                       => [1]
            > OBJECT ENCODING h                           => 'listpackex'
            > HSET h c 3                                  => 1
            > HEXPIRE h 100 FIELDS 1 c                    => [1]
            > HSETEX h EX 200 FIELDS 1 d 4                => 1
            > OBJECT ENCODING h                           => 'hashtable'
            > HTTL h FIELDS 4 a b c d                     => [-1, -1, 100, 200]
            > HSETEX x EX 100 FIELDS 1 a 1                => 1
            > OBJECT ENCODING x                           => 'listpackex'
            > COPY x y                                    => 1
            > OBJECT ENCODING y                           => 'listpackex'
        ",
    );
}

#[test]
fn a_listpackex_is_sorted_by_deadline_and_the_latest_change_comes_first() {
    check(
        r"
            @only redis ochre
            @since 8.0
            > HSET h a 1 b 1 c 1 d 1 e 1                                => 5
            > HPEXPIREAT h 4102444800010 FIELDS 1 c                     => [1]
            > HPEXPIREAT h 4102444800005 FIELDS 1 b                     => [1]
            > HPEXPIREAT h 4102444800010 FIELDS 1 d                     => [1]
            > HPEXPIREAT h 4102444800020 FIELDS 1 e                     => [1]
            > HKEYS h                                                   => ['b', 'd', 'c', 'e', 'a']
            > HINCRBY h c 2                                             => 3
            > HSETEX h KEEPTTL FIELDS 1 d 9                             => 1
            > HKEYS h                                                   => ['b', 'd', 'c', 'e', 'a']
            > HPEXPIREAT h 4102444800010 FIELDS 1 b                     => [1]
            > HKEYS h                                                   => ['b', 'd', 'c', 'e', 'a']
            > HPEXPIREAT h 4102444800010 FIELDS 1 c                     => [1]
            > HKEYS h                                                   => ['c', 'b', 'd', 'e', 'a']
            > HSET h b 2                                                => 0
            > HKEYS h                                                   => ['c', 'd', 'e', 'a', 'b']
            > HPERSIST h FIELDS 2 e c                                   => [1, 1]
            > HKEYS h                                                   => ['d', 'a', 'b', 'e', 'c']
            > HSETEX h PXAT 4102444800010 FIELDS 2 a 9 n 1              => 1
            > HKEYS h                                                   => ['n', 'a', 'd', 'b', 'e', 'c']
            > HSETEX h FIELDS 2 d 9 o 1                                 => 1
            > HKEYS h                                                   => ['n', 'a', 'b', 'e', 'c', 'd', 'o']
        ",
    );
}
