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

use pack::{Element, Item, Listpack, Packed, Walk, Ziplist};
use stdx::num::IntText;
use value::{List, ListBuilder, ListNode, Value};

use super::survey::{Survey, short_text};
use super::ziplist;
use crate::dialect::Target;
use crate::reader::Reader;
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

/// What an element costs that is pushed by itself, growth on the way included, and each byte of it.
const ELEMENT_COST: usize = 160;
const BYTE_COST: usize = 8;
/// What a node costs beside its bytes.
const NODE_COST: usize = 64 + 2 * ListBuilder::NODE_BYTES;

pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let start = reader.offset();
    let mut elements = 0_usize;
    match code {
        STRINGS => {
            elements = reader.count(1)?;
            for _ in 0..elements {
                reader.text()?;
            }
        }
        ZIPLIST => elements = survey_packed(Packed::Ziplist, reader, survey)?,
        ZIPLISTS => {
            for _ in 0..reader.count(1)? {
                elements = elements.saturating_add(survey_packed(Packed::Ziplist, reader, survey)?);
            }
        }
        _ => {
            for _ in 0..reader.count(2)? {
                let start = reader.offset();
                let container = reader.length()?;
                let count = if container == u64::from(PLAIN) {
                    reader.text()?;
                    1
                } else if container == u64::from(PACKED) {
                    survey_packed(Packed::Listpack, reader, survey)?
                } else {
                    return Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownContainer(container) });
                };
                elements = elements.saturating_add(count);
            }
        }
    }
    if elements == 0 { Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements }) } else { Ok(()) }
}

/// Returns how many elements there are.
fn survey_packed(packed: Packed, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<usize, DecodeError> {
    let offset = reader.offset();
    let fault = |pack| DecodeError { offset, kind: DecodeErrorKind::Pack(pack) };
    let text = reader.text()?;
    let mut walk = survey.walk(packed, text).map_err(fault)?;
    // As a listpack it is at most twice as long.
    let may_grow_too_long = packed == Packed::Ziplist && text.len() > pack::LISTPACK_MAX_BYTES / 2;
    let mut listpack_len = Listpack::new().byte_len();
    while let Some(item) = walk.next().map_err(fault)? {
        if may_grow_too_long {
            listpack_len = listpack_len.saturating_add(listpack_len_of(item, &mut walk));
        }
    }
    if listpack_len > pack::LISTPACK_MAX_BYTES {
        let kind = DecodeErrorKind::StringTooLong { len: text.len() as u64, limit: pack::LISTPACK_MAX_BYTES };
        return Err(DecodeError { offset, kind });
    }
    let count = walk.count();
    survey.walked(walk);
    Ok(count)
}

/// What an element of a ziplist takes in a listpack.
fn listpack_len_of(item: Item, walk: &mut Walk<'_>) -> usize {
    match item {
        Item::Int(int) => Element::Int(int).encoded_len(),
        Item::Text(len) => match short_text(walk, len, &mut [0; 32]) {
            Some(text) => Element::of(text).encoded_len(),
            // Ten bytes are around the longest.
            None => len.saturating_add(if len < 64 { 2 } else { 10 }),
        },
    }
}

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    let start = reader.offset();
    let mut builder = ListBuilder::new(*reader.encodings());
    let mut room = Vec::new();
    match code {
        STRINGS => {
            for _ in 0..reader.count(1)? {
                let element = reader.string()?;
                let mut room = IntText::new();
                let element = element.text(&mut room);
                reader.afford(element.len().saturating_mul(BYTE_COST).saturating_add(ELEMENT_COST))?;
                builder.push(element);
            }
        }
        ZIPLIST => builder.push_listpack(read_ziplist(reader, &mut room)?),
        ZIPLISTS => {
            let count = reader.count(1)?;
            reserve(count, &mut builder, reader)?;
            for _ in 0..count {
                builder.push_listpack(read_ziplist(reader, &mut room)?);
            }
        }
        NODES => {
            let count = reader.count(2)?;
            reserve(count, &mut builder, reader)?;
            for _ in 0..count {
                node(reader, &mut room, &mut builder)?;
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

fn reserve(count: usize, builder: &mut ListBuilder, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    reader.afford(count.saturating_mul(ListBuilder::NODE_BYTES))?;
    builder.reserve_nodes(count);
    Ok(())
}

/// Asks for a node of so many bytes, which may be compressed in memory.
fn afford_node(len: usize, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let times = if reader.encodings().list_compress_depth == 0 { 1 } else { 3 };
    reader.afford(len.saturating_mul(times).saturating_add(NODE_COST))
}

fn node(reader: &mut Reader<'_>, room: &mut Vec<u8>, builder: &mut ListBuilder) -> Result<(), DecodeError> {
    let start = reader.offset();
    let container = reader.length()?;
    let at = reader.offset();
    if container == u64::from(PLAIN) {
        let element = reader.string_in(room)?;
        // What is too short for a node of its own is pushed as an element.
        let times = if element.len() < ELEMENT_COST { BYTE_COST } else { 0 };
        reader.afford(element.len().saturating_mul(times).saturating_add(ELEMENT_COST))?;
        afford_node(element.len(), reader)?;
        builder.push_plain(element);
    } else if container == u64::from(PACKED) {
        let bytes = reader.string_in(room)?;
        afford_node(bytes.len(), reader)?;
        let listpack = Listpack::from_bytes(bytes);
        builder.push_listpack(listpack.map_err(|pack| DecodeError { offset: at, kind: DecodeErrorKind::Pack(pack) })?);
    } else {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownContainer(container) });
    }
    Ok(())
}

fn read_ziplist(reader: &mut Reader<'_>, room: &mut Vec<u8>) -> Result<Listpack, DecodeError> {
    let offset = reader.offset();
    let blob = reader.string_in(room)?;
    // Made a listpack, which may have to grow once.
    afford_node(blob.len().saturating_mul(4), reader)?;
    let ziplist =
        Ziplist::from_bytes(blob).map_err(|pack| DecodeError { offset, kind: DecodeErrorKind::Pack(pack) })?;
    let too_long = DecodeErrorKind::StringTooLong { len: blob.len() as u64, limit: pack::LISTPACK_MAX_BYTES };
    ziplist.to_listpack().ok_or(DecodeError { offset, kind: too_long })
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
