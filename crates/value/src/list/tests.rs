//! The list against a plain sequence, under every form.

use std::collections::VecDeque;

use arbitrary::Unstructured;
use arbtest::arbtest;

use super::node::NodeRef;
use super::{End, List, ListBuilder, Side};
use crate::{Encoding, EncodingLimits};

#[derive(Clone, Copy, Debug)]
enum Op {
    Push { left: bool, element: u16, count: u8 },
    Pop { left: bool },
    Get { index: u8 },
    Set { index: u8, element: u16 },
    Insert { pivot: u16, after: bool, element: u16 },
    RemoveEqual { element: u16, left: bool, most: u8 },
    RemoveRange { start: u8, count: u8 },
    KeepRange { start: u8, count: u8 },
    Visit { start: u8, count: u8, left: bool },
    Rotate { from: bool, to: bool },
    Rebuild,
}

fn op(u: &mut Unstructured<'_>) -> arbitrary::Result<Op> {
    Ok(match u.int_in_range(0..=10)? {
        0 => Op::Push { left: u.arbitrary()?, element: u.arbitrary()?, count: u.arbitrary()? },
        1 => Op::Pop { left: u.arbitrary()? },
        2 => Op::Get { index: u.arbitrary()? },
        3 => Op::Set { index: u.arbitrary()?, element: u.arbitrary()? },
        4 => Op::Insert { pivot: u.arbitrary()?, after: u.arbitrary()?, element: u.arbitrary()? },
        5 => Op::RemoveEqual { element: u.arbitrary()?, left: u.arbitrary()?, most: u.arbitrary()? },
        6 => Op::RemoveRange { start: u.arbitrary()?, count: u.arbitrary()? },
        7 => Op::KeepRange { start: u.arbitrary()?, count: u.arbitrary()? },
        8 => Op::Visit { start: u.arbitrary()?, count: u.arbitrary()?, left: u.arbitrary()? },
        9 => Op::Rotate { from: u.arbitrary()?, to: u.arbitrary()? },
        _ => Op::Rebuild,
    })
}

/// An element of one of several kinds, few of each, so that equal ones are found.
fn element(seed: u16) -> Vec<u8> {
    let few = seed % 7;
    match seed >> 13 {
        0..=2 => few.to_string().into_bytes(),
        3 => (i64::from(few) << 40).to_string().into_bytes(),
        4..=5 => format!("element {few}").into_bytes(),
        6 => few.to_string().repeat(usize::from(few) * 40).into_bytes(),
        // Past the limit of a node of 4 KiB.
        _ => few.to_string().repeat(4090 + usize::from(few) * 3).into_bytes(),
    }
}

fn end(left: bool) -> End {
    if left { End::Left } else { End::Right }
}

fn limits(list_max_listpack_size: i32, list_compress_depth: u32) -> EncodingLimits {
    EncodingLimits { list_max_listpack_size, list_compress_depth, ..EncodingLimits::default() }
}

/// What a dump shows, made a list again.
fn rebuilt(list: &List, limits: &EncodingLimits) -> List {
    let mut builder = ListBuilder::new(*limits);
    for node in list.nodes() {
        let bytes = node.bytes();
        if node.is_plain() {
            builder.push_plain(&bytes);
        } else {
            builder.push_listpack(pack::Listpack::from_bytes(&bytes).unwrap());
        }
    }
    builder.finish().unwrap_or_default()
}

