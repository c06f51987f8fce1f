//! Changing an entry, in its block where that is possible, in another one where it is not.

use std::mem;

use stdx::UnixMs;
use stdx::num::IntText;
use value::{StringRef, StringValue, Value};

use super::block::Block;
use super::boxed::{EntryBox, NewValue, inline_form, inline_string, string_in};
use super::header::{DEADLINE_AT, DEADLINE_BYTES, Form, Header, INLINE_MAX_BYTES, class_bytes, class_of};

/// Beyond this, a string that is edited in place grows by a quarter of its size instead of all of it.
const DOUBLING_MAX_BYTES: usize = 1 << 20;

impl EntryBox {
    /// Sets the time at which the key expires. The first deadline of a key needs 8 bytes more.
    pub fn set_deadline(&mut self, deadline: UnixMs) {
        let header = self.header();
        if header.has_slot() {
            self.set_header(header.with_deadline(true));
        } else {
            self.open_slot(header);
        }
        // SAFETY: there is a slot now, and the block is exclusively ours.
        unsafe { self.block().write(DEADLINE_AT, deadline.0) };
    }

    /// Moves key and value up by 8 bytes, in the same block if it has the room. The caller writes the deadline.
    fn open_slot(&mut self, header: Header) {
        let (used, capacity) = self.used_and_capacity_bytes(header);
        let (opened, moved) = (header.with_deadline(true), used - header.key_at());
        if let Some(fitted) = opened.fitted(used + DEADLINE_BYTES, capacity) {
            // SAFETY: both ranges lie in the block, which is exclusively ours; values may be moved as bytes.
            unsafe { self.block().copy_from(opened.key_at(), self.block(), header.key_at(), moved) };
            self.set_header(fitted);
            return;
        }
        let block = Block::allocate(class_bytes(class_of(used + DEADLINE_BYTES)));
        // SAFETY: the block is new and at least 16 bytes long.
        unsafe { block.init_header(opened.with_no_slack()) };
        // SAFETY: the new block has 8 bytes more than the old one has in use; values may be moved as bytes.
        unsafe { block.copy_from(opened.key_at(), self.block(), header.key_at(), moved) };
        let old = self.exchange_block(block);
        // SAFETY: this is its capacity, and its contents have moved out.
        unsafe { old.free(capacity) };
    }

    /// Removes the deadline; returns what it was. Its 8 bytes stay, for the next one.
    pub fn clear_deadline(&mut self) -> Option<UnixMs> {
        let deadline = self.deadline();
        self.set_header(self.header().with_deadline(false));
        deadline
    }

    /// Replaces value and deadline, in the same block where the new value suits it, and keeps the access clock. Returns the old
    /// value if it was one with memory of its own, so that the caller chooses where to drop it.
    pub fn set(&mut self, value: NewValue<'_>, deadline: Option<UnixMs>) -> Option<Value> {
        let value = match value {
            NewValue::String(string) if self.set_string_in_place(string, deadline) => return None,
            NewValue::String(string) => NewValue::String(string),
            NewValue::Value(value) => match self.swap_owned(value, deadline) {
                Ok(old) => return Some(old),
                Err(value) => NewValue::Value(value),
            },
        };
        let fresh = Self::new(self.key(), value, deadline, self.header().clock());
        mem::replace(self, fresh).into_owned().ok()
    }

    /// Replaces the value alone, deadline kept, and only if that needs no new block: `false` changes nothing.
    #[must_use]
    pub fn try_set_string(&mut self, string: StringRef<'_>) -> bool {
        let deadline = self.deadline();
        self.set_string_in_place(string, deadline)
    }

    fn set_string_in_place(&mut self, string: StringRef<'_>, deadline: Option<UnixMs>) -> bool {
        let old = self.header();
        let Some((form, text_len)) = inline_form(string) else { return false };
        if old.form() == Form::Owned {
            return false;
        }
        let (_, capacity) = self.used_and_capacity_bytes(old);
        let new = old.with_form(form).with_deadline(deadline.is_some());
        let Some(new) = new.fitted(new.used_bytes(text_len), capacity) else { return false };
        if new.key_at() != old.key_at() {
            // SAFETY: both ranges lie in the block, which is exclusively ours, since the new contents fit.
            unsafe { self.block().copy_from(new.key_at(), self.block(), old.key_at(), old.key_len()) };
        }
        if let Some(UnixMs(deadline)) = deadline {
            // SAFETY: `new` has a slot, and the key was moved out of its way.
            unsafe { self.block().write(DEADLINE_AT, deadline) };
        }
        self.set_header(new);
        self.fill(string);
        true
    }

    /// Exchanges one owned value for another if the deadline allows it and the new one cannot live in the block itself.
    fn swap_owned(&mut self, value: Value, deadline: Option<UnixMs>) -> Result<Value, Value> {
        let header = self.header();
        if deadline.is_some() && !header.has_slot() || inline_string(value.as_ref()).is_some() {
            return Err(value);
        }
        let Some(slot) = self.value_mut() else { return Err(value) };
        let old = mem::replace(slot, value);
        match deadline {
            Some(deadline) => self.set_deadline(deadline),
            None => drop(self.clear_deadline()),
        }
        Ok(old)
    }

