//! Hashes of a template: field names that many hashes share, which Redis 8.10 keeps apart from their values.
//!
//! ```text
//! f2 | 07 | 02 | 01 61 | 02 62 62                            in a file, before the keys: template 7, the names "a" and "bb"
//! 1e | 0e  0e 00 00 00 03 00 07 01 01 01 81 78 02 ff         30, in a file: a listpack of the template's id and the values
//! 20 | 07 | c0 01 | 01 78                                    32, in a file: the template's id, then the values
//! 1d | 00 | 0e <listpack of names> | 0e <listpack as in 30>  29, in payloads
//! 1f | 01 | 02 | 01 61 | 02 62 62 | c0 01 | 01 78            31, in payloads: count, names, values
//! ```
//!
//! The byte behind 29 and 31 says how the names follow: 00 as a listpack, 01 as a count and strings; either may stand with either type.
//! Names come shortest first, those of one length by their bytes, none twice. What is known of these forms comes from descriptions, not from a
//! server: whatever does not fit them to the letter is refused. In a file only the hash is then at fault, and is told as damaged.
//!
//! They are read and not written, in the dialect `redis-8.10` neither: it reads a plain hash (types 4 and 16) as well, no payload of a server was
//! at hand to compare with, and the number in front of the values is that of a template in the server that wrote them. Hashes that were read
//! keep their template: those of a file share it as they did where the file was written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use pack::{Element, Listpack, Packed};
use stdx::num::IntText;
use value::{Hash, HashTemplate, NotAHash, NotATemplate};

use super::hash;
use super::survey::{Sequence, Survey, int_of};
use crate::reader::Reader;
use crate::strings::RdbString;
use crate::{DecodeError, DecodeErrorKind};

const PACKED: u8 = 29;
const PACKED_REF: u8 = 30;
const ARRAY: u8 = 31;
const ARRAY_REF: u8 = 32;

/// What a name costs with its value, beyond their bytes: its places in the lists on the way to a template, and in the hash.
const FIELD_COST: usize = 150;
/// What a byte of packed names costs, a name of one letter being three, and a byte of packed values.
const PACKED_NAME_COST: usize = 150;
const PACKED_VALUE_COST: usize = 25;

/// How names follow.
const AS_LISTPACK: u8 = 0;
const AS_STRINGS: u8 = 1;

/// The templates of a file, by their ids.
pub(crate) type Templates = BTreeMap<u64, Template>;

/// Field names that hashes share.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    len: usize,
    /// Or what is wrong with them, which concerns only those who use them.
    names: Result<Arc<HashTemplate>, DecodeErrorKind>,
}

impl Template {
    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}

/// What stands behind opcode 242: an id, and the template.
pub(crate) fn read_template(reader: &mut Reader<'_>) -> Result<(u64, Template), DecodeError> {
    let id = reader.length()?;
    let names = read_names(reader)?;
    Ok((id, Template { len: names.len(), names: template_of(&names) }))
}

/// A count and so many strings.
fn read_names<'a>(reader: &mut Reader<'a>) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let count = reader.count(1)?;
    let mut names = Vec::new();
    for _ in 0..count {
        let name = bytes(reader)?;
        reader.afford(name.len().saturating_mul(3).saturating_add(FIELD_COST))?;
        names.push(name);
    }
    Ok(names)
}

/// A string as bytes, whatever its form.
fn bytes<'a>(reader: &mut Reader<'a>) -> Result<Cow<'a, [u8]>, DecodeError> {
    Ok(match reader.string()? {
        RdbString::Bytes(bytes) => bytes,
        RdbString::Int(int) => IntText::new().format(i64::from(int)).to_vec().into(),
    })
}

