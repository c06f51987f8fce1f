use super::*;
use crate::fake::{Fake, Fault};
use crate::lens::{Lens, STANDARD};
use crate::transcript::Transcript;

fn differences(fake: &mut Fake, lens: Lens, text: &str) -> Vec<(usize, String, String)> {
    let transcript = Transcript::parse(text).unwrap();
    let lens = lens.for_transcript(&transcript).unwrap();
    run(&transcript, fake, &lens).into_iter().map(|d| (d.line, d.expected, d.got)).collect()
}

fn holds(fake: &mut Fake, lens: Lens, text: &str) {
    assert_eq!(differences(fake, lens, text), [], "{}", lens.name);
}

fn difference(line: usize, expected: &str, got: &str) -> (usize, String, String) {
    (line, expected.to_owned(), got.to_owned())
}

#[test]
fn one_transcript_holds_under_every_lens() {
    let new = || {
        Fake::new(&[("SET k v", "+OK"), ("GET k", "$1\r\nv"), ("LRANGE l 0 -1", "*2\r\n$1\r\na\r\n$-1")])
            .with("HGETALL h", "*2\r\n$1\r\nf\r\n$1\r\n1", "%1\r\n$1\r\nf\r\n$1\r\n1")
            .with("ZSCORE z m", "$3\r\n1.5", ",1.5")
            .with("CONFIG GET *", "*1\r\n:1", ":2")
            .with("LRANGE l 0 -1", "*2\r\n$1\r\na\r\n*-1", "*2\r\n$1\r\na\r\n_")
    };
    for lens in STANDARD {
        let text = "
            > SET k v        => OK
            > GET k          => 'v'
            > HGETALL h      => {'f': '1'}
            > ZSCORE z m     => (double) 1.5
            > CONFIG GET *   =>2 [1]
                             =>3 2
        ";
        holds(&mut new(), *lens, text);
    }
}

#[test]
fn every_wrong_line_is_told_and_right_ones_are_not() {
    let mut fake = Fake::new(&[("A", "+OK"), ("B", ":2"), ("C", "-ERR no")]);
    let text = "> A => OK\n> B => 1\n> C => (nil)\n> A\n> B =>3 2";
    assert_eq!(
        differences(&mut fake, Lens::RESP2, text),
        [
            difference(2, "1", "2"),
            difference(3, "(nil)", "(error) ERR no"),
            difference(4, "nothing is written here yet", "OK"),
            difference(5, "nothing is written here yet", "2"),
        ]
    );
}

#[test]
fn each_lens_sees_its_own_kind_of_fault() {
    let text = "> A => 1\n> B => 2";
    let new = |fault| Fake::new(&[("A", ":1"), ("B", ":2")]).faulty(fault);
    for lens in STANDARD {
        let in_pieces = differences(&mut new(Fault::Pieces), *lens, text);
        assert_eq!(in_pieces.is_empty(), lens.name != "split", "{}", lens.name);
        let of_many = differences(&mut new(Fault::SecondOfMany), *lens, text);
        assert_eq!(of_many.is_empty(), lens.name != "pipelined", "{}", lens.name);
    }
}

#[test]
fn resp3_is_asked_for_before_anything_else() {
    let mut fake = Fake::new(&[("A", ":1")]);
    holds(&mut fake, Lens::RESP3, "> A => 1\nB> A => 1");
    assert_eq!(*fake.log.borrow(), ["HELLO 3", "A", "HELLO 3", "A", "close 0", "close 1"]);
}

