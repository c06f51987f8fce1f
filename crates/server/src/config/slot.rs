//! Where a parameter's value lives: two accessors of a field of [`Settings`], written as `at!(group.field)`.
//!
//! A slot speaks the type of its kind (every integer is an `i64`, every choice an index), a field the type that suits its
//! readers; [`Stored`] stands between the two.

use super::settings::Settings;
use super::value::MemoryLimit;

/// A value's two accessors.
#[derive(Debug)]
pub struct Slot<T> {
    pub(super) get: fn(&Settings) -> T,
    pub(super) set: fn(&mut Settings, T),
}

/// An index into the names of a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick(pub usize);

/// How a field's type stands for a slot's.
pub(super) trait Stored<T> {
    fn load(&self) -> T;
    fn store(value: T) -> Self;
}

macro_rules! stored_int {
    ($($int:ty),*) => {$(
        impl Stored<i64> for $int {
            fn load(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
            /// The row's range lies inside the type; a row that forgets so saturates.
            fn store(value: i64) -> Self {
                Self::try_from(value).unwrap_or(if value < 0 { Self::MIN } else { Self::MAX })
            }
        }
    )*};
}
stored_int!(u16, u32, u64, usize, i32, i64);

macro_rules! stored_as_is {
    ($($type:ty),*) => {$(
        impl Stored<$type> for $type {
            fn load(&self) -> $type {
                self.clone()
            }
            fn store(value: $type) -> Self {
                value
            }
        }
    )*};
}
stored_as_is!(bool, u32, u64, MemoryLimit, Vec<u8>);

impl Stored<Vec<u8>> for String {
    fn load(&self) -> Vec<u8> {
        self.clone().into_bytes()
    }
    fn store(value: Vec<u8>) -> Self {
        Self::from_utf8_lossy(&value).into_owned()
    }
}

impl Stored<Vec<u8>> for std::path::PathBuf {
    fn load(&self) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        self.as_os_str().as_bytes().to_vec()
    }
    fn store(value: Vec<u8>) -> Self {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(value).into()
    }
}

/// The empty text is no path.
impl Stored<Vec<u8>> for Option<std::path::PathBuf> {
    fn load(&self) -> Vec<u8> {
        self.as_ref().map(Stored::load).unwrap_or_default()
    }
    fn store(value: Vec<u8>) -> Self {
        if value.is_empty() { None } else { Some(Stored::store(value)) }
    }
}

/// The slot of a field of [`Settings`].
macro_rules! at {
    ($group:ident $(. $field:ident)+) => {
        Some($crate::config::slot::Slot {
            get: |settings| $crate::config::slot::Stored::load(&settings.$group$(.$field)+),
            set: |settings, value| settings.$group$(.$field)+ = $crate::config::slot::Stored::store(value),
        })
    };
}
pub(super) use at;
