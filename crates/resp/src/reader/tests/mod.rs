//! Replies -> trees, in one piece and in every other; hostile servers; and what `Reply` wrote, read back.

mod hostile;
mod round_trip;
mod values;
