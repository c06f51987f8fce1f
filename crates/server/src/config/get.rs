//! CONFIG GET: the parameters that any of the patterns matches, each once.
//!
//! Redis answers in the order of its hash table, which changes from start to start; here the order is alphabetical, after the
//! parameters that were asked for by name. A name without wildcards is answered as it was written (`MAXMEMORY`), and finds
//! hidden parameters too.

use std::collections::BTreeSet;

use stdx::glob;

use super::registry;
use super::settings::Settings;

/// A parameter's name, as it is to be answered, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
}

pub(super) fn get(settings: &Settings, patterns: &[&[u8]]) -> Vec<Answer> {
    let mut answers = Vec::new();
    let mut answered = BTreeSet::new();
    let (names, globs): (Vec<&[u8]>, Vec<&[u8]>) =
        patterns.iter().partition(|pattern| !pattern.iter().any(|byte| b"*?[".contains(byte)));
    for name in names {
        if let Some(param) = registry::find(name)
            && answered.insert(name.to_ascii_lowercase())
        {
            answers.push(Answer { name: name.to_vec(), value: param.get(settings) });
        }
    }
    for (name, param) in registry::names() {
        let name = name.as_bytes();
        if !param.flags.hidden
            && globs.iter().any(|pattern| glob::matches_nocase(pattern, name))
            && answered.insert(name.to_vec())
        {
            answers.push(Answer { name: name.to_vec(), value: param.get(settings) });
        }
    }
    answers
}
