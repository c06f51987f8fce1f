//! In which order things leave, and for whom.

use resp::{Reader, Value, encode_command};
use testkit::{ConnId, Subject, Wait};

use crate::Targets;
use crate::propagation::{Lost, Tap};
use crate::testing::{MemoryServer, Replicated};

/// A server with a tap for each kind of consumer.
struct Scene {
    server: MemoryServer,
    conn: ConnId,
    aof: Tap,
    replicas: Tap,
}

impl Scene {
    fn new() -> Self {
        Self::start(&[])
    }

    fn start(options: &[&str]) -> Self {
        let mut server = MemoryServer::start(1, options, &[]).unwrap();
        let conn = server.connect().unwrap();
        let [aof, replicas] = [Targets::AOF, Targets::REPLICAS].map(|targets| server.node().tap(0, targets, 1 << 20));
        Self { server, conn, aof, replicas }
    }

    fn ask(&mut self, words: &[&str]) -> String {
        ask(&mut self.server, self.conn, words)
    }

    /// Runs a line of words between spaces and returns what it propagated to an append-only file.
    fn told(&mut self, line: &str) -> String {
        self.told_by(&line.split(' ').collect::<Vec<_>>())
    }

    fn told_by(&mut self, words: &[&str]) -> String {
        self.ask(words);
        commands(&self.aof)
    }

    fn wait_ms(&mut self, ms: u64) {
        assert!(self.server.advance_clock(ms));
    }
}

fn ask(server: &mut MemoryServer, conn: ConnId, words: &[&str]) -> String {
    server.send(conn, &encode_command(words)).unwrap();
    String::from_utf8(server.receive(conn, Wait::Reply).unwrap().bytes).unwrap()
}

