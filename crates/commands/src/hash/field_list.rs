//! `FIELDS numfields field [field ...]`, which ends the commands on deadlines of fields.

use command_api::{Args, CommandError, Context};
use stdx::num::{self, IntText};

const MISSING: CommandError =
    CommandError::other("ERR Mandatory argument FIELDS is missing or not at the right position");
const MISMATCH: CommandError = CommandError::other("ERR The `numfields` parameter must match the number of arguments");
pub(super) const NO_POSITIVE_NUMBER: CommandError =
    CommandError::other("ERR Number of fields must be a positive integer");

/// The named fields.
#[derive(Clone, Debug)]
pub(super) struct FieldList<'a>(Args<'a>);

impl<'a> FieldList<'a> {
    /// Reads the rest of the arguments. `bad_number` is what the command says to a number of fields that is none.
    pub(super) fn parse(args: &mut Args<'a>, bad_number: CommandError) -> Result<Self, CommandError> {
        if !args.accept("FIELDS") {
            return Err(MISSING);
        }
        let count = args.peek().and_then(num::parse_i64).filter(|count| *count > 0).ok_or(bad_number)?;
        args.skip(1)?;
        if usize::try_from(count) != Ok(args.remaining()) {
            return Err(MISMATCH);
        }
        Ok(Self(args.clone()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.remaining()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        self.0.rest()
    }
}

/// Propagates `head FIELDS n field ...`.
pub(super) fn propagate_fields<'f>(
    cx: &mut Context<'_>,
    head: &[&'f [u8]],
    fields: impl ExactSizeIterator<Item = &'f [u8]>,
) {
    cx.effects.propagate_nothing();
    if cx.effects.interest().propagation {
        let mut count = IntText::new();
        let count = count.format(i64::try_from(fields.len()).unwrap_or(i64::MAX));
        let mut command = Vec::with_capacity(head.len() + 2 + fields.len());
        command.extend_from_slice(head);
        command.extend([&b"FIELDS"[..], count]);
        fields.for_each(|field| command.push(field));
        cx.propagate_as(&command);
    }
}

/// Propagates `HDEL key field ...`.
pub(super) fn propagate_removal<'f>(cx: &mut Context<'_>, key: &'f [u8], fields: impl Iterator<Item = &'f [u8]>) {
    cx.effects.propagate_nothing();
    if cx.effects.interest().propagation {
        let command: Vec<&[u8]> = [&b"HDEL"[..], key].into_iter().chain(fields).collect();
        cx.propagate_as(&command);
    }
}
