//! What SORT is asked for.

use command_api::{Args, CommandError};
use keyspace::Key;
use resp::Argv;

use super::pattern::Pattern;

/// The options, taken apart.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    pub(super) by: Option<Pattern<'a>>,
    /// BY names no key: the order stays as it is.
    pub(super) keeps_order: bool,
    pub(super) descending: bool,
    pub(super) alpha: bool,
    /// First element and number of elements; a negative number means all.
    pub(super) limit: Option<(i64, i64)>,
    pub(super) gets: Vec<Pattern<'a>>,
    pub(super) store: Option<Key<'a>>,
}

const BY_DENIED: CommandError =
    CommandError::other("ERR BY option of SORT denied due to insufficient ACL permissions.");
const GET_DENIED: CommandError =
    CommandError::other("ERR GET option of SORT denied due to insufficient ACL permissions.");

/// What the options say about keys, before anything is locked. What cannot be read is passed over: the handler refuses it before it
/// touches a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// Names of keys are made of the elements.
    pub(super) names_keys: bool,
    /// Index of the last destination.
    pub(super) store: Option<u32>,
}

impl Words {
    pub(super) fn read(argv: Argv<'_>) -> Self {
        let mut words = Self::default();
        let mut index = 2;
        while let Some(word) = argv.get(index) {
            let is = |name: &[u8]| word.eq_ignore_ascii_case(name);
            let next = argv.get(index + 1);
            if is(b"LIMIT") {
                index += 2;
            } else if is(b"BY") || is(b"GET") {
                words.names_keys |= next.is_some_and(|text| matches!(Pattern::parse(text), Pattern::Key { .. }));
                index += 1;
            } else if is(b"STORE") && next.is_some() {
                words.store = u32::try_from(index + 1).ok();
                index += 1;
            }
            index += 1;
        }
        words
    }
}

impl<'a> Options<'a> {
    /// `named_keys_only`: the user may not read keys that the command does not name.
    pub(super) fn parse(args: &mut Args<'a>, may_store: bool, named_keys_only: bool) -> Result<Self, CommandError> {
        let mut options = Self::default();
        while !args.is_empty() {
            if args.accept("ASC") {
                options.descending = false;
            } else if args.accept("DESC") {
                options.descending = true;
            } else if args.accept("ALPHA") {
                options.alpha = true;
            } else if args.remaining() >= 3 && args.accept("LIMIT") {
                options.limit = Some((args.int()?, args.int()?));
            } else if may_store && args.remaining() >= 2 && args.accept("STORE") {
                options.store = Some(args.key()?);
            } else if args.remaining() >= 2 && args.accept("BY") {
                let pattern = Pattern::parse(args.bytes()?);
                options.keeps_order = !matches!(pattern, Pattern::Key { .. });
                if named_keys_only && !options.keeps_order {
                    return Err(BY_DENIED);
                }
                options.by = Some(pattern);
            } else if args.remaining() >= 2 && args.accept("GET") {
                if named_keys_only {
                    return Err(GET_DENIED);
                }
                options.gets.push(Pattern::parse(args.bytes()?));
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(options)
    }

    /// The part of `len` elements that LIMIT means.
    pub(super) fn part(&self, len: usize) -> std::ops::Range<usize> {
        let Some((start, count)) = self.limit else { return 0..len };
        let start = usize::try_from(start).unwrap_or(0).min(len);
        let end = usize::try_from(count).map_or(len, |count| start.saturating_add(count).min(len));
        start..end
    }
}
