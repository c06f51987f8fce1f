//! Replays a transcript against a subject under one lens and notes what differs.

use std::collections::BTreeSet;
use std::{io, thread};

use resp::{Protocol, encode_command};

use super::stream::Left;
use crate::lens::script::{Call, Catalogue};
use crate::lens::{Encodings, Feed, Lens};
use crate::link::Observed;
use crate::notation::print;
use crate::pattern::Captures;
use crate::session::Stage;
use crate::subject::{Subject, Wait};
use crate::transcript::{Expectation, Line, Outcome, Step, Transcript};

/// One reply that is not what a transcript says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The lens it was seen under.
    pub lens: String,
    /// The line of the transcript, from 1.
    pub line: usize,
    /// The line as it is written, without its expectation.
    pub command: String,
    pub expected: String,
    pub got: String,
}

/// Resets `subject`, replays `transcript` against it under `lens`, and returns all that differs, in order.
///
/// Whether the transcript is meant for this server and this lens is not asked here: see [`Transcript::refuses`] and
/// [`Lens::for_transcript`].
#[must_use]
pub fn run(transcript: &Transcript, subject: &mut dyn Subject, lens: &Lens) -> Vec<Difference> {
    replay(transcript, subject, lens).differences
}

/// What a run saw.
pub(crate) struct Replay {
    pub(crate) differences: Vec<Difference>,
    /// By line of the transcript.
    pub(crate) observed: Vec<Vec<Observed>>,
    /// Indices of the lines whose expectation is wrong or missing.
    pub(crate) wrong: BTreeSet<usize>,
}

pub(crate) fn replay(transcript: &Transcript, subject: &mut dyn Subject, lens: &Lens) -> Replay {
    let seen =
        Replay { differences: Vec::new(), observed: vec![Vec::new(); transcript.lines.len()], wrong: BTreeSet::new() };
    // Before the reset, after which no trace is left of having asked.
    let catalogue = lens.script.map(|_| Catalogue::ask(subject, transcript)).transpose();
    let reset = subject.reset();
    let reset = reset.and_then(|()| if transcript.watches_stream() { subject.listen() } else { Ok(false) });
    let mut runner = Runner {
        transcript,
        stage: Stage::new(subject, *lens, transcript),
        captures: Captures::default(),
        at: 0,
        catalogue: None,
        call: None,
        seen,
        left: reset.as_ref().is_ok_and(|listens| *listens).then(Left::default),
    };
    let ready = catalogue.and_then(|catalogue| {
        runner.catalogue = catalogue;
        reset
    });
    if let Err(error) = ready.and_then(|_| runner.play()) {
        runner.differ("a server that goes on", &error.to_string());
    }
    for name in runner.stage.names() {
        runner.stage.close(&name);
    }
    std::mem::replace(
        &mut runner.seen,
        Replay { differences: Vec::new(), observed: Vec::new(), wrong: BTreeSet::new() },
    )
}

pub(super) struct Runner<'t, 's> {
    pub(super) transcript: &'t Transcript,
    pub(super) stage: Stage<'s>,
    captures: Captures,
    /// Index of the line being played.
    pub(super) at: usize,
    /// For a lens that calls commands from a script.
    catalogue: Option<Catalogue>,
    /// How the line being played was called from one.
    call: Option<Call>,
    seen: Replay,
    /// What left for replicas, if the subject tells.
    pub(super) left: Option<Left>,
}

impl Drop for Runner<'_, '_> {
    /// A server in the same process may panic in the middle of a line: says which.
    #[expect(clippy::print_stderr, reason = "the panic's message has just gone there")]
    fn drop(&mut self) {
        if thread::panicking()
            && let Some(line) = self.transcript.lines.get(self.at)
        {
            eprintln!("while line {} was played under {}: {}", line.number, self.stage.lens.name, line.text);
        }
    }
}

