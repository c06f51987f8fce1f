//! How arrays are cut into slices, and when a slice changes its form.

use crate::config::param::{Arity, I64_MAX, Kind, Param, Setting};
use crate::config::settings::Settings;
use crate::config::value::{self, Reason};

pub(super) const TABLE: &[Param] = &[
    Param::of(
        "array-slice-size",
        "4096",
        Kind::Custom {
            words: Arity::One,
            get: |settings| settings.encodings.array_slice_size.to_string().into(),
            set: set_slice_size,
        },
    ),
    Param::of(
        "array-sparse-kmax",
        "10",
        Kind::Custom {
            words: Arity::One,
            get: |settings| settings.encodings.array_sparse_kmax.to_string().into(),
            set: set_kmax,
        },
    ),
    Param::of(
        "array-sparse-kmin",
        "5",
        Kind::Custom {
            words: Arity::One,
            get: |settings| settings.encodings.array_sparse_kmin.to_string().into(),
            set: set_kmin,
        },
    ),
];

fn set_slice_size(settings: &mut Settings, words: &[&[u8]], _setting: Setting) -> Result<(), Reason> {
    let size = count(words, 1)?;
    if !size.is_power_of_two() {
        return Err("array-slice-size must be a power of two".into());
    }
    settings.encodings.array_slice_size = size;
    Ok(())
}

// The two are held against each other only where both are known: in a file the second may still follow.

fn set_kmax(settings: &mut Settings, words: &[&[u8]], setting: Setting) -> Result<(), Reason> {
    let kmax = count(words, 0)?;
    if setting == Setting::Runtime && kmax > 0 && kmax <= settings.encodings.array_sparse_kmin {
        return Err("array-sparse-kmax must be greater than array-sparse-kmin when non-zero".into());
    }
    settings.encodings.array_sparse_kmax = kmax;
    Ok(())
}

fn set_kmin(settings: &mut Settings, words: &[&[u8]], setting: Setting) -> Result<(), Reason> {
    let kmin = count(words, 0)?;
    let kmax = settings.encodings.array_sparse_kmax;
    if setting == Setting::Runtime && kmax > 0 && kmin >= kmax {
        return Err("array-sparse-kmin must be less than array-sparse-kmax".into());
    }
    settings.encodings.array_sparse_kmin = kmin;
    Ok(())
}

fn count(words: &[&[u8]], least: i64) -> Result<u64, Reason> {
    let word = words.first().copied().unwrap_or_default();
    Ok(value::parse_int(word, least, I64_MAX)?.unsigned_abs())
}
