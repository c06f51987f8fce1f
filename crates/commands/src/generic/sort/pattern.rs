//! Patterns of BY and GET: a key's name with an element in place of `*`, and perhaps a field of the hash there.
//!
//! ```text
//! weight_*            the string under weight_ELEMENT
//! object_*->price     field `price` of the hash under object_ELEMENT
//! #                   the element itself
//! ```

use keyspace::Db;
use stdx::num::IntText;
use value::{Hash, StringRef, ValueRef};

use command_api::Args;

/// A pattern, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pattern<'a> {
    Element,
    /// What stands in front of and behind the star, and the field.
    Key {
        prefix: &'a [u8],
        postfix: &'a [u8],
        field: Option<&'a [u8]>,
    },
    /// Without a star it names no key at all, be there one of that name or not.
    Nothing,
}

impl<'a> Pattern<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Self {
        if text == b"#" {
            return Self::Element;
        }
        let Some(star) = text.iter().position(|byte| *byte == b'*') else { return Self::Nothing };
        let (prefix, rest) = (&text[..star], &text[star + 1..]);
        let arrow = rest.windows(2).position(|pair| pair == b"->").filter(|at| at + 2 < rest.len());
        match arrow {
            Some(at) => Self::Key { prefix, postfix: &rest[..at], field: Some(&rest[at + 2..]) },
            None => Self::Key { prefix, postfix: rest, field: None },
        }
    }

    /// What the pattern finds for `element`, as text.
    pub(super) fn find(self, db: &Db<'_>, args: &Args<'_>, element: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Element => Some(element.to_vec()),
            Self::Nothing => None,
            Self::Key { prefix, postfix, field } => {
                let name = [prefix, element, postfix].concat();
                let entry = db.lookup(args.key_of(&name))?;
                match (entry.value(), field) {
                    (ValueRef::String(string), None) => Some(text_of(string)),
                    (ValueRef::Hash(hash), Some(field)) => field_of(hash, field, db),
                    _ => None,
                }
            }
        }
    }
}

fn text_of(string: StringRef<'_>) -> Vec<u8> {
    string.bytes(&mut IntText::new()).to_vec()
}

fn field_of(hash: &Hash, field: &[u8], db: &Db<'_>) -> Option<Vec<u8>> {
    hash.get_live(field, db.now()).map(|value| value.to_vec())
}
