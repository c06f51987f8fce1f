//! What a server says of the commands that a transcript names.

use std::collections::BTreeMap;
use std::io;

use resp::Value;

use crate::link::Link;
use crate::subject::Subject;
use crate::transcript::{Step, Transcript};

/// COMMAND INFO of the commands of one transcript, by lower-case name; subcommands as `config|get`.
#[derive(Debug, Default)]
pub(crate) struct Catalogue(BTreeMap<Vec<u8>, Facts>);

/// What it says of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// As COMMAND has it: the number of words, negated if it is the least.
    arity: i64,
    pub(crate) noscript: bool,
    /// It may wait.
    pub(crate) blocking: bool,
    is_container: bool,
}

impl Facts {
    pub(crate) fn accepts(self, words: usize) -> bool {
        let words = i64::try_from(words).unwrap_or(i64::MAX);
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }
}

impl Catalogue {
    /// Asks `subject`, on a connection that is closed again.
    pub(crate) fn ask(subject: &mut dyn Subject, transcript: &Transcript) -> io::Result<Self> {
        let mut names: Vec<Vec<u8>> = transcript.lines.iter().filter_map(|line| first_word(&line.step)).collect();
        names.sort_unstable();
        names.dedup();
        let mut words: Vec<&[u8]> = vec![b"COMMAND", b"INFO"];
        words.extend(names.iter().map(Vec::as_slice));
        let mut catalogue = Self::default();
        if names.is_empty() {
            return Ok(catalogue);
        }
        let mut link = Link::open(subject)?;
        let reply = link.ask(subject, &words)?;
        subject.close(link.id);
        if let Value::Array(commands) = &reply {
            commands.iter().for_each(|command| catalogue.note(command));
        }
        Ok(catalogue)
    }

    fn note(&mut self, command: &Value) {
        let Value::Array(fields) = command else { return };
        let [name, Value::Int(arity), Value::Array(flags), ..] = fields.as_slice() else { return };
        let has = |flag: &[u8]| flags.iter().any(|own| own.as_bytes() == Some(flag));
        let subcommands = if let Some(Value::Array(all)) = fields.get(9) { all.as_slice() } else { &[] };
        let facts = Facts {
            arity: *arity,
            noscript: has(b"noscript"),
            blocking: has(b"blocking"),
            is_container: !subcommands.is_empty(),
        };
        self.0.insert(name.as_bytes().unwrap_or_default().to_ascii_lowercase(), facts);
        subcommands.iter().for_each(|subcommand| self.note(subcommand));
    }

    /// What is said of the command that `words` call; `None` if there is none of that name.
    pub(crate) fn find(&self, words: &[Vec<u8>]) -> Option<Facts> {
        let name = words.first()?.to_ascii_lowercase();
        let facts = self.0.get(&name).copied()?;
        match words.get(1) {
            Some(subcommand) if facts.is_container => {
                self.0.get(&[name, subcommand.to_ascii_lowercase()].join(&b'|')).copied()
            }
            Some(_) | None => Some(facts),
        }
    }
}

fn first_word(step: &Step) -> Option<Vec<u8>> {
    let Step::Command { words, .. } = step else { return None };
    words.first().map(|word| word.to_ascii_lowercase())
}
