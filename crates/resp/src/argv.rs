//! A command's arguments, as spans of the buffer they arrived in: parsing copies nothing.

/// Where one argument lies: `len` bytes from `start`, both relative to the buffer of its [`Argv`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub len: u32,
}

impl Span {
    /// The span's bytes of `bytes`, or nothing where it does not lie inside.
    #[must_use]
    #[inline]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..).and_then(|from| from.get(..self.len as usize)).unwrap_or_default()
    }
}

/// The arguments of one command; index 0 is the command's name. Cheap to copy.
///
/// ```
/// use resp::{Argv, Span};
/// let spans = [Span { start: 0, len: 3 }, Span { start: 4, len: 1 }];
/// let argv = Argv::new(b"GET k", &spans);
/// assert_eq!(argv.get(1), Some(&b"k"[..]));
/// assert_eq!(argv.get(2), None);
/// ```
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
    #[inline]
    pub fn get(self, index: usize) -> Option<&'a [u8]> {
        self.spans.get(index).map(|span| span.of(self.bytes))
    }

    /// All arguments, the name first.
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let bytes = self.bytes;
        self.spans.iter().map(move |span| span.of(bytes))
    }
}

/// A command's arguments with memory of their own: one that is to run later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgvBuf {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

impl ArgvBuf {
    /// A copy of these arguments. What does not fit 4 GiB, which no request does, is left out.
    pub fn new<'a>(args: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut owned = Self::default();
        for arg in args {
            let (Ok(start), Ok(len)) = (u32::try_from(owned.bytes.len()), u32::try_from(arg.len())) else { break };
            owned.spans.push(Span { start, len });
            owned.bytes.extend_from_slice(arg);
        }
        owned
    }

    #[must_use]
    pub fn as_argv(&self) -> Argv<'_> {
        Argv::new(&self.bytes, &self.spans)
    }

    /// Bytes of heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity().saturating_add(self.spans.capacity().saturating_mul(size_of::<Span>()))
    }
}
