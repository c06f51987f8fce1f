//! Which keys a tool looks at.

use clap::Args;
use rdb::{KeyRecord, type_of_code};

/// `--match`, `--type`, `--db`: a key must pass all that are given.
#[derive(Args, Debug, Default)]
pub(super) struct Filter {
    /// Only keys that match the pattern, as KEYS has it; given again: any of the patterns
    #[arg(long = "match", value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Only values of these types: string, list, set, zset, hash, stream, array, module
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',', value_parser = TYPES)]
    types: Vec<String>,
    /// Only keys of these databases
    #[arg(long = "db", value_name = "NUMBER", value_delimiter = ',')]
    dbs: Vec<u64>,
}

const TYPES: [&str; 8] = ["string", "list", "set", "zset", "hash", "stream", "array", "module"];

/// What TYPE says of such a value; module values have names of their own, which are not looked at.
pub(super) fn type_name(code: u8) -> &'static str {
    match type_of_code(code) {
        Some(value_type) => value_type.name(),
        None if matches!(code, 6 | 7) => "module",
        None => "unknown",
    }
}

impl Filter {
    pub(super) fn admits(&self, db: u64, record: &KeyRecord) -> bool {
        let patterns = &self.patterns;
        (self.dbs.is_empty() || self.dbs.contains(&db))
            && (self.types.is_empty() || self.types.iter().any(|name| name == type_name(record.code)))
            && (patterns.is_empty()
                || patterns.iter().any(|pattern| stdx::glob::matches(pattern.as_bytes(), &record.key)))
    }

    /// Whether every key passes.
    pub(super) fn is_open(&self) -> bool {
        self.patterns.is_empty() && self.types.is_empty() && self.dbs.is_empty()
    }
}
