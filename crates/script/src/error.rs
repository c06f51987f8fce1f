//! What a client is told when a script fails.

use std::fmt;

/// An error reply: what stands between `-` and the end of the line, its code first.
///
/// The crate's one error, because each of them ends as a line of text that clients match on.
///
/// ```
/// let error = script::ScriptError::new("ERR Library not found");
/// assert_eq!(error.text(), b"ERR Library not found");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    text: Vec<u8>,
    counted: bool,
}

impl ScriptError {
    /// `text` begins with the code (`ERR ...`). Line ends in it, which Lua quotes from sources, become spaces; those at its end are dropped.
    #[must_use]
    pub fn new(text: impl Into<Vec<u8>>) -> Self {
        let mut text = text.into();
        let is_line_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        text.truncate(text.iter().rposition(|byte| !is_line_end(byte)).map_or(0, |last| last + 1));
        text.iter_mut().filter(|byte| is_line_end(byte)).for_each(|byte| *byte = b' ');
        Self { text, counted: false }
    }

    /// An error that the server has counted already, when the command that failed gave it.
    #[must_use]
    pub(crate) const fn counted(mut self, counted: bool) -> Self {
        self.counted = counted;
        self
    }

    /// The line to send, without `-` and line end; it holds no line ends itself.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether INFO's error statistics have heard of it: a command inside the script failed with it and nothing was added.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        self.counted
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.text))
    }
}

impl std::error::Error for ScriptError {}
