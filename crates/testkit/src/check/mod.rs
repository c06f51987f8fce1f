//! The assertion of a test: one transcript, every lens, one report.

use std::panic::Location;
use std::thread;

use resp::Protocol;

use crate::lens::{Lens, STANDARD};
use crate::link::Observed;
use crate::notation::print;
use crate::pattern::{Captures, Pattern};
use crate::peer::{Peer, Vendor, Version};
use crate::report::report;
use crate::run::{Replay, replay, run};
use crate::subject::Subject;
use crate::transcript::{Line, Transcript};
use crate::update::{self, Edit};
use crate::wrap::wrap;

/// Makes a subject: each lens gets one of its own.
pub type Factory<'f> = &'f dyn Fn() -> Box<dyn Subject>;

/// Replays the transcript `text` under the [`STANDARD`] lenses. A crate's tests wrap it once:
///
/// ```ignore
/// #[track_caller]
/// fn check(text: &str) {
///     testkit::check(&|| Box::new(InMemory::new()), text);
/// }
/// ```
///
/// With `UPDATE_EXPECT=1` in the environment, replies that differ under RESP2 or RESP3 are written into the source, into the
/// literal the caller passed; what then still differs under other lenses fails as always.
///
/// # Panics
/// When `text` does not read, or a reply differs: the message shows every such line under every lens.
#[track_caller]
pub fn check(new_subject: Factory<'_>, text: &str) {
    check_under(STANDARD, new_subject, text);
}

/// As [`check`], under lenses of the caller's choice.
///
/// # Panics
/// As [`check`].
#[track_caller]
pub fn check_under(lenses: &[Lens], new_subject: Factory<'_>, text: &str) {
    if let Err(report) = hold(&Place::of_caller(), lenses, new_subject, text, update::is_asked_for()) {
        panic!("{report}");
    }
}

/// The report of all that differs, after what can be updated was.
fn hold(place: &Place, lenses: &[Lens], new_subject: Factory<'_>, text: &str, updating: bool) -> Result<(), String> {
    let read = |text: &str| {
        Transcript::parse(text).map_err(|error| {
            format!("{}\nline {}: {}", place.title(), place.first_line(text) + error.line - 1, error.message)
        })
    };
    let mut transcript = read(text)?;
    let ochre = Peer { vendor: Vendor::Ochre, version: Version::new(0, 0, 0) };
    if transcript.refuses(ochre).is_some() {
        return Ok(());
    }
    let mut text = text.to_owned();
    if updating {
        let edits = edits(&transcript, &text, new_subject);
        if !edits.is_empty() {
            let updated = update::apply(&text, &edits);
            transcript = read(&updated)?;
            update::update_file(&place.file, place.line, &text, &edits)
                .map_err(|error| format!("{}\nnot updated: {error}\n{updated}", place.title()))?;
            text = updated;
        }
    }
    let lenses = lenses.iter().filter_map(|lens| lens.for_transcript(&transcript));
    let differences: Vec<_> = lenses.flat_map(|lens| run(&transcript, new_subject().as_mut(), &lens)).collect();
    if differences.is_empty() {
        return Ok(());
    }
    let report = report(&place.title(), place.first_line(&text), &differences);
    Err(format!("{report}(UPDATE_EXPECT=1 puts what was got under resp2 and resp3 into the source)"))
}

/// Where the caller's literal is.
struct Place {
    file: String,
    line: usize,
}

impl Place {
    #[track_caller]
    fn of_caller() -> Self {
        let location = Location::caller();
        Self { file: location.file().to_owned(), line: location.line() as usize }
    }

    /// The test, whose name its thread has, and where it is.
    fn title(&self) -> String {
        let current = thread::current();
        format!("{} at {}:{}", current.name().unwrap_or("a transcript"), self.file, self.line)
    }

    /// The line of the file that the transcript starts on; 1 if the file cannot be read, so that lines count within it.
    fn first_line(&self, text: &str) -> usize {
        update::line_of_literal(&self.file, self.line, text).unwrap_or(1)
    }
}

impl Lens {
    /// This lens as it applies to `transcript`: over the protocol that the transcript insists on, or not at all.
    #[must_use]
    pub fn for_transcript(&self, transcript: &Transcript) -> Option<Self> {
        if transcript.skips_lens(self.name).is_some() {
            return None;
        }
        match transcript.only_protocol {
            // The two lenses that are nothing but a protocol have nothing to say about the other one.
            Some(only) if only != self.protocol && [Self::RESP2.name, Self::RESP3.name].contains(&self.name) => None,
            Some(only) => Some(self.over(only)),
            None => Some(*self),
        }
    }
}