#[test]
fn blocked_clients_get_their_reply_later_and_nothing_unclaimed() {
    let new = || Fake::new(&[("BLPOP l 0", ""), ("PUSH l x", ":1"), ("A", ":1")]).also("PUSH l x", 0, "*1\r\n$1\r\nx");
    holds(&mut new(), Lens::RESP2, "A> BLPOP l 0 => (blocked)\n> PUSH l x => 1\nA: => ['x']\nA> A => 1");
    assert_eq!(
        differences(&mut new(), Lens::RESP2, "A> BLPOP l 0 => ['x']\n> PUSH l x => 1\nA> A => 1\n> PUSH l x => 1"),
        [
            difference(1, "['x']", "(blocked)"),
            difference(3, "nothing before this line on A", "['x']"),
            difference(4, "nothing more on A", "['x']"),
        ]
    );
    assert_eq!(differences(&mut new(), Lens::RESP2, "A> A => (blocked)"), [difference(1, "(blocked)", "1")]);
}

#[test]
fn the_clock_moves_where_the_transcript_says() {
    let mut fake = Fake::new(&[("BLPOP l 5", "")]).at(5000, "*-1");
    holds(&mut fake, Lens::RESP2, "> BLPOP l 5 => (blocked)\n@now +4999ms\n: => (silent)\n@now +1ms\n: => (nil)");
}

#[test]
fn a_server_may_hang_up_and_a_client_too() {
    let new = || Fake::new(&[("QUIT", "+OK"), ("A", ":1")]).hanging_up_after("QUIT");
    let mut fake = new();
    holds(
        &mut fake,
        Lens::RESP2,
        "> QUIT => OK\n => (closed)\n> A => 1\n@close\n> A => 1\n>> \"*x\\r\\n\" => (error) ERR P...\n=> (closed)",
    );
    assert_eq!(*fake.log.borrow(), ["QUIT", "close 0", "A", "close 1", "A", "close 2"]);
    assert_eq!(differences(&mut new(), Lens::RESP2, "> QUIT => OK\n> A => 1"), [difference(2, "1", "(closed)")]);
    assert_eq!(
        differences(&mut Fake::new(&[("A", "?")]), Lens::RESP2, "> A => 1")[0].2,
        "no reply but garbage: no reply starts with '?' (offset 3)"
    );
}

#[test]
fn captured_text_is_sent_and_expected_from_then_on() {
    let new = || Fake::new(&[("XADD s *", "$3\r\n5-0"), ("XDEL s 5-0", ":1"), ("XLAST", "*1\r\n$3\r\n6-0")]);
    let text =
        "> XADD s * => ${id}\n> XDEL s ${id} => 1\n> XLAST => [${id}]\n> XLAST => [${last}]\n> XLAST => [${last}]";
    for lens in [Lens::RESP2, Lens::PIPELINED] {
        assert_eq!(differences(&mut new(), lens, text), [difference(3, "[${id}]", "['6-0']")], "{}", lens.name);
    }
}

#[test]
fn hello_and_reset_change_the_protocol_a_reply_is_held_against() {
    let mut fake = Fake::new(&[("RESET", "+RESET")]).with("HGETALL h", "*2\r\n$1\r\nf\r\n:1", "%1\r\n$1\r\nf\r\n:1");
    let text =
        "> HELLO 3 => {}\n> HGETALL h =>2 *\n =>3 {'f': 1}\n> HELLO 2 => {}\n> HGETALL h =>2 ['f', 1]\n =>3 (nil)";
    holds(&mut fake, Lens::RESP2, text);
    holds(&mut fake, Lens::PIPELINED, text);
    holds(&mut fake, Lens::RESP3, &format!("@resp3\n{text}"));
}

#[test]
fn what_a_directive_skips_is_run_but_not_compared() {
    let mut fake = Fake::new(&[("OBJECT ENCODING k", "$5\r\nother"), ("A", ":1")]);
    let text = "@skip-encodings resp2 why\n> object encoding k => 'raw'\n@skip-line resp2 why\n> A => 2\n> A => 2";
    // `object` is not what the fake knows, so that a comparison would differ in any case.
    assert_eq!(differences(&mut fake, Lens::RESP2, text), [difference(5, "2", "1")]);
    assert_eq!(differences(&mut fake, Lens::RESP3, text).len(), 3);
}

