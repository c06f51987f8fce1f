//! As `allocation`, for every type and every form: payloads that are refused at their very end, when all the rest was read.
//!
//! Each shape is made in many sizes, small ones that are built at once and large ones that are surveyed first, and about where the one
//! becomes the other. What small elements take in memory, thirty times their bytes for some, may then never show: four times the
//! payload and a mebibyte is all, growth on the way counted.

use pack::{Element, Listpack, ZiplistWriter};
use rdb::{RestoreOptions, Stamp, append_footer, restore};

use crate::allocation::allocated_by;

/// A body of so many elements, wrong in the last of them.
type Shape = fn(usize) -> Vec<u8>;

const COUNTS: [usize; 7] = [3, 600, 2_000, 5_000, 12_000, 30_000, 120_000];

fn length(len: usize) -> [u8; 5] {
    let [a, b, c, d] = u32::try_from(len).unwrap().to_be_bytes();
    [0x80, a, b, c, d]
}

fn string(text: &[u8]) -> Vec<u8> {
    [&length(text.len())[..], text].concat()
}

/// The string compressed, if that makes it shorter.
fn lzf(text: &[u8]) -> Vec<u8> {
    match stdx::lzf::compress(text, text.len()) {
        Some(block) => [&[0xc3][..], &length(block.len()), &length(text.len()), &block].concat(),
        None => string(text),
    }
}

/// A string of three bytes.
fn name(number: usize) -> [u8; 4] {
    let [a, b, c, _] = u32::try_from(number).unwrap().to_le_bytes();
    [3, a, b, c]
}

/// A type byte and what stands in front of the count, then that and the elements, of which the last is made as the first.
fn repeated(front: &[u8], count: usize, element: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut body = [front, &length(count)].concat();
    (0..count).for_each(|number| body.extend(element(number % (count - 1))));
    body
}

/// As [`repeated`], but no element is made twice, and the last byte is missing.
fn cut(front: &[u8], count: usize, element: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut body = [front, &length(count)].concat();
    (0..count).for_each(|number| body.extend(element(number)));
    body.truncate(body.len() - 1);
    body
}

/// A text that a string of 120 bytes makes of itself, compressed to a tenth.
fn stretched(number: usize) -> Vec<u8> {
    lzf(&[format!("{number:08}").into_bytes(), vec![b'-'; 2000]].concat())
}

fn listpack(elements: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut listpack = Listpack::new();
    elements.for_each(|element| listpack.push(&element));
    listpack.as_bytes().to_vec()
}

fn ziplist(elements: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut ziplist = ZiplistWriter::new();
    elements.for_each(|element| ziplist.push(Element::of(&element)));
    ziplist.finish()
}

fn text(number: usize) -> Vec<u8> {
    number.to_string().into_bytes()
}

/// Fields of an encoding with `beside` each, the last again the first.
fn fields(count: usize, beside: &'static [&'static [u8]]) -> impl Iterator<Item = Vec<u8>> {
    let field = move |number| std::iter::once(text(number)).chain(beside.iter().map(|text| text.to_vec()));
    (0..count).flat_map(move |number| field(number % (count - 1)))
}

/// As [`fields`], names that differ in their beginning and go on alike: compressed they take a fiftieth.
fn long_fields(count: usize, beside: &'static [&'static [u8]]) -> impl Iterator<Item = Vec<u8>> {
    fields(count, beside).map(|text| if text.len() > 2 { [text, vec![b'='; 230]].concat() } else { text })
}

fn zipmap(count: usize) -> Vec<u8> {
    let pair = |number: usize| [&name(number)[..], b"\0\0"].concat();
    [vec![0xfe], (0..count).flat_map(|number| pair(number % (count - 1))).collect(), vec![0xff]].concat()
}

fn intset(count: usize) -> Vec<u8> {
    let mut bytes = [4_u32.to_le_bytes(), u32::try_from(count).unwrap().to_le_bytes()].concat();
    (0..count - 1).for_each(|number| bytes.extend(u32::try_from(number).unwrap().to_le_bytes()));
    bytes.extend(0_u32.to_le_bytes());
    bytes
}

/// Members 0, 1, 2 ... with a score of 1, in the order of their bytes; the last one twice.
fn scored(count: usize) -> impl Iterator<Item = Vec<u8>> {
    let member = move |number: usize| format!("{:06}", number.min(count - 2)).into_bytes();
    (0..count).flat_map(move |number| [member(number), b"1".to_vec()])
}

