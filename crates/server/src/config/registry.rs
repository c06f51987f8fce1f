//! All parameters, by name.

use std::sync::LazyLock;

use super::param::Param;
use super::params::TABLES;

/// Every name, aliases too, sorted.
static NAMES: LazyLock<Vec<(&'static str, &'static Param)>> = LazyLock::new(|| {
    let mut names: Vec<_> = params().flat_map(|param| param.names().map(move |name| (name, param))).collect();
    names.sort_unstable_by_key(|(name, _)| *name);
    names
});

/// Every parameter, a subsystem after the other.
pub fn params() -> impl Iterator<Item = &'static Param> {
    TABLES.iter().copied().flatten()
}

/// Every name with its parameter, in alphabetical order.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static Param)> {
    NAMES.iter().copied()
}

/// The parameter called `name`, in any case.
///
/// ```
/// assert_eq!(server::config::find(b"SLAVE-priority").unwrap().name, "replica-priority");
/// ```
#[must_use]
pub fn find(name: &[u8]) -> Option<&'static Param> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let index = NAMES.binary_search_by_key(&name.as_str(), |(known, _)| *known).ok()?;
    NAMES.get(index).map(|(_, param)| *param)
}

/// The known name most like `name`, if one is close: what the user may have meant.
pub(super) fn nearest<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let name = name.to_ascii_lowercase().replace('_', "-");
    // One letter in three may be wrong: `prot` is `port`, but `foo` is not `hz`.
    let bound = (name.len() / 3).clamp(1, 5);
    let visible = names().filter(|(_, param)| !param.flags.hidden).map(|(known, _)| known);
    let near = visible.chain(others).map(|known| (distance(name.as_bytes(), known.as_bytes()), known));
    near.filter(|(distance, _)| *distance <= bound).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters to add, drop, replace or swap to make `b` of `a`.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before_last = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &right) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(left != right);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_by_alias() {
        assert_eq!(find(b"MaxMemory").unwrap().name, "maxmemory");
        assert_eq!(find(b"io-threads").unwrap().name, "threads");
        assert!(find(b"maxmemory ").is_none() && find(b"").is_none() && find(b"\xff").is_none());
    }

    #[test]
    fn no_two_rows_share_a_name() {
        let names: Vec<_> = names().map(|(name, _)| name).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
        assert!(names.iter().all(|name| *name == name.to_ascii_lowercase()));
    }

    #[test]
    fn the_nearest_name_is_a_slip_away() {
        for (slip, meant) in [
            ("prot", "port"),
            ("max-memory", "maxmemory"),
            ("MAXMEMORY_POLICY", "maxmemory-policy"),
            ("incldue", "include"),
        ] {
            assert_eq!(nearest(slip, ["include"]), Some(meant), "{slip}");
        }
        for far in ["", "foo", "vm-enabled", "x"] {
            assert_eq!(nearest(far, []), None, "{far}");
        }
    }

    #[test]
    fn distance_counts_edits() {
        for (a, b, edits) in [("", "abc", 3), ("abc", "abc", 0), ("prot", "port", 1), ("kitten", "sitting", 3)] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes()), edits, "{a} {b}");
        }
    }
}
