//! A refused payload allocates no more than four times its size and a mebibyte, whatever it promises.
//!
//! jemalloc counts, because it can tell what one thread has allocated in all: a bound on that bounds the peak too.

use crate::support::{STRINGS, bytes, rows};
use rdb::{RestoreOptions, Stamp, append_footer, restore};

/// What `work` returns, and how many bytes it allocated.
pub(crate) fn allocated_by<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let allocated = tikv_jemalloc_ctl::thread::allocatedp::mib().unwrap().read().unwrap();
    let before = allocated.get();
    let result = work();
    (result, allocated.get() - before)
}

/// Restores the body and returns whether it was accepted and how many bytes that allocated.
fn measure(body: &[u8]) -> (bool, u64) {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(10).unwrap());
    allocated_by(|| restore(&payload, RestoreOptions::default()).is_ok())
}

fn bound(body: &[u8]) -> u64 {
    u64::try_from(body.len() * 4).unwrap() + (1 << 20)
}

fn check_refused(body: &[u8]) {
    let (accepted, allocated) = measure(body);
    assert!(accepted || allocated <= bound(body), "{allocated} bytes for {body:x?}");
}

#[test]
fn the_counter_counts() {
    let long = rows(STRINGS).into_iter().find(|row| row["case"] == "str/rep-a/1048576").unwrap();
    let (accepted, allocated) = measure(&bytes(&long["body"]));
    assert!(accepted && allocated >= 1 << 20, "{allocated}");
}

#[test]
fn promises_cost_nothing() {
    for body in [
        // Strings that claim 4 GB, 512 MiB and 1 TB.
        &b"\x00\x80\xff\xff\xff\xff"[..],
        b"\x00\x80\x20\x00\x00\x00",
        b"\x00\x81\x00\x00\x01\x00\x00\x00\x00\x00abc",
        // Compressed ones that claim 512 MiB and the most 11 bytes could make.
        b"\x00\xc3\x09\x80\x20\x00\x00\x00\x01aa\xe0\x33\x00\x01aa",
        b"\x00\xc3\x0b\x43\xc8\x00a\xe0\xff\x00\xe0\xff\x00\xe0\xff\xff",
    ] {
        let (accepted, allocated) = measure(body);
        assert!(!accepted && allocated < 4096, "{allocated} bytes for {body:x?}");
    }
}

#[test]
fn a_megabyte_that_would_expand_to_88_and_lies_at_the_end_is_not_expanded() {
    let mut block = b"\x00a".to_vec();
    block.extend(b"\xe0\xff\x00".repeat(350_000));
    let len = u32::try_from(1 + 350_000 * 264 + 1).unwrap();
    let mut body = b"\x00\xc3\x80".to_vec();
    body.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
    body.push(0x80);
    body.extend(len.to_be_bytes());
    body.extend(block);
    let (accepted, allocated) = measure(&body);
    assert!(!accepted && allocated < 4096, "{allocated}");
}

#[test]
fn flipped_bits_stay_within_the_bound() {
    for row in rows(STRINGS) {
        let body = bytes(&row["body"]);
        for bit in 0..body.len().min(64) * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            check_refused(&flipped);
        }
    }
}
