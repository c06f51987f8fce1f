//! Sends one command many times with a counter in it, as fast as one pipelined connection can.
//!
//! The template is encoded once; each command is a copy of it with twelve digits overwritten. Two batches are in flight, so the
//! server always has one to work on while this side reads replies. The commands must answer with one line (status, integer).

use anyhow::{Result, bail};

use crate::interrupt;
use crate::wire::{self, Client};

/// Stands for the counter in a template.
pub(super) const INDEX: &str = "__index__";

/// The counter has as many digits as redis-benchmark's `__rand_int__`.
const INDEX_DIGITS: usize = 12;

/// Commands per batch.
const BATCH: usize = 256;

/// A command with places for a counter.
pub(super) struct Template {
    bytes: Vec<u8>,
    holes: Vec<usize>,
}

impl Template {
    pub(super) fn new<S: AsRef<str>>(words: &[S]) -> Template {
        // A byte that no argument of ours holds marks the digits until their offsets are known.
        let marker = "\0".repeat(INDEX_DIGITS);
        let words: Vec<String> = words.iter().map(|word| word.as_ref().replace(INDEX, &marker)).collect();
        let mut bytes = Vec::new();
        wire::encode(&words.iter().map(String::as_str).collect::<Vec<_>>(), &mut bytes);
        let mut holes = Vec::new();
        let mut at = 0;
        while at + INDEX_DIGITS <= bytes.len() {
            if bytes[at..at + INDEX_DIGITS].iter().all(|byte| *byte == 0) {
                holes.push(at);
                at += INDEX_DIGITS;
            } else {
                at += 1;
            }
        }
        Template { bytes, holes }
    }

    /// Appends the command for `index` to `out`.
    pub(super) fn write(&self, index: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        for hole in &self.holes {
            let mut rest = index;
            for digit in out[start + hole..start + hole + INDEX_DIGITS].iter_mut().rev() {
                *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
                rest /= 10;
            }
        }
    }
}

/// Sends the command for 0, 1, ... `count - 1`; `progress` hears how many were answered.
pub(super) fn load(client: &mut Client, template: &Template, count: u64, mut progress: impl FnMut(u64)) -> Result<()> {
    let mut out = Vec::new();
    let mut line = Vec::new();
    let (mut sent, mut answered) = (0_u64, 0_u64);
    while answered < count {
        out.clear();
        let mut batch = 0_usize;
        while batch < BATCH && sent < count {
            template.write(sent, &mut out);
            sent += 1;
            batch += 1;
        }
        client.send(&out)?;
        // Leave one batch in flight, except at the end.
        let keep = if sent < count { batch as u64 } else { 0 };
        let ready = usize::try_from(sent - answered - keep)?;
        client.read_lines(ready, &mut line)?;
        answered += ready as u64;
        if (answered / BATCH as u64).is_multiple_of(64) {
            interrupt::check()?;
            progress(answered);
        }
    }
    Ok(())
}

/// Loads `count` keys and makes sure that they are there.
pub(super) fn load_keys(client: &mut Client, template: &Template, count: u64, progress: impl FnMut(u64)) -> Result<()> {
    load(client, template, count, progress)?;
    let keys = client.int(&["DBSIZE"])?;
    if u64::try_from(keys) != Ok(count) {
        bail!("{count} keys were set, but DBSIZE is {keys}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_written_wherever_it_stands() {
        let template = Template::new(&["ZADD", "z", "__index__", "m:__index__"]);
        let mut out = Vec::new();
        template.write(42, &mut out);
        template.write(123_456_789_012, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$12\r\n000000000042\r\n$14\r\nm:000000000042\r\n\
             *4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$12\r\n123456789012\r\n$14\r\nm:123456789012\r\n"
        );
    }
}
