//! A progress line on a terminal; nothing when the output goes to a file.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `total` steps, titled `title`; it vanishes when dropped.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(title: &str, total: u64) -> Progress {
        let bar = ProgressBar::new(total);
        if let Ok(style) =
            ProgressStyle::with_template("{msg:32} {wide_bar} {human_pos}/{human_len} {elapsed} (left {eta})")
        {
            bar.set_style(style);
        }
        bar.set_message(title.to_owned());
        Progress(bar)
    }

    pub(super) fn set(&self, position: u64) {
        self.0.set_position(position);
    }

    pub(super) fn title(&self, title: &str) {
        self.0.set_message(title.to_owned());
    }

    /// Prints a line of the report without tearing the bar.
    pub(super) fn suspend<R>(&self, print: impl FnOnce() -> R) -> R {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
