use std::env;
use std::fs;
use std::path::PathBuf;
use std::thread;

use resp::Protocol;

use super::hold::{Place, hold};
use super::*;
use crate::fake::{Fake, Fault};
use crate::lens::{Lens, STANDARD};
use crate::source::extract;
use crate::subject::Subject;
use crate::transcript::Transcript;

/// A source file that is gone when the test is.
struct TempSource(PathBuf);

impl TempSource {
    #[expect(clippy::disallowed_methods, reason = "the file under test")]
    fn new(name: &str, source: &str) -> Self {
        let path = env::temp_dir().join(format!("testkit-{}-{name}.rs", std::process::id()));
        fs::write(&path, source).unwrap();
        Self(path)
    }

    #[expect(clippy::disallowed_methods, reason = "the file under test")]
    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }

    /// Where the literal that sends `needle` is, and its value.
    fn transcript(&self, needle: &str) -> (Place, String) {
        let found = extract(&self.text()).into_iter().find(|found| found.text.contains(needle)).unwrap();
        (Place { file: self.0.to_str().unwrap().to_owned(), line: found.line }, found.text)
    }
}

impl Drop for TempSource {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn fake() -> Box<dyn Subject> {
    Box::new(
        Fake::new(&[("A", ":1"), ("B", "$4\r\n\"\\\r\n"), ("BLPOP l 0", ""), ("ERR", "-ERR it's [so]")])
            .with("HGETALL h", "*2\r\n$1\r\nf\r\n:1", "%1\r\n$1\r\nf\r\n:1")
            .with("ZRANGE z 0 -1 WITHSCORES", "*2\r\n$1\r\nm\r\n$1\r\n1", "*1\r\n*2\r\n$1\r\nm\r\n,1")
            .with("BOTH", ":2", "+three")
            .with(
                "LONG",
                &format!("*2\r\n$90\r\n{0}\r\n$90\r\n{0}", "x".repeat(90)),
                &format!("*2\r\n$90\r\n{0}\r\n$90\r\n{0}", "x".repeat(90)),
            ),
    )
}

#[test]
fn update_fills_in_what_is_missing_or_wrong_and_nothing_else() {
    let file = TempSource::new(
        "fill",
        r##"
fn one() {
    check("
        # kept
        > A              =>  (int)
        > A              => 2
        > B
        C> BLPOP l 0
        > HGETALL h
        > ZRANGE z 0 -1 WITHSCORES
    ");
}
fn two() {
    check(r#"
        > BOTH  => [
            1,
        ]
        > LONG  => 1
        > ERR   =>2 1
                =>3 2
        > B     => 1
    "#);
}
"##,
    );
    for (needle, _) in [("C> BLPOP", 1), ("> BOTH", 2)] {
        let (place, text) = file.transcript(needle);
        assert_eq!(hold(&place, &[Lens::RESP2, Lens::RESP3], &fake, &text, true), Ok(()));
    }
    let long = "x".repeat(90);
    let expected = r##"
fn one() {
    check("
        # kept
        > A              =>  (int)
        > A              => 1
        > B              => '\"\\\\\\r\\n'
        C> BLPOP l 0     => (blocked)
        > HGETALL h      => {'f': 1}
        > ZRANGE z 0 -1 WITHSCORES    => flat [['m', (double) 1]]
    ");
}
fn two() {
    check(r#"
        > BOTH  =>2 2
                =>3 three
        > LONG  => [
            'LONG',
            'LONG',
        ]
        > ERR   => (error) ERR it's [so]
        > B     => '"\\\r\n'
    "#);
}
"##;
    assert_eq!(file.text(), expected.replace("'LONG'", &format!("'{long}'")));
    for needle in ["C> BLPOP", "> BOTH"] {
        let (place, text) = file.transcript(needle);
        assert_eq!(hold(&place, STANDARD, &fake, &text, false), Ok(()));
    }
}

#[test]
fn tests_that_run_at_once_update_one_file_without_losing_a_line() {
    let transcripts: Vec<String> = (0..16).map(|n| format!("\n  # {n}\n  > A\n  > BOTH\n")).collect();
    let source: String = transcripts.iter().map(|text| format!("fn t() {{ check(\"{text}\"); }}\n")).collect();
    let file = TempSource::new("at-once", &source);
    thread::scope(|scope| {
        for text in &transcripts {
            let (place, _) = file.transcript(text);
            scope.spawn(move || assert_eq!(hold(&place, &[], &fake, text, true), Ok(())));
        }
    });
    let updated = extract(&file.text());
    assert_eq!(updated.len(), 16);
    for (number, found) in updated.iter().enumerate() {
        assert_eq!(found.text, format!("\n  # {number}\n  > A    => 1\n  > BOTH    =>2 2\n            =>3 three\n"));
    }
}

#[test]
fn update_hides_no_fault_of_another_lens() {
    let file = TempSource::new("fault", "fn t() {\n    check(\"\n        > A => 2\n    \");\n}\n");
    let (place, text) = file.transcript("> A");
    let faulty = || -> Box<dyn Subject> { Box::new(Fake::new(&[("A", ":1")]).faulty(Fault::Pieces)) };
    let report = hold(&place, STANDARD, &faulty, &text, true).unwrap_err();
    assert!(file.text().contains("> A => 1\n"), "{}", file.text());
    assert!(
        report.contains("under split:\n  line 3: > A\n    expected: 1\n         got: (error) ERR in pieces\n"),
        "{report}"
    );
    assert!(!report.contains("resp2:"), "{report}");
}

#[test]
fn a_report_names_the_test_the_line_and_every_lens() {
    let file = TempSource::new("report", "\n\nfn t() { check(\n\"\n  > A => 1\n  > A => 2\n\") }");
    let (place, text) = file.transcript("> A");
    let report = hold(&place, STANDARD, &fake, &text, false).unwrap_err();
    assert!(report.starts_with("check::tests::a_report_names_the_test_the_line_and_every_lens at "), "{report}");
    let body = "under resp2, resp3, split, pipelined, restore, script, script-resp3:\n  line 6: > A\n    expected: 2\n         got: 1\n";
    assert!(report.contains(body), "{report}");
    let empty = hold(&place, STANDARD, &fake, "# nothing\n@resp3", false).unwrap_err();
    assert!(empty.ends_with("the transcript has no line"), "{empty}");
    let unread = hold(&place, STANDARD, &fake, "> A => 1\n> A => '", false).unwrap_err();
    assert!(unread.contains("\nline 2: "), "{unread}");
}

#[test]
#[should_panic(expected = "expected: 2")]
fn check_panics_with_the_report() {
    check(&fake, "> A => 2");
}

#[test]
fn what_is_not_for_this_server_or_lens_is_not_run() {
    let wrong = "> A => 2";
    assert_eq!(hold(&Place::of_caller(), STANDARD, &fake, &format!("@only redis\n{wrong}"), false), Ok(()));
    let skipped: String = STANDARD.iter().map(|lens| format!("@skip-lens {} why\n", lens.name)).collect();
    assert_eq!(hold(&Place::of_caller(), STANDARD, &fake, &format!("{skipped}{wrong}"), false), Ok(()));
    let resp3 = Transcript::parse("@resp3\n> A").unwrap();
    let protocols: Vec<_> = STANDARD.iter().map(|lens| lens.for_transcript(&resp3).map(|lens| lens.protocol)).collect();
    let three = Some(Protocol::Resp3);
    assert_eq!(protocols, [None, three, three, three, three, three, three]);
}