fn apply(op: Op, list: &mut List, model: &mut VecDeque<Vec<u8>>, limits: &EncodingLimits) {
    match op {
        Op::Push { left, element: seed, count } => {
            let elements: Vec<_> = (0..u16::from(count % 24)).map(|step| element(seed.wrapping_add(step))).collect();
            list.push(end(left), elements.iter().map(Vec::as_slice), limits);
            for element in elements {
                if left { model.push_front(element) } else { model.push_back(element) }
            }
        }
        Op::Pop { left } => {
            let expected = if left { model.pop_front() } else { model.pop_back() };
            assert_eq!(list.pop(end(left), limits, |element| element.to_vec()), expected);
        }
        Op::Get { index } => {
            let index = usize::from(index);
            assert_eq!(list.get(index, |element| element.to_vec()).as_ref(), model.get(index));
        }
        Op::Set { index, element: seed } => {
            let there = model.get_mut(usize::from(index)).map(|old| *old = element(seed)).is_some();
            assert_eq!(list.set(usize::from(index), &element(seed), limits), there);
        }
        Op::Insert { pivot, after, element: seed } => {
            let found = model.iter().position(|it| *it == element(pivot));
            if let Some(at) = found {
                model.insert(at + usize::from(after), element(seed));
            }
            let side = if after { Side::After } else { Side::Before };
            assert_eq!(list.insert(&element(pivot), side, &element(seed), limits), found.is_some());
        }
        Op::RemoveEqual { element: seed, left, most } => {
            let (text, most) = (element(seed), usize::from(most));
            let mut at: Vec<usize> = (0..model.len()).filter(|at| model[*at] == text).collect();
            if !left {
                at.reverse();
            }
            at.truncate(most);
            at.sort_unstable();
            for at in at.iter().rev() {
                model.remove(*at);
            }
            assert_eq!(list.remove_equal(&text, end(left), most, limits), at.len());
        }
        Op::RemoveRange { start, count } => {
            let start = usize::from(start).min(model.len());
            let stop = (start + usize::from(count)).min(model.len());
            model.drain(start..stop);
            list.remove_range(start, usize::from(count), limits);
        }
        Op::KeepRange { start, count } => {
            let start = usize::from(start).min(model.len());
            model.truncate(start + usize::from(count));
            model.drain(..start);
            list.keep_range(start, usize::from(count), limits);
        }
        Op::Visit { start, count, left } => {
            let mut seen = Vec::new();
            list.visit(usize::from(start), end(left), usize::from(count), |element| seen.push(element.to_vec()));
            let (start, count) = (usize::from(start), usize::from(count));
            let expected: Vec<_> = if left {
                model.iter().skip(start).take(count).cloned().collect()
            } else if start < model.len() {
                model.iter().take(start + 1).rev().take(count).cloned().collect()
            } else {
                Vec::new()
            };
            assert_eq!(seen, expected);
        }
        Op::Rotate { from, to } => {
            let expected = if from { model.pop_front() } else { model.pop_back() };
            if let Some(element) = expected.clone() {
                if to { model.push_front(element) } else { model.push_back(element) }
            }
            assert_eq!(list.rotate(end(from), end(to), limits), expected);
        }
        Op::Rebuild => *list = rebuilt(list, limits),
    }
}

fn check(list: &List, model: &VecDeque<Vec<u8>>, limits: &EncodingLimits) {
    assert_eq!(list.len(), model.len());
    assert_eq!(list.to_vecs(), model.iter().cloned().collect::<Vec<_>>());
    let nodes: Vec<_> = list.nodes().collect();
    assert_eq!(nodes.len(), list.node_count());
    if list.encoding() == Encoding::Quicklist {
        assert!(!list.is_empty());
        let depth = usize::try_from(limits.list_compress_depth).unwrap();
        for (at, node) in nodes.iter().enumerate() {
            let from_end = at.min(nodes.len() - 1 - at);
            let is_packed = matches!(node, NodeRef::Lzf { .. });
            assert!(!is_packed || (depth > 0 && from_end >= depth), "node {at} of {} is compressed", nodes.len());
            // Everything here compresses well but short nodes.
            let must = depth > 0 && from_end >= depth && node.bytes().len() >= 500;
            assert!(is_packed || !must, "node {at} of {} is open", nodes.len());
        }
    }
}

