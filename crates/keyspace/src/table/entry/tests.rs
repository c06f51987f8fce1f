//! Entries on their own: forms, deadlines, rewriting in place.

use stdx::UnixMs;
use value::{StringRef, StringValue, Value, ValueRef};

use super::block::live_bytes;
use super::header::INLINE_MAX_BYTES;
use super::{Entry, EntryBox};

fn string(entry: &EntryBox) -> StringRef<'_> {
    let ValueRef::String(string) = entry.value() else { panic!("not a string") };
    string
}

fn text(len: usize) -> Vec<u8> {
    (0..len).map(|at| b'a' + u8::try_from(at % 26).unwrap()).collect()
}

/// Lengths around every border of form and block.
const LENS: &[usize] =
    if cfg!(miri) { &[0, 44, 1024, 1025] } else { &[0, 1, 5, 6, 7, 20, 44, 45, 100, 500, 1023, 1024, 1025, 5000] };

#[test]
fn every_form_keeps_key_value_deadline_and_clock() {
    let before = live_bytes();
    let key_lens: &[usize] = if cfg!(miri) { &[0, 9] } else { &[0, 1, 7, 8, 9, 16, 300, 70_000] };
    for &key_len in key_lens {
        let key = text(key_len);
        for deadline in [None, Some(UnixMs(0)), Some(UnixMs(i64::MIN)), Some(UnixMs(i64::MAX))] {
            let texts: Vec<Vec<u8>> = LENS.iter().map(|len| text(*len)).collect();
            let strings = texts.iter().flat_map(|text| [StringRef::Embstr(text), StringRef::Raw(text)]).chain([
                StringRef::Int(0),
                StringRef::Int(-1),
                StringRef::Int(i64::MAX),
            ]);
            for value in strings {
                let by_ref = EntryBox::new(&key, value.into(), deadline, 0x0123_4567);
                let by_value = EntryBox::new(&key, Value::String(value.to_value()).into(), deadline, 0x0123_4567);
                for entry in [by_ref, by_value] {
                    assert_eq!((entry.key(), string(&entry), entry.deadline()), (&key[..], value, deadline));
                    assert_eq!(entry.as_entry().clock(), 0x23_4567);
                    assert_eq!(entry.as_entry().encoding(), value.encoding());
                    let renamed = entry.with_key(b"other");
                    assert_eq!((renamed.key(), string(&renamed), renamed.deadline()), (&b"other"[..], value, deadline));
                    assert_eq!(renamed.as_entry().clock(), 0x23_4567);
                    assert_eq!(renamed.into_value(), Value::String(value.to_value()));
                }
            }
        }
    }
    assert_eq!(live_bytes(), before);
}

#[test]
fn any_string_may_follow_any_other() {
    let before = live_bytes();
    let texts: Vec<Vec<u8>> = LENS.iter().map(|len| text(*len)).collect();
    let strings: Vec<StringRef<'_>> = texts
        .iter()
        .flat_map(|text| [StringRef::Embstr(text), StringRef::Raw(text)])
        .chain([StringRef::Int(7)])
        .collect();
    let deadlines = [None, Some(UnixMs(9))];
    for (first, second) in strings.iter().flat_map(|first| strings.iter().map(move |second| (*first, *second))) {
        for (from, to) in deadlines.iter().flat_map(|from| deadlines.iter().map(move |to| (*from, *to))) {
            let mut entry = EntryBox::new(b"some key", first.into(), from, 5);
            let old = entry.set(second.into(), to);
            let was_owned = !matches!(first, StringRef::Int(_)) && first.len() > INLINE_MAX_BYTES;
            assert_eq!(old, was_owned.then(|| Value::String(first.to_value())));
            assert_eq!((entry.key(), string(&entry), entry.deadline()), (&b"some key"[..], second, to));
            assert_eq!(entry.as_entry().clock(), 5);
            // And back, which may find room left in the block.
            drop(entry.set(Value::String(first.to_value()).into(), from));
            assert_eq!((entry.key(), string(&entry), entry.deadline()), (&b"some key"[..], first, from));
        }
    }
    assert_eq!(live_bytes(), before);
}

#[test]
fn a_block_is_rewritten_in_place_until_it_would_be_half_empty() {
    let mut entry = EntryBox::new(b"0123456789abcdef", StringRef::Raw(&text(200)).into(), None, 0);
    let (block, bytes) = (entry.block(), entry.as_entry().block_bytes());
    assert_eq!(bytes, 256);
    for len in [230, 102, 200, 102, 230] {
        assert!(entry.try_set_string(StringRef::Raw(&text(len))));
        assert_eq!((entry.block(), entry.as_entry().block_bytes()), (block, bytes));
        assert_eq!(string(&entry), StringRef::Raw(&text(len)));
    }
    assert!(!entry.try_set_string(StringRef::Raw(&text(231))));
    assert!(!entry.try_set_string(StringRef::Raw(&text(101))));
    assert!(!entry.try_set_string(StringRef::Int(1)));
    assert_eq!(string(&entry), StringRef::Raw(&text(230)));
    assert!(entry.set(StringRef::Raw(&text(101)).into(), None).is_none());
    assert_eq!(entry.as_entry().block_bytes(), 128);
}