/// The template of names, which must be in its order.
fn template_of(names: &[Cow<'_, [u8]>]) -> Result<Arc<HashTemplate>, DecodeErrorKind> {
    let names: Vec<&[u8]> = names.iter().map(|name| &**name).collect();
    match HashTemplate::new(&names) {
        Ok((template, order)) if order.is_sorted() => Ok(Arc::new(template)),
        Ok(_) | Err(NotATemplate::Duplicate | NotATemplate::TooLong) => Err(DecodeErrorKind::TemplateOrder),
        Err(NotATemplate::Empty) => Err(DecodeErrorKind::NoElements),
    }
}

/// Whether a type byte refers to a template that stands elsewhere.
pub(crate) const fn is_reference(code: u8) -> bool {
    matches!(code, PACKED_REF | ARRAY_REF)
}

/// The hash behind a type byte that refers to one of `templates`.
pub(crate) fn read_reference(
    code: u8,
    templates: &Templates,
    reader: &mut Reader<'_>,
) -> Result<value::Value, DecodeError> {
    let hash = if code == PACKED_REF {
        read_packed_reference(templates, reader)
    } else {
        read_array_reference(templates, reader)
    };
    hash.map(|hash| value::Value::Hash(Box::new(hash)))
}

/// Gets past such a hash.
pub(crate) fn skip_reference(code: u8, templates: &Templates, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    if code == PACKED_REF {
        return reader.skip_string();
    }
    let start = reader.offset();
    let id = reader.length()?;
    let Some(template) = templates.get(&id) else {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::UnknownTemplate(id) });
    };
    (0..template.len()).try_for_each(|_| reader.skip_string())
}

/// The template of that id, if hashes can be made of it.
fn find(templates: &Templates, id: u64) -> Result<&Arc<HashTemplate>, DecodeErrorKind> {
    templates.get(&id).ok_or(DecodeErrorKind::UnknownTemplate(id))?.names.as_ref().map_err(|kind| *kind)
}

fn read_packed_reference(templates: &Templates, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    read_packed_values(|id| find(templates, id).cloned(), reader)
}

/// The hash of a listpack of a template's id and the values; `template` gives the template.
fn read_packed_values(
    template: impl FnOnce(u64) -> Result<Arc<HashTemplate>, DecodeErrorKind>,
    reader: &mut Reader<'_>,
) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let refuse = |kind| DecodeError { offset: start, kind };
    let limits = *reader.encodings();
    let string = reader.string()?;
    let mut room = IntText::new();
    reader.afford(string.text(&mut room).len().saturating_mul(PACKED_VALUE_COST))?;
    let values = Listpack::from_bytes(string.text(&mut room)).map_err(|error| refuse(DecodeErrorKind::Pack(error)))?;
    let id = values.first().and_then(Element::to_int).and_then(|id| u64::try_from(id).ok());
    let id = id.ok_or_else(|| refuse(DecodeErrorKind::Hash(NotAHash::Uneven)))?;
    let template = template(id).map_err(refuse)?;
    Hash::of_template_elements(&template, values.iter().skip(1), &limits).map_err(|error| refuse(hash::kind_of(error)))
}

fn read_array_reference(templates: &Templates, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let id = reader.length()?;
    let template = find(templates, id).map_err(|kind| DecodeError { offset: start, kind })?;
    read_array_values(template, reader)
}

/// The hash of as many strings as the template has names.
fn read_array_values(template: &Arc<HashTemplate>, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let limits = *reader.encodings();
    let mut values = Vec::new();
    for _ in 0..template.len() {
        let value = bytes(reader)?;
        reader.afford(value.len().saturating_mul(2).saturating_add(FIELD_COST))?;
        values.push(value);
    }
    Ok(Hash::of_template(template, values.iter().map(|value| &**value), &limits))
}

