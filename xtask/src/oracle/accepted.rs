//! The differences that we want, with their reasons.
//!
//! ```text
//! # comment
//! server: redis < 8.0, valkey
//! in: crates/commands/src/hash/*
//! line: > HINCRBY h n *
//! got: (error) ERR value is not an integer*
//! reason: before 8.0 the increment was checked after the field
//! ```
//!
//! Entries are separated by blank lines. `server` and `reason` are required; of `in` (path and test, `PATH NAME`), `line` and
//! `got` at least one is, and what is left out matches anything. `*` stands for anything. A server is `any`, or a vendor, maybe
//! with a version: `redis 7.0` (7.0.anything), `redis < 8`, `valkey >= 9.1`. TOML was rejected: transcripts are full of the
//! quotes and backslashes that it would want escaped.

use anyhow::{Context, Result, bail};
use testkit::{Peer, Vendor, Version};

use super::wildcard;

/// One entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Acceptance {
    /// The line of the file that it begins on.
    pub(super) line: usize,
    servers: Vec<ServerPattern>,
    within: Option<String>,
    command: Option<String>,
    got: Option<String>,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ServerPattern {
    Any,
    Vendor(Vendor),
    Release { vendor: Vendor, order: Order, version: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Prefix,
    Below,
    From,
}

/// What is to be accepted.
pub(super) struct Candidate<'a> {
    pub(super) peer: Peer,
    /// `PATH NAME` of the transcript.
    pub(super) name: &'a str,
    pub(super) command: &'a str,
    pub(super) got: &'a str,
}

impl Acceptance {
    pub(super) fn is_for(&self, peer: Peer) -> bool {
        self.servers.iter().any(|pattern| pattern.matches(peer))
    }

    pub(super) fn matches(&self, candidate: &Candidate<'_>) -> bool {
        let holds =
            |pattern: &Option<String>, text| pattern.as_ref().is_none_or(|pattern| wildcard::matches(pattern, text));
        self.is_for(candidate.peer)
            && holds(&self.within, candidate.name)
            && holds(&self.command, candidate.command.trim())
            && holds(&self.got, candidate.got)
    }

    /// `line 12: reason`, for reports.
    pub(super) fn describe(&self) -> String {
        format!("{}: {}", self.line, self.reason)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let value = value.trim().to_owned();
        match key {
            "server" => {
                self.servers = value.split(',').map(|text| ServerPattern::parse(text.trim())).collect::<Result<_>>()?;
            }
            "in" => self.within = Some(value),
            "line" => self.command = Some(value),
            "got" => self.got = Some(value),
            "reason" => self.reason = value,
            other => bail!("unknown key {other:?}"),
        }
        Ok(())
    }

    fn finish(self) -> Result<Acceptance> {
        if self.servers.is_empty() || self.reason.is_empty() {
            bail!("an entry needs `server:` and `reason:`");
        }
        if self.within.is_none() && self.command.is_none() && self.got.is_none() {
            bail!("an entry without `in:`, `line:` and `got:` would accept everything");
        }
        Ok(self)
    }
}

