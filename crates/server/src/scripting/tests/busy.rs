//! Scripts that run for long, in memory: the clock moves a little each time a script looks at it.

use resp::encode_command;
use testkit::{ConnId, Subject, Wait};

use crate::testing::MemoryServer;

/// A server with connections on all its lanes, and scripts that are long after a millisecond.
struct Scene {
    server: MemoryServer,
    conns: Vec<ConnId>,
}

const BUSY: &str = "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
const NOT_BUSY: &str = "-NOTBUSY No scripts in execution right now.\r\n";
const FOR_EVER: &str = "while true do end";

impl Scene {
    fn new(lanes: usize) -> Self {
        let mut server = MemoryServer::new(lanes);
        let conns = (0..8).map(|_| server.connect().unwrap()).collect();
        let mut scene = Self { server, conns };
        assert_eq!(scene.ask(0, &["CONFIG", "SET", "busy-reply-threshold", "1"]), "+OK\r\n");
        scene.server.set_clock_step_us(50);
        scene
    }

    fn ask(&mut self, who: usize, words: &[&str]) -> String {
        self.server.send(self.conns[who], &encode_command(words)).unwrap();
        self.received(who)
    }

    /// Sent while the next script runs.
    fn leave(&mut self, who: usize, words: &[&str]) {
        self.server.leave_input(self.conns[who], &encode_command(words));
    }

    fn received(&mut self, who: usize) -> String {
        String::from_utf8(self.server.receive(self.conns[who], Wait::Reply).unwrap().bytes).unwrap()
    }
}

fn on_all_lanes(test: impl Fn(Scene)) {
    [1, 4].map(Scene::new).into_iter().for_each(test);
}

#[test]
fn others_are_told_that_a_script_runs_until_it_is_killed() {
    on_all_lanes(|mut scene| {
        for (who, words) in
            [&["GET", "k"][..], &["KEYS", "*"], &["EVAL", "return 1", "0"], &["PING"], &["INFO"]].iter().enumerate()
        {
            scene.leave(who + 1, words);
        }
        scene.leave(6, &["SCRIPT", "KILL"]);
        let answer = scene.ask(0, &["EVAL", FOR_EVER, "0"]);
        assert!(answer.starts_with("-ERR Script killed by user with SCRIPT KILL..."), "{answer}");
        for who in 1..6 {
            assert_eq!(scene.received(who), BUSY, "client {who}");
        }
        assert_eq!(scene.received(6), "+OK\r\n");
        // Everybody is served again, and nothing is left to kill.
        assert_eq!(scene.ask(1, &["GET", "k"]), "$-1\r\n");
        assert_eq!(scene.ask(2, &["SCRIPT", "KILL"]), NOT_BUSY);
        assert_eq!(scene.ask(0, &["PING"]), "+PONG\r\n");
        assert!(
            scene.server.log_lines().iter().any(|line| line.starts_with("Slow script detected: still in execution"))
        );
    });
}

#[test]
fn a_pcall_does_not_keep_a_script_alive() {
    on_all_lanes(|mut scene| {
        scene.leave(3, &["FUNCTION", "KILL"]);
        let script = "while true do pcall(function() while true do redis.pcall('get', 'k') end end) end";
        let answer = scene.ask(0, &["EVAL", script, "0"]);
        assert!(answer.starts_with("-ERR Script killed by user"), "{answer}");
        assert_eq!(scene.received(3), "+OK\r\n");
    });
}

#[test]
fn what_needs_no_key_goes_on() {
    on_all_lanes(|mut scene| {
        scene.leave(1, &["MULTI"]);
        scene.leave(1, &["SET", "a", "1"]);
        scene.leave(1, &["EXEC"]);
        scene.leave(1, &["DISCARD"]);
        scene.leave(2, &["WATCH", "k"]);
        scene.leave(2, &["UNWATCH"]);
        scene.leave(2, &["AUTH", "x"]);
        scene.leave(2, &["RESET"]);
        scene.leave(3, &["SHUTDOWN"]);
        scene.leave(3, &["SHUTDOWN", "ABORT"]);
        scene.leave(3, &["NOSUCH"]);
        scene.leave(4, &["FUNCTION", "STATS"]);
        scene.leave(5, &["SCRIPT", "KILL"]);
        scene.ask(0, &["EVAL", FOR_EVER, "1", "key", "arg"]);
        let aborted = "-EXECABORT Transaction discarded because of: BUSY Redis is busy running a script. You can only call \
                       SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
        assert_eq!(scene.received(1), format!("+OK\r\n{BUSY}{aborted}-ERR DISCARD without MULTI\r\n"));
        let answers = scene.received(2);
        assert!(answers.starts_with("+OK\r\n+OK\r\n-ERR AUTH"), "{answers}");
        assert!(answers.ends_with("+RESET\r\n"), "{answers}");
        assert_eq!(
            scene.received(3),
            format!(
                "{BUSY}-ERR No shutdown in progress.\r\n-ERR unknown command 'NOSUCH', with args beginning with: \r\n"
            )
        );
        let stats = scene.received(4);
        for part in ["running_script", "while true do end", "key", "arg", "duration_ms", "libraries_count"] {
            assert!(stats.contains(part), "{part} in {stats}");
        }
    });
}