/// What would make the wrong lines of `transcript` right under RESP2 and RESP3.
fn edits(transcript: &Transcript, text: &str, new_subject: Factory<'_>) -> Vec<Edit> {
    let [resp2, resp3] = [Lens::RESP2, Lens::RESP3]
        .map(|lens| lens.for_transcript(transcript).map(|lens| replay(transcript, new_subject().as_mut(), &lens)));
    let is_wrong =
        |replay: &Option<Replay>, index: usize| replay.as_ref().is_some_and(|seen| seen.wrong.contains(&index));
    let mut edits = Vec::new();
    for (index, line) in transcript.lines.iter().enumerate() {
        if !is_wrong(&resp2, index) && !is_wrong(&resp3, index) {
            continue;
        }
        let observed = |replay: &Option<Replay>| replay.as_ref().and_then(|seen| seen.observed.get(index).cloned());
        if let Some(lines) = expectations(observed(&resp2), observed(&resp3)) {
            edits.push(edit(transcript, text, line, &lines));
        }
    }
    edits
}

/// The expectations that hold for what was observed under each protocol that applies, as `=> ...` lines. `None` for what no
/// notation exists.
fn expectations(resp2: Option<Vec<Observed>>, resp3: Option<Vec<Observed>>) -> Option<Vec<String>> {
    let lines = |mark: &str, observed: &[Observed]| -> Option<Vec<String>> {
        observed.iter().map(|seen| Some(format!("=>{mark} {}", notation(seen)?))).collect()
    };
    let (resp2, resp3) = match (resp2, resp3) {
        (Some(resp2), Some(resp3)) => (resp2, resp3),
        (Some(only), None) | (None, Some(only)) => return lines("", &only),
        (None, None) => return None,
    };
    if resp2.len() != resp3.len() {
        return Some([lines("2", &resp2)?, lines("3", &resp3)?].concat());
    }
    let mut all = Vec::new();
    for (two, three) in resp2.iter().zip(&resp3) {
        match common(two, three) {
            Some(both) => all.push(format!("=> {both}")),
            None => all.extend([format!("=>2 {}", notation(two)?), format!("=>3 {}", notation(three)?)]),
        }
    }
    Some(all)
}

/// One notation that holds under both protocols, if there is one.
fn common(resp2: &Observed, resp3: &Observed) -> Option<String> {
    let text = notation(resp3)?;
    let (Observed::Reply(two), Observed::Reply(three)) = (resp2, resp3) else {
        return (resp2 == resp3).then_some(text);
    };
    let holds = |text: &String| {
        Pattern::parse(text).is_ok_and(|pattern| {
            let none = Captures::default();
            pattern.matches(two, Protocol::Resp2, &none) && pattern.matches(three, Protocol::Resp3, &none)
        })
    };
    [text.clone(), format!("flat {text}")].into_iter().find(holds)
}

fn notation(observed: &Observed) -> Option<String> {
    match observed {
        Observed::Reply(value) => Some(print(value)),
        Observed::Nothing => Some("(blocked)".to_owned()),
        Observed::Closed => Some("(closed)".to_owned()),
        Observed::Malformed(_) => None,
    }
}

/// Puts `expectations` where the line has its own, in its column, or in that of its neighbours.
fn edit(transcript: &Transcript, text: &str, line: &Line, expectations: &[String]) -> Edit {
    let column = |at: usize| at - text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let start = line.expect_span.start;
    let (gap, arrow) = if line.expect.is_empty() {
        let nearest = transcript
            .lines
            .iter()
            .filter(|other| !other.expect.is_empty() && column(other.expect_span.start) > column(start))
            .min_by_key(|other| other.number.abs_diff(line.number));
        let arrow = nearest.map_or_else(|| column(start) + 4, |other| column(other.expect_span.start));
        (arrow - column(start), arrow)
    } else {
        (0, column(start))
    };
    let line_start = start - column(start);
    let indent = text[line_start..].len() - text[line_start..].trim_start_matches(' ').len();
    let pieces: Vec<String> = expectations
        .iter()
        .map(|expectation| {
            let (mark, reply) = expectation.split_once(' ').unwrap_or((expectation, ""));
            let lines = wrap(reply, &" ".repeat(indent + 4), &" ".repeat(indent));
            format!("{mark} {}", lines.join("\n"))
        })
        .collect();
    let between = format!("\n{}", " ".repeat(arrow));
    Edit { span: line.expect_span.clone(), text: format!("{}{}", " ".repeat(gap), pieces.join(&between)) }
}

#[cfg(test)]
mod tests;