    /// Makes the string `len` bytes long, its encoding raw, and gives its bytes for editing: growth is filled with zeros, an
    /// integer becomes its text first. `None` if the value is not a string. What APPEND, SETRANGE and SETBIT stand on.
    ///
    /// ```
    /// use keyspace::table::EntryBox;
    /// use value::{StringRef, ValueRef};
    ///
    /// let mut entry = EntryBox::new(b"n", StringRef::Int(12).into(), None, 0);
    /// entry.resize_string(3).unwrap()[2] = b'!';
    /// assert_eq!(entry.value(), ValueRef::String(StringRef::Raw(b"12!")));
    /// ```
    pub fn resize_string(&mut self, len: usize) -> Option<&mut [u8]> {
        if self.make_raw(len) { self.raw_bytes_mut() } else { None }
    }

    /// The first half of [`Self::resize_string`]: whether the value is a string, and is now raw and `len` bytes long.
    pub(super) fn make_raw(&mut self, len: usize) -> bool {
        let header = self.header();
        match header.form() {
            Form::Owned => self.value_mut().is_some_and(|value| resize_owned(value, len)),
            Form::Embstr | Form::Raw if self.resize_in_place(header, len) => true,
            Form::Int | Form::Embstr | Form::Raw => {
                self.resize_elsewhere(len);
                true
            }
        }
    }

    fn resize_in_place(&mut self, header: Header, len: usize) -> bool {
        let old_len = self.as_entry().text_len(header);
        let (_, capacity) = self.used_and_capacity_bytes(header);
        let raw = header.with_form(Form::Raw);
        let Some(fitted) = raw.fitted(raw.used_bytes(len), capacity) else { return false };
        if len > INLINE_MAX_BYTES {
            return false;
        }
        if len > old_len {
            // SAFETY: the longer text fits into the block, which is exclusively ours.
            unsafe { self.block().write_zeros(header.text_at() + old_len, len - old_len) };
        }
        self.write_text_len(header, len);
        self.set_header(fitted);
        true
    }

    /// Takes a string that is kept in the block to a block of the right size, or to a buffer.
    fn resize_elsewhere(&mut self, len: usize) {
        let mut scratch = IntText::new();
        let text = string_in(self.value()).map_or(&[][..], |string| string.bytes(&mut scratch));
        let kept = &text[..text.len().min(len)];
        let (deadline, clock) = (self.deadline(), self.header().clock());
        let fresh = if len <= INLINE_MAX_BYTES {
            let mut fresh = Self::new_unfilled(self.key(), Form::Raw, len, deadline, clock);
            let header = fresh.header();
            fresh.write_text_len(header, len);
            // SAFETY: the block is new and was sized for `len` bytes of text here.
            unsafe { fresh.block().write_bytes(header.text_at(), kept) };
            // SAFETY: as above.
            unsafe { fresh.block().write_zeros(header.text_at() + kept.len(), len - kept.len()) };
            fresh
        } else {
            let mut bytes = Vec::with_capacity(len);
            bytes.extend_from_slice(kept);
            bytes.resize(len, 0);
            Self::new_owned(self.key(), Value::String(StringValue::Raw(bytes)), deadline, clock)
        };
        *self = fresh;
    }

    /// The bytes of a raw string.
    pub(super) fn raw_bytes_mut(&mut self) -> Option<&mut [u8]> {
        let header = self.header();
        match header.form() {
            Form::Raw => {
                let len = self.as_entry().text_len(header);
                // SAFETY: an inline string of this length lies here, and the block is exclusively ours for the borrow.
                Some(unsafe { self.block().bytes_mut(header.text_at(), len) })
            }
            Form::Owned => self.value_mut().and_then(buffer_in).map(Vec::as_mut_slice),
            Form::Int | Form::Embstr => None,
        }
    }

    /// The value for changing in place; `None` if it is a string kept inside the block (see [`Self::resize_string`]).
    pub fn value_mut(&mut self) -> Option<&mut Value> {
        let header = self.header();
        if header.form() != Form::Owned {
            return None;
        }
        // SAFETY: an owned value lies at this offset.
        let mut value = unsafe { self.block().value(header.value_at()) };
        // SAFETY: it is initialized and aligned, and the block is exclusively ours for the borrow.
        Some(unsafe { value.as_mut() })
    }
}

/// Makes an owned string `len` bytes long; whether it is one.
fn resize_owned(value: &mut Value, len: usize) -> bool {
    if buffer_in(value).is_none() {
        let mut scratch = IntText::new();
        let Some(string) = string_in(value.as_ref()) else { return false };
        let bytes = string.bytes(&mut scratch).to_vec();
        *value = Value::String(StringValue::Raw(bytes));
    }
    let Some(bytes) = buffer_in(value) else { return false };
    if len > bytes.capacity() {
        let ahead = if len <= DOUBLING_MAX_BYTES { bytes.len() } else { bytes.len() / 4 };
        bytes.reserve_exact(len.max(bytes.len() + ahead) - bytes.len());
    }
    bytes.resize(len, 0);
    true
}

/// The buffer of a raw string.
fn buffer_in(value: &mut Value) -> Option<&mut Vec<u8>> {
    match value {
        Value::String(StringValue::Raw(bytes)) => Some(bytes),
        Value::String(StringValue::Int(_) | StringValue::Embstr(_))
        | Value::List(_)
        | Value::Set(_)
        | Value::SortedSet(_)
        | Value::Hash(_)
        | Value::Stream(_)
        | Value::Array(_) => None,
    }
}
