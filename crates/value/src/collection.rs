//! What the keyspace asks of a type whose values it keeps behind a pointer and changes in place.

use stdx::UnixMs;

use crate::{Type, Value, ValueRef};

/// A type of many elements. `Default` is the empty value, which a writer fills before a key holds it.
pub trait Collection: Default {
    const TYPE: Type;

    /// Whether a key that holds this goes: an empty list does, an empty stream stays.
    fn is_vacant(&self) -> bool;

    /// When the first of its parts expires by itself; `None` for all types but hashes with volatile fields.
    fn wake_at(&self) -> Option<UnixMs> {
        None
    }

    /// Removes up to `max` parts that have expired by `now`, the earliest first; `taken` is told the name of each. Returns how many.
    fn take_due(&mut self, _now: UnixMs, _max: usize, _taken: &mut dyn FnMut(&[u8])) -> usize {
        0
    }

    /// The value of this type behind the reference, if it is one.
    fn of(value: ValueRef<'_>) -> Option<&Self>;

    /// As [`Self::of`], for changing.
    fn of_mut(value: &mut Value) -> Option<&mut Self>;

    fn into_value(self) -> Value;
}
