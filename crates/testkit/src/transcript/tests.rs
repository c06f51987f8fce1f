use resp::Protocol;

use super::*;
use crate::pattern::Pattern;
use crate::peer::{Peer, Vendor, Version};

fn parse(text: &str) -> Transcript {
    Transcript::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

fn command(conn: &str, all: &[&str]) -> Step {
    Step::Command { conn: conn.to_owned(), words: words(all) }
}

fn outcomes(line: &Line, protocol: Protocol) -> Vec<Outcome> {
    line.expected(protocol).map(|expectation| expectation.outcome.clone()).collect()
}

fn bulk(text: &str) -> Pattern {
    Pattern::Bulk(text.as_bytes().to_vec())
}

fn array(list: Vec<Pattern>) -> Pattern {
    Pattern::Array(crate::pattern::Items { list, rest: crate::pattern::Rest::None })
}

#[test]
fn a_session_is_read_line_by_line() {
    let transcript = parse(
        "
        # two clients
        > SET 'k 1' \"a\\x00=> b\"  => OK

        A> BLPOP l 0    => (blocked)
        A: => ['l', 'x']
        @close A
        @now +2m
        @config hash-max-listpack-entries 2
        @config save \"\"
        @stream SET 'a b' *
        @stream
        >> \"PING\\r\" \"\\n\"
    ",
    );
    let steps: Vec<(usize, Step)> = transcript.lines.iter().map(|line| (line.number, line.step.clone())).collect();
    let config = |name: &str, value: &str| Step::Config { name: name.to_owned(), value: value.to_owned() };
    assert_eq!(
        steps,
        [
            (3, command("", &["SET", "k 1", "a\0=> b"])),
            (5, command("A", &["BLPOP", "l", "0"])),
            (6, Step::Later { conn: "A".to_owned() }),
            (7, Step::Close { conn: "A".to_owned() }),
            (8, Step::Now { ms: 120_000 }),
            (9, config("hash-max-listpack-entries", "2")),
            (10, config("save", "")),
            (11, Step::Stream { words: ["SET", "a b", "*"].map(|word| word.as_bytes().to_vec()).to_vec() }),
            (12, Step::Stream { words: Vec::new() }),
            (13, Step::Raw { conn: String::new(), bytes: b"PING\r\n".to_vec() }),
        ]
    );
    let expected: Vec<Vec<Outcome>> = transcript.lines.iter().map(|line| outcomes(line, Protocol::Resp2)).collect();
    assert_eq!(expected[0], [Outcome::Reply(Pattern::Status(b"OK".to_vec()))]);
    assert_eq!(expected[1], [Outcome::Blocked]);
    assert_eq!(expected[2], [Outcome::Reply(array(vec![bulk("l"), bulk("x")]))]);
    assert_eq!(expected[9], []);
    assert_eq!(transcript.clock_ms(), 120_000);
}

#[test]
fn a_line_may_expect_several_things_and_others_by_protocol() {
    let transcript = parse("> QUIT => OK\n  =>2 1\n  =>3 'x'\n  => (closed)\n> X =>3 1\n> Y");
    let quit = &transcript.lines[0];
    let ok = Outcome::Reply(Pattern::Status(b"OK".to_vec()));
    assert_eq!(outcomes(quit, Protocol::Resp2), [ok.clone(), Outcome::Reply(Pattern::Int(1)), Outcome::Closed]);
    assert_eq!(outcomes(quit, Protocol::Resp3), [ok, Outcome::Reply(bulk("x")), Outcome::Closed]);
    assert_eq!(outcomes(&transcript.lines[1], Protocol::Resp2), []);
}

#[test]
fn an_open_bracket_continues_the_reply() {
    let transcript =
        parse("> LRANGE l 0 -1  => [\n  'a]',\n  ['b'],\n]\n> ERR => (error) ERR can't [do\n> GET k => 'x'");
    assert_eq!(transcript.lines.len(), 3);
    assert_eq!(
        outcomes(&transcript.lines[0], Protocol::Resp3),
        [Outcome::Reply(array(vec![bulk("a]"), array(vec![bulk("b")])]))]
    );
    assert_eq!(transcript.lines[2].number, 6);
}

#[test]
fn generators_work_in_commands_and_replies() {
    let transcript = parse("> RPUSH l ${3: 'v #'}  => 3\n> LRANGE l 0 -1 => [${3: 'v #',}]\n> XACK s g ${id}  => 1");
    assert_eq!(transcript.lines[0].step, command("", &["RPUSH", "l", "v 1", "v 2", "v 3"]));
    assert_eq!(
        outcomes(&transcript.lines[1], Protocol::Resp2),
        [Outcome::Reply(array(vec![bulk("v 1"), bulk("v 2"), bulk("v 3")]))]
    );
    assert_eq!(transcript.lines[2].step, command("", &["XACK", "s", "g", "${id}"]));
}

#[test]
fn expect_span_is_what_an_update_replaces() {
    let text = "  > A x   => 1\n          =>3 [\n    2,\n  ]  \n  > B 'y'\n  > C   \n\n";
    let spans: Vec<&str> = parse(text).lines.iter().map(|line| &text[line.expect_span.clone()]).collect();
    assert_eq!(spans, ["=> 1\n          =>3 [\n    2,\n  ]", "", ""]);
    let ends: Vec<&str> = parse(text).lines[1..].iter().map(|line| &text[..line.expect_span.start]).collect();
    assert!(ends[0].ends_with("> B 'y'") && ends[1].ends_with("> C"), "{ends:?}");
}

#[test]
fn directives_say_who_is_asked_and_under_which_lens() {
    let transcript = parse(
        "
        @since 8.4 valkey 9.1
        @only redis ochre
        @resp3
        @skip-lens restore RESTORE touches watched keys
        @skip-encodings script it has no OBJECT
        @skip-line split only here
        > A  => 1
        > B  => 1
    ",
    );
    assert_eq!(transcript.skips_lens("restore"), Some("RESTORE touches watched keys"));
    assert_eq!(transcript.skips_lens("script"), None);
    assert!(transcript.skips_encodings("script") && !transcript.skips_encodings("restore"));
    assert_eq!(transcript.lines[0].skips[0].reason, "only here");
    assert_eq!(transcript.lines[1].skips, []);
    assert_eq!(transcript.only_protocol, Some(Protocol::Resp3));
    let refusal = |vendor, version| transcript.refuses(Peer { vendor, version });
    assert_eq!(refusal(Vendor::Redis, Version::new(7, 0, 15)).unwrap(), "since redis 8.4.0");
    assert_eq!(refusal(Vendor::Valkey, Version::new(9, 1, 2)).unwrap(), "not for valkey");
    assert_eq!(refusal(Vendor::Ochre, Version::new(0, 1, 0)), None);
}

#[test]
fn a_line_that_does_not_read_is_named() {
    let table = [
        ("\n> ", 2, "nothing to send"),
        ("PING", 1, "is no line"),
        ("> A\nB => 1", 2, "is no line"),
        ("1a> PING", 1, "cannot name a connection"),
        ("> GET 'k", 1, "quotes"),
        ("> GET k => 'x", 1, "not closed"),
        ("> GET k => 1.5", 1, "is no integer"),
        ("> GET k => [\n1,\n", 1, "still open"),
        ("> GET k =>", 1, "missing"),
        ("=> 1", 1, "nothing before it"),
        ("@now +1s\n=> 1", 2, "nothing before it"),
        ("@now 5s", 1, "@now +5s"),
        ("@now +5y", 1, "@now +5s"),
        ("@config save", 1, "takes a name and a value"),
        ("@config save 1 2", 1, "takes one value"),
        ("@close A B", 1, "name of a connection"),
        ("@since soon", 1, "version"),
        ("@only kvrocks", 1, "takes redis"),
        ("@skip-lens restore", 1, "a reason"),
        ("@skip-line restore because", 1, "no line after"),
        ("@what", 1, "no directive"),
        ("@resp3 now", 1, "no directive"),
        ("> A ${x*}", 1, "none of"),
    ];
    for (text, line, message) in table {
        let error = Transcript::parse(text).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.message.contains(message), "{text}: {error}");
    }
}

#[test]
fn any_text_is_read_or_refused_without_a_panic() {
    let text = "A> SET k 'v\u{e9}' =>2 [ {'a': ~{1}}, ... ]\n =>3 >['x', ${id}]\n@now +1s\n>> \"\\x00\" => (error) X\n";
    for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        let _ = Transcript::parse(&text[..end]);
        let _ = Transcript::parse(&text[end..]);
    }
}