#[test]
fn a_script_that_has_written_is_not_killed() {
    on_all_lanes(|mut scene| {
        scene.leave(1, &["SCRIPT", "KILL"]);
        let script = "redis.call('set', 'k', 'v') for i = 1, 10000000 do if i % 100000 == 0 then redis.call('incr', 'n') end end return 7";
        assert_eq!(scene.ask(0, &["EVAL", script, "0"]), ":7\r\n");
        assert!(
            scene.received(1).starts_with("-UNKILLABLE Sorry the script already executed write commands"),
            "by {script}"
        );
        assert_eq!(scene.ask(1, &["GET", "n"]), "$3\r\n100\r\n");
    });
}

#[test]
fn a_shutdown_ends_a_script_that_has_written() {
    on_all_lanes(|mut scene| {
        scene.leave(2, &["SHUTDOWN", "NOSAVE"]);
        let answer = scene.ask(0, &["EVAL", "redis.call('set', 'k', 'v') while true do end", "0"]);
        assert!(answer.starts_with("-ERR Script killed by user"), "{answer}");
    });
}

#[test]
fn what_a_killed_script_has_written_is_undone_if_that_is_wanted() {
    on_all_lanes(|mut scene| {
        for words in [
            &["CONFIG", "SET", "script-kill-rollback", "yes"][..],
            &["SET", "text", "before", "EX", "1000"],
            &["RPUSH", "list", "a", "b"],
            &["HSET", "hash", "f", "v"],
            &["SET", "moved", "here"],
            &["SET", "number", "1"],
        ] {
            assert!(!scene.ask(0, words).starts_with('-'), "{words:?}");
        }
        let digest = scene.ask(0, &["DBSIZE"]);
        assert_eq!(scene.ask(4, &["WATCH", "text"]), "+OK\r\n");
        scene.leave(2, &["BLPOP", "new", "0"]);
        assert_eq!(scene.ask(2, &["PING"]), "", "it waits");
        scene.leave(1, &["SCRIPT", "KILL"]);
        let script = "
            redis.call('set', 'text', 'after') redis.call('persist', 'text') redis.call('del', 'list')
            redis.call('hset', 'hash', 'f', 'w', 'g', 'x') redis.call('move', 'moved', 3) redis.call('rpush', 'new', 'x')
            redis.call('rename', 'number', 'renamed') redis.call('select', 5) redis.call('set', 'elsewhere', '1')
            while true do end";
        let answer = scene.ask(0, &["EVAL", script, "0"]);
        assert!(answer.starts_with("-ERR Script killed by user"), "{answer}");
        assert_eq!(scene.received(1), "+OK\r\n");
        assert_eq!(scene.ask(0, &["GET", "text"]), "$6\r\nbefore\r\n");
        assert_eq!(scene.ask(0, &["TTL", "text"]), ":1000\r\n");
        assert_eq!(scene.ask(0, &["LRANGE", "list", "0", "-1"]), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
        assert_eq!(scene.ask(0, &["HGETALL", "hash"]), "*2\r\n$1\r\nf\r\n$1\r\nv\r\n");
        assert_eq!(scene.ask(0, &["GET", "moved"]), "$4\r\nhere\r\n");
        assert_eq!(scene.ask(0, &["EXISTS", "new", "renamed"]), ":0\r\n");
        assert_eq!(scene.ask(0, &["DBSIZE"]), digest);
        for db in ["3", "5"] {
            assert_eq!(scene.ask(3, &["SELECT", db]), "+OK\r\n");
            assert_eq!(scene.ask(3, &["DBSIZE"]), ":0\r\n");
        }
        // Nobody heard of it: neither who watched nor who waited.
        assert_eq!(scene.ask(4, &["MULTI"]), "+OK\r\n");
        assert_eq!(scene.ask(4, &["PING"]), "+QUEUED\r\n");
        assert_eq!(scene.ask(4, &["EXEC"]), "*1\r\n+PONG\r\n");
        assert_eq!(scene.received(2), "");
    });
}

#[test]
fn emptying_a_database_cannot_be_undone() {
    on_all_lanes(|mut scene| {
        scene.ask(0, &["CONFIG", "SET", "script-kill-rollback", "yes"]);
        scene.leave(1, &["SCRIPT", "KILL"]);
        let script = "redis.call('flushdb') for i = 1, 3000000 do end return 1";
        assert_eq!(scene.ask(0, &["EVAL", script, "0"]), ":1\r\n");
        assert!(scene.received(1).starts_with("-UNKILLABLE"));
    });
}

#[test]
fn a_key_watched_while_a_script_runs_is_seen_to_change() {
    on_all_lanes(|mut scene| {
        scene.ask(0, &["SET", "k", "1"]);
        scene.leave(1, &["WATCH", "k"]);
        assert_eq!(
            scene.ask(0, &["EVAL", "for i = 1, 3000000 do end redis.call('incr', 'k') return 1", "0"]),
            ":1\r\n"
        );
        assert_eq!(scene.received(1), "+OK\r\n");
        assert_eq!(scene.ask(1, &["MULTI"]), "+OK\r\n");
        assert_eq!(scene.ask(1, &["PING"]), "+QUEUED\r\n");
        assert_eq!(scene.ask(1, &["EXEC"]), "*-1\r\n");
    });
}
