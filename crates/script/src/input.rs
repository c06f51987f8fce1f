//! What a run is given besides its code.

use resp::Argv;

/// The keys and arguments of one run: a stretch of the command that started it.
///
/// ```
/// use resp::{Argv, Span};
/// // EVAL body 1 k a
/// let spans = [0, 5, 10, 12, 14].map(|start| Span { start, len: 1 });
/// let input = script::Input { argv: Argv::new(b"e    b    1 k a", &spans), first_key: 3, num_keys: 1 };
/// assert_eq!(input.keys().collect::<Vec<_>>(), [b"k"]);
/// assert_eq!(input.args().collect::<Vec<_>>(), [b"a"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    pub argv: Argv<'a>,
    /// Where in `argv` the keys begin.
    pub first_key: usize,
    /// How many there are; all that follows them is arguments. The server has checked that there are as many.
    pub num_keys: usize,
}

impl<'a> Input<'a> {
    /// The keys.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        self.argv.iter().skip(self.first_key).take(self.num_keys)
    }

    /// What follows them.
    pub fn args(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        self.argv.iter().skip(self.first_key.saturating_add(self.num_keys))
    }
}