impl<'t> Runner<'t, '_> {
    fn play(&mut self) -> io::Result<()> {
        let lens = self.stage.lens;
        self.hook(lens.prepare);
        while self.at < self.transcript.lines.len() {
            self.hook(lens.before);
            let batch = self.batch_len();
            self.send(batch)?;
            for _ in 0..batch {
                self.settle()?;
                self.at += 1;
            }
            self.at -= 1;
            self.hook(lens.after);
            self.at += 1;
        }
        self.at = self.at.saturating_sub(1);
        for name in self.stage.names() {
            self.refuse_stray(&name, "nothing more")?;
        }
        Ok(())
    }

    fn line(&self) -> Option<&'t Line> {
        self.transcript.lines.get(self.at)
    }

    fn hook(&mut self, hook: crate::lens::Hook) {
        if let Err(message) = hook(&mut self.stage) {
            self.differ("no trace of the lens", &message);
        }
    }

    pub(super) fn differ(&mut self, expected: &str, got: &str) {
        let (line, command) = self.line().map_or((0, ""), |line| (line.number, line.text.as_str()));
        self.seen.differences.push(Difference {
            lens: self.stage.lens.name.to_owned(),
            line,
            command: command.to_owned(),
            expected: expected.to_owned(),
            got: got.to_owned(),
        });
    }

    /// How many lines from here go out in one write.
    fn batch_len(&self) -> usize {
        let rest = &self.transcript.lines[self.at..];
        let Some(Step::Command { conn: first, .. }) = rest.first().map(|line| &line.step) else { return 1 };
        if self.stage.lens.feed != Feed::Pipelined {
            return 1;
        }
        // What waits, hangs up or needs an earlier reply cannot be followed by more without changing what is asked.
        let follows = |line: &&Line| {
            let Step::Command { conn, words } = &line.step else { return false };
            let answered = |e: &Expectation| matches!(e.outcome, Outcome::Reply(_));
            conn == first && line.expect.iter().all(answered) && !words.iter().any(|word| has_name(word))
        };
        rest.iter().take_while(follows).count().max(1)
    }

    /// Sends what the next `batch` lines send.
    fn send(&mut self, batch: usize) -> io::Result<()> {
        self.call = None;
        let Some(line) = self.line() else { return Ok(()) };
        let (Step::Command { conn, .. } | Step::Raw { conn, .. }) = &line.step else { return Ok(()) };
        if self.stage.is_open(conn) {
            self.refuse_stray(conn, "nothing before this line")?;
        }
        let mut bytes = Vec::new();
        for line in &self.transcript.lines[self.at..self.at + batch] {
            match &line.step {
                Step::Command { words, .. } => {
                    let words = (self.stage.lens.rewrite)(self.fill_in(words));
                    bytes.extend(encode_command(self.through_script(line, conn, words)?));
                }
                Step::Raw { bytes: raw, .. } => bytes.extend_from_slice(raw),
                Step::Later { .. }
                | Step::Now { .. }
                | Step::Config { .. }
                | Step::Close { .. }
                | Step::Stream { .. } => {}
            }
        }
        self.stage.send(conn, &bytes)
    }

    /// What is sent for `words`. One that waits is called from a script first, where it must not.
    fn through_script(&mut self, line: &'t Line, conn: &str, words: Vec<Vec<u8>>) -> io::Result<Vec<Vec<u8>>> {
        let (Some(form), Some(catalogue)) = (self.stage.lens.script, &self.catalogue) else { return Ok(words) };
        let Some(call) = Call::of(form, &words, line, self.stage.manner(conn), catalogue) else { return Ok(words) };
        if !call.would_wait {
            return Ok(self.call.insert(call).words.clone());
        }
        self.stage.send(conn, &encode_command(&call.words))?;
        let seen = self.stage.observe(conn, Wait::Reply)?;
        let refused = matches!(&seen, Observed::Reply(reply) if Call::is_refused(reply));
        if !refused && !self.holds(&call.expect(&Outcome::Blocked), &seen, self.stage.protocol(conn)) {
            self.differ("an answer at once (called from a script)", &show(&seen));
        }
        Ok(words)
    }

    /// `words` with every `${name}` that is bound replaced.
    fn fill_in(&self, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let fill = |word: &Vec<u8>| {
            let mut filled = Vec::new();
            let mut rest = word.as_slice();
            while let Some(at) = rest.windows(2).position(|pair| pair == b"${") {
                let after = &rest[at + 2..];
                let end = after.iter().position(|byte| *byte == b'}').unwrap_or(after.len());
                let bound = std::str::from_utf8(&after[..end]).ok().and_then(|name| self.captures.get(name));
                let Some(text) = bound else { break };
                filled.extend_from_slice(&rest[..at]);
                filled.extend_from_slice(text);
                rest = after.get(end + 1..).unwrap_or_default();
            }
            filled.extend_from_slice(rest);
            filled
        };
        words.iter().map(fill).collect()
    }

    /// Looks at what the current line brought about; lines that send nothing happen here.
    fn settle(&mut self) -> io::Result<()> {
        let Some(line) = self.line() else { return Ok(()) };
        match &line.step {
            Step::Command { conn, words } => self.compare(line, conn, words),
            Step::Raw { conn, .. } | Step::Later { conn } => self.compare(line, conn, &[]),
            Step::Now { ms } => {
                self.stage.pass(*ms);
                Ok(())
            }
            Step::Config { name, value } => {
                match self.stage.configure(name, value) {
                    Ok(true) => {}
                    Ok(false) => self.differ("OK", "a refusal"),
                    Err(message) => self.differ("OK", &message),
                }
                Ok(())
            }
            Step::Close { conn } => {
                self.stage.close(conn);
                Ok(())
            }
            Step::Stream { words } => self.compare_stream(line, words),
        }
    }

    fn compare(&mut self, line: &'t Line, conn: &str, words: &[Vec<u8>]) -> io::Result<()> {
        let protocol = asked_protocol(words).unwrap_or_else(|| self.stage.protocol(conn));
        let compared = self.is_compared(line, words);
        let expected: Vec<&Expectation> = line.expected(protocol).collect();
        let mut observed = Vec::new();
        for expectation in &expected {
            let wait = match expectation.outcome {
                Outcome::Reply(_) | Outcome::Closed => Wait::Reply,
                Outcome::Blocked | Outcome::Silent => Wait::Settle,
            };
            let mut seen = self.stage.observe(conn, wait)?;
            if let (Some(call), Observed::Reply(reply)) = (&self.call, &seen)
                && Call::is_refused(reply)
            {
                let plain = encode_command(&call.plain);
                self.call = None;
                self.stage.send(conn, &plain)?;
                seen = self.stage.observe(conn, wait)?;
            }
            if observed.is_empty() {
                self.stage.note(conn, words, &seen);
            }
            let outcome = self.call.as_ref().map(|call| call.expect(&expectation.outcome));
            let outcome = outcome.as_ref().unwrap_or(&expectation.outcome);
            if self.holds(outcome, &seen, protocol) {
                self.follow(outcome, &seen, conn);
            } else if compared {
                self.seen.wrong.insert(self.at);
                let note = if outcome == &expectation.outcome { "" } else { " (what is left of it in a script)" };
                self.differ(&format!("{}{note}", expectation.text), &show(&seen));
            }
            observed.push(seen);
        }
        if expected.is_empty() {
            observed = self.observe_all(conn)?;
            let shown: Vec<String> = observed.iter().map(show).collect();
            self.seen.wrong.insert(self.at);
            self.differ("nothing is written here yet", &shown.join(" => "));
        }
        if let Some(slot) = self.seen.observed.get_mut(self.at) {
            *slot = observed;
        }
        Ok(())
    }

    fn holds(&self, outcome: &Outcome, seen: &Observed, protocol: Protocol) -> bool {
        match (outcome, seen) {
            (Outcome::Reply(pattern), Observed::Reply(value)) => pattern.matches(value, protocol, &self.captures),
            (Outcome::Blocked | Outcome::Silent, Observed::Nothing) | (Outcome::Closed, Observed::Closed) => true,
            (_, _) => false,
        }
    }

    /// What a right outcome means for the lines to come.
    fn follow(&mut self, outcome: &Outcome, seen: &Observed, conn: &str) {
        match (outcome, seen) {
            (Outcome::Reply(pattern), Observed::Reply(value)) => pattern.bind(value, &mut self.captures),
            (Outcome::Blocked, _) => self.stage.set_waits(conn),
            (Outcome::Closed, _) => self.stage.close(conn),
            (_, _) => {}
        }
    }

    fn is_compared(&self, line: &Line, words: &[Vec<u8>]) -> bool {
        let lens = &self.stage.lens;
        let is = |index: usize, name: &[u8]| words.get(index).is_some_and(|word| word.eq_ignore_ascii_case(name));
        let asks_encoding = is(0, b"OBJECT") && is(1, b"ENCODING");
        let ignored = lens.encodings == Encodings::Ignored || self.transcript.skips_encodings(lens.name);
        let skipped = line.skips.iter().any(|skip| skip.lens == lens.name);
        !(skipped || asks_encoding && ignored)
    }

    /// All that a line without an expectation brought.
    fn observe_all(&mut self, conn: &str) -> io::Result<Vec<Observed>> {
        let mut all = vec![self.stage.observe(conn, Wait::Reply)?];
        while let Some(Observed::Reply(_)) = all.last() {
            all.push(self.stage.observe(conn, Wait::Settle)?);
        }
        if all.len() > 1 {
            // The last look found the end, which is news only if it is that of the connection.
            all.pop_if(|last| *last == Observed::Nothing);
        }
        Ok(all)
    }

    /// Whatever a connection holds that no line has claimed is a difference.
    fn refuse_stray(&mut self, conn: &str, expected: &str) -> io::Result<()> {
        loop {
            let seen = self.stage.observe(conn, Wait::Poll)?;
            match seen {
                Observed::Nothing | Observed::Closed => return Ok(()),
                Observed::Reply(_) | Observed::Malformed(_) => {
                    let name = if conn.is_empty() { String::new() } else { format!(" on {conn}") };
                    self.differ(&format!("{expected}{name}"), &show(&seen));
                }
            }
            if matches!(seen, Observed::Malformed(_)) {
                return Ok(());
            }
        }
    }
}

fn has_name(word: &[u8]) -> bool {
    word.windows(2).any(|pair| pair == b"${")
}

/// The protocol that a HELLO asks for; its own reply comes under it.
fn asked_protocol(words: &[Vec<u8>]) -> Option<Protocol> {
    match words {
        [name, version, ..] if name.eq_ignore_ascii_case(b"HELLO") => match version.as_slice() {
            b"2" => Some(Protocol::Resp2),
            b"3" => Some(Protocol::Resp3),
            _ => None,
        },
        _ => None,
    }
}

fn show(observed: &Observed) -> String {
    match observed {
        Observed::Reply(value) => print(value),
        Observed::Nothing => "(blocked)".to_owned(),
        Observed::Closed => "(closed)".to_owned(),
        Observed::Malformed(message) => format!("no reply but garbage: {message}"),
    }
}
