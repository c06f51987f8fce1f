//! One key with its value, deadline and access clock.

use std::marker::PhantomData;
use std::sync::atomic::{AtomicU32, Ordering};

use stdx::UnixMs;
use value::{Encoding, StringRef, StringValue, Type, Value, ValueRef};

/// What to store under a key.
#[derive(Debug)]
pub enum NewValue<'a> {
    String(StringRef<'a>),
    Value(Value),
}

impl<'a> From<StringRef<'a>> for NewValue<'a> {
    fn from(string: StringRef<'a>) -> Self {
        Self::String(string)
    }
}

impl From<Value> for NewValue<'_> {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

impl NewValue<'_> {
    fn into_value(self) -> Value {
        match self {
            Self::String(string) => Value::String(string.to_value()),
            Self::Value(value) => value,
        }
    }
}

/// An entry that is in no table: the owner of its block.
#[derive(Debug)]
pub struct EntryBox {
    key: Box<[u8]>,
    value: Value,
    deadline: Option<UnixMs>,
    clock: AtomicU32,
}

impl EntryBox {
    /// `clock` is the access clock (LRU seconds or LFU counter); its low 24 bits are kept.
    #[must_use]
    pub fn new(key: &[u8], value: NewValue<'_>, deadline: Option<UnixMs>, clock: u32) -> Self {
        Self { key: key.into(), value: value.into_value(), deadline, clock: AtomicU32::new(clock & 0xff_ffff) }
    }

    #[must_use]
    pub fn as_entry(&self) -> Entry<'_> {
        Entry { entry: self }
    }

    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    #[must_use]
    pub fn value(&self) -> ValueRef<'_> {
        self.value.as_ref()
    }

    #[must_use]
    pub fn deadline(&self) -> Option<UnixMs> {
        self.deadline
    }

    /// Sets the time at which the key expires.
    pub fn set_deadline(&mut self, deadline: UnixMs) {
        self.deadline = Some(deadline);
    }

    /// Removes the deadline; returns what it was.
    pub fn clear_deadline(&mut self) -> Option<UnixMs> {
        self.deadline.take()
    }

    /// Replaces value and deadline, in the same block where the new value suits it, and keeps the access clock. Returns the old
    /// value if it was one with memory of its own, so that the caller chooses where to drop it.
    pub fn set(&mut self, value: NewValue<'_>, deadline: Option<UnixMs>) -> Option<Value> {
        self.deadline = deadline;
        Some(std::mem::replace(&mut self.value, value.into_value()))
    }

    /// Replaces the value alone, deadline kept, and only if that needs no new block: `false` changes nothing.
    pub fn try_set_string(&mut self, string: StringRef<'_>) -> bool {
        self.value = Value::String(string.to_value());
        true
    }

    /// Makes the string `len` bytes long, its encoding raw, and gives its bytes for editing: growth is filled with zeros, an
    /// integer becomes its text first. `None` if the value is not a string. What APPEND, SETRANGE and SETBIT stand on.
    pub fn resize_string(&mut self, len: usize) -> Option<&mut [u8]> {
        let Value::String(string) = &mut self.value;
        let mut scratch = stdx::num::IntText::new();
        let mut bytes = string.as_ref().bytes(&mut scratch).to_vec();
        bytes.resize(len, 0);
        *string = StringValue::Raw(bytes);
        match string {
            StringValue::Raw(bytes) => Some(bytes),
            StringValue::Int(_) | StringValue::Embstr(_) => None,
        }
    }

    /// The value for changing in place; `None` if it is a string kept inside the block (see [`Self::resize_string`]).
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        Some(&mut self.value)
    }

    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The same value, deadline and clock under another key.
    #[must_use]
    pub fn with_key(self, key: &[u8]) -> Self {
        Self { key: key.into(), ..self }
    }
}

/// An entry where it lies, borrowed for reading.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    entry: &'a EntryBox,
}

impl<'a> Entry<'a> {
    #[must_use]
    pub fn key(self) -> &'a [u8] {
        &self.entry.key
    }

    /// The time at which the key expires, if any.
    #[must_use]
    pub fn deadline(self) -> Option<UnixMs> {
        self.entry.deadline
    }

    /// The access clock, 24 bits.
    #[must_use]
    pub fn clock(self) -> u32 {
        self.entry.clock.load(Ordering::Relaxed)
    }

    /// Sets the access clock; allowed under a shared lock, where the last of two racing readers wins.
    pub fn set_clock(self, clock: u32) {
        self.entry.clock.store(clock & 0xff_ffff, Ordering::Relaxed);
    }

    #[must_use]
    pub fn value(self) -> ValueRef<'a> {
        self.entry.value.as_ref()
    }

    #[must_use]
    pub fn value_type(self) -> Type {
        self.value().value_type()
    }

    #[must_use]
    pub fn encoding(self) -> Encoding {
        self.value().encoding()
    }

    /// Bytes of the entry's block; what an owned value points to is the value's to tell.
    #[must_use]
    pub fn block_bytes(self) -> usize {
        size_of::<EntryBox>()
    }
}

/// An entry in its table, borrowed for changing.
#[derive(Debug)]
pub struct EntryMut<'a> {
    pub(super) slot: &'a mut EntryBox,
    pub(super) marker: PhantomData<&'a ()>,
}

impl<'a> EntryMut<'a> {
    #[must_use]
    pub fn as_entry(&self) -> Entry<'_> {
        self.slot.as_entry()
    }

    /// The view for as long as the table itself is borrowed.
    #[must_use]
    pub fn into_entry(self) -> Entry<'a> {
        self.slot.as_entry()
    }

    /// See [`EntryBox::set_deadline`].
    pub fn set_deadline(&mut self, deadline: UnixMs) {
        self.slot.set_deadline(deadline);
    }

    /// See [`EntryBox::clear_deadline`].
    pub fn clear_deadline(&mut self) -> Option<UnixMs> {
        self.slot.clear_deadline()
    }

    /// See [`EntryBox::set`].
    pub fn set(&mut self, value: NewValue<'_>, deadline: Option<UnixMs>) -> Option<Value> {
        self.slot.set(value, deadline)
    }

    /// See [`EntryBox::try_set_string`].
    pub fn try_set_string(&mut self, string: StringRef<'_>) -> bool {
        self.slot.try_set_string(string)
    }

    /// See [`EntryBox::resize_string`].
    pub fn resize_string(&mut self, len: usize) -> Option<&mut [u8]> {
        self.slot.resize_string(len)
    }

    /// See [`EntryBox::value_mut`].
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        self.slot.value_mut()
    }

    /// As [`Self::value_mut`], for as long as the table itself is borrowed.
    #[must_use]
    pub fn into_value_mut(self) -> Option<&'a mut Value> {
        self.slot.value_mut()
    }
}
