//! What a server answered, as the expectations that would have been right.

use resp::Protocol;

use super::Edit;
use crate::check::Factory;
use crate::lens::Lens;
use crate::link::Observed;
use crate::notation::print;
use crate::pattern::{Captures, Pattern};
use crate::run::{Replay, replay};
use crate::transcript::{Line, Transcript};
use crate::wrap::wrap;

/// What would make the wrong lines of `transcript` right under RESP2 and RESP3.
pub(crate) fn edits(transcript: &Transcript, text: &str, new_subject: Factory<'_>) -> Vec<Edit> {
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
    [text.clone(), format!("flat {text}"), format!("pairs {text}")].into_iter().find(holds)
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
