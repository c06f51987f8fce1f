//! The array against a map of texts, under limits that force each form of slice.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};

use super::{ARRAY_MAX_INDEX, Array, ElementText};
use crate::EncodingLimits;

/// What the array must be.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    elements: BTreeMap<u64, Vec<u8>>,
    last_insert: Option<u64>,
}

impl Model {
    fn len(&self) -> u64 {
        self.elements.last_key_value().map_or(0, |(index, _)| index + 1)
    }

    /// The places of a ring, oldest first, as they are.
    fn insert_in_ring(&mut self, size: u64, text: &[u8]) -> u64 {
        let len = self.len();
        let wrapped = self.last_insert.is_some_and(|last| last < len && last + 1 != len);
        if size < len || (size > len && wrapped) {
            let newest = self.last_insert.filter(|&last| last < len).unwrap_or(len - 1);
            let keep = size.min(len);
            let mut laid_out = BTreeMap::new();
            for (&index, text) in &self.elements {
                let age = if index <= newest { newest - index } else { newest + (len - index) };
                if age < keep {
                    laid_out.insert(keep - 1 - age, text.clone());
                }
            }
            self.elements = laid_out;
            self.last_insert = Some(keep - 1);
        }
        let next = self.last_insert.map_or(0, |last| (last + 1) % size);
        self.elements.insert(next, text.to_vec());
        self.last_insert = Some(next);
        next
    }
}

#[derive(Debug)]
enum Op {
    Set(Index, Text),
    Run(Index, u8),
    Remove(Index),
    RemoveRange(Index, Index),
    Insert(Text),
    InsertInRing(u8, Text),
    Seek(Index),
    Get(Index),
    Range(Index, Index),
    InsertedBefore(u8),
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(match u.int_in_range(0..=9)? {
            0 => Self::Set(u.arbitrary()?, u.arbitrary()?),
            1 => Self::Run(u.arbitrary()?, u.arbitrary()?),
            2 => Self::Remove(u.arbitrary()?),
            3 => Self::RemoveRange(u.arbitrary()?, u.arbitrary()?),
            4 => Self::Insert(u.arbitrary()?),
            5 => Self::InsertInRing(u.arbitrary()?, u.arbitrary()?),
            6 => Self::Seek(u.arbitrary()?),
            7 => Self::Get(u.arbitrary()?),
            8 => Self::Range(u.arbitrary()?, u.arbitrary()?),
            _ => Self::InsertedBefore(u.arbitrary()?),
        })
    }
}

/// Near, in the slices around, or anywhere.
#[derive(Clone, Copy, Debug)]
struct Index(u64);

impl<'a> Arbitrary<'a> for Index {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(match u.int_in_range(0..=5)? {
            0 | 1 => u.int_in_range(0..=40)?,
            2 => u.int_in_range(0..=3_000)?,
            3 => u.int_in_range(0..=20)? * 4096 + u.int_in_range(0..=3)?,
            4 => ARRAY_MAX_INDEX - u.int_in_range(0..=5000)?,
            _ => u.int_in_range(0..=ARRAY_MAX_INDEX)?,
        }))
    }
}

#[derive(Clone, Debug)]
struct Text(Vec<u8>);

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self(match u.int_in_range(0..=6)? {
            0 => u.arbitrary::<i64>()?.to_string().into_bytes(),
            1 => u.arbitrary::<i16>()?.to_string().into_bytes(),
            2 => format!("{}.{:06}", u.arbitrary::<i32>()?, u.int_in_range(0..=999_999)?).into_bytes(),
            3 => u
                .choose(&[
                    "-0.0000000",
                    "00.12345678",
                    "0.1234567",
                    "1.",
                    ".5",
                    "-1234567.",
                    "1.0000000.1",
                    "12345678.x",
                ])?
                .as_bytes()
                .to_vec(),
            4 => vec![b'x'; u.int_in_range(0..=40)?],
            5 => u.bytes(7.min(u.len()))?.to_vec(),
            _ => u.arbitrary()?,
        }))
    }
}

