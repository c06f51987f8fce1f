//! Small states, all of them, and the borders between encodings.

use pack::{Element, Intset, LISTPACK_MAX_BYTES, Listpack};

use crate::model::{ListOp, assert_same, encode};

/// One text for each form of element, as short as it can be.
const TEXTS: [&[u8]; 5] = [b"", b"7", b"300", b"-70000", &[b'x'; 64]];

/// Every change there is of a listpack of `len` elements.
fn changes(len: usize) -> Vec<ListOp> {
    let mut changes = vec![ListOp::Clear, ListOp::Copy];
    for index in 0..=len {
        changes.push(ListOp::Rotate(index));
        changes.extend((0..=len - index + 1).map(|count| ListOp::Remove(index, count)));
        changes.extend((0..=len - index + 1).map(|count| ListOp::RemoveFromEnd(index, count)));
        for text in TEXTS {
            changes.push(ListOp::Insert(index, text.to_vec()));
            changes.push(ListOp::Replace(index, text.to_vec()));
        }
    }
    changes
}

/// Calls `visit` with every list of up to `longest` of [`TEXTS`].
fn every_list(longest: usize, mut visit: impl FnMut(&[Vec<u8>])) {
    let mut lists: Vec<Vec<Vec<u8>>> = vec![vec![]];
    for _ in 0..longest {
        let longer = lists.iter().flat_map(|list| {
            TEXTS.map(|text| {
                let mut list = list.clone();
                list.push(text.to_vec());
                list
            })
        });
        let longer: Vec<_> = longer.collect();
        lists.iter().for_each(|list| visit(list));
        lists = longer;
    }
    lists.iter().for_each(|list| visit(list));
}

#[test]
fn every_change_of_every_small_listpack_gives_the_bytes_of_its_texts() {
    let (mut tried, longest) = (0, if cfg!(miri) { 1 } else { 3 });
    every_list(longest, |texts| {
        for change in changes(texts.len()) {
            let (mut listpack, mut texts) = (Listpack::from_bytes(&encode(texts)).unwrap(), texts.to_vec());
            change.apply(&mut listpack, &mut texts);
            assert_same(&listpack, &texts);
            tried += 1;
        }
    });
    assert!(tried > 5_usize.pow(u32::try_from(longest).unwrap()) * 20, "{tried}");
}

#[test]
fn integers_take_the_shortest_form_that_holds_them() {
    for (int, len) in [
        (0, 1),
        (127, 1),
        (128, 2),
        (4095, 2),
        (4096, 3),
        (32767, 3),
        (32768, 4),
        (8_388_607, 4),
        (8_388_608, 5),
        (2_147_483_647, 5),
        (2_147_483_648, 9),
        (i64::MAX, 9),
        (-1, 2),
        (-4096, 2),
        (-4097, 3),
        (-32768, 3),
        (-32769, 4),
        (-8_388_608, 4),
        (-8_388_609, 5),
        (-2_147_483_648, 5),
        (-2_147_483_649, 9),
        (i64::MIN, 9),
    ] {
        let mut listpack = Listpack::new();
        listpack.push_int(int);
        assert_eq!(listpack.byte_len(), 6 + len + 1 + 1, "{int}");
        assert_eq!(Element::Int(int).encoded_len(), len + 1);
        assert_same(&listpack, &[int.to_string().into_bytes()]);
    }
}

/// How long an element's body is, and the last bytes of the listpack that servers made of it, the end included.
const BACK_LENGTHS: [(usize, &[u8]); 8] = [
    (127, b"\x7f\xff"),
    (128, b"\x01\x80\xff"),
    (16382, b"\x7f\xfe\xff"),
    (16383, b"\x00\xff\xff\xff"),
    (16384, b"\x01\x80\x80\xff"),
    (2_097_150, b"\x7f\xff\xfe\xff"),
    (2_097_151, b"\x00\xff\xff\xff\xff"),
    (2_097_152, b"\x01\x80\x80\x80\xff"),
];

#[test]
fn back_lengths_grow_where_servers_have_them_grow() {
    for (body, tail) in BACK_LENGTHS {
        let head = [(66, 1), (4098, 2)].into_iter().find(|(end, _)| body < *end).map_or(5, |(_, head)| head);
        let mut listpack = Listpack::new();
        listpack.push(&vec![b'x'; body - head]);
        assert!(listpack.as_bytes().ends_with(tail), "{body}");
        let again = Listpack::from_bytes(listpack.as_bytes()).unwrap();
        assert_eq!(again.last().map(Element::text_len), Some(body - head));
        assert_eq!(again.prev(again.end()), Some(again.start()));
    }
}

