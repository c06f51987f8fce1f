//! The stream against a list of entries, whatever nodes hold.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Unstructured};
use stdx::num::IntText;

use super::{References, Stream, StreamId, StreamParts, Trim, TrimTo};
use crate::EncodingLimits;

#[derive(Debug)]
enum Op {
    Append { ms: u8, seq: u8, fields: Vec<(u8, u8)> },
    Delete { pick: u8 },
    DeleteMissing { ms: u16 },
    TrimLen { max: u8, approximate: bool },
    TrimId { pick: u8, approximate: bool },
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(match u.int_in_range(0..=8)? {
            0 => Self::Delete { pick: u.arbitrary()? },
            1 => Self::DeleteMissing { ms: u.int_in_range(0..=60)? },
            2 => Self::TrimLen { max: u.int_in_range(0..=20)?, approximate: u.arbitrary()? },
            3 => Self::TrimId { pick: u.arbitrary()?, approximate: u.arbitrary()? },
            _ => Self::Append { ms: u.arbitrary()?, seq: u.int_in_range(0..=3)?, fields: u.arbitrary()? },
        })
    }
}

type Pairs = Vec<(Vec<u8>, Vec<u8>)>;
type Model = BTreeMap<StreamId, Pairs>;

fn contents<'a>(entries: impl Iterator<Item = super::Entry<'a>>) -> Vec<(StreamId, Pairs)> {
    let text = |element: pack::Element<'_>| element.bytes(&mut IntText::new()).to_vec();
    entries.map(|entry| (entry.id, entry.fields.map(|(name, value)| (text(name), text(value))).collect())).collect()
}

fn apply(stream: &mut Stream, model: &mut Model, op: Op, limits: &EncodingLimits) {
    let pick = |model: &Model, pick: u8| model.keys().nth(usize::from(pick) % model.len().max(1)).copied();
    match op {
        Op::Append { ms, seq, fields } => {
            let last = stream.last_id();
            let ms_now = last.ms + u64::from(ms % 3);
            let id = StreamId::new(ms_now, if ms % 3 == 0 { last.seq + 1 } else { 0 } + u64::from(seq));
            let named = |(name, value): &(u8, u8)| (vec![b'f', name % 2], value.to_string().into_bytes());
            let mut fields: Vec<_> = fields.iter().take(4).map(named).collect();
            fields.push((b"last".to_vec(), b"x".to_vec()));
            stream.append(id, fields.iter().map(|(name, value)| (&name[..], &value[..])), limits).unwrap();
            model.insert(id, fields);
        }
        Op::Delete { pick: index } => {
            if let Some(id) = pick(model, index) {
                assert!(stream.delete(id));
                model.remove(&id);
            }
        }
        Op::DeleteMissing { ms } => {
            let id = StreamId::new(u64::from(ms), 1);
            assert_eq!(stream.delete(id), model.remove(&id).is_some());
        }
        Op::TrimLen { max, approximate } => {
            let trim = Trim { to: TrimTo::MaxLen(u64::from(max)), approximate, limit: 0, references: References::Keep };
            check_trim(stream, model, &trim);
        }
        Op::TrimId { pick: index, approximate } => {
            if let Some(id) = pick(model, index) {
                let trim = Trim { to: TrimTo::MinId(id), approximate, limit: 0, references: References::Keep };
                check_trim(stream, model, &trim);
            }
        }
    }
}

/// What goes is the oldest, no more than may go, and all of it unless approximate.
fn check_trim(stream: &mut Stream, model: &mut Model, trim: &Trim) {
    let doomed = match trim.to {
        TrimTo::MaxLen(max) => model.len() - model.len().min(usize::try_from(max).unwrap()),
        TrimTo::MinId(id) => model.range(..id).count(),
    };
    let gone = usize::try_from(stream.trim(trim)).unwrap();
    assert!(if trim.approximate { gone <= doomed } else { gone == doomed }, "{gone} of {doomed}");
    for _ in 0..gone {
        model.pop_first();
    }
}

fn check(stream: &Stream, model: &Model, u: &mut Unstructured<'_>) -> arbitrary::Result<()> {
    assert_eq!(stream.len(), model.len() as u64);
    assert_eq!(stream.first_id(), model.keys().next().copied().unwrap_or(StreamId::ZERO));
    let (low, high) = (u.int_in_range(0..=40)?, u.int_in_range(0..=40)?);
    let (start, end) = (StreamId::new(low, u.int_in_range(0..=3)?), StreamId::new(high, u.int_in_range(0..=3)?));
    let mut expected: Vec<_> =
        model.iter().filter(|(id, _)| start <= **id && **id <= end).map(|(id, fields)| (*id, fields.clone())).collect();
    assert_eq!(contents(stream.range(start, end)), expected);
    expected.reverse();
    assert_eq!(contents(stream.rev_range(start, end)), expected);
    // A dump's reader takes every node as it is.
    let mut parts = StreamParts { len: stream.len(), last_id: stream.last_id(), ..StreamParts::default() };
    parts.counters = Some((stream.first_id(), stream.max_deleted_id(), stream.entries_added()));
    for (first, node) in stream.nodes() {
        // A trim may leave a node whose entries are all deleted.
        parts.node(first, node).unwrap();
    }
    assert_eq!(&parts.finish().unwrap(), stream);
    Ok(())
}

#[test]
fn a_stream_is_a_list_of_entries_in_nodes_of_any_size() {
    for max_entries in [1, 2, 3, 100] {
        for max_bytes in [0, 60, 4096] {
            let limits = EncodingLimits {
                stream_node_max_entries: max_entries,
                stream_node_max_bytes: max_bytes,
                ..EncodingLimits::default()
            };
            arbtest::arbtest(|u| {
                let (mut stream, mut model) = (Stream::default(), Model::new());
                for _ in 0..u.int_in_range(0..=40)? {
                    apply(&mut stream, &mut model, u.arbitrary()?, &limits);
                    check(&stream, &model, u)?;
                }
                Ok(())
            })
            .budget_ms(150);
        }
    }
}

#[test]
fn a_node_has_the_bytes_that_redis_gives_it() {
    let mut stream = Stream::default();
    let limits = EncodingLimits::default();
    stream.append(StreamId::MAX, [(&b"f"[..], &b"v"[..])].into_iter(), &limits).unwrap();
    let bytes = b"\x1d\0\0\0\x0a\0\x01\x01\0\x01\x01\x01\x81f\x02\0\x01\x02\x01\0\x01\0\x01\x81v\x02\x04\x01\xff";
    assert_eq!(stream.nodes().collect::<Vec<_>>(), [(StreamId::MAX, &bytes[..])]);
}
