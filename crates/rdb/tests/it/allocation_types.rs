//! As `allocation`, for each type: payloads of the smallest elements that are refused at their very end, when all the rest was read.
//!
//! What was read by then is a value, and small elements take more in memory than in a payload. So the bound is not that of a
//! payload that lies about its size, but a multiple of its bytes for each type, growth on the way counted too. It grows with the payload alone,
//! never with what that promises.

use crate::allocation::allocated_by;
use rdb::{RestoreOptions, Stamp, append_footer, restore};

const COUNT: usize = 200_000;

fn length(len: usize) -> [u8; 5] {
    let [a, b, c, d] = u32::try_from(len).unwrap().to_be_bytes();
    [0x80, a, b, c, d]
}

/// A name of three bytes; the last element has that of the first.
fn name(number: usize) -> [u8; 4] {
    let [a, b, c, _] = u32::try_from(number % (COUNT - 1)).unwrap().to_le_bytes();
    [3, a, b, c]
}

/// A type byte and what stands in front of the elements, then the elements.
fn body(front: &[u8], element: impl Fn(usize, &mut Vec<u8>)) -> Vec<u8> {
    let mut body = [front, &length(COUNT)].concat();
    (0..COUNT).for_each(|number| element(number, &mut body));
    body
}

#[track_caller]
fn check(body: &[u8], stamp: u16, times: u64) {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
    let (result, bytes) = allocated_by(|| restore(&payload, RestoreOptions::default()).map(drop));
    assert!(result.is_err());
    let bound = times * payload.len() as u64 + (1 << 20);
    assert!(bytes <= bound, "{bytes} bytes, {:.1} times the payload", bytes as f64 / payload.len() as f64);
}

#[test]
fn hashes_and_sets_cost_some_ten_times_their_smallest_elements() {
    let field = |number, body: &mut Vec<u8>| {
        body.extend(name(number));
        body.push(0);
    };
    check(&body(&[4], field), 10, 10);
    let mut cut = body(&[4], |number, body| field(number, body));
    cut.truncate(cut.len() - 1);
    check(&cut, 10, 6);
    check(&body(&[2], |number, body| body.extend(name(number))), 10, 11);
}

#[test]
fn sorted_sets_cost_what_their_index_takes() {
    let binary = |number: usize, body: &mut Vec<u8>| {
        body.extend(name(number));
        body.extend((number as f64).to_le_bytes());
    };
    check(&body(&[5], binary), 10, 13);
    let text = |number, body: &mut Vec<u8>| {
        body.extend(name(number));
        body.extend(b"\x011");
    };
    check(&body(&[3], text), 10, 30);
}

#[test]
fn arrays_cost_some_times_their_elements_however_far_apart() {
    for step in [1, 4096] {
        let element = |number: usize, body: &mut Vec<u8>| {
            body.extend(length(number % (COUNT - 1) * step));
            body.extend(b"\x03\0");
        };
        let mut array = [&[28][..], &length(COUNT), &[0]].concat();
        (0..COUNT).for_each(|number| element(number, &mut array));
        check(&array, 14, 8);
    }
}

#[test]
fn streams_cost_what_their_groups_consumers_and_pending_entries_take() {
    const GROUP: &[u8] = b"\x15\0\0\x3f\x3f\0\0\0\0\0\x01\x01g\x3f\x3f\0";
    let mut pending = body(GROUP, |number, body| {
        body.extend([0; 4]);
        body.extend(u32::try_from(number).unwrap().to_be_bytes());
        body.extend([0; 16]);
        body.push(1);
    });
    pending.push(0);
    check(&pending, 11, 4);
    let consumer = |number, body: &mut Vec<u8>| {
        body.extend(name(number));
        body.extend([0; 17]);
    };
    check(&body(&[GROUP, b"\0"].concat(), consumer), 11, 13);
    let group = |number, body: &mut Vec<u8>| {
        body.extend(name(number));
        body.extend([0; 5]);
    };
    check(&body(b"\x15\0\0\x3f\x3f\0\0\0\0\0", group), 11, 26);
}

#[test]
fn promises_of_every_type_cost_nothing() {
    // Each claims 16 million elements, and has none.
    for front in [&b"\x01"[..], b"\x02", b"\x03", b"\x04", b"\x05", b"\x0e", b"\x0f", b"\x12", b"\x15", b"\x1c"] {
        for count in [&b"\x80\0\xff\xff\xff"[..], b"\x81\0\0\0\x7f\xff\xff\xff\xff", b"\x80\0\0\x40\0"] {
            let mut payload = [front, count].concat();
            append_footer(&mut payload, 0, Stamp::new(14).unwrap());
            let (result, bytes) = allocated_by(|| restore(&payload, RestoreOptions::default()).map(drop));
            assert!(result.is_err() && bytes < 4096, "{bytes} bytes for {front:?}");
        }
    }
}
