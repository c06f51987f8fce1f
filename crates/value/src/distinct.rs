//! Whether the elements of an encoding from outside are all different, before it is taken for a set, a hash or a sorted set.
//!
//! Few elements, the common case, are told apart by a print of their first and last bytes, each compared with those before it: a few
//! hundred comparisons of words, less than hashing them takes. Where two prints agree, or elements are many, keyed hashes are sorted, eight
//! bytes an element, and only what has the same hash is compared in full: time stays `n log n` whatever the bytes are.

use pack::Element;
use stdx::num::IntText;

use crate::table::hash_of;

/// Up to here prints are compared with each other.
const FEW: usize = 32;

/// Whether no two of the `count` elements are the same text.
pub(crate) fn all_distinct<'a>(count: usize, elements: impl Iterator<Item = Element<'a>> + Clone) -> bool {
    (count <= FEW && prints_differ(elements.clone())) || hashes_differ(count, elements)
}

fn prints_differ<'a>(elements: impl Iterator<Item = Element<'a>>) -> bool {
    let (mut prints, mut room) = ([0; FEW], IntText::new());
    elements.enumerate().all(|(at, element)| {
        let print = print(element.bytes(&mut room));
        let before = prints.get(..at).unwrap_or_default();
        let is_new = !before.iter().fold(false, |seen, other| seen | (*other == print));
        if let Some(slot) = prints.get_mut(at) {
            *slot = print;
        }
        is_new
    })
}

/// Equal for equal texts, and rarely else.
fn print(text: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let (head, tail) = match (text.first_chunk(), text.last_chunk()) {
        (Some(&head), Some(&tail)) => (u64::from_le_bytes(head), u64::from_le_bytes(tail)),
        _ => (text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)), 0),
    };
    (head.wrapping_mul(ODD) ^ tail).wrapping_mul(ODD).wrapping_add(text.len() as u64)
}

fn hashes_differ<'a>(count: usize, elements: impl Iterator<Item = Element<'a>> + Clone) -> bool {
    let hash = |element: Element<'_>| hash_of(element.bytes(&mut IntText::new()));
    let mut hashes = Vec::with_capacity(count);
    hashes.extend(elements.clone().map(hash));
    hashes.sort_unstable();
    let same: Vec<u64> =
        hashes.windows(2).filter_map(|pair| if let [a, b] = pair { (a == b).then_some(*a) } else { None }).collect();
    // Hashes that are equal by chance are so rare that all their elements may be compared with each other.
    same.iter().all(|same| {
        let elements: Vec<_> = elements.clone().filter(|element| hash(*element) == *same).collect();
        elements
            .iter()
            .enumerate()
            .all(|(at, element)| !elements[at + 1..].iter().any(|other| is_same(*element, *other)))
    })
}

/// An integer is the same as its text.
fn is_same(a: Element<'_>, b: Element<'_>) -> bool {
    a.bytes(&mut IntText::new()) == b.bytes(&mut IntText::new())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use pack::Element;

    use super::{FEW, all_distinct};

    fn check(texts: &[Vec<u8>]) {
        let distinct = texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
        let elements = texts.iter().map(|text| Element::Bytes(text));
        assert_eq!(all_distinct(texts.len(), elements), distinct, "{texts:?}");
    }

    #[test]
    fn equal_texts_are_found_wherever_they_stand() {
        for count in [0, 1, 2, FEW - 1, FEW, FEW + 1, 300] {
            // Texts that differ at the front, in the middle, where no print looks, or at the end.
            for form in
                [|n: usize| format!("{n}"), |n| format!("long prefix {n:05} long suffix"), |n| format!("{n:020}")]
            {
                let mut texts: Vec<Vec<u8>> = (0..count).map(|n| form(n).into_bytes()).collect();
                check(&texts);
                for (from, to) in [(0, count.wrapping_sub(1)), (count / 2, count / 2 + 1)] {
                    if from < to && to < count {
                        texts[to] = texts[from].clone();
                        check(&texts);
                    }
                }
            }
        }
    }

    #[test]
    fn an_integer_is_its_text() {
        for (text, distinct) in [(&b"12"[..], false), (b"012", true)] {
            assert_eq!(all_distinct(2, [Element::Int(12), Element::Bytes(text)].into_iter()), distinct);
        }
    }

    #[test]
    fn any_texts_are_told_apart() {
        arbtest::arbtest(|u| {
            let count = u.int_in_range(0..=60)?;
            let texts = (0..count)
                .map(|_| {
                    let len = u.int_in_range(0..=20)?;
                    (0..len).map(|_| u.int_in_range(b'a'..=b'b')).collect()
                })
                .collect::<Result<Vec<Vec<u8>>, _>>()?;
            check(&texts);
            Ok(())
        });
    }
}