fn session(u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    let sizes = [-2, -1, -5, 0, 1, 2, 3, 4, 16, 128];
    let limits = limits(*u.choose(&sizes)?, *u.choose(&[0, 0, 1, 2, 5])?);
    let mut list = List::default();
    let mut model = VecDeque::new();
    while !u.is_empty() {
        apply(op(u)?, &mut list, &mut model, &limits);
        check(&list, &model, &limits);
    }
    Ok(())
}

#[test]
fn a_list_is_the_sequence_it_stands_for() {
    arbtest(session).size_min(64).size_max(2048).budget_ms(3000);
}

#[test]
fn changed_limits_and_depths_do_no_harm() {
    arbtest(|u| {
        let (mut list, mut model) = (List::default(), VecDeque::new());
        while !u.is_empty() {
            let limits = limits(*u.choose(&[-5, -1, 1, 3, 16])?, *u.choose(&[0, 1, 3])?);
            apply(op(u)?, &mut list, &mut model, &limits);
            assert_eq!(list.to_vecs(), Vec::from(model.clone()));
        }
        Ok(())
    })
    .size_min(64)
    .size_max(1024)
    .budget_ms(1000);
}

/// Counts of the nodes' elements; 0 for an element that is a node by itself.
fn shape(list: &List) -> Vec<usize> {
    let count = |node: NodeRef<'_>| {
        if node.is_plain() { 0 } else { pack::Listpack::from_bytes(&node.bytes()).unwrap().len() }
    };
    list.nodes().map(count).collect()
}

fn list_of(range: std::ops::Range<u8>, limits: &EncodingLimits) -> List {
    let elements: Vec<_> = range.map(|n| n.to_string().into_bytes()).collect();
    let mut list = List::default();
    for element in &elements {
        list.push(End::Right, [element.as_slice()].into_iter(), limits);
    }
    list
}

#[test]
fn a_full_node_is_split_where_the_element_goes_and_small_neighbours_join() {
    let limits = limits(4, 0);
    let mut list = list_of(0..9, &limits);
    assert_eq!(shape(&list), [4, 4, 1]);
    assert!(list.insert(b"5", Side::After, b"x", &limits));
    assert_eq!(shape(&list), [4, 2, 4]);
    assert!(list.insert(b"0", Side::Before, b"y", &limits));
    assert_eq!(shape(&list), [1, 4, 2, 4]);
    assert!(list.insert(b"3", Side::After, b"z", &limits));
    assert_eq!(shape(&list), [1, 4, 3, 4]);
}

#[test]
fn large_elements_are_nodes_of_their_own() {
    let limits = limits(-1, 0);
    let large = vec![b'x'; 4097];
    let mut list = list_of(0..3, &limits);
    assert!(list.set(1, &large, &limits));
    assert_eq!(shape(&list), [1, 0, 1]);
    assert!(list.set(1, b"small", &limits));
    assert_eq!(shape(&list), [1, 2]);
    assert!(list.insert(b"small", Side::After, &large, &limits));
    assert_eq!(shape(&list), [1, 1, 0, 1]);
}

#[test]
fn a_list_turns_back_at_half_a_node() {
    let limits = limits(4, 0);
    let mut list = list_of(0..5, &limits);
    for (len, encoding) in [(4, Encoding::Quicklist), (3, Encoding::Quicklist), (2, Encoding::Listpack)] {
        list.pop(End::Right, &limits, |_| ());
        assert_eq!((list.len(), list.encoding()), (len, encoding));
    }
}

#[test]
fn short_elements_by_themselves_join_others_when_they_are_read() {
    let mut builder = ListBuilder::new(EncodingLimits::default());
    for _ in 0..1000 {
        builder.push_plain(b"x");
    }
    builder.push_plain(&[b'x'; 32]);
    let list = builder.finish().unwrap();
    assert_eq!(shape(&list), [1000, 0]);
    assert!(list.heap_bytes() < 4 * 3000);
}
