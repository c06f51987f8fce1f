//! Search for text that is no pattern, in linear time.

use memchr::memmem;

/// Whether the pattern, up to its first NUL as Lua reads it, has nothing special.
pub(crate) fn is_plain(pattern: &[u8]) -> bool {
    pattern.iter().take_while(|byte| **byte != 0).all(|byte| !b"^$*+?.([%-".contains(byte))
}

/// Where `needle` first stands in `subject` at or after `from`.
pub(crate) fn find_plain(subject: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    memmem::find(subject.get(from..)?, needle).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_found_from_where_the_search_begins() {
        assert_eq!(find_plain(b"abcabc", b"bc", 2), Some(4));
        assert_eq!(find_plain(b"abc", b"", 3), Some(3));
        assert_eq!(find_plain(b"abc", b"", 4), None);
        assert_eq!(find_plain(b"abc", b"abcd", 0), None);
    }

    #[test]
    fn only_what_stands_before_a_nul_makes_a_pattern_special() {
        assert!(is_plain(b"a]b)\0.*"));
        assert!(!is_plain(b"a-\0"));
    }
}