/// Looks at a form that brings its names along.
pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    let at = reader.offset();
    let unknown = |offset| DecodeError { offset, kind: DecodeErrorKind::UnsupportedType(code) };
    if !matches!(code, PACKED | ARRAY) {
        return Err(unknown(at.saturating_sub(1)));
    }
    let format = reader.u8()?;
    let start = reader.offset();
    let count = match format {
        AS_LISTPACK => survey_packed_names(reader, survey)?,
        AS_STRINGS => survey_names(reader, survey)?,
        _ => return Err(unknown(at)),
    };
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    if code == ARRAY {
        return (0..count).try_for_each(|_| reader.text().map(drop));
    }
    let start = reader.offset();
    let refuse = |error: NotAHash| DecodeError { offset: start, kind: hash::kind_of(error) };
    let values = reader.text()?;
    let mut values = survey.walk(Packed::Listpack, values).map_err(|error| refuse(error.into()))?;
    let first = values.next().map_err(|error| refuse(error.into()))?;
    let has_id = first.is_some_and(|first| int_of(&mut values, first).is_some());
    while values.next().map_err(|error| refuse(error.into()))?.is_some() {}
    if has_id && count.checked_add(1) == Some(values.count()) { Ok(()) } else { Err(refuse(NotAHash::Uneven)) }
}

fn survey_packed_names(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<usize, DecodeError> {
    let start = reader.offset();
    let refuse = |error: NotAHash| DecodeError { offset: start, kind: hash::kind_of(error) };
    let names = reader.text()?;
    let mut names = survey.walk(Packed::Listpack, names).map_err(|error| refuse(error.into()))?;
    let mut sequence = Sequence::default();
    while let Some(name) = names.next().map_err(|error| refuse(error.into()))? {
        sequence.take(&mut names, name, &mut |_| ());
        if sequence.shortest_first().is_some_and(std::cmp::Ordering::is_ge) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::TemplateOrder });
        }
    }
    let count = names.count();
    survey.walked(names);
    Ok(count)
}

fn survey_names(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<usize, DecodeError> {
    let count = reader.count(1)?;
    let mut names = Sequence::default();
    for _ in 0..count {
        let start = reader.offset();
        survey.name(&mut names, reader.text()?);
        if names.shortest_first().is_some_and(std::cmp::Ordering::is_ge) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::TemplateOrder });
        }
    }
    Ok(count)
}

/// The hash of a form that brings its names along.
pub(super) fn read(code: u8, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let at = reader.offset();
    // A reference says nothing in a payload.
    if !matches!(code, PACKED | ARRAY) {
        let kind = DecodeErrorKind::UnsupportedType(code);
        return Err(DecodeError { offset: at.saturating_sub(1), kind });
    }
    let format = reader.u8()?;
    let start = reader.offset();
    let refuse = |kind| DecodeError { offset: start, kind };
    let names = match format {
        AS_LISTPACK => read_packed_names(reader)?,
        AS_STRINGS => read_names(reader)?,
        _ => return Err(DecodeError { offset: at, kind: DecodeErrorKind::UnsupportedType(code) }),
    };
    let template = template_of(&names).map_err(refuse)?;
    drop(names);
    if code == PACKED { read_packed_values(|_| Ok(template), reader) } else { read_array_values(&template, reader) }
}

/// A listpack of names.
fn read_packed_names<'a>(reader: &mut Reader<'a>) -> Result<Vec<Cow<'a, [u8]>>, DecodeError> {
    let start = reader.offset();
    let string = reader.string()?;
    let mut room = IntText::new();
    reader.afford(string.text(&mut room).len().saturating_mul(PACKED_NAME_COST))?;
    let names = Listpack::from_bytes(string.text(&mut room))
        .map_err(|error| DecodeError { offset: start, kind: DecodeErrorKind::Pack(error) })?;
    Ok(names.iter().map(|name| name.to_vec().into()).collect())
}

/// Gets past such a form.
pub(crate) fn skip(code: u8, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let at = reader.offset();
    let names = match reader.u8()? {
        AS_STRINGS => {
            let count = reader.count(1)?;
            (0..count).try_for_each(|_| reader.skip_string())?;
            count
        }
        // How many values an array has, only the names tell.
        AS_LISTPACK if code == ARRAY => read_packed_names(reader)?.len(),
        AS_LISTPACK => {
            reader.skip_string()?;
            0
        }
        _ => return Err(DecodeError { offset: at, kind: DecodeErrorKind::UnsupportedType(code) }),
    };
    if code == PACKED { reader.skip_string() } else { (0..names).try_for_each(|_| reader.skip_string()) }
}
