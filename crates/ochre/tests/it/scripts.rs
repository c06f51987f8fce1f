//! Scripts that run for long, on real sockets and threads: everybody is answered meanwhile, and either kill ends them.

use crate::client::Client;
use crate::server::{Server, eventually};

const BUSY: &str = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.";

fn start(threads: &str) -> Server {
    Server::start(&["--threads", threads, "--save", "", "--busy-reply-threshold", "50"])
}

fn run_for_ever(server: &Server, script: &str) -> Client {
    let mut client = server.connect();
    client.send(&resp::encode_command(["EVAL", script, "0"]));
    client
}

#[test]
fn everybody_is_answered_while_a_script_runs() {
    for threads in ["1", "4"] {
        let server = start(threads);
        let mut others: Vec<Client> = (0..8).map(|_| server.connect()).collect();
        for script in
            ["while true do end", "while true do pcall(function() while true do redis.pcall('get', 'k') end end) end"]
        {
            let mut runner = run_for_ever(&server, script);
            for (round, other) in others.iter_mut().enumerate() {
                // The first may come before the script, and is answered as usual then.
                eventually("the script is long", || other.ask("GET k").contains("BUSY"));
                assert!(other.ask("KEYS *").contains(BUSY), "{threads} threads, client {round}");
                assert_eq!(other.ask("MULTI"), "OK");
                assert!(other.ask("GET k").contains(BUSY));
                assert!(other.ask("EXEC").contains("EXECABORT"));
            }
            let mut late = server.connect();
            assert!(late.ask("PING").contains(BUSY), "new connections are let in and told");
            assert_eq!(late.ask("FUNCTION KILL"), "OK");
            assert!(runner.reply().contains("Script killed by user"), "{threads} threads");
            assert_eq!(runner.ask("PING"), "PONG");
            for other in &mut others {
                assert_eq!(other.ask("EXISTS k"), "0");
            }
        }
    }
}

#[test]
fn shutdown_nosave_ends_a_script_that_cannot_be_killed() {
    for threads in ["1", "4"] {
        let mut server = start(threads);
        let mut other = server.connect();
        let _runner = run_for_ever(&server, "redis.call('set', 'k', 'v') while true do end");
        eventually("the script is long", || other.ask("GET k").contains("BUSY"));
        assert!(other.ask("SCRIPT KILL").contains("UNKILLABLE"));
        assert!(other.ask("SHUTDOWN").contains(BUSY));
        other.send(&resp::encode_command(["SHUTDOWN", "NOSAVE"]));
        assert!(server.wait().success(), "{threads} threads");
    }
}
