//! What the encodings do, done with a list of texts and a tree: the judge of the property tests and of the fuzzer.

use std::collections::BTreeSet;

use arbitrary::{Arbitrary, Unstructured};
use pack::{Element, Intset, Listpack, Position};
use stdx::num::parse_i64;

/// A change of a listpack. Indexes are taken modulo the number of places there are.
#[derive(Clone, Debug)]
pub(crate) enum ListOp {
    Push(Vec<u8>),
    PushFront(Vec<u8>),
    Insert(usize, Vec<u8>),
    Replace(usize, Vec<u8>),
    Remove(usize, usize),
    /// Counted from the end.
    RemoveFromEnd(usize, usize),
    /// Cuts in two and puts the first part behind the second.
    Rotate(usize),
    Clear,
    Copy,
}

impl<'a> Arbitrary<'a> for ListOp {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let index = usize::from(u.arbitrary::<u8>()?);
        Ok(match u.int_in_range(0..=11)? {
            0..=2 => Self::Push(text(u)?),
            3 => Self::PushFront(text(u)?),
            4 | 5 => Self::Insert(index, text(u)?),
            6 => Self::Replace(index, text(u)?),
            7 => Self::Remove(index, u.int_in_range(0..=5)?),
            8 => Self::RemoveFromEnd(index, u.int_in_range(0..=5)?),
            9 => Self::Rotate(index),
            10 => Self::Copy,
            _ => Self::Clear,
        })
    }
}

/// Texts at the borders of encodings, and any.
fn text(u: &mut Unstructured<'_>) -> arbitrary::Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=7)? {
        0 => u.arbitrary::<i8>()?.to_string().into_bytes(),
        1 => u.arbitrary::<i16>()?.to_string().into_bytes(),
        2 => u.arbitrary::<i32>()?.to_string().into_bytes(),
        3 => u.arbitrary::<i64>()?.to_string().into_bytes(),
        4 => vec![b'x'; u.int_in_range(60..=130)?],
        5 => vec![b'y'; *u.choose(&[4095, 4096, 16377, 16378, 16379])?],
        6 => format!("0{}", u.arbitrary::<u8>()?).into_bytes(),
        _ => u.arbitrary()?,
    })
}

impl ListOp {
    /// Makes the same change to both.
    pub(crate) fn apply(&self, listpack: &mut Listpack, texts: &mut Vec<Vec<u8>>) {
        let place = |index: usize| index % (texts.len() + 1);
        match self {
            Self::Push(text) => {
                listpack.push(text);
                texts.push(text.clone());
            }
            Self::PushFront(text) => {
                listpack.push_front(text);
                texts.insert(0, text.clone());
            }
            Self::Insert(index, text) => {
                let index = place(*index);
                let at = position(listpack, index);
                assert_eq!(listpack.insert(at, text), at);
                texts.insert(index, text.clone());
            }
            Self::Replace(index, text) => {
                let index = place(*index);
                let at = position(listpack, index);
                assert_eq!(listpack.replace(at, text), at);
                match texts.get_mut(index) {
                    Some(old) => text.clone_into(old),
                    None => texts.push(text.clone()),
                }
            }
            Self::Remove(index, count) => {
                let index = place(*index);
                let at = position(listpack, index);
                assert_eq!(listpack.remove_from(at, *count), at);
                texts.drain(index..texts.len().min(index + count));
            }
            Self::RemoveFromEnd(index, count) => {
                let back = index % (texts.len() + 2);
                listpack.remove_range(-back.cast_signed(), *count);
                if (1..=texts.len()).contains(&back) {
                    let index = texts.len() - back;
                    texts.drain(index..texts.len().min(index + count));
                } else if back == 0 {
                    texts.drain(..texts.len().min(*count));
                }
            }
            Self::Rotate(index) => {
                let index = place(*index);
                let at = position(listpack, index);
                let mut second = listpack.split_off(at);
                assert_eq!((listpack.len(), second.len()), (index, texts.len() - index));
                second.append(listpack);
                *listpack = second;
                texts.rotate_left(index);
            }
            Self::Clear => {
                listpack.clear();
                texts.clear();
            }
            Self::Copy => *listpack = listpack.clone(),
        }
    }
}

fn position(listpack: &Listpack, index: usize) -> Position {
    listpack.position_of(index.cast_signed()).unwrap_or_else(|| listpack.end())
}

/// Asserts that the listpack holds `texts`, to the byte, whichever way it is asked.
pub(crate) fn assert_same(listpack: &Listpack, texts: &[Vec<u8>]) {
    assert_eq!(listpack.as_bytes(), encode(texts));
    assert_eq!((listpack.len(), listpack.is_empty()), (texts.len(), texts.is_empty()));
    assert!(listpack.byte_len() <= listpack.heap_bytes());
    assert_holds(listpack, texts);
    assert_eq!(Listpack::from_bytes(listpack.as_bytes()).as_ref(), Ok(listpack));
}

