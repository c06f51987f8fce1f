//! Whatever the bytes: a value or an error, never a panic.

use crate::lists::LISTS;
use crate::mutate::Numbers;
use crate::support::{SETS, STRINGS, bytes, rows};
use rdb::{Dialect, FOOTER_BYTES, RestoreOptions, Stamp, append_footer, dump, restore};

/// Bodies to start from: every form of string, and payloads of other types.
fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<_> =
        rows(STRINGS).iter().map(|row| bytes(&row["body"])).filter(|body| body.len() <= 300).collect();
    bodies.extend(rows(SETS).iter().map(|row| bytes_of_body(&bytes(&row["dump"]))).filter(|body| body.len() <= 100));
    let lists = rows(LISTS).into_iter().map(|row| bytes(&row["dump_hex"]));
    bodies.extend(lists.filter(|payload| payload.len() <= 100).map(|payload| payload[..payload.len() - 10].to_vec()));
    for code in 1..=255 {
        bodies.push(vec![code, 0x01, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f]);
    }
    bodies
}

fn bytes_of_body(payload: &[u8]) -> Vec<u8> {
    payload[..payload.len() - FOOTER_BYTES].to_vec()
}

/// Seals `body` and restores it. What is accepted must survive being written again.
fn try_body(body: &[u8], stamp: u16) -> bool {
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, Stamp::new(stamp).unwrap());
    let Ok(value) = restore(&payload, RestoreOptions::default()) else { return false };
    let mut again = Vec::new();
    dump(value.as_ref(), Dialect::Portable, &mut again).unwrap();
    assert_eq!(restore(&again, RestoreOptions::default()), Ok(value));
    true
}

#[test]
fn a_value_cut_anywhere_is_refused() {
    for body in bodies() {
        if !try_body(&body, 10) {
            continue;
        }
        for end in 0..body.len() {
            assert!(!try_body(&body[..end], 10), "{end} bytes of {body:x?}");
        }
    }
}

#[test]
fn a_payload_cut_or_flipped_anywhere_fails_its_checksum() {
    for mut payload in bodies() {
        append_footer(&mut payload, 0, Stamp::new(10).unwrap());
        for end in 0..payload.len() {
            let error = restore(&payload[..end], RestoreOptions::default()).unwrap_err();
            assert!(error.to_string().starts_with("DUMP payload version or checksum are wrong: "));
        }
        for bit in 0..payload.len() * 8 {
            let mut flipped = payload.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(restore(&flipped, RestoreOptions::default()).is_err());
        }
    }
}

#[test]
fn flipped_bits_under_a_right_checksum_give_a_value_or_an_error() {
    for body in bodies() {
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            try_body(&flipped, [6, 11, 15, 80][bit % 4]);
        }
    }
}

#[test]
fn a_hundred_thousand_mutations_give_a_value_or_an_error() {
    let bodies = bodies();
    let mut numbers = Numbers(1);
    let mut accepted = 0;
    for _ in 0..100_000 {
        let mut body = bodies[numbers.below(bodies.len())].clone();
        numbers.damage(&mut body);
        accepted += usize::from(try_body(&body, [0, 6, 9, 10, 11, 12, 15, 80, 81][numbers.below(9)]));
    }
    // Mutations that leave a value are as telling as those that do not.
    assert!(accepted > 1000 && accepted < 60_000, "{accepted}");
}

#[test]
fn random_bytes_give_an_error_or_a_value() {
    arbtest::arbtest(|u| {
        let body: Vec<u8> = u.arbitrary()?;
        try_body(&body, 12);
        drop(restore(&body, RestoreOptions::default()));
        drop(restore(&body, RestoreOptions { allow_omitted_checksum: true, ..RestoreOptions::default() }));
        Ok(())
    });
}
