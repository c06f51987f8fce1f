//! The owner of a block: making one and taking one apart.

use std::fmt;
use std::mem::ManuallyDrop;

use stdx::UnixMs;
use value::{StringRef, Value, ValueRef};

use super::block::Block;
use super::header::{DEADLINE_AT, Form, Header, INLINE_MAX_BYTES, class_bytes, class_of};
use super::view::Entry;

/// The longest key: what the header's 32 bits can say. Redis allows 512 MiB by default.
pub const KEY_MAX_BYTES: usize = 0xffff_ffff;

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

impl NewValue<'_> {
    /// When the first part of the value expires by itself.
    pub(crate) fn wake_at(&self) -> Option<UnixMs> {
        match self {
            Self::String(_) => None,
            Self::Value(value) => value.as_ref().wake_at(),
        }
    }
}

impl From<Value> for NewValue<'_> {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// An entry that is in no table: the owner of its block.
///
/// ```
/// use keyspace::table::{EntryBox, NewValue};
/// use value::{StringRef, ValueRef};
///
/// let entry = EntryBox::new(b"greeting", StringRef::new(b"hello").into(), None, 0);
/// assert_eq!(entry.as_entry().value(), ValueRef::String(StringRef::Embstr(b"hello")));
/// assert_eq!(entry.as_entry().block_bytes(), 32);
/// ```
pub struct EntryBox {
    block: Block,
}

// SAFETY: the block belongs to this box alone, and the value in it may be sent (asserted beside `Entry`).
unsafe impl Send for EntryBox {}
// SAFETY: a shared box gives out entries, which may be shared.
unsafe impl Sync for EntryBox {}

impl EntryBox {
    /// `clock` is the access clock (LRU seconds or LFU counter); its low 24 bits are kept. The key has at most
    /// [`KEY_MAX_BYTES`] bytes.
    #[must_use]
    pub fn new(key: &[u8], value: NewValue<'_>, deadline: Option<UnixMs>, clock: u32) -> Self {
        match value {
            NewValue::String(string) => Self::new_string(key, string, deadline, clock),
            NewValue::Value(value) => match inline_string(value.as_ref()) {
                Some(string) => Self::new_string(key, string, deadline, clock),
                None => Self::new_owned(key, value, deadline, clock),
            },
        }
    }

    fn new_string(key: &[u8], string: StringRef<'_>, deadline: Option<UnixMs>, clock: u32) -> Self {
        let Some((form, text_len)) = inline_form(string) else {
            return Self::new_owned(key, Value::String(string.to_value()), deadline, clock);
        };
        let mut fresh = Self::new_unfilled(key, form, text_len, deadline, clock);
        fresh.fill(string);
        fresh
    }

    pub(super) fn new_owned(key: &[u8], value: Value, deadline: Option<UnixMs>, clock: u32) -> Self {
        let fresh = Self::new_unfilled(key, Form::Owned, 0, deadline, clock);
        let at = fresh.header().value_at();
        // SAFETY: the block was sized for a value at this offset.
        let slot = unsafe { fresh.block.value(at) };
        // SAFETY: the slot is aligned, in the block, uninitialized, and ours alone.
        unsafe { slot.write(value) };
        fresh
    }

    /// A block with everything but its value, which the caller must write before the box is looked at or dropped.
    pub(super) fn new_unfilled(key: &[u8], form: Form, text_len: usize, deadline: Option<UnixMs>, clock: u32) -> Self {
        let Ok(key_len) = u32::try_from(key.len()) else { panic!("a key of {} bytes", key.len()) };
        let header = Header::new(form, key_len, clock).with_deadline(deadline.is_some());
        let block = Block::allocate(class_bytes(class_of(header.used_bytes(text_len))));
        // SAFETY: the block is new, ours, and at least 16 bytes long.
        unsafe { block.init_header(header) };
        if let Some(UnixMs(deadline)) = deadline {
            // SAFETY: the header says that there is a slot, and the block was sized by it.
            unsafe { block.write(DEADLINE_AT, deadline) };
        }
        // SAFETY: the block was sized for the key at this offset, and is new, so it cannot contain `key`.
        unsafe { block.write_bytes(header.key_at(), key) };
        Self { block }
    }

    /// Writes a string that is kept in the block; header and capacity are right already.
    pub(super) fn fill(&mut self, string: StringRef<'_>) {
        let header = self.header();
        match string {
            // SAFETY: the caller made room for an integer where the key ends.
            StringRef::Int(int) => unsafe { self.block.write(header.tail_at(), int) },
            StringRef::Embstr(text) | StringRef::Raw(text) => {
                self.write_text_len(header, text.len());
                // SAFETY: the caller made room for the text, and `&mut self` means that it is not borrowed from this block.
                unsafe { self.block.write_bytes(header.text_at(), text) };
            }
        }
    }

