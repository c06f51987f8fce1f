//! `@stream`: what a server sends to its replicas, line by line.
//!
//! Servers differ in where SELECT stands when a transaction begins in another database: before MULTI (Redis 7.0) or behind it (8.0). It
//! means the same; here it stands before.

use std::collections::VecDeque;
use std::io;

use super::replay::Runner;
use crate::transcript::{Line, Step};

/// What left and was not compared yet.
#[derive(Debug, Default)]
pub(super) struct Left(VecDeque<Vec<Vec<u8>>>);

impl<'t> Runner<'t, '_> {
    /// Holds one line against the next command that left. The first line of several in a row asks for all, the last claims that
    /// there is no more.
    pub(super) fn compare_stream(&mut self, line: &'t Line, words: &[Vec<u8>]) -> io::Result<()> {
        let Some(mut left) = self.left.take() else { return Ok(()) };
        let is_stream =
            |at: usize| self.transcript.lines.get(at).is_some_and(|line| matches!(line.step, Step::Stream { .. }));
        let (is_first, is_last) = (self.at == 0 || !is_stream(self.at - 1), !is_stream(self.at + 1));
        if is_first {
            left.0 = self.stage.subject().take_stream()?.into();
            put_select_first(&mut left.0);
        }
        let is_skipped = line.skips.iter().any(|skip| skip.lens == self.stage.lens.name);
        if !words.is_empty() {
            match left.0.pop_front() {
                Some(command) if matches(words, &command) || is_skipped => {}
                Some(command) => self.differ(&show(words), &show(&command)),
                None => self.differ(&show(words), "nothing more"),
            }
        }
        if is_last && !is_skipped {
            for command in left.0.drain(..) {
                self.differ("nothing more to replicas", &show(&command));
            }
        }
        self.left = Some(left);
        Ok(())
    }
}

fn matches(expected: &[Vec<u8>], command: &[Vec<u8>]) -> bool {
    let same = |(word, got): (&Vec<u8>, &Vec<u8>)| word == b"*" || word.eq_ignore_ascii_case(got);
    expected.len() == command.len() && expected.iter().zip(command).all(same)
}

fn put_select_first(commands: &mut VecDeque<Vec<Vec<u8>>>) {
    let is = |command: &[Vec<u8>], name: &[u8]| command.first().is_some_and(|word| word.eq_ignore_ascii_case(name));
    for at in 1..commands.len() {
        if is(&commands[at - 1], b"MULTI") && is(&commands[at], b"SELECT") {
            commands.swap(at - 1, at);
        }
    }
}

fn show(words: &[Vec<u8>]) -> String {
    let shown = words.iter().map(|word| word.escape_ascii().to_string());
    shown.collect::<Vec<_>>().join(" ")
}