impl ServerPattern {
    fn parse(text: &str) -> Result<ServerPattern> {
        if text == "any" {
            return Ok(ServerPattern::Any);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let (vendor, order, version) = match words.as_slice() {
            [vendor] => (vendor, None, ""),
            [vendor, version] => (vendor, Some(Order::Prefix), *version),
            [vendor, "<", version] => (vendor, Some(Order::Below), *version),
            [vendor, ">=", version] => (vendor, Some(Order::From), *version),
            _ => {
                bail!("expected `any`, `VENDOR`, `VENDOR VERSION`, `VENDOR < VERSION` or `VENDOR >= VERSION`: {text:?}")
            }
        };
        let vendor = Vendor::parse(vendor).with_context(|| format!("unknown vendor {vendor:?}"))?;
        let Some(order) = order else { return Ok(ServerPattern::Vendor(vendor)) };
        Version::parse(version).with_context(|| format!("bad version {version:?}"))?;
        Ok(ServerPattern::Release { vendor, order, version: version.to_owned() })
    }

    fn matches(&self, peer: Peer) -> bool {
        match self {
            ServerPattern::Any => true,
            ServerPattern::Vendor(vendor) => *vendor == peer.vendor,
            ServerPattern::Release { vendor, order, version } => {
                *vendor == peer.vendor
                    && match order {
                        Order::Prefix => format!("{}.", peer.version).starts_with(&format!("{version}.")),
                        Order::Below => Version::parse(version).is_some_and(|version| peer.version < version),
                        Order::From => Version::parse(version).is_some_and(|version| peer.version >= version),
                    }
            }
        }
    }
}

/// Reads the file of accepted differences.
pub(super) fn parse(text: &str) -> Result<Vec<Acceptance>> {
    let mut entries = Vec::new();
    let mut open: Option<Acceptance> = None;
    // The blank line at the end closes the last entry.
    for (index, line) in text.lines().chain([""]).enumerate() {
        let number = index + 1;
        let place = || format!("line {number}");
        if line.trim().is_empty() {
            if let Some(entry) = open.take() {
                let begins = entry.line;
                entries.push(entry.finish().with_context(|| format!("the entry of line {begins}"))?);
            }
        } else if !line.starts_with('#') {
            let (key, value) = line.split_once(':').with_context(|| format!("line {number}: expected `key: value`"))?;
            let entry = open.get_or_insert_with(|| Acceptance { line: number, ..Acceptance::default() });
            entry.set(key.trim(), value).with_context(place)?;
        }
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# why\nserver: redis < 8.0, valkey 9.1\nin: crates/a/*\nline: > GET *\nreason: old\n\n\nserver: any\ngot: (error) *\nreason: text\n";

    fn candidate<'a>(peer: &str, name: &'a str, command: &'a str, got: &'a str) -> Candidate<'a> {
        let (vendor, version) = peer.split_once(' ').unwrap();
        let peer = Peer { vendor: Vendor::parse(vendor).unwrap(), version: Version::parse(version).unwrap() };
        Candidate { peer, name, command, got }
    }

    #[test]
    fn entries_match_by_server_place_line_and_answer() {
        let entries = parse(FILE).unwrap();
        assert_eq!(entries.iter().map(Acceptance::describe).collect::<Vec<_>>(), ["2: old", "8: text"]);
        for (peer, name, command, got, expected) in [
            ("redis 7.0.15", "crates/a/x.rs t", "> GET k", "1", [true, false]),
            ("redis 8.0.0", "crates/a/x.rs t", "> GET k", "1", [false, false]),
            ("valkey 9.1.2", "crates/a/x.rs t", " > GET k", "(error) ERR", [true, true]),
            ("valkey 9.11.0", "crates/a/x.rs t", "> GET k", "1", [false, false]),
            ("redis 7.0.15", "crates/b/x.rs t", "> GET k", "1", [false, false]),
            ("redis 7.0.15", "crates/a/x.rs t", "> SET k", "(error) X", [false, true]),
        ] {
            let candidate = candidate(peer, name, command, got);
            let matched: Vec<bool> = entries.iter().map(|entry| entry.matches(&candidate)).collect();
            assert_eq!(matched, expected, "{peer} {name} {command}");
        }
    }

    #[test]
    fn entries_without_reason_or_limits_are_refused() {
        for (text, message) in [
            ("server: any\nline: x\n", "needs"),
            ("line: x\nreason: y\n", "needs"),
            ("server: any\nreason: y\n", "everything"),
            ("server: tair\nline: x\nreason: y\n", "vendor"),
            ("server: redis ~ 7\nline: x\nreason: y\n", "expected"),
            ("server: redis seven\nline: x\nreason: y\n", "version"),
            ("nonsense\n", "key: value"),
            ("sever: any\n", "unknown key"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(message), "{text:?}: {error}");
        }
    }
}
