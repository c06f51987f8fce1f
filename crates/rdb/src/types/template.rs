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
//! Names come shortest first, those of one length by their bytes, none twice. What is known of these forms comes from descriptions, not from a
//! server: whatever does not fit them to the letter is refused. In a file only the hash is then at fault, and is told as damaged.
//!
//! They are read and not written, in the dialect `redis-8.10` neither: it reads a plain hash (types 4 and 16) as well, and the bytes
//! of 29 are told in two ways. A hash that was read from them has its names for itself.

use std::collections::BTreeMap;

use pack::{Element, Listpack, Packed, Walk};
use stdx::num::IntText;
use value::{EncodingLimits, Hash, NotAHash};

use super::hash;
use super::survey::{Sequence, Survey, Text, int_of};
use crate::reader::Reader;
use crate::{DecodeError, DecodeErrorKind};

const PACKED: u8 = 29;
const PACKED_REF: u8 = 30;
const ARRAY: u8 = 31;
const ARRAY_REF: u8 = 32;

/// What a byte of packed names, and one of packed values, may cost.
const PACKED_NAME_COST: usize = 150;
const PACKED_VALUE_COST: usize = 10;

/// The templates of a file, by their ids.
pub(crate) type Templates = BTreeMap<u64, Template>;

/// Field names, one behind the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template {
    text: Vec<u8>,
    /// Where each name ends.
    ends: Vec<usize>,
    is_sorted: bool,
}

impl Template {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn names(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.text.get(start..*end).unwrap_or_default())
    }
}

/// What stands behind opcode 242: an id, and the template.
pub(crate) fn read_template(reader: &mut Reader<'_>) -> Result<(u64, Template), DecodeError> {
    let id = reader.length()?;
    let count = reader.count(1)?;
    let mut template = Template { text: Vec::new(), ends: Vec::new(), is_sorted: true };
    let mut order = Order::default();
    for _ in 0..count {
        let name = reader.string()?;
        let mut room = IntText::new();
        let name = name.text(&mut room);
        template.is_sorted &= order.follows(name);
        template.text.extend_from_slice(name);
        template.ends.push(template.text.len());
    }
    Ok((id, template))
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
fn find(templates: &Templates, id: u64) -> Result<&Template, DecodeErrorKind> {
    let template = templates.get(&id).ok_or(DecodeErrorKind::UnknownTemplate(id))?;
    match template.len() {
        0 => Err(DecodeErrorKind::NoElements),
        _ if !template.is_sorted => Err(DecodeErrorKind::TemplateOrder),
        _ => Ok(template),
    }
}

fn read_packed_reference(templates: &Templates, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let limits = *reader.encodings();
    if reader.at_lzf() {
        // It is not inflated for a fault at its end.
        check_reference(templates, reader.clone().text()?).map_err(|kind| DecodeError { offset: start, kind })?;
    }
    let values = reader.string()?;
    let hash = unpack_reference(templates, values.text(&mut IntText::new()), &limits);
    hash.map_err(|kind| DecodeError { offset: start, kind })
}

/// Finds what [`unpack_reference`] would find wrong.
fn check_reference(templates: &Templates, values: Text<'_>) -> Result<(), DecodeErrorKind> {
    let uneven = DecodeErrorKind::Hash(NotAHash::Uneven);
    let source = values.source(&mut Vec::new()).ok_or(uneven)?;
    let mut walk = Walk::new(Packed::Listpack, source, values.len()).map_err(DecodeErrorKind::Pack)?;
    let first = walk.next().map_err(DecodeErrorKind::Pack)?;
    let id = first.and_then(|id| int_of(&mut walk, id)).and_then(|id| u64::try_from(id).ok());
    while walk.next().map_err(DecodeErrorKind::Pack)?.is_some() {}
    let template = find(templates, id.ok_or(uneven)?)?;
    if walk.count() == template.len().saturating_add(1) { Ok(()) } else { Err(uneven) }
}

fn unpack_reference(templates: &Templates, values: &[u8], limits: &EncodingLimits) -> Result<Hash, DecodeErrorKind> {
    let uneven = DecodeErrorKind::Hash(NotAHash::Uneven);
    let values = Listpack::from_bytes(values).map_err(DecodeErrorKind::Pack)?;
    let id = values.first().and_then(Element::to_int).and_then(|id| u64::try_from(id).ok());
    let template = find(templates, id.ok_or(uneven)?)?;
    if values.len() != template.len().saturating_add(1) {
        return Err(uneven);
    }
    let mut hash = Hash::default();
    hash.expect(template.len(), limits);
    let mut room = IntText::new();
    for (name, value) in template.names().zip(values.iter().skip(1)) {
        hash.add(name, value.bytes(&mut room), None, limits).map_err(hash::kind_of)?;
    }
    Ok(hash)
}

fn read_array_reference(templates: &Templates, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    let start = reader.offset();
    let refuse = |kind| DecodeError { offset: start, kind };
    let limits = *reader.encodings();
    let id = reader.length()?;
    let template = find(templates, id).map_err(refuse)?;
    // The names may be much longer than what is here: no field is made before all values are known to be there.
    let mut ahead = reader.clone();
    (0..template.len()).try_for_each(|_| ahead.text().map(drop))?;
    let mut hash = Hash::default();
    hash.expect(template.len(), &limits);
    for name in template.names() {
        let mut room = IntText::new();
        let value = reader.string()?;
        hash.add(name, value.text(&mut room), None, &limits).map_err(|error| refuse(hash::kind_of(error)))?;
    }
    Ok(hash)
}

/// Looks at a form that brings its names along.
pub(super) fn survey(code: u8, reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    match code {
        PACKED => survey_packed(reader, survey),
        ARRAY => survey_array(reader, survey),
        _ => Err(refers_to_nothing(code, reader)),
    }
}

fn survey_packed(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    expect_format(reader, PACKED, 0)?;
    let start = reader.offset();
    let refuse = |error: NotAHash| DecodeError { offset: start, kind: hash::kind_of(error) };
    let (names, values) = (reader.text()?, reader.text()?);
    let mut names = survey.walk(Packed::Listpack, names).map_err(|error| refuse(error.into()))?;
    let mut sequence = Sequence::default();
    while let Some(name) = names.next().map_err(|error| refuse(error.into()))? {
        sequence.take(&mut names, name, &mut |_| ());
        if sequence.shortest_first().is_some_and(std::cmp::Ordering::is_ge) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::TemplateOrder });
        }
    }
    let count = names.count();
    if count == 0 {
        return Err(refuse(NotAHash::Empty));
    }
    survey.walked(names);
    let mut values = survey.walk(Packed::Listpack, values).map_err(|error| refuse(error.into()))?;
    let first = values.next().map_err(|error| refuse(error.into()))?;
    let has_id = first.is_some_and(|first| int_of(&mut values, first).is_some());
    while values.next().map_err(|error| refuse(error.into()))?.is_some() {}
    if has_id && count.checked_add(1) == Some(values.count()) { Ok(()) } else { Err(refuse(NotAHash::Uneven)) }
}

