//! The header word and the arithmetic of a block: where things lie, how large the block is. No memory is touched here.

#![expect(clippy::cast_possible_truncation, reason = "bit fields are cut out of words")]

use value::Value;

/// The longest string kept inside the block; a longer one gets a buffer of its own, so that APPEND does not copy the key and
/// the block stays near its neighbours in size.
pub(super) const INLINE_MAX_BYTES: usize = 1024;

/// Blocks are aligned for their header, and an owned value must not ask for more.
pub(super) const BLOCK_ALIGN: usize = 8;
const _: () = assert!(align_of::<Value>() <= BLOCK_ALIGN);

const HEADER_BYTES: usize = 8;
/// Where the deadline lies in a block that has a slot for one.
pub(super) const DEADLINE_AT: usize = HEADER_BYTES;
pub(super) const DEADLINE_BYTES: usize = 8;
const INT_BYTES: usize = 8;
pub(super) const LEN_BYTES: usize = 2;

const DEADLINE_SLOT: u64 = 1 << 2;
const DEADLINE_SET: u64 = 1 << 3;
const SLACK_SHIFT: u32 = 4;
const SLACK_MAX: u32 = 15;
const CLOCK_SHIFT: u32 = 8;
const CLOCK_MASK: u64 = 0xff_ffff;
const KEY_SHIFT: u32 = 32;

/// How the value is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Int = 0,
    Embstr = 1,
    Raw = 2,
    Owned = 3,
}

/// The header word of a block, taken apart by shifting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header(pub(super) u64);

impl Header {
    /// No slack, no deadline.
    pub(super) fn new(form: Form, key_len: u32, clock: u32) -> Self {
        Self(form as u64 | u64::from(key_len) << KEY_SHIFT).with_clock(clock)
    }

    pub(super) const fn form(self) -> Form {
        match self.0 & 3 {
            0 => Form::Int,
            1 => Form::Embstr,
            2 => Form::Raw,
            _ => Form::Owned,
        }
    }

    pub(super) const fn with_form(self, form: Form) -> Self {
        Self(self.0 & !3 | form as u64)
    }

    /// Whether the block has room for a deadline; it may be unset.
    pub(super) const fn has_slot(self) -> bool {
        self.0 & DEADLINE_SLOT != 0
    }

    pub(super) const fn has_deadline(self) -> bool {
        self.0 & DEADLINE_SET != 0
    }

    pub(super) const fn with_deadline(self, set: bool) -> Self {
        if set { Self(self.0 | DEADLINE_SLOT | DEADLINE_SET) } else { Self(self.0 & !DEADLINE_SET) }
    }

    pub(super) const fn clock(self) -> u32 {
        // 24 bits fit.
        (self.0 >> CLOCK_SHIFT & CLOCK_MASK) as u32
    }

    pub(super) fn with_clock(self, clock: u32) -> Self {
        Self(self.0 & !(CLOCK_MASK << CLOCK_SHIFT) | (u64::from(clock) & CLOCK_MASK) << CLOCK_SHIFT)
    }

    pub(super) const fn key_len(self) -> usize {
        (self.0 >> KEY_SHIFT) as usize
    }

    pub(super) const fn key_at(self) -> usize {
        if self.has_slot() { HEADER_BYTES + DEADLINE_BYTES } else { HEADER_BYTES }
    }

    /// Where the key ends: the integer or the length of the string lies here.
    pub(super) const fn tail_at(self) -> usize {
        self.key_at() + self.key_len()
    }

    /// Where an inline string's bytes begin.
    pub(super) const fn text_at(self) -> usize {
        self.tail_at() + LEN_BYTES
    }

    /// Where an owned value lies.
    pub(super) const fn value_at(self) -> usize {
        self.tail_at().next_multiple_of(BLOCK_ALIGN)
    }

    /// Bytes in use, given the length of the text if the form is an inline string (else it is not looked at).
    pub(super) const fn used_bytes(self, text_len: usize) -> usize {
        match self.form() {
            Form::Int => self.tail_at() + INT_BYTES,
            Form::Embstr | Form::Raw => self.text_at() + text_len,
            Form::Owned => self.value_at() + size_of::<Value>(),
        }
    }