#[test]
fn an_integer_takes_the_place_of_a_short_string_and_back() {
    let mut entry = EntryBox::new(b"counter", StringRef::Embstr(b"zero").into(), Some(UnixMs(1)), 0);
    let block = entry.block();
    for round in 0..5 {
        assert!(entry.try_set_string(StringRef::Int(round)));
        assert!(entry.try_set_string(StringRef::Embstr(b"text")));
    }
    assert_eq!((entry.block(), string(&entry), entry.deadline()), (block, StringRef::Embstr(b"text"), Some(UnixMs(1))));
}

#[test]
fn a_deadline_may_come_go_and_come_back() {
    let before = live_bytes();
    for value_len in [0, 3, 4, 5, 6, 7, 8, 40, 1024, 3000] {
        for key_len in (0..20).step_by(if cfg!(miri) { 5 } else { 1 }) {
            let (key, value) = (text(key_len), text(value_len));
            let mut entry = EntryBox::new(&key, StringRef::Raw(&value).into(), None, 9);
            assert_eq!(entry.clear_deadline(), None);
            entry.set_deadline(UnixMs(-5));
            assert_eq!(
                (entry.deadline(), entry.key(), string(&entry)),
                (Some(UnixMs(-5)), &key[..], StringRef::Raw(&value))
            );
            let block = entry.block();
            entry.set_deadline(UnixMs(6));
            assert_eq!(entry.clear_deadline(), Some(UnixMs(6)));
            assert_eq!((entry.deadline(), entry.clear_deadline()), (None, None));
            entry.set_deadline(UnixMs(7));
            assert_eq!(
                (entry.block(), entry.deadline(), string(&entry)),
                (block, Some(UnixMs(7)), StringRef::Raw(&value))
            );
            assert_eq!(entry.as_entry().clock(), 9);
        }
    }
    assert_eq!(live_bytes(), before);
}

#[test]
fn resizing_gives_the_text_and_zeros_whatever_it_was() {
    let before = live_bytes();
    for deadline in [None, Some(UnixMs(3))] {
        for &from in LENS {
            for &to in LENS {
                let mut entry = EntryBox::new(b"k", StringRef::Embstr(&text(from)).into(), deadline, 1);
                let mut expected = text(from);
                expected.resize(to, 0);
                assert_eq!(entry.resize_string(to).unwrap(), expected);
                assert_eq!((string(&entry), entry.deadline()), (StringRef::Raw(&expected), deadline));
                assert_eq!((entry.key(), entry.as_entry().clock()), (&b"k"[..], 1));
            }
        }
        for &to in LENS {
            let mut entry = EntryBox::new(b"k", StringRef::Int(-123).into(), deadline, 1);
            let mut expected = b"-123".to_vec();
            expected.resize(to, 0);
            assert_eq!(entry.resize_string(to).unwrap(), expected);
        }
    }
    assert_eq!(live_bytes(), before);
}

#[test]
fn appending_byte_by_byte_reallocates_rarely() {
    let mut entry = EntryBox::new(b"log", StringRef::Int(1).into(), None, 0);
    let (mut blocks, mut last) = (0, entry.block());
    for len in 2..=INLINE_MAX_BYTES {
        entry.resize_string(len).unwrap()[len - 1] = b'x';
        if entry.block() != last {
            (blocks, last) = (blocks + 1, entry.block());
        }
    }
    assert!(blocks <= 24, "{blocks}");
    let mut buffers = 0;
    let mut address = std::ptr::null();
    for len in INLINE_MAX_BYTES + 1..if cfg!(miri) { 3000 } else { 3_000_000 } {
        let bytes = entry.resize_string(len).unwrap();
        bytes[len - 1] = b'y';
        if bytes.as_ptr() != address {
            (buffers, address) = (buffers + 1, bytes.as_ptr());
        }
    }
    assert!(buffers <= 20, "{buffers}");
    assert!(string(&entry).len() > 2000);
}

#[test]
fn an_owned_value_is_changed_where_it_lies() {
    let mut entry = EntryBox::new(b"k", StringRef::Int(1).into(), None, 0);
    assert!(entry.value_mut().is_none());
    drop(entry.set(Value::String(StringValue::Raw(text(2000))).into(), None));
    let block = entry.block();
    // Any value may be put there, one that would live in the block too.
    *entry.value_mut().unwrap() = Value::String(StringValue::Int(5));
    assert_eq!((string(&entry), entry.as_entry().encoding()), (StringRef::Int(5), value::Encoding::Int));
    assert_eq!(entry.resize_string(2).unwrap(), b"5\0");
    let old = entry.set(Value::String(StringValue::Raw(text(1500))).into(), None);
    assert_eq!((old, entry.block()), (Some(Value::String(StringValue::Raw(b"5\0".to_vec()))), block));
    assert_eq!(entry.into_value(), Value::String(StringValue::Raw(text(1500))));
}

#[test]
fn setting_the_clock_leaves_everything_else() {
    let entry = EntryBox::new(b"k", StringRef::Embstr(b"v").into(), Some(UnixMs(1)), 0xff_ffff);
    let view: Entry<'_> = entry.as_entry();
    view.set_clock(0xff00_0002);
    assert_eq!((view.clock(), view.key(), view.deadline()), (2, &b"k"[..], Some(UnixMs(1))));
    assert_eq!(view.value(), ValueRef::String(StringRef::Embstr(b"v")));
}
