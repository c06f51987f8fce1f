//! Bytes of real servers, from Redis 2.4 to Valkey 9: read, and written again.

use pack::{Element, Intset, Listpack, Ziplist, Zipmap};
use stdx::num::parse_i64;

use crate::model;

const ROWS: &str = include_str!("../../../../testdata/pack/encodings.txt");

/// An encoding that a server wrote, and what it holds.
pub(crate) struct Row {
    pub(crate) kind: &'static str,
    pub(crate) case: &'static str,
    pub(crate) bytes: Vec<u8>,
    elements: Vec<Vec<u8>>,
}

pub(crate) fn rows() -> impl Iterator<Item = Row> {
    ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let [kind, _, case, bytes, elements] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        Row { kind, case, bytes: hex(bytes), elements: elements.split(',').map(hex).collect() }
    })
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

#[test]
fn what_servers_wrote_is_read() {
    let mut kinds = std::collections::BTreeMap::new();
    for Row { kind, case, bytes, elements } in rows() {
        *kinds.entry(kind).or_insert(0) += 1;
        match kind {
            "listpack" => model::assert_holds(&Listpack::from_bytes(&bytes).unwrap(), &elements),
            "ziplist" => {
                let ziplist = Ziplist::from_bytes(&bytes).unwrap();
                assert_eq!(ziplist.len(), elements.len());
                assert!(ziplist.iter().map(Element::to_vec).eq(elements.iter().cloned()), "{case}");
                assert_eq!(ziplist.to_listpack().unwrap().as_bytes(), model::encode(&elements));
            }
            "zipmap" => {
                let zipmap = Zipmap::from_bytes(&bytes).unwrap();
                assert!(zipmap.iter().flat_map(<[&[u8]; 2]>::from).eq(elements.iter()), "{case}");
            }
            "intset" => {
                let set = Intset::from_bytes(&bytes).unwrap();
                assert!(set.iter().eq(elements.iter().map(|text| parse_i64(text).unwrap())), "{case}");
            }
            other => panic!("{other}"),
        }
    }
    assert!(["intset", "listpack", "ziplist", "zipmap"].iter().all(|kind| kinds[kind] >= 5), "{kinds:?}");
}

#[test]
fn listpacks_are_written_as_servers_wrote_them() {
    for Row { case, bytes, elements, .. } in rows().filter(|row| row.kind == "listpack") {
        let mut listpack = Listpack::new();
        listpack.extend(&elements);
        assert_eq!(listpack.as_bytes(), bytes, "{case}");
    }
}

#[test]
fn intsets_are_written_as_servers_wrote_them() {
    for Row { case, bytes, elements, .. } in rows().filter(|row| row.kind == "intset") {
        let mut set = Intset::new();
        // A set that once held a wider member keeps its width.
        match bytes[0] {
            4 => assert!(set.insert(100_000_000) && set.remove(100_000_000)),
            8 => assert!(set.insert(i64::MAX) && set.remove(i64::MAX)),
            _ => {}
        }
        elements.iter().rev().for_each(|text| assert!(set.insert(parse_i64(text).unwrap())));
        assert_eq!(set.as_bytes(), bytes, "{case}");
    }
}