    /// Size of the block, given the bytes in use.
    pub(super) const fn capacity_bytes(self, used_bytes: usize) -> usize {
        class_bytes(class_of(used_bytes) + (self.0 >> SLACK_SHIFT) as u32 % (SLACK_MAX + 1))
    }

    /// This header for a block of the smallest class that holds `used_bytes`.
    pub(super) const fn with_no_slack(self) -> Self {
        Self(self.0 & !((SLACK_MAX as u64) << SLACK_SHIFT))
    }

    /// This header for a block of `capacity_bytes`, a class size, of which `used_bytes` are in use. `None` if they do not fit, or if
    /// they leave more than half of it unused and a smaller block would be had.
    pub(super) const fn fitted(self, used_bytes: usize, capacity_bytes: usize) -> Option<Self> {
        if used_bytes > capacity_bytes || used_bytes < capacity_bytes / 2 {
            return None;
        }
        let slack = class_of(capacity_bytes) - class_of(used_bytes);
        assert!(slack <= SLACK_MAX);
        Some(Self(self.with_no_slack().0 | (slack as u64) << SLACK_SHIFT))
    }
}

/// The smallest size class that holds `bytes`: multiples of 16 up to 128, then four to each doubling.
pub(super) const fn class_of(bytes: usize) -> u32 {
    if bytes <= 128 {
        // At most 7.
        return (bytes.saturating_sub(1) / 16) as u32;
    }
    let last = bytes - 1;
    let log = last.ilog2();
    // The two bits below the leading one, hence 4 to 7.
    let step = (last >> (log - 2)) as u32;
    8 + (log - 7) * 4 + (step - 4)
}

/// Size of a block of this class.
pub(super) const fn class_bytes(class: u32) -> usize {
    if class < 8 {
        return (class as usize + 1) * 16;
    }
    let log = 7 + (class - 8) / 4;
    let step = 5 + (class - 8) % 4;
    (step as usize) << (log - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_tight_and_within_a_quarter() {
        for bytes in 1..if cfg!(miri) { 1500 } else { 70_000 } {
            let class = class_of(bytes);
            assert!(class_bytes(class) >= bytes);
            assert!(class == 0 || class_bytes(class - 1) < bytes);
            assert!(class_bytes(class) <= bytes.max(16).next_multiple_of(16).max(bytes + bytes / 4));
            assert_eq!(class_of(class_bytes(class)), class);
        }
    }

    #[test]
    fn a_block_is_kept_from_half_full_to_full() {
        let header = Header::new(Form::Raw, 16, 0);
        for class in 0..64 {
            let capacity = class_bytes(class);
            for used in [capacity / 2, capacity / 2 + 1, capacity - 1, capacity] {
                let fitted = header.fitted(used, capacity).unwrap();
                assert_eq!(fitted.capacity_bytes(used), capacity, "{used} of {capacity}");
                assert_eq!(fitted.with_no_slack(), header);
            }
            assert_eq!(header.fitted(capacity + 1, capacity), None);
            assert_eq!(header.fitted(capacity / 2 - 1, capacity), None);
        }
    }

    #[test]
    fn header_fields_do_not_touch_each_other() {
        let header = Header::new(Form::Owned, u32::MAX, 0xfff_ffff);
        assert_eq!((header.form(), header.key_len(), header.clock()), (Form::Owned, 0xffff_ffff, 0xff_ffff));
        assert!(!header.has_slot() && !header.has_deadline());
        let other = header.with_form(Form::Int).with_clock(1).with_deadline(true);
        assert_eq!((other.form(), other.key_len(), other.clock()), (Form::Int, 0xffff_ffff, 1));
        assert!(other.has_slot() && other.has_deadline());
        let unset = other.with_deadline(false);
        assert!(unset.has_slot() && !unset.has_deadline());
    }
}
