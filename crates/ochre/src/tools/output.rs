//! Where the tools write, and what ends them with exit code 1.

use std::fmt;
use std::io::{self, BufWriter, StdoutLock};

/// Standard output, in blocks: a line a key is many lines.
pub(super) type Output = BufWriter<StdoutLock<'static>>;

pub(super) fn output() -> Output {
    BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// The data has a fault that ends the work.
#[derive(Debug)]
pub(super) struct Found(pub(super) String);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Found {}
