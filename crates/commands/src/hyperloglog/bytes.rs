//! Between strings of the keyspace and sketches.

use std::borrow::Cow;

use command_api::{CommandError, Context};
use stdx::num::IntText;
use value::StringRef;
use value::hyperloglog::HllError;

/// The bytes of a string; an integer is no sketch, but has bytes.
pub(super) fn bytes_of(string: StringRef<'_>) -> Cow<'_, [u8]> {
    match string {
        StringRef::Int(int) => Cow::Owned(IntText::new().format(int).to_vec()),
        StringRef::Embstr(bytes) | StringRef::Raw(bytes) => Cow::Borrowed(bytes),
    }
}

pub(super) fn refuse(error: HllError) -> CommandError {
    CommandError::other(match error {
        HllError::NotHll => "WRONGTYPE Key is not a valid HyperLogLog string value.",
        HllError::Corrupted => "INVALIDOBJ Corrupted HLL object detected",
    })
}

/// How large a sparse sketch may become.
pub(super) fn sparse_max_bytes(cx: &Context<'_>) -> usize {
    usize::try_from(cx.tunables.encodings.hll_sparse_max_bytes).unwrap_or(usize::MAX)
}
