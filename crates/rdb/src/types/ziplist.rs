//! Ziplists of what is a listpack in memory: the dialect `redis-6.2` knows no listpacks.
//!
//! Both hold the same elements in the same order, and numbers as numbers; only the bytes around them differ.

use pack::{Element, Listpack, ZiplistWriter};

pub(super) fn of_listpack(listpack: &Listpack) -> Vec<u8> {
    let mut writer = ZiplistWriter::new();
    for element in listpack {
        push(&mut writer, element);
    }
    writer.finish()
}

/// A ziplist of one element.
pub(super) fn of_text(text: &[u8]) -> Vec<u8> {
    let mut writer = ZiplistWriter::new();
    push(&mut writer, Element::Bytes(text));
    writer.finish()
}

fn push(writer: &mut ZiplistWriter, element: Element<'_>) {
    writer.push(match element {
        Element::Bytes(text) => Element::of(text),
        Element::Int(_) => element,
    });
}
