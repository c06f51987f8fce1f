//! Setting and reading fields.

use resp::{ReadLimits, Reader, Value};
use server::testing::{MemoryServer, check};
use testkit::{Subject, Wait};

#[test]
fn fields_are_set_read_and_removed() {
    check(
        r"
            > HSET h a 1 b two c ''                       => 3
            > HSET h a 5 d 4                              => 1
            > HMSET h b 2 e 5                             => OK
            > HSETNX h a 9                                => 0
            > HSETNX h f 6                                => 1
            > HGET h a                                    => '5'
            > HGET h zz                                   => (nil)
            > HGET none a                                 => (nil)
            > HMGET h a zz b a                            => ['5', (nil), '2', '5']
            > HMGET none a b                              => [(nil), (nil)]
            > HGETALL none                                => {}
            > HLEN h                                      => 6
            > HLEN none                                   => 0
            > HEXISTS h a                                 => 1
            > HEXISTS h zz                                => 0
            > HSTRLEN h a                                 => 1
            > HSTRLEN h c                                 => 0
            > HSTRLEN h zz                                => 0
            > HDEL h a zz a                               => 1
            > HKEYS h                                     => unordered ['b', 'c', 'd', 'e', 'f']
            > HVALS h                                     => unordered ['2', '', '4', '5', '6']
            > HKEYS none                                  => []
            > HVALS none                                  => []
            > HDEL h b c d e f                            => 5
            > EXISTS h                                    => 0
            > HDEL h b                                    => 0
            > HSET h -123456789012 9223372036854775807    => 1
            > HSTRLEN h -123456789012                     => 19
            > HGETALL h                                   => {'-123456789012': '9223372036854775807'}
        ",
    );
}

#[test]
fn numbers_in_fields_are_counted_up_and_keep_their_deadline() {
    check(
        r"
            > HINCRBY h n 5                               => 5
            > HINCRBY h n -7                              => -2
            > HSET h max 9223372036854775807              => 1
            > HINCRBY h max 1                             => (error) ERR increment or decrement would overflow
            > HINCRBY h max -1                            => 9223372036854775806
            > HINCRBYFLOAT h f 10.5                       => '10.5'
            > HINCRBYFLOAT h f 0.1                        => '10.6'
            > HINCRBYFLOAT h f 5.0e3                      => '5010.60000000000000009'
            > HINCRBYFLOAT h n 0.5                        => '-1.5'
            > HINCRBY h n 1                               => (error) ERR hash value is not an integer
            > HINCRBYFLOAT h z -0                         => '0'
            > HGET h f                                    => '5010.60000000000000009'
        ",
    );
    check(
        r"
            @since 8.0 valkey 9.0
            > HSETEX h EX 100 FIELDS 2 n 1 f 1            => 1
            > HINCRBY h n 1                               => 2
            > HINCRBYFLOAT h f 1                          => '2'
            > HTTL h FIELDS 2 n f                         => [100, 100]
            > HSET h n 5                                  => 0
            > HTTL h FIELDS 2 n f                         => [-1, 100]
        ",
    );
}

#[test]
fn hscan_answers_a_small_hash_at_once() {
    check(
        r"
            > HSET h a 1 b 2 ab 3                         => 3
            > HSCAN h 0 MATCH a COUNT 1                   => ['0', ['a', '1']]
            > HSCAN h 0 match ?b                          => ['0', ['ab', '3']]
            > HSCAN h 0 MATCH x                           => ['0', []]
            > HSCAN h 0 MATCH a MATCH b                   => ['0', ['b', '2']]
            > HSCAN h 0 COUNT 1000                        => ['0', *]
        ",
    );
    check(
        r"
            @since 8.0 valkey 9.0
            > HSET h a 1 b 2 ab 3                         => 3
            > HSCAN h 0 MATCH a NOVALUES                  => ['0', ['a']]
            > HSCAN h 0 NOVALUES COUNT 100                => ['0', unordered ['a', 'b', 'ab']]
        ",
    );
}

#[test]
fn hrandfield_picks_different_fields_or_repeats_them() {
    check(
        r"
            > HSET h a 1                                  => 1
            > HRANDFIELD h                                => 'a'
            > HRANDFIELD h 5                              => ['a']
            > HRANDFIELD h -3                             => ['a', 'a', 'a']
            > HSET h b 2 c 3                              => 2
            > HRANDFIELD h 5                              => unordered ['a', 'b', 'c']
        ",
    );
}

#[test]
fn every_field_is_picked_about_as_often_as_any_other() {
    for limit in [512, 0] {
        let mut server = MemoryServer::new(1);
        ask(&mut server, &format!("CONFIG SET hash-max-listpack-entries {limit}"));
        for field in 0..20 {
            ask(&mut server, &format!("HSET h {field} 1"));
        }
        for command in ["HRANDFIELD h", "HRANDFIELD h 3", "HRANDFIELD h -3", "HRANDFIELD h 15"] {
            let mut counts = [0_u32; 20];
            let mut total = 0;
            for _ in 0..2000 {
                let answer = ask(&mut server, command);
                let fields = if let Value::Array(fields) = answer { fields } else { vec![answer] };
                for field in &fields {
                    let field: usize = std::str::from_utf8(field.as_bytes().unwrap()).unwrap().parse().unwrap();
                    counts[field] += 1;
                    total += 1;
                }
            }
            let mean = total / 20;
            // Far beyond what chance does to fair picks, and far within what an unfair one would show.
            assert!(counts.iter().all(|count| *count > mean / 2 && *count < mean * 2), "{limit} {command}: {counts:?}");
        }
    }
}

#[test]
fn hscan_visits_every_field_that_stays() {
    let mut server = MemoryServer::new(1);
    for field in 0..2000 {
        ask(&mut server, &format!("HSET h field:{field} 1"));
    }
    let (mut cursor, mut seen, mut calls) = (String::from("0"), std::collections::BTreeSet::new(), 0);
    loop {
        let Value::Array(answer) = ask(&mut server, &format!("HSCAN h {cursor} COUNT 7 NOVALUES")) else {
            panic!("no array")
        };
        let [Value::Bulk(next), Value::Array(fields)] = &answer[..] else { panic!("{answer:?}") };
        assert!(fields.len() < 200, "{} fields in one call", fields.len());
        seen.extend(fields.iter().filter_map(Value::as_bytes).map(<[u8]>::to_vec));
        cursor = String::from_utf8(next.clone()).unwrap();
        calls += 1;
        ask(&mut server, &format!("HDEL h field:{}", 1000 + calls));
        ask(&mut server, &format!("HSET h other:{calls} 1"));
        if cursor == "0" {
            break;
        }
        assert!(calls < 3000, "no end in sight");
    }
    let missed = (0..1000).filter(|field| !seen.contains(format!("field:{field}").as_bytes())).count();
    assert_eq!(missed, 0);
}

fn ask(server: &mut MemoryServer, line: &str) -> Value {
    let conn = server.connect().unwrap();
    server.send(conn, format!("{line}\r\n").as_bytes()).unwrap();
    let answer = server.receive(conn, Wait::Reply).unwrap().bytes;
    server.close(conn);
    Reader::new(ReadLimits::default()).read(&mut &answer[..]).unwrap().unwrap()
}
