use super::{Item, Packed, Source, Walk};
use crate::{Intset, Listpack, PackError, Ziplist, ZiplistWriter, Zipmap};

/// What a walk finds: the texts of all elements, or that the bytes are wrong.
fn walk(packed: Packed, source: Source<'_>, len: usize) -> Result<Vec<Vec<u8>>, PackError> {
    let mut walk = Walk::new(packed, source, len)?;
    let mut texts = Vec::new();
    while let Some(item) = walk.next()? {
        let mut text = Vec::new();
        match item {
            // Every other one is passed over, as callers do.
            Item::Text(len) if texts.len() % 2 == 1 => text = vec![b'?'; len],
            Item::Int(int) => text = int.to_string().into_bytes(),
            Item::Text(_) => walk.text(&mut |piece| text.extend_from_slice(piece)),
        }
        texts.push(text);
    }
    assert_eq!(walk.count(), texts.len());
    Ok(texts)
}

/// Compares a walk over whole and over compressed bytes with what `from_bytes` makes of them.
#[track_caller]
fn compare(packed: Packed, bytes: &[u8], whole: Result<Vec<Vec<u8>>, PackError>) {
    let hidden = |mut texts: Vec<Vec<u8>>| {
        for text in texts.iter_mut().skip(1).step_by(2) {
            text.fill(b'?');
        }
        texts
    };
    let found = walk(packed, Source::Whole(bytes), bytes.len()).map(hidden);
    assert_eq!(found.is_ok(), whole.is_ok(), "{found:?} {whole:?} {bytes:x?}");
    if let (Ok(found), Ok(whole)) = (&found, whole) {
        assert_eq!(*found, hidden(whole), "{bytes:x?}");
    }
    // Any bytes are a block of literals.
    let block: Vec<u8> =
        bytes.chunks(32).flat_map(|part| [&[u8::try_from(part.len() - 1).unwrap()][..], part].concat()).collect();
    let source = Source::Inflate(stdx::lzf::Inflate::new(&block, Vec::new()));
    assert_eq!(walk(packed, source, bytes.len()).map(hidden), found);
}

fn compare_all(bytes: &[u8]) {
    let texts = |elements: &mut dyn Iterator<Item = Vec<u8>>| elements.collect::<Vec<_>>();
    compare(Packed::Listpack, bytes, Listpack::from_bytes(bytes).map(|it| texts(&mut it.iter().map(|e| e.to_vec()))));
    compare(Packed::Ziplist, bytes, Ziplist::from_bytes(bytes).map(|it| texts(&mut it.iter().map(|e| e.to_vec()))));
    let pairs = Zipmap::from_bytes(bytes);
    compare(Packed::Zipmap, bytes, pairs.map(|it| texts(&mut it.iter().flat_map(|(f, v)| [f.to_vec(), v.to_vec()]))));
    let ints = Intset::from_bytes(bytes);
    compare(Packed::Intset, bytes, ints.map(|it| texts(&mut it.iter().map(|int| int.to_string().into_bytes()))));
}

fn samples() -> Vec<Vec<u8>> {
    let (mut listpack, mut ziplist, mut intset) = (Listpack::new(), ZiplistWriter::new(), Intset::new());
    let texts = ["", "a", "10", "-300", "70000", "123456789012345678", "no number", &"x".repeat(70), &"y".repeat(5000)];
    for text in texts {
        listpack.push(text.as_bytes());
        ziplist.push(crate::Element::of(text.as_bytes()));
    }
    assert!([-70_000, -3, 8, 900].into_iter().all(|int| intset.insert(int)));
    let long = [&b"\x02\xfe\xfe\0\0\0"[..], &[b'f'; 254], b"\x01\x02bzz\x01g\0\0\xff and more"].concat();
    let mut samples = vec![listpack.as_bytes().to_vec(), ziplist.finish(), intset.as_bytes().to_vec(), long];
    samples.extend([
        Listpack::new().as_bytes().to_vec(),
        ZiplistWriter::new().finish(),
        b"\x02\0\0\0\0\0\0\0".to_vec(),
    ]);
    samples.push(b"\x02\x03one\x01\x031zzz\x03two\x02\x0022\xff".to_vec());
    samples
}

#[test]
fn a_walk_finds_what_from_bytes_finds() {
    for sample in samples() {
        compare_all(&sample);
        for at in (0..sample.len()).filter(|at| *at < 120 || at % 97 == 0) {
            compare_all(&sample[..at]);
            for bit in 0..8 {
                let mut flipped = sample.clone();
                flipped[at] ^= 1 << bit;
                compare_all(&flipped);
            }
        }
    }
}

#[test]
fn any_bytes_are_walked_or_refused_alike() {
    arbtest::arbtest(|u| {
        let mut bytes: Vec<u8> = u.arbitrary()?;
        compare_all(&bytes);
        // Headers that are right lead further.
        let len = u32::try_from(bytes.len()).unwrap();
        if bytes.len() > 10 {
            bytes[..4].copy_from_slice(&len.to_le_bytes());
            bytes[4..6].copy_from_slice(&[0xff, 0xff]);
            *bytes.last_mut().unwrap() = 0xff;
            compare_all(&bytes);
            bytes[8..10].copy_from_slice(&[0xff, 0xff]);
            compare_all(&bytes);
        }
        Ok(())
    });
}
