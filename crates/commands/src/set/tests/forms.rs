//! Which form a set has.

use server::testing::check;

#[test]
fn forms_follow_members_and_limits() {
    check(
        r"
        @since 7.2
        @skip-encodings restore portable payloads do not tell the forms of small sets apart
        @config set-max-intset-entries 5
        @config set-max-listpack-entries 10
        @config set-max-listpack-value 20
        > SADD k 1 2 3 4 5              => 5
        > OBJECT ENCODING k             => 'intset'
        > SADD k 6                      => 1
        > OBJECT ENCODING k             => 'hashtable'
        > SADD m 1 2 3 4 5 6            => 6
        > OBJECT ENCODING m             => 'listpack'
        > SADD n 1 2                    => 2
        > SADD n a                      => 1
        > OBJECT ENCODING n             => 'listpack'
        > SREM n a                      => 1
        > OBJECT ENCODING n             => 'listpack'
        > SADD n b c d e f g h          => 7
        > OBJECT ENCODING n             => 'listpack'
        > SADD n i j                    => 2
        > OBJECT ENCODING n             => 'hashtable'
        > SADD o 123456789012345678901  => 1
        > OBJECT ENCODING o             => 'hashtable'
        > SADD p a a a a a a a a a a a  => 1
        > OBJECT ENCODING p             => 'hashtable'
        ",
    );
}

#[test]
fn results_have_the_form_their_members_allow() {
    check(
        r"
        @since 7.2
        @resp2
        @skip-lens encodings hash tables only
        @skip-lens restore a set of type 2 comes back with its leading integers in order
        > SADD l a 1 2 3                => 4
        > SADD m b 3 2 9                => 4
        > SADD x a                      => 1
        > SINTERSTORE d l m             => 2
        > OBJECT ENCODING d             => 'intset'
        > SDIFFSTORE d l x              => 3
        > OBJECT ENCODING d             => 'intset'
        > SADD n z 3 1 a                => 4
        > SREM n z                      => 1
        > SUNIONSTORE d n               => 3
        > SMEMBERS d                    =>2 ['1', '3', 'a']
        > SINTERSTORE d n               => 3
        > SMEMBERS d                    =>2 ['3', '1', 'a']
        > SDIFFSTORE d n                => 3
        > SMEMBERS d                    =>2 ['1', '3', 'a']
        ",
    );
}