const SETS: &[(&str, u16, Shape)] = &[
    ("set", 10, |count| repeated(&[2], count, |number| name(number).to_vec())),
    ("set, cut", 10, |count| cut(&[2], count, |number| name(number).to_vec())),
    ("set, one member again and again", 10, |count| repeated(&[2], count, |_| vec![0])),
    ("set of integers", 10, |count| {
        repeated(&[2], count, |number| [&[0xc2][..], &u32::try_from(1 << 30 | number).unwrap().to_le_bytes()].concat())
    }),
    ("set of usual members", 10, |count| {
        repeated(&[2], count, |number| string(format!("member:{number:09}").as_bytes()))
    }),
    ("set of long members", 10, |count| {
        repeated(&[2], count.min(8000), |number| string(format!("{number:0600}").as_bytes()))
    }),
    ("set of compressed members", 10, |count| repeated(&[2], count.min(8000), stretched)),
    ("set and a byte", 10, |count| [cut(&[2], count, |number| name(number).to_vec()), vec![0, 0]].concat()),
    ("intset", 10, |count| [vec![11], string(&intset(count))].concat()),
    ("intset, compressed", 10, |count| [vec![11], lzf(&intset(count))].concat()),
    ("set, listpack", 11, |count| [vec![20], string(&listpack(fields(count, &[])))].concat()),
    ("set, listpack, compressed", 11, |count| {
        [vec![20], lzf(&listpack(long_fields(count.min(100_000), &[])))].concat()
    }),
];

fn timed(number: usize) -> [u8; 9] {
    let mut at = [0x81; 9];
    at[1..].copy_from_slice(&(4_000_000_000_000 + number as u64).to_be_bytes());
    at
}

const HASHES: &[(&str, u16, Shape)] = &[
    ("hash", 10, |count| repeated(&[4], count, |number| [&name(number)[..], &[0]].concat())),
    ("hash, cut", 10, |count| cut(&[4], count, |number| [&name(number)[..], &[0]].concat())),
    ("hash of usual fields", 10, |count| {
        repeated(&[4], count, |number| [string(format!("field:{number:06}").as_bytes()), string(b"a value")].concat())
    }),
    ("hash of compressed values", 10, |count| {
        cut(&[4], count.min(8000), |number| [&name(number)[..], &stretched(number)].concat())
    }),
    ("hash with deadlines, pre-release", 12, |count| {
        repeated(&[22], count, |number| [&timed(number)[..], &name(number), &[0]].concat())
    }),
    ("hash with deadlines of Valkey", 80, |count| {
        repeated(&[22], count, |number| [&name(number)[..], &[0], &(number as u64).to_le_bytes()].concat())
    }),
    ("hash with deadlines", 12, |count| {
        repeated(&[24, 0, 0, 0, 0, 0, 0, 0, 0], count, |number| [&timed(number)[..], &name(number), &[0]].concat())
    }),
    ("hash with short deadlines", 12, |count| {
        repeated(&[24, 0, 0, 0, 0, 0, 0, 0, 0], count, |number| [&[1][..], &name(number), &[0]].concat())
    }),
    ("hash, the last deadline too late", 12, |count| {
        let mut body = cut(&[24, 0, 0, 0, 0, 0, 0, 0, 0], count, |number| [&[1][..], &name(number), &[0]].concat());
        body.truncate(body.len() - 5);
        [&body[..], &[0x81, 0x7f, 0, 0, 0, 0, 0, 0, 0], &name(count), &[0]].concat()
    }),
    ("zipmap", 10, |count| [vec![9], string(&zipmap(count))].concat()),
    ("zipmap, compressed", 10, |count| [vec![9], lzf(&zipmap(count))].concat()),
    ("hash, ziplist", 10, |count| [vec![13], string(&ziplist(fields(count, &[b"v"])))].concat()),
    ("hash, ziplist, compressed", 10, |count| {
        [vec![13], lzf(&ziplist(long_fields(count.min(100_000), &[b"v"])))].concat()
    }),
    ("hash, listpack", 10, |count| [vec![16], string(&listpack(fields(count, &[b"v"])))].concat()),
    ("hash, listpack, compressed", 10, |count| {
        [vec![16], lzf(&listpack(long_fields(count.min(100_000), &[b"v"])))].concat()
    }),
    ("hash, listpack with deadlines, pre-release", 12, |count| {
        [vec![23], string(&listpack(fields(count, &[b"v", b"9"])))].concat()
    }),
    ("hash, listpack with deadlines", 12, |count| {
        [vec![25, 0, 0, 0, 0, 0, 0, 0, 0], string(&listpack(fields(count, &[b"v", b"9"])))].concat()
    }),
    ("hash, listpack with deadlines, compressed", 12, |count| {
        let elements = long_fields(count.min(100_000), &[b"v", b"9"]);
        [vec![25, 0, 0, 0, 0, 0, 0, 0, 0], lzf(&listpack(elements))].concat()
    }),
];

