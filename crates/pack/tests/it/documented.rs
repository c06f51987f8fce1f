//! Holds the examples of the pages in `docs/formats` to the code.

use pack::{Element, Intset, Listpack, Ziplist, Zipmap};
use stdx::num::parse_i64;

/// The fenced blocks of a kind on a page: the first line says what is held, the rest are bytes, each line with its remark.
fn examples(page: &'static str, kind: &str) -> Vec<(Vec<Vec<u8>>, Vec<u8>)> {
    let fence = format!("```{kind}\n");
    let blocks = page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let examples: Vec<_> = blocks
        .map(|block| {
            let (elements, lines) = block.split_once('\n').unwrap();
            (elements.split(' ').map(text).collect(), lines.lines().flat_map(bytes).collect())
        })
        .collect();
    assert!(!examples.is_empty());
    examples
}

/// `text`, `"text"` or `"text"*times`.
fn text(expression: &str) -> Vec<u8> {
    let (quoted, times) = expression.split_once('*').unwrap_or((expression, "1"));
    quoted.trim_matches('"').repeat(times.parse().unwrap()).into_bytes()
}

/// Hexadecimal bytes up to two spaces, behind which a remark stands; `61*70` is a byte seventy times.
fn bytes(line: &str) -> Vec<u8> {
    let byte = |text: &str| u8::from_str_radix(text, 16).unwrap();
    let run = |text: &str| match text.split_once('*') {
        Some((one, times)) => vec![byte(one); times.parse().unwrap()],
        None => vec![byte(text)],
    };
    line.split("  ").next().unwrap().split_whitespace().flat_map(run).collect()
}

#[test]
fn listpacks_are_as_documented() {
    for (elements, bytes) in examples(include_str!("../../../../docs/formats/listpack.md"), "listpack") {
        let mut listpack = Listpack::new();
        listpack.extend(&elements);
        assert_eq!(listpack.as_bytes(), bytes);
    }
}

#[test]
fn intsets_are_as_documented() {
    for (elements, bytes) in examples(include_str!("../../../../docs/formats/intset.md"), "intset") {
        let set = Intset::from_bytes(&bytes).unwrap();
        assert!(set.iter().eq(elements.iter().map(|text| parse_i64(text).unwrap())));
    }
}

#[test]
fn ziplists_are_as_documented() {
    for (elements, bytes) in examples(include_str!("../../../../docs/formats/ziplist.md"), "ziplist") {
        let ziplist = Ziplist::from_bytes(&bytes).unwrap();
        assert!(ziplist.iter().map(Element::to_vec).eq(elements));
    }
}

#[test]
fn zipmaps_are_as_documented() {
    for (elements, bytes) in examples(include_str!("../../../../docs/formats/zipmap.md"), "zipmap") {
        let zipmap = Zipmap::from_bytes(&bytes).unwrap();
        assert!(zipmap.iter().flat_map(<[&[u8]; 2]>::from).eq(elements.iter()));
    }
}
