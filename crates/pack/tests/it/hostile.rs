//! Whatever the bytes: an encoding that can be walked and changed, or an error within the bytes.

use arbtest::arbtest;
use pack::{Element, Intset, Listpack, PackError, Ziplist, Zipmap};

use crate::golden::rows;
use crate::model;

/// Reads `bytes` as each encoding, and uses what is accepted. Returns how many were.
pub(crate) fn try_all(bytes: &[u8]) -> usize {
    let mut accepted = 0;
    match Listpack::from_bytes(bytes) {
        Ok(mut listpack) => {
            accepted += 1;
            let mut texts: Vec<Vec<u8>> = listpack.iter().map(Element::to_vec).collect();
            model::assert_holds(&listpack, &texts);
            for op in [
                model::ListOp::Insert(1, b"12".to_vec()),
                model::ListOp::Replace(2, b"new".to_vec()),
                model::ListOp::Rotate(1),
                model::ListOp::Remove(3, 2),
            ] {
                op.apply(&mut listpack, &mut texts);
                model::assert_holds(&listpack, &texts);
                assert_eq!(Listpack::from_bytes(listpack.as_bytes()).as_ref(), Ok(&listpack));
            }
        }
        Err(error) => assert_within(error, bytes),
    }
    match Intset::from_bytes(bytes) {
        Ok(mut set) => {
            accepted += 1;
            let mut members = set.iter().collect();
            for op in [model::SetOp::Insert(5), model::SetOp::RemoveRanked(0), model::SetOp::Insert(i64::MIN)] {
                op.apply(&mut set, &mut members);
            }
        }
        Err(error) => assert_within(error, bytes),
    }
    match Ziplist::from_bytes(bytes) {
        Ok(ziplist) => {
            accepted += 1;
            assert_eq!(ziplist.iter().count(), ziplist.len());
            let texts: Vec<Vec<u8>> = ziplist.iter().map(Element::to_vec).collect();
            model::assert_same(&ziplist.to_listpack().unwrap(), &texts);
        }
        Err(error) => assert_within(error, bytes),
    }
    match Zipmap::from_bytes(bytes) {
        Ok(zipmap) => {
            accepted += 1;
            assert_eq!(zipmap.iter().count(), zipmap.len());
        }
        Err(error) => assert_within(error, bytes),
    }
    accepted
}

fn assert_within(error: PackError, bytes: &[u8]) {
    assert!(error.offset <= bytes.len(), "{error}");
}

#[test]
fn an_encoding_cut_anywhere_is_refused() {
    let longest = if cfg!(miri) { 40 } else { usize::MAX };
    for row in rows().filter(|row| row.bytes.len() <= longest) {
        assert!(try_all(&row.bytes) >= 1, "{}", row.case);
        for end in 0..row.bytes.len() {
            let cut = &row.bytes[..end];
            let refused = match row.kind {
                "listpack" => Listpack::from_bytes(cut).is_err(),
                "intset" => Intset::from_bytes(cut).is_err(),
                "ziplist" => Ziplist::from_bytes(cut).is_err(),
                _ => Zipmap::from_bytes(cut).is_err(),
            };
            assert!(refused, "{end} bytes of {}", row.case);
            try_all(cut);
        }
    }
}

#[test]
fn an_encoding_with_a_bit_flipped_can_be_used_or_is_refused() {
    let (mut accepted, mut tried) = (0, 0);
    let (longest, step) = if cfg!(miri) { (20, 61) } else { (80, 1) };
    for row in rows().filter(|row| row.bytes.len() <= longest) {
        for bit in (0..row.bytes.len() * 8).step_by(step) {
            let mut flipped = row.bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            accepted += try_all(&flipped);
            tried += 1;
        }
    }
    // Bits of data may flip, bits of structure not.
    assert!(accepted > tried / 10 && accepted < tried, "{accepted} of {tried}");
}

#[test]
fn any_body_behind_a_true_header_can_be_used_or_is_refused() {
    arbtest(|u| {
        let body: Vec<u8> = u.arbitrary()?;
        let total = u32::try_from(body.len() + 7).unwrap().to_le_bytes();
        try_all(&[&total[..], b"\xff\xff", &body, b"\xff"].concat());
        let total = u32::try_from(body.len() + 11).unwrap().to_le_bytes();
        let tail = u32::from(u.arbitrary::<u8>()?).to_le_bytes();
        try_all(&[&total[..], &tail, b"\xff\xff", &body, b"\xff"].concat());
        try_all(&[b"\xfe", &body[..], b"\xff"].concat());
        try_all(&body);
        Ok(())
    });
}
