//! List: not written yet.

use value::{List, Value};

use crate::dialect::Target;
use crate::reader::Reader;
use crate::writer::Writer;
use crate::{DecodeError, DecodeErrorKind, EncodeError, Stamp};

pub(super) fn read(code: u8, _stamp: Stamp, reader: &mut Reader<'_>) -> Result<Value, DecodeError> {
    Err(DecodeError { offset: reader.offset().saturating_sub(1), kind: DecodeErrorKind::UnsupportedType(code) })
}

pub(super) fn write(_value: &List, target: Target, _writer: &mut Writer<'_>) -> Result<(), EncodeError> {
    Err(EncodeError { feature: "this type", dialect: target.dialect })
}

pub(super) fn least_stamp(_value: &List) -> u16 {
    1
}
