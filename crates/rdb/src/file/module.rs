//! Values of modules: their owner's name, and how to get past them without it.
//!
//! ```text
//! 07 | 81 5a 09 ... (module id) | 02 05 | 05 03 61 62 63 | 00
//!                                 an unsigned 5, a string "abc", the end
//! ```
//!
//! A module writes its value as a sequence of marked numbers and strings, so its end can be found by anybody.
//!
//! Redis from 8.6 on lets modules note something of any key, in front of its type byte in files and payloads alike:
//!
//! ```text
//! f3 | 01 | 01 02 03 04      | 02 05 | 00 | 00 ...
//!      one   class: name,      5       end  the type byte of the key
//!            version, flags
//! ```
//!
//! A flag of the class tells whether Redis may pass such a note over when the module is missing. How the four bytes are divided is
//! not documented, so the flag is not looked at: notes are passed over and told, or refused if the options say so.

use std::fmt;

use crate::reader::Reader;
use crate::{DecodeError, DecodeErrorKind};

const END: u64 = 0;
const SIGNED: u64 = 1;
const UNSIGNED: u64 = 2;
const FLOAT: u64 = 3;
const DOUBLE: u64 = 4;
const STRING: u64 = 5;

/// The 64-bit name of a module's type: nine characters of six bits, and ten bits of version.
///
/// ```
/// // The vector sets of Redis 8.
/// let id = rdb::ModuleId(0x_bd_e7_2d_ad_2c_ae_c0_01);
/// assert_eq!(id.version(), 1);
/// assert_eq!(id.name().len(), 9);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleId(pub u64);

impl ModuleId {
    #[must_use]
    pub fn name(self) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        (0..9_u32)
            .map(|at| {
                let shift = 58_u32.saturating_sub(at.saturating_mul(6));
                let index = usize::try_from(self.0 >> shift & 63).unwrap_or(0);
                char::from(ALPHABET.get(index).copied().unwrap_or(b'?'))
            })
            .collect()
    }

    #[must_use]
    pub const fn version(self) -> u64 {
        self.0 & 1023
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} version {}", self.name(), self.version())
    }
}

/// Gets past what modules noted of a key, behind the opcode; returns how many pieces there are.
pub(crate) fn skip_key_metadata(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    const CLASS_BYTES: usize = 4;
    let count = reader.count(CLASS_BYTES.saturating_add(1))?;
    for _ in 0..count {
        reader.take(CLASS_BYTES)?;
        skip_value(reader)?;
    }
    Ok(count as u64)
}

/// Gets past a module's value, behind its id.
pub(super) fn skip_value(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    loop {
        let start = reader.offset();
        match reader.length()? {
            END => return Ok(()),
            SIGNED | UNSIGNED => drop(reader.length()?),
            FLOAT => drop(reader.take(4)?),
            DOUBLE => drop(reader.take(8)?),
            STRING => reader.skip_string()?,
            other => {
                let kind = DecodeErrorKind::UnknownModuleMark(other);
                return Err(DecodeError { offset: start, kind });
            }
        }
    }
}
