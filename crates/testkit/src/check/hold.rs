//! Runs what an assertion asks for and says what does not hold.

use std::panic::Location;
use std::thread;

use crate::lens::{Lens, STANDARD};
use crate::peer::{Peer, Vendor, Version};
use crate::report::report;
use crate::run::run;
use crate::subject::Subject;
use crate::transcript::Transcript;
use crate::update;

/// Makes a subject: each lens gets one of its own.
pub type Factory<'f> = &'f dyn Fn() -> Box<dyn Subject>;

/// Replays the transcript `text` under the [`STANDARD`] lenses. A crate's tests wrap it once:
///
/// ```no_run
/// # use testkit::TcpSubject;
/// #[track_caller]
/// fn check(text: &str) {
///     // A server in memory, in the tests of a crate.
///     testkit::check(&|| Box::new(TcpSubject::connect("127.0.0.1:7000").unwrap()), text);
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
pub(super) fn hold(
    place: &Place,
    lenses: &[Lens],
    new_subject: Factory<'_>,
    text: &str,
    updating: bool,
) -> Result<(), String> {
    let read = |text: &str| {
        Transcript::parse(text).map_err(|error| {
            format!("{}\nline {}: {}", place.title(), place.first_line(text) + error.line - 1, error.message)
        })
    };
    let mut transcript = read(text)?;
    if transcript.lines.is_empty() {
        return Err(format!("{}\nnothing is asked: the transcript has no line", place.title()));
    }
    let ochre = Peer { vendor: Vendor::Ochre, version: Version::new(0, 0, 0) };
    if transcript.refuses(ochre).is_some() {
        return Ok(());
    }
    let mut text = text.to_owned();
    if updating {
        let edits = update::edits(&transcript, &text, new_subject);
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
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

impl Place {
    #[track_caller]
    pub(super) fn of_caller() -> Self {
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
