//! Lists: types 1, 10, 14 and 18.
//!
//! ```text
//! 01 | 02 | 01 61 | c0 05                          strings                      Redis up to 2.8, large lists
//! 0a | 10 .. ff                                    one ziplist                  Redis up to 2.8, small lists
//! 0e | 01 | 10 .. ff                               nodes: a ziplist each        Redis 3.2 to 6.2
//! 12 | 02 | 02 0c .. ff | 01 c3 .. 41 ..           nodes: kind, then bytes      Redis 7.0, Valkey, and all that follow
//! ```
//!
//! A node of kind 2 is a listpack; one of kind 1 is a single element, too large for a listpack. Nodes that are compressed in memory are
//! written as they lie there. A server that reads ziplists only has each node made into one.
//!
//! A listpack that claims to be empty is passed over, as the servers do; a list of nothing else is refused.

use pack::{Listpack, Ziplist};
use stdx::num::IntText;
use value::{List, ListBuilder, ListNode, Value};

use super::ziplist;
use crate::dialect::Target;
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

const STRINGS: u8 = 1;
const ZIPLIST: u8 = 10;
const ZIPLISTS: u8 = 14;
const NODES: u8 = 18;

const PLAIN: u8 = 1;
const PACKED: u8 = 2;

/// The first stamp whose readers know [`NODES`].
const NODES_SINCE: u16 = 10;

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let start = reader.offset();
    let mut builder = ListBuilder::new(*reader.encodings());
    match code {
        STRINGS => {
            for _ in 0..reader.count(1)? {
                builder.push(reader.string()?.text(&mut IntText::new()));
            }
        }
        ZIPLIST => builder.push_listpack(read_ziplist(reader)?),
        ZIPLISTS => {
            let count = reader.count(1)?;
            builder.reserve_nodes(reader.room_for::<[u8; ListBuilder::NODE_BYTES]>(count));
            for _ in 0..count {
                builder.push_listpack(read_ziplist(reader)?);
            }
        }
        NODES => {
            let count = reader.count(2)?;
            builder.reserve_nodes(reader.room_for::<[u8; ListBuilder::NODE_BYTES]>(count));
            for _ in 0..count {
                node(reader, &mut builder)?;
            }
        }
        _ => {
            let kind = DecodeErrorKind::UnsupportedType(code);
            return Err(DecodeError { offset: start.saturating_sub(1), kind });
        }
    }
    let list = if code == ZIPLIST { builder.finish_as_nodes() } else { builder.finish() };
    let list = list.ok_or(DecodeError { offset: start, kind: DecodeErrorKind::NoElements })?;
    Ok(Value::List(Box::new(list)))
}

fn node(reader: &mut Reader<'_>, builder: &mut ListBuilder) -> Result<(), DecodeError> {
    let start = reader.offset();
    let container = reader.length()?;
    let at = reader.offset();
    if container == u64::from(PLAIN) {
        builder.push_plain(reader.string()?.text(&mut IntText::new()));
    } else if container == u64::from(PACKED) {
        let blob = blob(reader)?;
        let listpack = Listpack::from_bytes(&blob);
        builder.push_listpack(listpack.map_err(|pack| DecodeError { offset: at, kind: DecodeErrorKind::Pack(pack) })?);
    } else {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownContainer(container) });
    }
    Ok(())
}

fn read_ziplist(reader: &mut Reader<'_>) -> Result<Listpack, DecodeError> {
    let offset = reader.offset();
    let blob = blob(reader)?;
    let ziplist =
        Ziplist::from_bytes(&blob).map_err(|pack| DecodeError { offset, kind: DecodeErrorKind::Pack(pack) })?;
    let too_long = DecodeErrorKind::StringTooLong { len: blob.len() as u64, limit: pack::LISTPACK_MAX_BYTES };
    ziplist.to_listpack().ok_or(DecodeError { offset, kind: too_long })
}

/// A string that is an encoding. An integer is none: its text is too short to be one, and is refused as such.
fn blob<'a>(reader: &mut Reader<'a>) -> Result<std::borrow::Cow<'a, [u8]>, DecodeError> {
    Ok(match reader.string()? {
        RdbString::Bytes(bytes) => bytes,
        RdbString::Int(int) => IntText::new().format(i64::from(int)).to_vec().into(),
    })
}

pub(super) fn write(list: &List, target: Target, writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    let listpacks = target.stamp.number() >= NODES_SINCE;
    writer.code(if listpacks { NODES } else { ZIPLISTS });
    writer.length(list.node_count() as u64);
    for node in list.nodes() {
        if !listpacks {
            writer.string(&as_ziplist(node));
            continue;
        }
        writer.length(u64::from(if node.is_plain() { PLAIN } else { PACKED }));
        match node {
            ListNode::Packed(bytes) | ListNode::Plain(bytes) => writer.string(bytes),
            ListNode::Lzf { block, byte_len, .. } => writer.compressed(block, byte_len),
        }
    }
    Ok(())
}

fn as_ziplist(node: ListNode<'_>) -> Vec<u8> {
    let bytes = node.bytes();
    if node.is_plain() {
        return ziplist::of_text(&bytes);
    }
    // A node that is not plain is a listpack.
    Listpack::from_bytes(&bytes).map_or_else(|_| ziplist::of_text(&bytes), |listpack| ziplist::of_listpack(&listpack))
}

pub(super) fn least_stamp(_list: &List) -> u16 {
    NODES_SINCE
}