#[test]
fn parameters_are_set_by_command_if_the_subject_has_no_other_way() {
    let mut fake = Fake::new(&[("CONFIG SET save x y", "+OK"), ("CONFIG SET port 1", "-ERR no")]);
    let text = "@config save 'x y'\n@config port 1";
    assert_eq!(differences(&mut fake, Lens::RESP2, text), [difference(2, "OK", "a refusal")]);
}

#[test]
fn the_restore_lens_puts_every_key_back_between_lines() {
    let answers = [
        ("KEYS *", "*2\r\n$1\r\na\r\n$1\r\nb"),
        ("DUMP a", "$1\r\nA"),
        ("DUMP b", "$1\r\nB"),
        ("PEXPIRETIME a", ":-1"),
        ("PEXPIRETIME b", ":77"),
        ("RESTORE a 0 A REPLACE ABSTTL", "+OK"),
        ("RESTORE b 77 B REPLACE ABSTTL", "-ERR Bad data format"),
        ("X", ":1"),
        ("SELECT 1", "+OK"),
        ("WATCH k", "+OK"),
    ];
    let mut fake = Fake::new(&answers);
    let refusal = difference(1, "no trace of the lens", "RESTORE b 77 B REPLACE ABSTTL: (error) ERR Bad data format");
    assert_eq!(differences(&mut fake, Lens::RESTORE, "> X => 1"), [refusal]);
    assert_eq!(
        fake.log.borrow()[..],
        [
            "X",
            "KEYS *",
            "DUMP a",
            "PEXPIRETIME a",
            "RESTORE a 0 A REPLACE ABSTTL",
            "DUMP b",
            "PEXPIRETIME b",
            "RESTORE b 77 B REPLACE ABSTTL",
            "close 0"
        ]
    );

    let mut fake = Fake::new(&answers);
    let seen = differences(&mut fake, Lens::RESTORE, "> SELECT 1 => OK");
    assert_eq!(seen[0].2, "SELECT 0: (error) ERR unknown", "a transcript with databases has all of them looked at");

    let mut fake = Fake::new(&answers);
    holds(&mut fake, Lens::RESTORE, "> WATCH k => OK\n> X => 1");
    assert_eq!(*fake.log.borrow(), ["WATCH k", "X", "close 0"]);
}

#[test]
fn what_leaves_for_replicas_is_held_line_by_line() {
    let text = "
        > SET k v             => OK
        @stream SELECT 0
        @stream SET k v PXAT *
        > GET k               => 'v'
        @stream
    ";
    let fake = || Fake::new(&[("SET k v", "+OK"), ("GET k", "$1\r\nv")]);
    holds(&mut fake().leaving(&["SELECT 0", "set k v pxat 17"]).leaving(&[]), Lens::RESP2, text);
    holds(&mut fake(), Lens::RESP2, text);

    let other = &mut fake().leaving(&["SELECT 0", "SET k w PXAT 17"]).leaving(&["DEL k"]);
    assert_eq!(
        differences(other, Lens::RESP2, text),
        [difference(4, "SET k v PXAT *", "SET k w PXAT 17"), difference(6, "nothing more to replicas", "DEL k"),]
    );
    let less = &mut fake().leaving(&["SELECT 0"]);
    assert_eq!(differences(less, Lens::RESP2, text), [difference(4, "SET k v PXAT *", "nothing more")]);
    let more = &mut fake().leaving(&["SELECT 0", "SET k v PXAT 1", "DEL k"]);
    assert_eq!(differences(more, Lens::RESP2, text), [difference(4, "nothing more to replicas", "DEL k")]);
}

#[test]
fn a_transaction_may_select_its_database_on_either_side_of_multi() {
    let text = "
        > PING                => PONG
        @stream SELECT 3
        @stream MULTI
        @stream EXEC
    ";
    for left in [["SELECT 3", "MULTI", "EXEC"], ["MULTI", "SELECT 3", "EXEC"]] {
        holds(&mut Fake::new(&[("PING", "+PONG")]).leaving(&left), Lens::RESP2, text);
    }
}