#[test]
fn the_header_counts_to_65534_only() {
    let (mut listpack, len) = (Listpack::new(), 65_534);
    listpack.extend((0..len).map(|index| i64::from(index % 100)));
    assert_eq!(listpack.as_bytes()[4..6], [0xfe, 0xff]);
    listpack.push(b"a");
    listpack.push(b"b");
    assert_eq!((listpack.len(), &listpack.as_bytes()[4..6]), (65_536, &b"\xff\xff"[..]));
    assert_eq!(listpack.get(65_535), Some(Element::Bytes(b"b")));
    let mut again = Listpack::from_bytes(listpack.as_bytes()).unwrap();
    assert_eq!(again.len(), 65_536);
    again.remove_range(-2, 2);
    assert_eq!((again.len(), &again.as_bytes()[4..6]), (65_534, &b"\xfe\xff"[..]));
}

#[test]
fn a_count_that_is_left_open_is_filled_in() {
    let listpack = Listpack::from_bytes(b"\x0d\0\0\0\xff\xff\x81a\x02\x81b\x02\xff").unwrap();
    assert_eq!(listpack.as_bytes(), b"\x0d\0\0\0\x02\0\x81a\x02\x81b\x02\xff");
}

#[test]
fn forms_longer_than_needed_are_kept_until_they_are_replaced() {
    let bytes = b"\x17\0\0\0\x03\0\xf3\x05\0\0\0\x05\x815\x02\xf0\x01\0\0\0a\x06\xff";
    let mut listpack = Listpack::from_bytes(bytes).unwrap();
    assert_eq!(listpack.as_bytes(), bytes);
    let elements = [Element::Int(5), Element::Bytes(b"5"), Element::Bytes(b"a")];
    assert!(listpack.iter().eq(elements));
    assert!(elements[0].eq_text(b"5") && elements[1].eq_text(b"5") && elements[1].to_int() == Some(5));
    assert_eq!(listpack.find_from(listpack.next(listpack.start()).unwrap(), b"5", 0), listpack.position_of(1));
    listpack.replace(listpack.start(), b"5");
    listpack.replace(listpack.position_of(1).unwrap(), b"5");
    listpack.replace(listpack.position_of(2).unwrap(), b"a");
    assert_eq!(listpack.as_bytes(), b"\x0e\0\0\0\x03\0\x05\x01\x05\x01\x81a\x02\xff");
}

#[test]
fn pairs_are_seen_from_both_ends() {
    let mut listpack = Listpack::new();
    listpack.extend([&b"a"[..], b"1", b"b", b"2"]);
    let pairs = [(Element::Bytes(b"a"), Element::Int(1)), (Element::Bytes(b"b"), Element::Int(2))];
    assert!(listpack.pairs().eq(pairs));
    assert!(listpack.pairs().rev().eq(pairs.into_iter().rev()));
}

#[test]
fn every_small_intset_takes_and_loses_every_border_value() {
    const BORDERS: [i64; 10] =
        [0, -1, 32767, 32768, -32768, -32769, 2_147_483_647, 2_147_483_648, -2_147_483_648, -2_147_483_649];
    for chosen in (0_u32..1 << BORDERS.len()).step_by(if cfg!(miri) { 33 } else { 1 }) {
        let members = |skip: Option<i64>| {
            let all = BORDERS
                .into_iter()
                .enumerate()
                .filter(move |(index, int)| chosen >> index & 1 == 1 && Some(*int) != skip);
            let mut all: Vec<i64> = all.map(|(_, int)| int).collect();
            all.sort_unstable();
            all
        };
        let mut set = Intset::new();
        members(None).into_iter().rev().for_each(|int| assert!(set.insert(int) && !set.insert(int)));
        assert!(set.iter().eq(members(None)));
        for int in BORDERS {
            let mut set = set.clone();
            let is_member = members(None).contains(&int);
            assert_eq!((set.contains(int), set.remove(int), set.remove(int)), (is_member, is_member, false));
            assert!(set.iter().eq(members(Some(int))));
            assert!(set.insert(int) && set.contains(int));
        }
    }
}

#[test]
fn what_fits_is_bounded_by_a_gibibyte() {
    let listpack = Listpack::new();
    assert!(listpack.fits(LISTPACK_MAX_BYTES - 7) && !listpack.fits(LISTPACK_MAX_BYTES - 6));
    assert!(!listpack.fits(usize::MAX));
}