    pub(super) fn write_text_len(&mut self, header: Header, len: usize) {
        assert!(len <= INLINE_MAX_BYTES);
        #[expect(clippy::cast_possible_truncation, reason = "at most INLINE_MAX_BYTES")]
        // SAFETY: an inline string's block has room for the length where the key ends, and we have it exclusively.
        unsafe {
            self.block.write(header.tail_at(), len as u16);
        };
    }

    /// # Safety
    /// The block is a live entry's that nothing else owns.
    pub(in crate::table) const unsafe fn from_block(block: Block) -> Self {
        Self { block }
    }

    /// Gives up ownership to whoever keeps the address.
    pub(in crate::table) fn into_block(self) -> Block {
        ManuallyDrop::new(self).block
    }

    /// Puts another block in this one's place; the caller owns the old one.
    pub(super) const fn exchange_block(&mut self, block: Block) -> Block {
        std::mem::replace(&mut self.block, block)
    }

    pub(in crate::table) const fn block(&self) -> Block {
        self.block
    }

    #[must_use]
    pub const fn as_entry(&self) -> Entry<'_> {
        // SAFETY: the block is live as long as the box, and is changed only through `&mut`.
        unsafe { Entry::from_block(self.block) }
    }

    #[must_use]
    pub fn key(&self) -> &[u8] {
        self.as_entry().key()
    }

    #[must_use]
    pub fn value(&self) -> ValueRef<'_> {
        self.as_entry().value()
    }

    #[must_use]
    pub fn deadline(&self) -> Option<UnixMs> {
        self.as_entry().deadline()
    }

    pub(super) fn header(&self) -> Header {
        self.as_entry().header()
    }

    pub(super) fn set_header(&mut self, header: Header) {
        // SAFETY: the block is live and exclusively ours.
        unsafe { self.block.set_header(header) };
    }

    pub(super) fn used_and_capacity_bytes(&self, header: Header) -> (usize, usize) {
        let used = self.as_entry().used_bytes(header);
        (used, header.capacity_bytes(used))
    }

    /// The value alone.
    #[must_use]
    pub fn into_value(self) -> Value {
        // An owned value moves; a string in the block is copied out of it.
        self.into_owned().unwrap_or_else(|string| string.value().to_value())
    }

    /// The owned value, or the entry back if its string is kept in the block.
    pub(super) fn into_owned(self) -> Result<Value, Self> {
        let header = self.header();
        if header.form() != Form::Owned {
            return Err(self);
        }
        let (_, capacity) = self.used_and_capacity_bytes(header);
        let block = self.into_block();
        // SAFETY: an owned value lies at this offset.
        let slot = unsafe { block.value(header.value_at()) };
        // SAFETY: it is initialized and aligned, and the block is freed below without dropping it again.
        let value = unsafe { slot.read() };
        // SAFETY: this is its capacity, and nobody uses it after.
        unsafe { block.free(capacity) };
        Ok(value)
    }

    /// The same value, deadline and clock under another key.
    #[must_use]
    pub fn with_key(self, key: &[u8]) -> Self {
        let (deadline, clock) = (self.deadline(), self.header().clock());
        match inline_string(self.value()) {
            Some(string) => Self::new_string(key, string, deadline, clock),
            None => Self::new(key, NewValue::Value(self.into_value()), deadline, clock),
        }
    }
}

impl Drop for EntryBox {
    fn drop(&mut self) {
        let header = self.header();
        let (_, capacity) = self.used_and_capacity_bytes(header);
        if let Some(value) = self.value_mut() {
            // SAFETY: the value is initialized, and nothing looks at it again.
            unsafe { std::ptr::drop_in_place(value) };
        }
        // SAFETY: this is its capacity, and the box ends here.
        unsafe { self.block.free(capacity) };
    }
}

impl fmt::Debug for EntryBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_entry().fmt(f)
    }
}

/// The form and text length of a string that is kept in the block, or `None` if it is too long.
pub(super) fn inline_form(string: StringRef<'_>) -> Option<(Form, usize)> {
    match string {
        StringRef::Int(_) => Some((Form::Int, 0)),
        StringRef::Embstr(text) if text.len() <= INLINE_MAX_BYTES => Some((Form::Embstr, text.len())),
        StringRef::Raw(text) if text.len() <= INLINE_MAX_BYTES => Some((Form::Raw, text.len())),
        StringRef::Embstr(_) | StringRef::Raw(_) => None,
    }
}

/// The string in `value`, if it is one.
pub(super) fn string_in(value: ValueRef<'_>) -> Option<StringRef<'_>> {
    match value {
        ValueRef::String(string) => Some(string),
        ValueRef::List(_)
        | ValueRef::Set(_)
        | ValueRef::SortedSet(_)
        | ValueRef::Hash(_)
        | ValueRef::Stream(_)
        | ValueRef::Array(_) => None,
    }
}

/// The string in `value`, if it is one that is kept in the block.
pub(super) fn inline_string(value: ValueRef<'_>) -> Option<StringRef<'_>> {
    string_in(value).filter(|string| inline_form(*string).is_some())
}
