use super::*;
use crate::fake::Fake;
use crate::run::run;
use crate::session::Stage;
use crate::transcript::Transcript;

#[test]
fn a_lens_may_send_something_else_in_place_of_a_command() {
    fn through_do(words: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        std::iter::once(b"DO".to_vec()).chain(words).collect()
    }
    let lens = Lens { name: "do", rewrite: through_do, ..Lens::RESP2 };
    let mut fake = Fake::new(&[("DO GET k", ":1")]);
    assert_eq!(run(&Transcript::parse("> GET k => 1").unwrap(), &mut fake, &lens), []);
}

#[test]
fn hooks_run_before_the_first_line_and_around_every_line() {
    fn prepare(stage: &mut Stage<'_>) -> Result<(), String> {
        stage.ask(&[b"PREPARE"]).map(|_| ())
    }
    fn before(stage: &mut Stage<'_>) -> Result<(), String> {
        stage.ask(&[b"BEFORE"]).map(|_| ())
    }
    fn after(stage: &mut Stage<'_>) -> Result<(), String> {
        stage.ask(&[b"AFTER"]).map(|_| ())
    }
    let lens = Lens { name: "hooks", prepare, before, after, ..Lens::RESP2 };
    let text = Transcript::parse("> A => 1\n> B => 2").unwrap();
    let new = || Fake::new(&[("PREPARE", "+OK"), ("BEFORE", "+OK"), ("AFTER", "+OK"), ("A", ":1"), ("B", ":2")]);
    let mut fake = new();
    assert_eq!(run(&text, &mut fake, &lens), []);
    assert_eq!(fake.log.borrow()[..7], ["PREPARE", "BEFORE", "A", "AFTER", "BEFORE", "B", "AFTER"]);
    let mut fake = new();
    assert_eq!(run(&text, &mut fake, &Lens { feed: Feed::Pipelined, ..lens }), []);
    assert_eq!(fake.log.borrow()[..5], ["PREPARE", "BEFORE", "A", "B", "AFTER"]);

    let mut failing = new().replacing("AFTER", "-ERR trace");
    let seen = run(&text, &mut failing, &lens);
    let seen: Vec<_> = seen.iter().map(|d| (d.line, d.got.as_str())).collect();
    assert_eq!(seen, [(1, "AFTER: (error) ERR trace"), (2, "AFTER: (error) ERR trace")]);
}

#[test]
fn the_not_compact_lens_asks_for_big_encodings_and_ignores_their_names() {
    let mut fake =
        Fake::new(&[("OBJECT ENCODING h", "+hashtable")]).with("CONFIG SET hash-max-listpack-entries 0", "+OK", "");
    let text = Transcript::parse("> OBJECT ENCODING h => 'listpack'").unwrap();
    assert_eq!(run(&text, &mut fake, &Lens::NOT_COMPACT), []);
    assert!(fake.log.borrow().contains(&"CONFIG SET list-max-listpack-size 1".to_owned()));
}

#[test]
fn the_twin_lens_compares_every_key_of_both_servers() {
    fn server(value: &str) -> Fake {
        Fake::new(&[("A", ":1"), ("TYPE k", "+string"), ("PEXPIRETIME k", ":-1"), ("GET k", value)])
            .replacing("KEYS *", "*1\r\n$1\r\nk")
    }
    let text = Transcript::parse("> A => 1").unwrap();
    assert_eq!(run(&text, &mut server("+x").with_twin(server("+x")), &Lens::TWIN), []);
    let seen = run(&text, &mut server("+x").with_twin(server("+y")), &Lens::TWIN);
    assert_eq!(seen[0].got, "db 0 key 'k': string until -1 x and string until -1 y");
    let seen = run(&text, &mut server("+x"), &Lens::TWIN);
    assert_eq!(seen[0].got, "this subject has no twin to compare it with");
}
