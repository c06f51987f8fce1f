//! What `Reply` writes, `Reader` reads.

use arbtest::arbitrary::{Result, Unstructured};

use crate::reader::{NullKind, Reader, Value};
use crate::{Protocol, Reply};

fn text(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let bytes: Vec<u8> = u.arbitrary()?;
    Ok(bytes.into_iter().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
}

fn pairs(u: &mut Unstructured<'_>, depth: u32) -> Result<Vec<(Value, Value)>> {
    (0..u.int_in_range(0..=3)?).map(|_| Ok((tree(u, depth)?, tree(u, depth)?))).collect()
}

fn items(u: &mut Unstructured<'_>, depth: u32) -> Result<Vec<Value>> {
    (0..u.int_in_range(0..=12)?).map(|_| tree(u, depth)).collect()
}

/// Any tree that RESP3 can express.
fn tree(u: &mut Unstructured<'_>, depth: u32) -> Result<Value> {
    Ok(match u.int_in_range(0..=if depth > 0 { 14 } else { 9 })? {
        0 => Value::Status(text(u)?),
        1 => Value::Error(text(u)?),
        2 => Value::Int(u.arbitrary()?),
        3 | 4 => Value::Bulk(u.arbitrary()?),
        5 => Value::Verbatim { format: u.arbitrary()?, text: u.arbitrary()? },
        6 => Value::Double(stdx::num::DoubleText::new().format(u.arbitrary()?).to_vec()),
        7 => Value::BigNumber(u.arbitrary::<i128>()?.to_string().into_bytes()),
        8 => Value::Bool(u.arbitrary()?),
        9 => Value::Null(NullKind::Resp3),
        10 | 11 => Value::Array(items(u, depth - 1)?),
        12 => Value::Set(items(u, depth - 1)?),
        13 => Value::Map(pairs(u, depth - 1)?),
        _ => match u.arbitrary()? {
            true => Value::Push(items(u, depth - 1)?),
            false => Value::Attributed { attributes: pairs(u, depth - 1)?, value: Box::new(tree(u, depth - 1)?) },
        },
    })
}

/// The same answer to a client of RESP2.
fn downgraded(value: &Value) -> Value {
    let flat =
        |pairs: &[(Value, Value)]| pairs.iter().flat_map(|(key, value)| [downgraded(key), downgraded(value)]).collect();
    match value {
        Value::Status(_) | Value::Error(_) | Value::Int(_) | Value::Bulk(_) => value.clone(),
        Value::BulkError(text) => Value::Error(text.clone()),
        Value::Verbatim { text, .. } | Value::Double(text) | Value::BigNumber(text) => Value::Bulk(text.clone()),
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        Value::Null(NullKind::Array) => Value::Null(NullKind::Array),
        Value::Null(NullKind::Bulk | NullKind::Resp3) => Value::Null(NullKind::Bulk),
        Value::Array(items) | Value::Set(items) | Value::Push(items) => {
            Value::Array(items.iter().map(downgraded).collect())
        }
        Value::Map(pairs) => Value::Array(flat(pairs)),
        Value::Attributed { value, .. } => downgraded(value),
    }
}

/// An error's text loses its line ends, so the trees hold none.
fn written(value: &Value, protocol: Protocol) -> Vec<u8> {
    let mut wire = Vec::new();
    value.write(&mut Reply::new(&mut wire, protocol));
    wire
}

#[test]
fn every_tree_is_read_back_as_it_was_written() {
    arbtest::arbtest(|u| {
        let value = tree(u, 3)?;
        for (protocol, expected) in [(Protocol::Resp3, value.clone()), (Protocol::Resp2, downgraded(&value))] {
            let wire = written(&value, protocol);
            let piece_len = u.int_in_range(1..=wire.len())?;
            let mut reader = Reader::default();
            let mut read: Vec<_> =
                wire.chunks(piece_len).filter_map(|mut piece| reader.read(&mut piece).unwrap()).collect();
            assert_eq!(read.len(), 1, "{}", wire.escape_ascii());
            let read = read.remove(0);
            assert_eq!(read, expected, "{}", wire.escape_ascii());
            assert_eq!(written(&read, protocol), wire);
        }
        Ok(())
    });
}

#[test]
fn every_prefix_of_a_reply_waits_for_more() {
    arbtest::arbtest(|u| {
        let wire = written(&tree(u, 2)?, Protocol::Resp3);
        let cut = u.int_in_range(0..=wire.len() - 1)?;
        assert_eq!(Reader::default().read(&mut &wire[..cut]), Ok(None));
        Ok(())
    });
}
