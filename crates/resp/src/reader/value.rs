//! A reply as an owned tree.

use crate::Reply;

/// One reply of a server. What RESP2 and RESP3 tell apart stays apart, and numbers that are text on the wire stay text: the
/// tools compare servers, so `,0.1` and `,0.10000000000000001` are two answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// `+OK`
    Status(Vec<u8>),
    /// `-ERR no`: code and message.
    Error(Vec<u8>),
    /// `!6\r\nERR no`: an error that may hold line ends. No server of the family sends it.
    BulkError(Vec<u8>),
    /// `:7`
    Int(i64),
    /// `$2\r\nab`
    Bulk(Vec<u8>),
    /// `=6\r\ntxt:ab`
    Verbatim { format: [u8; 3], text: Vec<u8> },
    /// `,0.5`, the text of a valid double.
    Double(Vec<u8>),
    /// `(12`, an integer of any size.
    BigNumber(Vec<u8>),
    /// `#t`
    Bool(bool),
    /// No value, in one of its three forms.
    Null(NullKind),
    /// `*2`
    Array(Vec<Value>),
    /// `%1`
    Map(Vec<(Value, Value)>),
    /// `~2`
    Set(Vec<Value>),
    /// `>2`: answers no command.
    Push(Vec<Value>),
    /// `|1`, pairs, and the value they are said of.
    Attributed { attributes: Vec<(Value, Value)>, value: Box<Value> },
}

/// How the absence of a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NullKind {
    /// `$-1`
    Bulk,
    /// `*-1`
    Array,
    /// `_`
    Resp3,
}

impl Value {
    /// Code and message, if this is an error.
    #[must_use]
    pub fn as_error(&self) -> Option<&[u8]> {
        match self {
            Self::Error(text) | Self::BulkError(text) => Some(text),
            Self::Attributed { value, .. } => value.as_error(),
            Self::Status(_)
            | Self::Int(_)
            | Self::Bulk(_)
            | Self::Verbatim { .. }
            | Self::Double(_)
            | Self::BigNumber(_)
            | Self::Bool(_)
            | Self::Null(_)
            | Self::Array(_)
            | Self::Map(_)
            | Self::Set(_)
            | Self::Push(_) => None,
        }
    }

    /// The bytes of a status, a bulk or a verbatim string, or the text of a number.
    ///
    /// ```
    /// use resp::Value;
    /// assert_eq!(Value::Status(b"OK".to_vec()).as_bytes(), Some(&b"OK"[..]));
    /// assert_eq!(Value::Int(7).as_bytes(), None);
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Status(text) | Self::Bulk(text) | Self::Double(text) | Self::BigNumber(text) => Some(text),
            Self::Verbatim { text, .. } => Some(text),
            Self::Attributed { value, .. } => value.as_bytes(),
            Self::Error(_)
            | Self::BulkError(_)
            | Self::Int(_)
            | Self::Bool(_)
            | Self::Null(_)
            | Self::Array(_)
            | Self::Map(_)
            | Self::Set(_)
            | Self::Push(_) => None,
        }
    }

    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null(_))
    }

    /// Writes the tree as an answer, in the answer's protocol: reading what a `Reply` of the same protocol wrote and writing it
    /// again gives the same bytes.
    pub fn write(&self, reply: &mut Reply<'_>) {
        match self {
            Self::Status(text) => reply.status(text),
            Self::Error(text) | Self::BulkError(text) => reply.error(text),
            Self::Int(int) => reply.int(*int),
            Self::Bulk(bytes) => reply.bulk(bytes),
            Self::Verbatim { format, text } => reply.verbatim(format, text),
            Self::Double(text) => reply.double_text(text),
            Self::BigNumber(digits) => reply.big_number(digits),
            Self::Bool(truth) => reply.bool(*truth),
            Self::Null(NullKind::Array) => reply.null_array(),
            Self::Null(NullKind::Bulk | NullKind::Resp3) => reply.null(),
            Self::Array(items) => {
                reply.array(items.len());
                items.iter().for_each(|item| item.write(reply));
            }
            Self::Set(items) => {
                reply.set(items.len());
                items.iter().for_each(|item| item.write(reply));
            }
            Self::Push(items) => {
                reply.push(items.len());
                items.iter().for_each(|item| item.write(reply));
            }
            Self::Map(pairs) => {
                reply.map(pairs.len());
                write_pairs(pairs, reply);
            }
            Self::Attributed { attributes, value } => {
                if reply.attribute(attributes.len()) {
                    write_pairs(attributes, reply);
                }
                value.write(reply);
            }
        }
    }
}

fn write_pairs(pairs: &[(Value, Value)], reply: &mut Reply<'_>) {
    for (key, value) in pairs {
        key.write(reply);
        value.write(reply);
    }
}
