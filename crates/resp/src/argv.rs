//! A command's arguments, as spans of the buffer they arrived in: parsing copies nothing.

/// Where one argument lies: `len` bytes from `start`, both relative to the buffer of its [`Argv`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub len: u32,
}

/// The arguments of one command; index 0 is the command's name. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Argv<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> Argv<'a> {
    /// `spans` must lie inside `bytes`; one that does not reads as an empty argument.
    #[must_use]
    pub const fn new(bytes: &'a [u8], spans: &'a [Span]) -> Self {
        Self { bytes, spans }
    }

    #[must_use]
    pub const fn len(self) -> usize {
        self.spans.len()
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    /// Argument `index`, or `None` past the end.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'a [u8]> {
        let span = self.spans.get(index)?;
        let start = span.start as usize;
        Some(self.bytes.get(start..start + span.len as usize).unwrap_or_default())
    }

    /// All arguments, the name first.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        (0..self.len()).map(move |index| self.get(index).unwrap_or_default())
    }
}
