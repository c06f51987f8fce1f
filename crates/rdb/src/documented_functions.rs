//! Holds the examples of `docs/formats/function.md` to the code.

use crate::{Dialect, RestoreOptions, Stamp, append_footer, functions};

const PAGE: &str = include_str!("../../../docs/formats/function.md");

/// The lines of each fenced block of a kind.
fn blocks(kind: &str) -> Vec<Vec<&'static str>> {
    let fence = format!("```{kind}\n");
    PAGE.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap().lines().collect()).collect()
}

/// Hexadecimal bytes up to two spaces, behind which a remark may stand.
fn bytes(line: &str) -> Vec<u8> {
    let hex = line.split("  ").next().unwrap();
    hex.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
}

/// Text with its line breaks written out.
fn text(escaped: &str) -> Vec<u8> {
    escaped.replace("\\r", "\r").replace("\\n", "\n").into_bytes()
}

fn read(payload: &[u8]) -> Vec<Vec<u8>> {
    let libraries = functions::read(payload, RestoreOptions::default()).unwrap();
    libraries.map(std::borrow::Cow::into_owned).collect()
}

#[test]
fn libraries_are_written_and_read_as_documented() {
    let blocks = blocks("functions");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let (source, dialect) = block[0].rsplit_once(" in ").unwrap();
        let quoted = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let sources: Vec<_> = quoted.into_iter().map(text).collect();
        let dialect: Dialect = dialect.parse().unwrap();
        let documented: Vec<u8> = block[1..].iter().flat_map(|line| bytes(line)).collect();
        let payload = functions::write(sources.iter().map(|source| &source[..]), dialect).unwrap();
        assert_eq!(payload, documented, "{}", block[0]);
        assert_eq!(read(&documented), sources);
    }
}

#[test]
fn libraries_of_pre_releases_become_sources_as_documented() {
    let blocks = blocks("pre-release");
    assert_eq!(blocks.len(), 1);
    for block in blocks {
        let mut payload = bytes(block[0]);
        append_footer(&mut payload, 0, Stamp::new(10).unwrap());
        assert_eq!(read(&payload), [text(block[1])]);
    }
}

#[test]
fn refusals_read_as_documented() {
    let blocks = blocks("refused");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        let error = functions::read(&bytes(block[0]), RestoreOptions::default()).map(drop).unwrap_err();
        assert_eq!(error.to_string(), block[1]);
    }
}