/// Names in the order of a template, and then one that is not.
fn ordered(count: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |number| format!("{:06}", number % (count - 1)).into_bytes())
}

const TEMPLATES: &[(&str, u16, Shape)] = &[
    ("hash of a template", 15, |count| {
        let names = ordered(count).flat_map(|name| [&[6][..], &name].concat());
        [&[31, 1][..], &length(count), &names.collect::<Vec<_>>(), &vec![0; count]].concat()
    }),
    ("hash of a template, cut", 15, |count| {
        let names = (0..count).flat_map(|number| [&[6][..], format!("{number:06}").as_bytes()].concat());
        [&[31, 1][..], &length(count), &names.collect::<Vec<_>>(), &vec![0; count - 1]].concat()
    }),
    ("hash of a packed template", 15, |count| {
        let values = std::iter::repeat_n(b"1".to_vec(), count + 1);
        [&[29, 0][..], &string(&listpack(ordered(count))), &string(&listpack(values))].concat()
    }),
    ("hash of a packed template, compressed", 15, |count| {
        let names = ordered(count.min(100_000)).map(|name| [name, vec![b'='; 230]].concat());
        let values = std::iter::repeat_n(b"1".to_vec(), count.min(100_000) + 1);
        [&[29, 0][..], &lzf(&listpack(names)), &lzf(&listpack(values))].concat()
    }),
];

const SORTED_SETS: &[(&str, u16, Shape)] = &[
    ("sorted set", 10, |count| {
        repeated(&[5], count, |number| [&name(number)[..], &(number as f64).to_le_bytes()].concat())
    }),
    ("sorted set, the last score none", 10, |count| {
        let mut body = cut(&[5], count, |number| [&name(number)[..], &(number as f64).to_le_bytes()].concat());
        body.truncate(body.len() - 7);
        [body, f64::NAN.to_le_bytes().to_vec()].concat()
    }),
    ("sorted set, scores as text", 10, |count| repeated(&[3], count, |number| [&name(number)[..], b"\x011"].concat())),
    ("sorted set of usual members", 10, |count| {
        let member = |number| string(format!("member:{number:09}").as_bytes());
        repeated(&[5], count, |number| [member(number * 7919 % 250_007), vec![0; 8]].concat())
    }),
    ("sorted set of long members", 10, |count| {
        let member = |number| string(format!("{number:0600}").as_bytes());
        repeated(&[5], count.min(8000), |number| [member(number), vec![0; 8]].concat())
    }),
    ("sorted set of compressed members", 10, |count| {
        repeated(&[5], count.min(8000), |number| [stretched(number), vec![0; 8]].concat())
    }),
    ("sorted set, ziplist", 10, |count| [vec![12], string(&ziplist(scored(count)))].concat()),
    ("sorted set, listpack", 10, |count| [vec![17], string(&listpack(scored(count)))].concat()),
    ("sorted set, listpack, compressed", 10, |count| {
        let long = |text: Vec<u8>| if text.len() > 1 { [text, vec![b'='; 230]].concat() } else { text };
        [vec![17], lzf(&listpack(scored(count.min(100_000)).map(long)))].concat()
    }),
    ("sorted set, two long members out of order", 10, |count| {
        let member = |last: &[u8]| [&vec![b'='; count * 100][..], last].concat();
        let elements = [member(b"b"), b"1".to_vec(), member(b"a"), b"1".to_vec()];
        [vec![17], lzf(&listpack(elements.into_iter()))].concat()
    }),
];

/// A node of one element, the last of which ends in another byte than it must.
fn node(number: usize, count: usize) -> Vec<u8> {
    let mut node = listpack(std::iter::once(text(number)));
    if number + 1 == count {
        node.push(0);
    }
    node
}

