//! Puts every transcript to one server and tells what differs.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use testkit::{Difference, Lens, Peer, Subject, TcpSubject, Transcript};

use super::accepted::{Acceptance, Candidate};
use super::corpus::Script;
use crate::interrupt;

/// A transcript that moves the clock further than this is not put to a server whose clock is real.
const SLEEP_LIMIT_MS: u64 = 5_000;

/// What came out of asking one server.
#[derive(Default)]
pub(super) struct Answers {
    asked: usize,
    /// Transcripts not asked, by reason.
    skipped: BTreeMap<String, usize>,
    accepted: usize,
    pub(super) differences: usize,
    /// How often each acceptance was used, by index.
    used: Vec<usize>,
}

impl Answers {
    /// One line for the end.
    pub(super) fn summary(&self, server: &str) -> String {
        let skipped: usize = self.skipped.values().sum();
        let reasons: Vec<String> = self.skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
        format!(
            "{server}: {} transcripts asked, {skipped} skipped{reasons}; {} differences, {} more accepted",
            self.asked, self.differences, self.accepted
        )
    }

    /// Acceptances for this server that nothing needed.
    pub(super) fn unused<'a>(&self, accepted: &'a [Acceptance], peer: Peer) -> Vec<&'a Acceptance> {
        let entries = accepted.iter().zip(&self.used);
        entries.filter(|(entry, used)| **used == 0 && entry.is_for(peer)).map(|(entry, _)| entry).collect()
    }
}

/// Asks `subject` all of `scripts`, printing what differs and is not accepted.
pub(super) fn ask(
    subject: &mut TcpSubject,
    peer: Peer,
    server: &str,
    scripts: &[Script],
    accepted: &[Acceptance],
    from_scripts: bool,
) -> Result<Answers> {
    let mut answers = Answers { used: vec![0; accepted.len()], ..Answers::default() };
    let bar = ProgressBar::new(scripts.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{msg:24} {wide_bar} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(server.to_owned());
    for script in scripts {
        interrupt::check()?;
        bar.inc(1);
        let transcript = match &script.transcript {
            Ok(transcript) => transcript,
            Err(error) => {
                answers.differences += 1;
                bar.suspend(|| println!("{}: does not read: {}\n", script.place(error.line), error.message));
                continue;
            }
        };
        if let Some(why) = reason_to_skip(transcript, peer) {
            *answers.skipped.entry(why).or_default() += 1;
            continue;
        }
        answers.asked += 1;
        for difference in differences(transcript, subject, from_scripts) {
            let command = difference.command.as_str();
            let candidate = Candidate { peer, name: &script.name(), command, got: &difference.got };
            let matching: Vec<usize> =
                (0..accepted.len()).filter(|index| accepted[*index].matches(&candidate)).collect();
            matching.iter().for_each(|index| answers.used[*index] += 1);
            if matching.is_empty() {
                answers.differences += 1;
                bar.suspend(|| println!("{}\n", describe(script, &difference, server)));
            } else {
                answers.accepted += 1;
            }
        }
        if subject.reset().is_err() {
            bar.finish_and_clear();
            bail!("{server} is gone after {}", script.name());
        }
    }
    bar.finish_and_clear();
    Ok(answers)
}

fn reason_to_skip(transcript: &Transcript, peer: Peer) -> Option<String> {
    if let Some(why) = transcript.refuses(peer) {
        return Some(why);
    }
    (transcript.clock_ms() > SLEEP_LIMIT_MS).then(|| format!("move the clock by more than {} s", SLEEP_LIMIT_MS / 1000))
}

/// What differs under RESP2 and RESP3; what is the same under both is told once.
fn differences(transcript: &Transcript, subject: &mut TcpSubject, from_scripts: bool) -> Vec<Difference> {
    let lenses: &[Lens] = if from_scripts { &[Lens::SCRIPT, Lens::SCRIPT_RESP3] } else { &[] };
    let mut all: Vec<Difference> = Vec::new();
    for lens in [Lens::RESP2, Lens::RESP3].iter().chain(lenses).filter_map(|lens| lens.for_transcript(transcript)) {
        for difference in testkit::run(transcript, subject, &lens) {
            match all.iter_mut().find(|other| other.line == difference.line && other.got == difference.got) {
                Some(other) => other.lens = format!("{} {}", other.lens, difference.lens),
                None => all.push(difference),
            }
        }
    }
    all
}

fn describe(script: &Script, difference: &Difference, server: &str) -> String {
    format!(
        "{} {} [{}]\n    {}\n    expected  {}\n    {server}  {}",
        script.place(difference.line),
        script.function,
        difference.lens,
        shorten(difference.command.trim()),
        shorten(&difference.expected),
        shorten(&difference.got),
    )
}

/// A reply may be megabytes; its beginning and its end tell which one it is.
fn shorten(text: &str) -> String {
    const HEAD: usize = 240;
    const TAIL: usize = 60;
    let count = text.chars().count();
    if count <= HEAD + TAIL + 40 {
        return text.to_owned();
    }
    let head: String = text.chars().take(HEAD).collect();
    let tail: String = text.chars().skip(count - TAIL).collect();
    format!("{head} ... {} more ... {tail}", count - HEAD - TAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_replies_keep_their_beginning_and_end() {
        assert_eq!(shorten("(error) ERR x"), "(error) ERR x");
        let long = format!("<{}>", "\u{e4}".repeat(1_000_000));
        let short = shorten(&long);
        assert!(short.starts_with('<') && short.ends_with('>') && short.contains("999702 more"), "{short}");
    }
}