fn text(element: Option<super::ArrayElement<'_>>) -> Option<Vec<u8>> {
    element.map(|element| element.text(&mut ElementText::new()).to_vec())
}

fn pairs<'a>(elements: impl Iterator<Item = (u64, super::ArrayElement<'a>)>) -> Vec<(u64, Vec<u8>)> {
    elements.map(|(index, element)| (index, element.text(&mut ElementText::new()).to_vec())).collect()
}

fn apply(op: &Op, array: &mut Array, model: &mut Model, limits: &EncodingLimits) {
    match op {
        Op::Set(index, text) => {
            let is_new = model.elements.insert(index.0, text.0.clone()).is_none();
            assert_eq!(array.set(index.0, &text.0, limits), is_new);
        }
        Op::Run(index, count) => {
            for index in (index.0..=ARRAY_MAX_INDEX).take(usize::from(*count)) {
                let text = index.to_string().into_bytes();
                assert_eq!(array.set(index, &text, limits), model.elements.insert(index, text.clone()).is_none());
            }
        }
        Op::Remove(index) => assert_eq!(array.remove(index.0, limits), model.elements.remove(&index.0).is_some()),
        Op::RemoveRange(low, high) => {
            let before = model.elements.len();
            model.elements.retain(|index, _| !(low.0..=high.0).contains(index));
            assert_eq!(array.remove_range(low.0, high.0, limits), (before - model.elements.len()) as u64);
        }
        Op::Insert(text) => {
            let next = model.last_insert.map_or(0, |last| last + 1);
            let written = array.insert(&text.0, limits);
            if next > ARRAY_MAX_INDEX {
                assert_eq!(written, None);
            } else {
                assert_eq!(written, Some(next));
                model.elements.insert(next, text.0.clone());
                model.last_insert = Some(next);
            }
        }
        Op::InsertInRing(size, text) => {
            let size = u64::from(*size) + 1;
            assert_eq!(array.insert_in_ring(size, &text.0, limits), model.insert_in_ring(size, &text.0));
        }
        Op::Seek(index) => {
            array.seek(index.0 + 1);
            model.last_insert = Some(index.0);
        }
        Op::Get(index) => assert_eq!(text(array.get(index.0)), model.elements.get(&index.0).cloned()),
        Op::Range(low, high) => {
            let expected: Vec<_> = if low.0 <= high.0 {
                model.elements.range(low.0..=high.0).map(|(index, text)| (*index, text.clone())).collect()
            } else {
                Vec::new()
            };
            assert_eq!(pairs(array.range(low.0, high.0)), expected);
            let mut backwards = pairs(array.range(low.0, high.0).rev());
            backwards.reverse();
            assert_eq!(backwards, expected);
            assert_eq!(array.count_range(low.0, high.0), expected.len() as u64);
        }
        Op::InsertedBefore(back) => {
            let len = model.len();
            let last = model.last_insert.or_else(|| len.checked_sub(1));
            let mut index = last;
            for _ in 0..*back {
                index = index.and_then(|index| if index == 0 { len.checked_sub(1) } else { Some(index - 1) });
            }
            let expected = index.and_then(|index| model.elements.get(&index).cloned());
            assert_eq!(text(array.inserted_before(u64::from(*back))), expected);
        }
    }
}

fn check(limits: &EncodingLimits) {
    arbtest::arbtest(|u| {
        let (mut array, mut model) = (Array::default(), Model::default());
        for _ in 0..u.int_in_range(1..=60)? {
            apply(&u.arbitrary()?, &mut array, &mut model, limits);
            assert_eq!(array.count(), model.elements.len() as u64);
            assert_eq!(array.len(), model.len());
            assert_eq!(array.last_insert(), model.last_insert);
        }
        let all: Vec<_> = model.elements.into_iter().collect();
        assert_eq!(pairs(array.range(0, ARRAY_MAX_INDEX)), all);
        assert_eq!(array, array.clone());
        let longs = array.longs.live();
        assert!(longs <= all.len());
        array.remove_range(0, ARRAY_MAX_INDEX, limits);
        assert_eq!((array.count(), array.len(), array.longs.live(), array.info().slices), (0, 0, 0, 0));
        Ok(())
    })
    .budget_ms(400);
}