const LISTS: &[(&str, u16, Shape)] = &[
    ("list of strings, cut", 10, |count| cut(&[1], count, |number| name(number).to_vec())),
    ("list of long strings, cut", 10, |count| cut(&[1], count.min(300), |number| string(&vec![b'x'; 9000 + number]))),
    ("list of compressed strings, cut", 10, |count| cut(&[1], count.min(8000), stretched)),
    ("list, ziplist", 10, |count| [vec![10], string(&[ziplist(fields(count, &[])), vec![0]].concat())].concat()),
    ("list, ziplist, compressed", 10, |count| {
        let mut ziplist = ziplist(long_fields(count.min(100_000), &[]));
        *ziplist.last_mut().unwrap() = 0;
        [vec![10], lzf(&ziplist)].concat()
    }),
    ("list of ziplists, cut", 10, |count| cut(&[14], count, |number| string(&ziplist(std::iter::once(text(number)))))),
    ("list of small nodes", 10, |count| {
        let nodes = (0..count).flat_map(|number| [vec![2], string(&node(number, count))].concat());
        [&[18][..], &length(count), &nodes.collect::<Vec<_>>()].concat()
    }),
    ("list of nodes that are an element, cut", 10, |count| {
        cut(&[18], count, |number| [&[1][..], &name(number)].concat())
    }),
    ("list of longer nodes that are an element, cut", 10, |count| {
        cut(&[18], count, |number| [vec![1], string(format!("{number:040}").as_bytes())].concat())
    }),
    ("list of compressed nodes, cut", 10, |count| {
        let node = |number: usize| listpack(long_fields(30, &[]).chain(std::iter::once(text(number))));
        cut(&[18], count.min(8000), |number| [vec![2], lzf(&node(number))].concat())
    }),
    ("list of one compressed node", 10, |count| {
        let mut node = listpack(long_fields(count.min(100_000), &[]));
        *node.last_mut().unwrap() = 0;
        [vec![18, 1, 2], lzf(&node)].concat()
    }),
    ("list, a compressed element and a byte", 10, |count| {
        [vec![18, 1, 1], lzf(&vec![b'x'; count * 100]), vec![0]].concat()
    }),
];

const GROUP: &[u8] = b"\x15\0\0\x3f\x3f\0\0\0\0\0\x01\x01g\x3f\x3f\0";

fn id(number: usize) -> Vec<u8> {
    [vec![0; 8], (number as u64).to_be_bytes().to_vec()].concat()
}

fn pending(count: usize) -> Vec<u8> {
    (0..count).flat_map(|number| [id(number), vec![0; 8], vec![1]].concat()).collect()
}

/// A node of an entry without fields, and its id.
fn entry(number: usize) -> Vec<u8> {
    let node = listpack(["1", "0", "0", "0", "2", "0", "0", "3"].into_iter().map(|text| text.as_bytes().to_vec()));
    [&[16][..], &id(number + 1), &string(&node)].concat()
}

const STREAMS: &[(&str, u16, Shape)] = &[
    ("stream, nodes", 11, |count| repeated(&[21], count, entry)),
    ("stream, another number of entries", 11, |count| {
        let nodes = (0..count).flat_map(entry).collect::<Vec<_>>();
        [&[21][..], &length(count), &nodes, b"\x01\x3f\x3f\0\0\0\0\0\0"].concat()
    }),
    ("stream, a compressed node", 11, |count| {
        let value = vec![b'v'; 200];
        let head = ["1", "0", "1", "f", "0"].map(|text| text.as_bytes().to_vec());
        let entry = |number: usize| [b"2".to_vec(), text(number), b"0".to_vec(), value.clone(), b"4".to_vec()];
        let node = listpack(head.into_iter().chain((0..count.min(50_000)).flat_map(entry)));
        [&[21, 1, 16][..], &id(1), &lzf(&node)].concat()
    }),
    ("stream, groups", 11, |count| {
        repeated(b"\x15\0\0\x3f\x3f\0\0\0\0\0", count, |number| [&name(number)[..], &[0; 5]].concat())
    }),
    ("stream, consumers", 11, |count| {
        repeated(&[GROUP, b"\0"].concat(), count, |number| [&name(number)[..], &[0; 17]].concat())
    }),
    ("stream, pending entries without an owner", 11, |count| [GROUP, &length(count), &pending(count), b"\0"].concat()),
    ("stream, a pending entry twice", 11, |count| {
        repeated(GROUP, count, |number| [id(number), vec![0; 8], vec![1]].concat())
    }),
    ("stream, pending entries, one with two owners", 11, |count| {
        let consumer = [&b"\x01\x01c"[..], &[0; 16], &length(count)].concat();
        let owned = (0..count).flat_map(|number| id(number % (count - 1)));
        [GROUP, &length(count), &pending(count), &consumer, &owned.collect::<Vec<_>>()].concat()
    }),
    ("stream, pending entries handed back, one unknown", 15, |count| {
        let nacked = (1..=count).flat_map(id).collect::<Vec<_>>();
        [b"\x1b", &GROUP[1..], &length(count), &pending(count), b"\0", &length(count), &nacked].concat()
    }),
    ("stream, producers, cut", 15, |count| {
        let producer = |number| [&name(number)[..], b"\x01\0", &[0; 16]].concat();
        cut(b"\x1b\0\0\x3f\x3f\0\0\0\0\0\0\x3f\x3f", count, producer)
    }),
    ("stream, messages of a producer", 15, |count| {
        repeated(b"\x1a\0\0\x3f\x3f\0\0\0\0\0\0\x3f\x3f\x01\x01p", count, |number| {
            [&name(number)[..], &[0; 16]].concat()
        })
    }),
];