/// What has come, as words, with ` ; ` between commands.
fn commands(tap: &Tap) -> String {
    let mut bytes = Vec::new();
    tap.take(&mut bytes).unwrap();
    let mut rest = &bytes[..];
    let mut reader = Reader::default();
    let mut lines = Vec::new();
    while let Some(Value::Array(words)) = reader.read(&mut rest).unwrap() {
        let words = words.iter().map(|word| String::from_utf8_lossy(word.as_bytes().unwrap()).into_owned());
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    assert!(rest.is_empty(), "whole commands only");
    lines.join(" ; ")
}

#[test]
fn databases_are_selected_when_they_change_and_in_front_of_multi() {
    let mut scene = Scene::new();
    assert_eq!(scene.told("SET a 1"), "SELECT 0 ; SET a 1");
    assert_eq!(scene.told("SET a 2"), "SET a 2");
    assert_eq!(scene.told("GET a"), "");
    scene.told("SELECT 3");
    scene.told("MULTI");
    scene.told("SET c 1");
    scene.told("SELECT 4");
    scene.told("SET d 1");
    assert_eq!(scene.told("EXEC"), "SELECT 3 ; MULTI ; SET c 1 ; SELECT 4 ; SET d 1 ; EXEC");
    scene.told("MULTI");
    scene.told("SET d 2");
    scene.told("GET d");
    assert_eq!(scene.told("EXEC"), "SET d 2", "one command needs no wrapping");
    scene.told("MULTI");
    scene.told("GET d");
    assert_eq!(scene.told("EXEC"), "");
}

#[test]
fn who_begins_later_is_told_the_database_and_nothing_older() {
    let mut scene = Scene::new();
    assert_eq!(scene.told("SET a 1"), "SELECT 0 ; SET a 1");
    let late = scene.server.node().tap(0, Targets::ALL, 1 << 20);
    assert_eq!(scene.told("SET a 2"), "SET a 2");
    assert_eq!(commands(&late), "SELECT 0 ; SET a 2");
    drop(late);
    assert_eq!(scene.told("SET a 3"), "SET a 3");
}

#[test]
fn without_a_tap_nothing_is_recorded() {
    let scene = Scene::new();
    let Scene { mut server, conn, aof, replicas } = scene;
    assert!(server.node().propagation.is_on());
    drop(aof);
    assert!(server.node().propagation.is_on());
    drop(replicas);
    assert!(!server.node().propagation.is_on());
    assert_eq!(ask(&mut server, conn, &["SET", "k", "v"]), "+OK\r\n");
}

#[test]
fn a_slow_consumer_costs_no_more_than_its_bound_and_learns_that_it_missed_something() {
    let mut scene = Scene::new();
    let small = scene.server.node().tap(0, Targets::ALL, 100);
    let mut bytes = Vec::new();
    scene.told("SET k v");
    assert_eq!(small.take(&mut bytes), Ok(()));
    assert!(bytes.ends_with(b"SET\r\n$1\r\nk\r\n$1\r\nv\r\n"));
    scene.told(&format!("SET k {}", "x".repeat(100)));
    scene.told("SET k v");
    assert_eq!(small.take(&mut bytes), Err(Lost));
    scene.told("SET k v");
    assert_eq!(small.take(&mut bytes), Err(Lost), "what comes after a gap is of no use");
    drop(small);
    assert_eq!(scene.told("SET k w"), "SET k w", "others are not concerned");
}

#[test]
fn who_replaces_the_data_set_breaks_the_stream_off() {
    let mut scene = Scene::new();
    scene.told("DEBUG POPULATE 2");
    scene.ask(&["SAVE"]);
    assert_eq!(scene.told("DEBUG RELOAD"), "", "it is what it was");
    scene.ask(&["DEBUG", "RELOAD", "NOSAVE"]);
    assert_eq!(scene.aof.take(&mut Vec::new()), Err(Lost));
    assert_eq!(scene.replicas.take(&mut Vec::new()), Err(Lost));
    let anew = scene.server.node().tap(0, Targets::AOF, 1 << 20);
    scene.ask(&["SET", "k", "v"]);
    assert_eq!(commands(&anew), "SELECT 0 ; SET k v");
}

#[test]
fn populated_keys_are_told_one_by_one() {
    let mut scene = Scene::new();
    let told = "SELECT 0 ; MULTI ; SET key:0 value:0 ; SET key:1 value:1 ; EXEC";
    assert_eq!(scene.told("DEBUG POPULATE 2"), told);
    assert_eq!(scene.told("DEBUG POPULATE 2"), "");
}

#[test]
fn a_message_goes_to_replicas_only() {
    let mut scene = Scene::new();
    assert_eq!(scene.told("PUBLISH c m"), "");
    assert_eq!(commands(&scene.replicas), "SELECT 0 ; PUBLISH c m");
    assert_eq!(scene.told("SPUBLISH c m"), "");
    assert_eq!(commands(&scene.replicas), "SPUBLISH c m");
    scene.told("MULTI");
    scene.told("SET k v");
    scene.told("PUBLISH c m");
    assert_eq!(scene.told("EXEC"), "SELECT 0 ; SET k v");
    assert_eq!(commands(&scene.replicas), "MULTI ; SET k v ; PUBLISH c m ; EXEC");
}

#[test]
fn what_a_script_did_leaves_as_one_in_its_own_words() {
    let mut scene = Scene::new();
    let mut eval = |script: &str| scene.told_by(&["EVAL", script, "0"]);
    assert_eq!(eval("redis.call('set','a',1)"), "SELECT 0 ; set a 1");
    assert_eq!(eval("redis.call('set','a',1) redis.call('get','a')"), "set a 1");
    assert_eq!(
        eval("redis.call('set','a',1) redis.call('select',2) redis.call('set','b',1)"),
        "MULTI ; set a 1 ; SELECT 2 ; set b 1 ; EXEC"
    );
    assert_eq!(eval("redis.call('set','a',1) error('x')"), "SELECT 0 ; set a 1", "what was done before is done");
    assert_eq!(eval("redis.pcall('incr','h') redis.pcall('lpush','h','x')"), "incr h");
    assert_eq!(eval("return 1"), "");
    scene.told("SCRIPT LOAD return");
    assert_eq!(scene.told("SCRIPT FLUSH"), "");
}

#[test]
fn a_script_chooses_who_is_told_of_each_write() {
    let mut scene = Scene::new();
    let script = "redis.set_repl(redis.REPL_NONE) redis.call('set','a',1) redis.set_repl(redis.REPL_AOF) redis.call('set','b',1) \
                  redis.set_repl(redis.REPL_REPLICA) redis.call('set','c',1) redis.set_repl(redis.REPL_ALL) redis.call('set','d',1)";
    assert_eq!(scene.told_by(&["EVAL", script, "0"]), "SELECT 0 ; MULTI ; set b 1 ; set d 1 ; EXEC");
    assert_eq!(commands(&scene.replicas), "SELECT 0 ; MULTI ; set c 1 ; set d 1 ; EXEC");
    assert_eq!(scene.told_by(&["EVAL", "redis.set_repl(redis.REPL_NONE) redis.call('set','a',2)", "0"]), "");
    assert_eq!(scene.told("SET a 3"), "SET a 3", "the choice ends with the script");
}

/// A script that is killed while `leave` waits, with rollback wanted.
#[test]
fn of_a_script_that_is_undone_only_what_expired_is_told() {
    let mut scene = Scene::new();
    let killer = scene.server.connect().unwrap();
    for words in [
        &["CONFIG", "SET", "script-kill-rollback", "yes"][..],
        &["CONFIG", "SET", "busy-reply-threshold", "1"],
        &["SET", "gone", "v", "PX", "1"],
    ] {
        assert_eq!(scene.ask(words), "+OK\r\n");
    }
    scene.server.set_active_expire(false);
    scene.wait_ms(10);
    commands(&scene.aof);
    scene.server.set_clock_step_us(50);
    scene.server.leave_input(killer, &encode_command(["SCRIPT", "KILL"]));
    let script =
        "redis.call('set','before',1) redis.call('append','gone','x') redis.call('publish','c','m') while true do end";
    scene.ask(&["MULTI"]);
    scene.ask(&["SET", "first", "1"]);
    scene.ask(&["EVAL", script, "0"]);
    scene.ask(&["SET", "last", "1"]);
    let replies = scene.ask(&["EXEC"]);
    assert!(replies.contains("Script killed by user"), "{replies}");
    assert_eq!(commands(&scene.aof), "MULTI ; SET first 1 ; DEL gone ; SET last 1 ; EXEC");
    assert!(commands(&scene.replicas).ends_with("MULTI ; SET first 1 ; DEL gone ; publish c m ; SET last 1 ; EXEC"));
}

#[test]
fn who_waited_is_told_of_after_who_made_it_ready() {
    let mut scene = Scene::new();
    let waiter = scene.server.connect().unwrap();
    assert_eq!(ask(&mut scene.server, waiter, &["BLMOVE", "l", "m", "LEFT", "RIGHT", "0"]), "");
    scene.told("MULTI");
    scene.told("RPUSH l a b");
    scene.told("SET k v");
    assert_eq!(
        scene.told("EXEC"),
        "SELECT 0 ; MULTI ; RPUSH l a b ; SET k v ; EXEC ; LMOVE l m LEFT RIGHT",
        "each is a unit of its own"
    );
}

#[test]
fn what_expired_goes_before_the_command_that_found_it() {
    let mut scene = Scene::new();
    scene.server.set_active_expire(false);
    let mut with_expired = |keys: &[&str], line: &str| {
        for key in keys {
            scene.told(&format!("SADD {key} {key}"));
            scene.told(&format!("PEXPIRE {key} 1"));
        }
        scene.told("SADD live x");
        scene.wait_ms(10);
        let told = scene.told(line);
        scene.told("FLUSHALL");
        told
    };
    assert_eq!(with_expired(&["k"], "SET k v"), "MULTI ; DEL k ; SET k v ; EXEC");
    assert_eq!(with_expired(&["a", "b"], "MSET a 1 b 2"), "MULTI ; DEL a ; DEL b ; MSET a 1 b 2 ; EXEC");
    assert_eq!(with_expired(&["k"], "DEL k"), "DEL k");
    assert_eq!(with_expired(&["k"], "EXPIRE k 10"), "", "nor does it matter to who changes nothing");
    assert_eq!(with_expired(&["k"], "RENAME k other"), "");
    assert_eq!(with_expired(&["k"], "RENAME live k"), "MULTI ; DEL k ; RENAME live k ; EXEC");
    assert_eq!(with_expired(&["k"], "EXISTS k"), "", "readers leave it to the timer");
    // A reader under a shared lock removes nothing, but the replica must not find it either.
    assert_eq!(with_expired(&["k"], "SUNIONSTORE d k live"), "MULTI ; DEL k ; SUNIONSTORE d k live ; EXEC");
    assert_eq!(with_expired(&["k"], "SUNIONSTORE k k live"), "MULTI ; DEL k ; SUNIONSTORE k k live ; EXEC");
    assert_eq!(with_expired(&["k"], "ZUNIONSTORE d 2 live k"), "MULTI ; DEL k ; ZUNIONSTORE d 2 live k ; EXEC");
}

/// As `what_expired_goes_before_the_command_that_found_it`, held by what comes of it.
#[test]
fn a_replica_that_lets_nothing_expire_comes_to_the_same() {
    let mut pair = Replicated::new();
    pair.let_expired_lie();
    let conn = pair.connect().unwrap();
    let mut run = |line: &str| {
        if let Some(ms) = line.strip_prefix('@') {
            assert!(pair.advance_clock(ms.parse().unwrap()));
            return;
        }
        let words: Vec<&str> = line.split(' ').collect();
        pair.send(conn, &encode_command(&words)).unwrap();
        let reply = pair.receive(conn, Wait::Reply).unwrap().bytes;
        assert!(!reply.starts_with(b"-ERR syntax"), "{line}: {}", reply.escape_ascii());
        assert_eq!(pair.audit(), Ok(()), "{line}");
    };
    for line in [
        "SUNIONSTORE live k",
        "SINTERSTORE live k",
        "SDIFFSTORE live x k",
        "ZUNIONSTORE live 2 x k",
        "COPY k live REPLACE",
        "SMOVE k live m",
        "SPOP k",
        "SADD k other",
        "SORT k BY nosort STORE live",
        "SORT l BY * GET * STORE live",
        "EXPIRE k 100",
        "PERSIST k",
        "MOVE k 1",
        "GETEX str PERSIST",
        "APPEND str x",
        "SETRANGE str 9 x",
        "BITOP OR live str str2",
        "PFMERGE live hll",
        "SET str v XX",
        "SET str v KEEPTTL",
        "SETNX str v",
        "INCR n",
        "MSETNX str a n b",
        "RPOPLPUSH l l2",
        "LMPOP 2 l l2 LEFT",
        "LPUSHX l x",
        "HINCRBY h f 1",
        "HINCRBY g f 1",
        "HSETEX g FXX FIELDS 1 f v",
        "HGETDEL g FIELDS 1 f",
        "HSETNX g f v",
        "COPY g live REPLACE",
        "GEOSEARCHSTORE live geo FROMLONLAT 0 0 BYRADIUS 1000 km",
        "ZRANGESTORE live geo 0 -1",
        "ZPOPMIN geo",
        "XADD st NOMKSTREAM * f v",
        "XADD st 9-9 f v",
        "RESTORE str 0 x",
        "UNLINK k str",
    ] {
        for setup in [
            "SADD k m n",
            "SET str value",
            "SET str2 value",
            "SET n 5",
            "RPUSH l 1 2 3",
            "RPUSH l2 1",
            "HSET h f 1",
            "HSET g f 1 g 2",
            "PFADD hll a b",
            "GEOADD geo 0 0 here",
            "XADD st 1-1 f v",
        ] {
            run(setup);
        }
        for key in ["k", "str", "n", "l", "h", "hll", "geo", "st"] {
            run(&format!("PEXPIRE {key} 1"));
        }
        run("HPEXPIRE g 1 FIELDS 1 f");
        run("SADD live x");
        run("@10");
        run(line);
        run("FLUSHALL");
    }
}

#[test]
fn keys_that_expire_on_time_or_make_room_are_removed_one_by_one() {
    let mut scene = Scene::new();
    scene.told("MSET a 1 b 2");
    scene.told("PEXPIRE a 4");
    scene.told("PEXPIRE b 5");
    scene.told("HSET h f v i x");
    scene.told("HPEXPIRE h 6 FIELDS 1 f");
    scene.wait_ms(10);
    assert_eq!(commands(&scene.aof), "DEL a ; DEL b ; HDEL h f", "not as one");
    scene.told("CONFIG SET lazyfree-lazy-expire yes");
    scene.told("SET a 1 PX 5");
    scene.wait_ms(10);
    assert_eq!(commands(&scene.aof), "UNLINK a");
    scene.told("CONFIG SET maxmemory-policy allkeys-lru");
    scene.told("CONFIG SET maxmemory 1");
    assert_eq!(scene.told("PING"), "DEL h");
    scene.told("CONFIG SET maxmemory 0");
    assert_eq!(scene.told("SET k v"), "SET k v");
    scene.told("CONFIG SET lazyfree-lazy-eviction yes");
    scene.told("CONFIG SET maxmemory 1");
    assert_eq!(scene.told("PING"), "UNLINK k");
}

#[test]
fn libraries_are_part_of_the_data() {
    let mut scene = Scene::new();
    let code = "#!lua name=l\nredis.register_function('f', function() redis.call('set', 'z', 1) end)";
    assert_eq!(scene.told_by(&["FUNCTION", "LOAD", code]), format!("SELECT 0 ; FUNCTION LOAD {code}"));
    assert_eq!(scene.told("FCALL f 0"), "set z 1");
    assert_eq!(scene.told("FUNCTION LIST"), "");
    assert_eq!(scene.told("FUNCTION DELETE l"), "FUNCTION DELETE l");
    assert_eq!(scene.told("FUNCTION FLUSH"), "FUNCTION FLUSH");
}

#[test]
fn what_changes_no_data_of_others_stays_here() {
    let mut scene = Scene::new();
    scene.told("SET k v");
    for line in [
        "CONFIG SET hz 20",
        "CLIENT SETNAME me",
        "DEBUG SET-ACTIVE-EXPIRE 1",
        "ACL SETUSER u on",
        "SUBSCRIBE c",
        "RESET",
        "WATCH k",
        "UNWATCH",
        "SELECT 2",
        "DEL nosuch",
        "SAVE",
        "OBJECT FREQ k",
        "HIMPORT PREPARE p a b",
        "SCRIPT FLUSH",
    ] {
        assert_eq!(scene.told(line), "", "{line}");
    }
}