fn survey_array(reader: &mut Reader<'_>, survey: &mut Survey) -> Result<(), DecodeError> {
    expect_format(reader, ARRAY, 1)?;
    let start = reader.offset();
    let count = reader.count(2)?;
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    let mut names = Sequence::default();
    for _ in 0..count {
        let start = reader.offset();
        survey.name(&mut names, reader.text()?);
        if names.shortest_first().is_some_and(std::cmp::Ordering::is_ge) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::TemplateOrder });
        }
    }
    (0..count).try_for_each(|_| reader.text().map(drop))
}

/// A reference says nothing in a payload.
fn refers_to_nothing(code: u8, reader: &Reader<'_>) -> DecodeError {
    DecodeError { offset: reader.offset().saturating_sub(1), kind: DecodeErrorKind::UnsupportedType(code) }
}

/// The hash of a form that brings its names along.
pub(super) fn read(code: u8, reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    match code {
        PACKED => read_packed(reader),
        ARRAY => read_array(reader),
        _ => Err(refers_to_nothing(code, reader)),
    }
}

/// The byte behind the type that says how the template follows.
fn expect_format(reader: &mut Reader<'_>, code: u8, format: u8) -> Result<(), DecodeError> {
    let start = reader.offset();
    if reader.u8()? == format {
        return Ok(());
    }
    Err(DecodeError { offset: start, kind: DecodeErrorKind::UnsupportedType(code) })
}

fn read_packed(reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    expect_format(reader, PACKED, 0)?;
    let start = reader.offset();
    let limits = *reader.encodings();
    let names = reader.string()?;
    let values = reader.string()?;
    let (mut names_room, mut values_room) = (IntText::new(), IntText::new());
    let (names, values) = (names.text(&mut names_room), values.text(&mut values_room));
    let refuse = |kind| DecodeError { offset: start, kind };
    // Two copies, and what becomes of names of two bytes and more with their values.
    reader.afford(
        names.len().saturating_mul(PACKED_NAME_COST).saturating_add(values.len().saturating_mul(PACKED_VALUE_COST)),
    )?;
    let mut hash = Hash::default();
    let mut order = Order::default();
    let mut is_sorted = true;
    value::zip_listpacks(names, values, |name, value| {
        is_sorted &= order.follows(name);
        hash.add(name, value, None, &limits)
    })
    .map_err(|error| refuse(hash::kind_of(error)))?;
    if is_sorted { Ok(hash) } else { Err(refuse(DecodeErrorKind::TemplateOrder)) }
}

fn read_array(reader: &mut Reader<'_>) -> Result<Hash, DecodeError> {
    expect_format(reader, ARRAY, 1)?;
    let start = reader.offset();
    let count = reader.count(2)?;
    if count == 0 {
        return Err(DecodeError { offset: start, kind: DecodeErrorKind::NoElements });
    }
    let limits = *reader.encodings();
    // Names first, then values: the names are read again when their values are known.
    let mut names = reader.clone();
    for _ in 0..count {
        reader.skip_string()?;
    }
    let mut hash = Hash::default();
    hash.expect(count, &limits);
    let mut order = Order::default();
    for _ in 0..count {
        let start = names.offset();
        let (name, value) = (names.string()?, reader.string()?);
        let mut room = IntText::new();
        hash::afford_field(&name, &value, None, reader)?;
        if !order.follows(name.text(&mut room)) {
            return Err(DecodeError { offset: start, kind: DecodeErrorKind::TemplateOrder });
        }
        hash::add(&mut hash, &name, &value, None, &limits)
            .map_err(|_| DecodeError { offset: start, kind: DecodeErrorKind::Duplicate })?;
    }
    Ok(hash)
}

/// The names of a template come shortest first, those of one length by their bytes.
#[derive(Default)]
struct Order {
    last: Option<Vec<u8>>,
}

impl Order {
    /// Whether `name` comes behind all before it.
    fn follows(&mut self, name: &[u8]) -> bool {
        let follows = self.last.as_ref().is_none_or(|last| (last.len(), &last[..]) < (name.len(), name));
        self.last = Some(name.to_vec());
        follows
    }
}
