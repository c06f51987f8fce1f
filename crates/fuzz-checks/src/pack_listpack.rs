//! Encodings: any bytes are refused or can be walked and changed; and changes agree with the models of the property tests.
//!
//! The input's first byte says what the rest is: bytes to read as every encoding, or changes of a listpack or of an intset.

use std::collections::BTreeSet;

use arbitrary::Unstructured;
use pack::{Element, Intset, Listpack, Ziplist, Zipmap};

#[path = "../../pack/tests/it/model.rs"]
mod model;

fn read(bytes: &[u8]) {
    if let Ok(mut listpack) = Listpack::from_bytes(bytes) {
        let mut texts: Vec<Vec<u8>> = listpack.iter().map(Element::to_vec).collect();
        if texts.len() <= 64 {
            model::assert_holds(&listpack, &texts);
        }
        for op in [model::ListOp::Insert(1, b"12".to_vec()), model::ListOp::Rotate(1), model::ListOp::Remove(3, 2)] {
            op.apply(&mut listpack, &mut texts);
            assert!(listpack.iter().map(Element::to_vec).eq(texts.iter().cloned()));
            assert_eq!(Listpack::from_bytes(listpack.as_bytes()).as_ref(), Ok(&listpack));
        }
    }
    if let Ok(mut set) = Intset::from_bytes(bytes) {
        let mut members = set.iter().collect();
        for op in [model::SetOp::Insert(5), model::SetOp::RemoveRanked(0), model::SetOp::Insert(i64::MIN)] {
            op.apply(&mut set, &mut members);
        }
    }
    if let Ok(ziplist) = Ziplist::from_bytes(bytes) {
        let texts: Vec<Vec<u8>> = ziplist.iter().map(Element::to_vec).collect();
        assert_eq!(texts.len(), ziplist.len());
        assert_eq!(ziplist.to_listpack().map(|listpack| listpack.as_bytes().to_vec()), Some(model::encode(&texts)));
    }
    if let Ok(zipmap) = Zipmap::from_bytes(bytes) {
        assert_eq!(zipmap.iter().count(), zipmap.len());
    }
}

pub fn check(input: &[u8]) {
    let Some((&kind, input)) = input.split_first() else { return };
    let mut u = Unstructured::new(input);
    match kind % 4 {
        0 => read(input),
        1 => {
            // With a size that is right more is found behind it.
            let total = u32::try_from(input.len() + 7).unwrap_or(0).to_le_bytes();
            read(&[&total[..], b"\xff\xff", input, b"\xff"].concat());
        }
        2 => {
            let (mut listpack, mut texts) = (Listpack::new(), Vec::new());
            while let (false, Ok(op)) = (u.is_empty(), u.arbitrary::<model::ListOp>()) {
                op.apply(&mut listpack, &mut texts);
            }
            if texts.len() <= 64 {
                model::assert_same(&listpack, &texts);
            }
        }
        _ => {
            let (mut set, mut members) = (Intset::new(), BTreeSet::new());
            while let (false, Ok(op)) = (u.is_empty(), u.arbitrary::<model::SetOp>()) {
                op.apply(&mut set, &mut members);
            }
        }
    }
}
