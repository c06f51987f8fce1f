use resp::Protocol::{Resp2, Resp3};

use super::call::Call;
use super::catalogue::Catalogue;
use super::expect::expect;
use super::{Manner, Words};
use crate::fake::Fake;
use crate::lens::Lens;
use crate::pattern::Pattern;
use crate::run::run;
use crate::subject::Subject;
use crate::transcript::{Line, Transcript};

const GET: &str = "*6\r\n$3\r\nget\r\n:2\r\n*1\r\n+readonly\r\n:1\r\n:1\r\n:1";
const CONFIG: &str = "*10\r\n$6\r\nconfig\r\n:-2\r\n*0\r\n:0\r\n:0\r\n:0\r\n*0\r\n*0\r\n*0\r\n\
    *1\r\n*3\r\n$10\r\nconfig|get\r\n:-3\r\n*1\r\n+noscript";

fn catalogue() -> Catalogue {
    struct Server(Fake);
    impl Subject for Server {
        fn connect(&mut self) -> std::io::Result<crate::ConnId> {
            self.0.connect()
        }
        fn send(&mut self, conn: crate::ConnId, bytes: &[u8]) -> std::io::Result<()> {
            // The fake describes every command alike; this one tells more.
            let asks = String::from_utf8(bytes.to_vec()).unwrap().replace("COMMAND", "TELL");
            self.0.send(conn, asks.replace("$7", "$4").as_bytes())
        }
        fn receive(&mut self, conn: crate::ConnId, wait: crate::Wait) -> std::io::Result<crate::Received> {
            self.0.receive(conn, wait)
        }
        fn advance_clock(&mut self, _ms: u64) -> bool {
            false
        }
        fn close(&mut self, conn: crate::ConnId) {
            self.0.close(conn);
        }
        fn reset(&mut self) -> std::io::Result<()> {
            self.0.reset()
        }
    }
    let reply = format!("*3\r\n{CONFIG}\r\n{GET}\r\n*-1");
    let mut server = Server(Fake::new(&[("TELL INFO config get nosuch", &reply)]));
    let transcript = Transcript::parse("> GET k => 1\n> CONFIG GET x => 1\n> NOSUCH => 1\n> get j => 1").unwrap();
    Catalogue::ask(&mut server, &transcript).unwrap()
}

fn call(text: &str, manner: Manner) -> Option<(String, Option<String>)> {
    let transcript = Transcript::parse(text).unwrap();
    let line: &Line = &transcript.lines[0];
    let crate::Step::Command { words, .. } = &line.step else { panic!("a command") };
    let call = Call::of(Words::Args, words, line, manner, &catalogue())?;
    let sent: Vec<String> = call.words.iter().map(|word| String::from_utf8(word.clone()).unwrap()).collect();
    let expected = call.expect(&line.expect[0].outcome);
    let error = if let crate::Outcome::Reply(Pattern::Error(text)) = expected {
        Some(String::from_utf8(text).unwrap())
    } else {
        None
    };
    Some((sent.join(" "), error))
}

const FREE: Manner = Manner { protocol: Resp2, queues: false, listens: false };

#[test]
fn a_command_is_called_unless_the_server_says_that_scripts_may_not() {
    let called = |text: &str| call(text, FREE).map(|(sent, _)| sent);
    assert_eq!(called("> GET k => 'v'").unwrap(), "EVAL return redis.pcall(unpack(ARGV)) 0 GET k");
    assert_eq!(called("> CONFIG GET x => *"), None);
    assert_eq!(called("> SELECT 1 => OK"), None);
    assert_eq!(called("> GET k => (error) NOPERM ..."), None);
    assert_eq!(call("> GET k => 'v'", Manner { queues: true, ..FREE }), None);
    assert_eq!(call("> GET k => 'v'", Manner { listens: true, ..FREE }), None);
    let resp3 = call("> GET k => 'v'", Manner { protocol: Resp3, ..FREE }).unwrap().0;
    assert_eq!(resp3, "EVAL redis.setresp(3) return redis.pcall(unpack(ARGV)) 0 GET k");
}