const SMALL: EncodingLimits = EncodingLimits { array_slice_size: 16, ..LIMITS };
const LIMITS: EncodingLimits = EncodingLimits::DEFAULT;

#[test]
fn an_array_is_a_map_with_the_default_limits() {
    check(&LIMITS);
}

#[test]
fn an_array_is_a_map_with_small_slices() {
    check(&SMALL);
}

#[test]
fn an_array_is_a_map_whose_slices_are_windows_from_the_start() {
    check(&EncodingLimits { array_sparse_kmax: 0, array_sparse_kmin: 0, ..SMALL });
}

#[test]
fn an_array_is_a_map_whose_slices_change_form_often() {
    check(&EncodingLimits { array_sparse_kmax: 2, array_sparse_kmin: 2, ..LIMITS });
}

#[test]
fn an_array_is_a_map_whose_slices_are_lists() {
    check(&EncodingLimits { array_sparse_kmax: u64::MAX, array_slice_size: u64::MAX, ..LIMITS });
}

#[test]
fn slices_become_windows_past_kmax_and_lists_below_kmin() {
    let mut array = Array::default();
    for index in 0..10 {
        array.set(index * 4, b"x", &LIMITS);
    }
    assert_eq!((array.slice_info().sparse, array.slice_info().dense), (1, 0));
    array.set(40, b"x", &LIMITS);
    assert_eq!((array.slice_info().sparse, array.slice_info().dense), (0, 1));
    for index in 0..6 {
        array.remove(index * 4, &LIMITS);
    }
    assert_eq!((array.slice_info().sparse, array.slice_info().dense), (0, 1));
    array.remove(24, &LIMITS);
    assert_eq!((array.slice_info().sparse, array.slice_info().dense), (1, 0));
}

#[test]
fn elements_that_lie_far_apart_cost_no_windows() {
    let mut array = Array::default();
    for slice in 0..100 {
        for part in 0..16 {
            array.set(slice * 4096 + part * 256, b"x", &LIMITS);
        }
    }
    let info = array.slice_info();
    assert_eq!((info.sparse, info.dense), (100, 0));
    assert_eq!((array.info().tree_entries, array.info().directory_size), (0, 100));
}

#[test]
fn a_directory_of_far_slices_is_a_tree_and_flattens_when_they_close_up() {
    let mut array = Array::default();
    for slice in (0..64).rev() {
        array.set(slice * 4096, b"x", &LIMITS);
        assert_eq!(array.info().slices, 64 - slice);
    }
    assert_eq!((array.info().tree_entries, array.info().directory_size), (0, 64));
    array.set(ARRAY_MAX_INDEX, b"x", &LIMITS);
    assert_eq!((array.info().tree_entries, array.len()), (65, u64::MAX));
}

#[test]
fn texts_of_one_to_seven_bytes_and_numbers_take_no_memory_of_their_own() {
    let mut array = Array::default();
    for (index, text) in ["1234567", "-1152921504606846976", "20.123456789", "0.000000000000001", ""].iter().enumerate()
    {
        array.set(index as u64, text.as_bytes(), &LIMITS);
    }
    assert_eq!(array.longs.live(), 0);
    for text in ["1152921504606846976", "12345678x", "0.12345678901234567890123456789012", "-0.00000"] {
        array.set(9, text.as_bytes(), &LIMITS);
        assert_eq!(array.longs.live(), 1, "{text}");
        assert_eq!(self::text(array.get(9)).as_deref(), Some(text.as_bytes()));
    }
}