/// Asserts that the listpack holds `texts`, in whatever encodings.
pub(crate) fn assert_holds(listpack: &Listpack, texts: &[Vec<u8>]) {
    assert!(listpack.iter().map(Element::to_vec).eq(texts.iter().cloned()));
    assert!(listpack.iter().rev().map(Element::to_vec).eq(texts.iter().rev().cloned()));

    let positions: Vec<Position> = listpack.entries().map(|(position, _)| position).collect();
    assert!(listpack.entries().rev().map(|(position, _)| position).eq(positions.iter().rev().copied()));
    let mut before = None;
    for (index, text) in texts.iter().enumerate() {
        let at = positions[index];
        assert_eq!(listpack.position_of(index.cast_signed()), Some(at));
        assert_eq!(listpack.position_of(index.cast_signed() - texts.len().cast_signed()), Some(at));
        assert_eq!(listpack.next(at), positions.get(index + 1).copied());
        assert_eq!(listpack.prev(at), before);
        assert!(listpack.at(at).is_some_and(|element| element.eq_text(text) && element.text_len() == text.len()));
        assert_eq!(listpack.at(at).and_then(Element::to_int), parse_i64(text));
        before = Some(at);

        let skip = index % 3;
        let found = texts.iter().step_by(skip + 1).position(|other| other == text).map(|found| found * (skip + 1));
        assert_eq!(listpack.find(text, skip), found.map(|found| positions[found]));
    }
    assert_eq!((listpack.prev(listpack.end()), listpack.at(listpack.end())), (before, None));
    assert_eq!(listpack.position_of(texts.len().cast_signed()), None);
    assert_eq!(listpack.position_of(-texts.len().cast_signed() - 1), None);
    assert_eq!(listpack.find(b"a text that no test makes", 0), None);
}

/// The bytes of a listpack of `texts`, put together the plain way.
pub(crate) fn encode(texts: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for text in texts {
        let start = body.len();
        match parse_i64(text) {
            Some(int) => encode_int(&mut body, int),
            None => encode_text(&mut body, text),
        }
        encode_back(&mut body, start);
    }
    let total = u32::try_from(6 + body.len() + 1).unwrap();
    let count = u16::try_from(texts.len()).unwrap_or(u16::MAX);
    [&total.to_le_bytes()[..], &count.to_le_bytes(), &body, b"\xff"].concat()
}

fn encode_int(body: &mut Vec<u8>, int: i64) {
    let bits = int.cast_unsigned().to_be_bytes();
    match int {
        0..=127 => body.push(bits[7]),
        -4096..=4095 => body.extend([0xc0 | (bits[6] & 0x1f), bits[7]]),
        -32768..=32767 => body.extend([0xf1, bits[7], bits[6]]),
        -8_388_608..=8_388_607 => body.extend([0xf2, bits[7], bits[6], bits[5]]),
        -2_147_483_648..=2_147_483_647 => body.extend([0xf3, bits[7], bits[6], bits[5], bits[4]]),
        _ => body.extend([0xf4].into_iter().chain(bits.into_iter().rev())),
    }
}

fn encode_text(body: &mut Vec<u8>, text: &[u8]) {
    let [c, b, a, ..] = u32::try_from(text.len()).unwrap().to_le_bytes();
    match text.len() {
        0..=63 => body.push(0x80 | c),
        64..=4095 => body.extend([0xe0 | b, c]),
        _ => body.extend([0xf0, c, b, a, 0]),
    }
    body.extend(text);
}

fn encode_back(body: &mut Vec<u8>, start: usize) {
    let len = body.len() - start;
    let low = |shift: usize| u8::try_from(len >> shift & 0x7f).unwrap();
    match len {
        0..=127 => body.push(low(0)),
        128..=16382 => body.extend([low(7), 0x80 | low(0)]),
        _ => body.extend([low(14), 0x80 | low(7), 0x80 | low(0)]),
    }
}

/// A change of an intset.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SetOp {
    Insert(i64),
    Remove(i64),
    RemoveRanked(u8),
}

impl<'a> Arbitrary<'a> for SetOp {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let int = match u.int_in_range(0..=7)? {
            0..=3 => i64::from(u.arbitrary::<i8>()?),
            4 => i64::from(u.arbitrary::<i16>()?),
            5 => i64::from(u.arbitrary::<i32>()?),
            6 => *u.choose(&[-32769, -32768, 32767, 32768, -2_147_483_649, 2_147_483_648, i64::MIN, i64::MAX])?,
            _ => u.arbitrary()?,
        };
        Ok(match u.int_in_range(0..=5)? {
            0 => Self::Remove(int),
            1 => Self::RemoveRanked(u.arbitrary()?),
            _ => Self::Insert(int),
        })
    }
}

impl SetOp {
    /// Makes the same change to both and compares them.
    pub(crate) fn apply(self, set: &mut Intset, members: &mut BTreeSet<i64>) {
        let width = set.as_bytes()[0];
        let int = match self {
            Self::Insert(int) => {
                assert_eq!(set.insert(int), members.insert(int));
                int
            }
            Self::Remove(int) => {
                assert_eq!(set.remove(int), members.remove(&int));
                int
            }
            Self::RemoveRanked(rank) => {
                let rank = usize::from(rank);
                let int = members.iter().nth(rank).copied();
                assert_eq!(set.get(rank), int);
                let Some(int) = int else { return };
                assert!(set.remove(int) && members.remove(&int));
                int
            }
        };
        assert!(set.as_bytes()[0] >= width, "an intset never narrows");
        assert_eq!(set.contains(int), members.contains(&int));
        assert!(set.iter().eq(members.iter().copied()));
        assert!(set.iter().rev().eq(members.iter().rev().copied()));
        assert_eq!(
            (set.len(), set.first(), set.last(), set.get(members.len())),
            (members.len(), members.first().copied(), members.last().copied(), None)
        );
        assert_eq!(Intset::from_bytes(set.as_bytes()).as_ref(), Ok(&*set));
    }
}