#[test]
fn what_no_script_can_call_is_refused_in_its_words() {
    let error = |text: &str| call(text, FREE).unwrap().1.unwrap();
    assert_eq!(error("> NOSUCH => (error) x"), "ERR Unknown Redis command called from script");
    assert_eq!(error("> CONFIG x => (error) x"), "ERR Unknown Redis command called from script");
    assert_eq!(error("> GET => (error) x"), "ERR Wrong number of args calling Redis command from script");
    assert_eq!(error("> CONFIG => (error) x"), "ERR Wrong number of args calling Redis command from script");
    assert_eq!(error("> GET k => (error) WRONGTYPE x"), "WRONGTYPE x");
}

#[test]
fn a_reply_keeps_what_survives_lua() {
    let table = [
        ("(nil array)", "(nil)", "(nil)"),
        ("9007199254740993", "9007199254740992", "9007199254740992"),
        ("9223372036854775807", "-9223372036854775808", "-9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808", "-9223372036854775808"),
        ("['a', (nil), 'b']", "['a', (nil), 'b']", "['a']"),
        ("['a', *, 'b']", "['a', *, 'b']", "one of [['a'], ['a', *, 'b']]"),
        ("['a', one of [(nil), (nil array)], ...]", "['a', one of [(nil), (nil)], ...]", "['a']"),
        ("{'a': (nil), 'b': 1}", "{'a': (nil), 'b': 1}", "{'b': 1}"),
        ("{'a': *}", "{'a': *}", "{...}"),
        ("~{'a', (nil)}", "~{'a', (nil)}", "~{'a'}"),
        ("flat [['m', (nil array)]]", "flat [['m', (nil)]]", "[['m']]"),
        ("unordered ['a', (nil)]", "unordered ['a', (nil)]", "[...]"),
        (
            "[(double) 1.5, (true), (big) 1, OK]",
            "[(double) 1.5, (true), (big) 1, OK]",
            "[(double) 1.5, (true), (big) 1, OK]",
        ),
    ];
    for (pattern, resp2, resp3) in table {
        let parse = |text: &str| Pattern::parse(text).unwrap();
        assert_eq!(expect(&parse(pattern), Resp2), parse(resp2), "{pattern}");
        assert_eq!(expect(&parse(pattern), Resp3), parse(resp3), "{pattern}");
    }
}

#[test]
fn the_lens_calls_every_line_and_first_asks_what_may_be_called() {
    let mut fake = Fake::new(&[("A b", ":1"), ("BLPOP l 0", "")]);
    let text = Transcript::parse("> A b => 1\n> BLPOP l 0 => (blocked)").unwrap();
    assert_eq!(run(&text, &mut fake, &Lens::SCRIPT), []);
    assert_eq!(*fake.log.borrow(), ["COMMAND INFO a blpop", "close 0", "A b", "BLPOP l 0", "BLPOP l 0", "close 0"]);
    let mut wrong = Fake::new(&[("A b", ":2")]);
    let seen = run(&Transcript::parse("> A b => 1").unwrap(), &mut wrong, &Lens::SCRIPT_RESP3);
    assert_eq!(seen.iter().map(|d| d.got.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[test]
fn a_user_who_may_run_no_script_sends_the_command_itself() {
    struct Refusing(Fake, bool);
    impl Subject for Refusing {
        fn connect(&mut self) -> std::io::Result<crate::ConnId> {
            self.0.connect()
        }
        fn send(&mut self, conn: crate::ConnId, bytes: &[u8]) -> std::io::Result<()> {
            self.1 = bytes.windows(4).any(|word| word == b"EVAL");
            if self.1 { Ok(()) } else { self.0.send(conn, bytes) }
        }
        fn receive(&mut self, conn: crate::ConnId, wait: crate::Wait) -> std::io::Result<crate::Received> {
            if std::mem::take(&mut self.1) {
                return Ok(crate::Received { bytes: b"-NOPERM no 'eval'\r\n".to_vec(), closed: false });
            }
            self.0.receive(conn, wait)
        }
        fn advance_clock(&mut self, _ms: u64) -> bool {
            false
        }
        fn close(&mut self, conn: crate::ConnId) {
            self.0.close(conn);
        }
        fn reset(&mut self) -> std::io::Result<()> {
            self.0.reset()
        }
    }
    let mut server = Refusing(Fake::new(&[("A", ":1")]), false);
    assert_eq!(run(&Transcript::parse("> A => 1").unwrap(), &mut server, &Lens::SCRIPT), []);
}