/// An array of the texts that `text` makes, `step` indexes apart.
fn array(count: usize, step: usize, text: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let elements = (0..count).flat_map(|number| [&length(number % (count - 1) * step)[..], &text(number)].concat());
    [&[28][..], &length(count), &[0], &elements.collect::<Vec<_>>()].concat()
}

const ARRAYS: &[(&str, u16, Shape)] = &[
    ("array", 14, |count| array(count, 1, |_| b"\x03\0".to_vec())),
    ("array, eight apart", 14, |count| array(count, 8, |_| b"\x03\0".to_vec())),
    ("array, a slice apart", 14, |count| array(count, 4096, |_| b"\x03\0".to_vec())),
    ("array, far apart", 14, |count| array(count, 8000, |_| b"\x03\0".to_vec())),
    ("array of integers", 14, |count| array(count, 1, |number| [&[1][..], &(number as u64).to_le_bytes()].concat())),
    ("array of texts", 14, |count| {
        array(count, 1, |number| [vec![0], string(format!("{number:030}").as_bytes())].concat())
    }),
    ("array of compressed texts", 14, |count| {
        array(count.min(8000), 1, |number| [vec![0], stretched(number)].concat())
    }),
];

const STRINGS: &[(&str, u16, Shape)] = &[
    ("string and a byte", 10, |count| [vec![0], string(&vec![b'x'; count]), vec![0]].concat()),
    ("string, compressed, and a byte", 10, |count| [vec![0], lzf(&vec![b'x'; count * 100]), vec![0]].concat()),
];

/// Refuses each shape in each size, within the bound.
fn check(shapes: &[(&str, u16, Shape)]) {
    let mut beyond = Vec::new();
    for (name, stamp, shape) in shapes {
        for count in COUNTS {
            let mut payload = shape(count);
            append_footer(&mut payload, 0, Stamp::new(*stamp).unwrap());
            let (result, bytes) = allocated_by(|| restore(&payload, RestoreOptions::default()).map(drop));
            assert!(result.is_err(), "{name} of {count} was taken");
            let bound = 4 * payload.len() as u64 + (1 << 20);
            if bytes > bound {
                let times = bytes as f64 / payload.len() as f64;
                beyond
                    .push(format!("{name} of {count}: {bytes} bytes, {times:.1} times {}: {result:?}", payload.len()));
            }
        }
    }
    assert!(beyond.is_empty(), "{}", beyond.join("\n"));
}

#[test]
fn refused_strings_stay_within_the_bound() {
    check(STRINGS);
}

#[test]
fn refused_lists_stay_within_the_bound() {
    check(LISTS);
}

#[test]
fn refused_sets_stay_within_the_bound() {
    check(SETS);
}

#[test]
fn refused_hashes_stay_within_the_bound() {
    check(HASHES);
}

#[test]
fn refused_hashes_of_templates_stay_within_the_bound() {
    check(TEMPLATES);
}

#[test]
fn refused_sorted_sets_stay_within_the_bound() {
    check(SORTED_SETS);
}

#[test]
fn refused_streams_stay_within_the_bound() {
    check(STREAMS);
}

#[test]
fn refused_arrays_stay_within_the_bound() {
    check(ARRAYS);
}

#[test]
fn promises_of_every_type_cost_nothing() {
    // Each claims 16 million elements, and has none.
    for front in [&b"\x01"[..], b"\x02", b"\x03", b"\x04", b"\x05", b"\x0e", b"\x0f", b"\x12", b"\x15", b"\x1c"] {
        for count in [&b"\x80\0\xff\xff\xff"[..], b"\x81\0\0\0\x7f\xff\xff\xff\xff", b"\x80\0\0\x40\0"] {
            let mut payload = [front, count].concat();
            append_footer(&mut payload, 0, Stamp::new(14).unwrap());
            let (result, bytes) = allocated_by(|| restore(&payload, RestoreOptions::default()).map(drop));
            assert!(result.is_err() && bytes < 4096, "{bytes} bytes for {front:?}");
        }
    }
}
