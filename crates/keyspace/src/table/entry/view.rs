//! An entry where it lies, borrowed for reading.

use std::fmt;
use std::marker::PhantomData;

use stdx::UnixMs;
use value::{Encoding, StringRef, Type, Value, ValueRef};

use super::block::Block;
use super::header::{DEADLINE_AT, Form, Header};

/// An entry where it lies, borrowed for reading.
///
/// A pointer, not a reference: a reference to the header would not reach the bytes behind it.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    block: Block,
    entry: PhantomData<&'a Value>,
}

// SAFETY: an entry stands for a `&Value`, a `&[u8]` and an atomic, and values may be read from any thread (asserted below).
unsafe impl Send for Entry<'_> {}
// SAFETY: as above.
unsafe impl Sync for Entry<'_> {}

const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<Value>();
};

impl<'a> Entry<'a> {
    /// # Safety
    /// For the lifetime the block is a live entry's and nobody changes it, but for the clock.
    pub(in crate::table) const unsafe fn from_block(block: Block) -> Self {
        Self { block, entry: PhantomData }
    }

    pub(super) fn header(self) -> Header {
        // SAFETY: `from_block`'s promise: the block is a live entry's.
        unsafe { self.block.header() }
    }

    #[must_use]
    pub fn key(self) -> &'a [u8] {
        let header = self.header();
        // SAFETY: a live entry has its key here, and it does not change for the lifetime.
        unsafe { self.block.bytes(header.key_at(), header.key_len()) }
    }

    /// The time at which the key expires, if any.
    #[must_use]
    pub fn deadline(self) -> Option<UnixMs> {
        let header = self.header();
        // SAFETY: the flag says that a deadline was written behind the header.
        header.has_deadline().then(|| UnixMs(unsafe { self.block.read(DEADLINE_AT) }))
    }

    /// The access clock, 24 bits.
    #[must_use]
    pub fn clock(self) -> u32 {
        self.header().clock()
    }

    /// Sets the access clock; allowed under a shared lock, where the last of two racing readers wins.
    pub fn set_clock(self, clock: u32) {
        let header = self.header();
        let next = header.with_clock(clock);
        // The line stays clean, and with its other readers, if nothing changes.
        if next != header {
            // SAFETY: the block is a live entry's, and only the clock differs: the rest changes under exclusive access alone.
            unsafe { self.block.set_header(next) };
        }
    }

    #[must_use]
    pub fn value(self) -> ValueRef<'a> {
        let header = self.header();
        match header.form() {
            // SAFETY: the form says that an integer was written where the key ends.
            Form::Int => ValueRef::String(StringRef::Int(unsafe { self.block.read(header.tail_at()) })),
            Form::Embstr => ValueRef::String(StringRef::Embstr(self.text(header))),
            Form::Raw => ValueRef::String(StringRef::Raw(self.text(header))),
            Form::Owned => self.owned(header).as_ref(),
        }
    }

    #[must_use]
    pub fn value_type(self) -> Type {
        let header = self.header();
        match header.form() {
            Form::Int | Form::Embstr | Form::Raw => Type::String,
            Form::Owned => self.owned(header).value_type(),
        }
    }

    /// When the first part of the value expires by itself.
    #[must_use]
    pub fn wake_at(self) -> Option<UnixMs> {
        let header = self.header();
        match header.form() {
            Form::Int | Form::Embstr | Form::Raw => None,
            Form::Owned => self.owned(header).as_ref().wake_at(),
        }
    }

    #[must_use]
    pub fn encoding(self) -> Encoding {
        let header = self.header();
        match header.form() {
            Form::Int => Encoding::Int,
            Form::Embstr => Encoding::Embstr,
            Form::Raw => Encoding::Raw,
            Form::Owned => self.owned(header).as_ref().encoding(),
        }
    }

    /// Bytes of the entry's block, slack included; what an owned value points to is the value's to tell.
    #[must_use]
    pub fn block_bytes(self) -> usize {
        let header = self.header();
        header.capacity_bytes(self.used_bytes(header))
    }

    pub(super) fn used_bytes(self, header: Header) -> usize {
        header.used_bytes(match header.form() {
            Form::Embstr | Form::Raw => self.text_len(header),
            Form::Int | Form::Owned => 0,
        })
    }

    pub(super) fn text_len(self, header: Header) -> usize {
        debug_assert!(matches!(header.form(), Form::Embstr | Form::Raw));
        // SAFETY: an inline string has its length where the key ends.
        usize::from(unsafe { self.block.read::<u16>(header.tail_at()) })
    }

    fn text(self, header: Header) -> &'a [u8] {
        let len = self.text_len(header);
        // SAFETY: an inline string of this length lies here and does not change for the lifetime.
        unsafe { self.block.bytes(header.text_at(), len) }
    }

    fn owned(self, header: Header) -> &'a Value {
        debug_assert_eq!(header.form(), Form::Owned);
        // SAFETY: an owned value lies at this offset.
        let value = unsafe { self.block.value(header.value_at()) };
        // SAFETY: it is initialized, aligned, and does not change for the lifetime.
        unsafe { value.as_ref() }
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("key", &self.key().escape_ascii().to_string())
            .field("value", &self.value())
            .field("deadline", &self.deadline())
            .field("clock", &self.clock())
            .finish()
    }
}
