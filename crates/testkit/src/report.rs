//! What a failing test prints: every line that differs, under every lens, each set of differences once.

use crate::run::Difference;
use crate::wrap::wrap;

/// Texts longer than this are shown around the place where they start to differ.
const MAX_SHOWN: usize = 160;

/// The report of one transcript. `differences` are in the order of the lenses; `first_line` is the line of the file (or
/// 1) that the transcript's first line is on.
pub(crate) fn report(title: &str, first_line: usize, differences: &[Difference]) -> String {
    let mut out = format!("{title}\n");
    for (lenses, group) in by_lens(differences) {
        out.push_str(&format!("under {}:\n", lenses.join(", ")));
        for difference in group {
            out.push_str(&format!("  line {}: {}\n", difference.line + first_line - 1, difference.command));
            push_sides(&difference.expected, &difference.got, &mut out);
        }
    }
    out
}

/// The differences of each lens; lenses that saw the same share an entry.
fn by_lens(differences: &[Difference]) -> Vec<(Vec<&str>, Vec<&Difference>)> {
    let mut groups: Vec<(Vec<&str>, Vec<&Difference>)> = Vec::new();
    for run in differences.chunk_by(|a, b| a.lens == b.lens) {
        let Some(first) = run.first() else { continue };
        let same = |group: &&mut (Vec<&str>, Vec<&Difference>)| {
            group.1.len() == run.len() && group.1.iter().zip(run).all(|(a, b)| a.is_like(b))
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.0.push(&first.lens),
            None => groups.push((vec![&first.lens], run.iter().collect())),
        }
    }
    groups
}

impl Difference {
    /// The same, whatever the lens.
    fn is_like(&self, other: &Self) -> bool {
        (self.line, &self.command, &self.expected, &self.got)
            == (other.line, &other.command, &other.expected, &other.got)
    }
}

fn push_sides(expected: &str, got: &str, out: &mut String) {
    let (expected, got) = (wrap(expected, "  ", ""), wrap(got, "  ", ""));
    if let ([expected], [got]) = (expected.as_slice(), got.as_slice()) {
        let (expected, got) = around_difference(expected, got);
        out.push_str(&format!("    expected: {expected}\n         got: {got}\n"));
        return;
    }
    // Lines both sides share at either end are context; the rest is `-` expected, `+` got.
    let head = expected.iter().zip(&got).take_while(|(a, b)| a == b).count();
    let room = expected.len().min(got.len()) - head;
    let tail = expected.iter().rev().zip(got.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    let mut push = |mark: &str, lines: &[String]| {
        for line in lines {
            out.push_str(&format!("    {mark} {line}\n"));
        }
    };
    push(" ", &expected[..head]);
    push("-", &expected[head..expected.len() - tail]);
    push("+", &got[head..got.len() - tail]);
    push(" ", &expected[expected.len() - tail..]);
}

/// Both texts, cut to the neighbourhood of their first difference if one is long.
fn around_difference(expected: &str, got: &str) -> (String, String) {
    if expected.len().max(got.len()) <= MAX_SHOWN {
        return (expected.to_owned(), got.to_owned());
    }
    let same = expected.bytes().zip(got.bytes()).take_while(|(a, b)| a == b).count();
    let start = same.saturating_sub(MAX_SHOWN / 4);
    let cut = |text: &str| {
        let start = if start < 8 { 0 } else { text.floor_char_boundary(start.min(text.len())) };
        let end = text.floor_char_boundary((start + MAX_SHOWN).min(text.len()));
        let before = if start == 0 { String::new() } else { format!("({start} bytes) ") };
        let after = if end == text.len() { String::new() } else { format!(" ({} bytes)", text.len() - end) };
        format!("{before}{}{after}", &text[start..end])
    };
    (cut(expected), cut(got))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(lens: &str, line: usize, expected: &str, got: &str) -> Difference {
        Difference {
            lens: lens.to_owned(),
            line,
            command: "> GET k".to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
        }
    }

    #[test]
    fn every_line_of_every_lens_is_shown_and_lenses_that_agree_share() {
        let all = [
            difference("resp2", 2, "'a'", "'b'"),
            difference("resp2", 5, "1", "(nil)"),
            difference("resp3", 2, "'a'", "'b'"),
            difference("split", 2, "'a'", "'b'"),
            difference("split", 5, "1", "(nil)"),
        ];
        let text = report("t at f.rs:9", 10, &all);
        let expected = "t at f.rs:9\n\
            under resp2, split:\n  line 11: > GET k\n    expected: 'a'\n         got: 'b'\n  \
            line 14: > GET k\n    expected: 1\n         got: (nil)\n\
            under resp3:\n  line 11: > GET k\n    expected: 'a'\n         got: 'b'\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_collections_are_compared_line_by_line() {
        let list = |third: &str| format!("['{}', 'b', {third}, 'd']", "a".repeat(100));
        let text = report("t", 1, &[difference("resp2", 1, &list("'c'"), &list("1, 2"))]);
        assert!(text.ends_with("      'b',\n    -   'c',\n    +   1,\n    +   2,\n        'd',\n      ]\n"), "{text}");
    }

    #[test]
    fn long_texts_are_shown_where_they_differ() {
        let (expected, got) =
            around_difference(&format!("'{}a'", "x".repeat(5000)), &format!("'{}b'", "x".repeat(5000)));
        assert!(expected.starts_with("(4961 bytes) xxx") && expected.ends_with("xa'"), "{expected}");
        assert!(got.ends_with("xb'") && got.len() < 100, "{got}");
    }
}
