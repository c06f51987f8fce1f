//! Glob patterns, as KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET and ACL key patterns read them.
//!
//! The language is Redis's own, not a shell's: `?` is one byte, `*` any run of bytes (`/` included), `[...]` one byte of a
//! class, `\x` the byte `x`. Its corners are observable, so they are kept as the servers answer them:
//!
//! - a class without its `]` ends where the pattern ends: `[ab` matches `a`;
//! - a range may run backwards: `[z-a]` is `[a-z]`; in `[a-]` the last byte `]` is the end of the range, not of the class;
//! - `]` straight after `[` or `[^` closes an empty class: `[]` matches nothing, `[^]` any byte;
//! - a lone backslash at the end stands for itself;
//! - an empty text is matched by the empty pattern only, not even by `*` (KEYS and SCAN give a bare `*` a path of its own).
//!
//! Redis tries every split at every star, which takes exponential time for `a*a*a*a*b`; newer ones give up after 1000 stars.
//! Here a mismatch only ever moves the *last* star: whatever an earlier star could still absorb, the last one can absorb as
//! well, so the earlier choice need not be undone. The bound is `pattern.len() * text.len()` steps and no recursion.

/// Whether the whole of `text` matches `pattern`.
///
/// ```
/// use stdx::glob::matches;
/// assert!(matches(b"h[a-e]llo*", b"hello world"));
/// assert!(!matches(b"h[^e]llo", b"hello"));
/// assert!(matches(br"\*", b"*"));
/// ```
#[must_use]
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, |byte| byte)
}

/// As [`matches`], with ASCII letters compared without case: how CONFIG GET matches parameter names.
///
/// ```
/// assert!(stdx::glob::matches_nocase(b"MAX[L-N]*", b"maxmemory"));
/// ```
#[must_use]
pub fn matches_nocase(pattern: &[u8], text: &[u8]) -> bool {
    run(pattern, text, |byte| byte.to_ascii_lowercase())
}

/// Whether `pattern` contains a byte with a meaning of its own; without one, a pattern matches exactly itself.
#[must_use]
pub fn is_literal(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
}

fn run(pattern: &[u8], text: &[u8], fold: impl Fn(u8) -> u8) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let mut rest = pattern;
    let mut left = text;
    // Where to go on after a mismatch: behind the last star, with that star one byte longer.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', after @ ..] = rest {
            if after.is_empty() {
                return true;
            }
            rest = after;
            retry = Some((after, left));
            continue;
        }
        let Some((&byte, left_after)) = left.split_first() else {
            // Text is used up and what remains of the pattern is not a star: giving a star more text cannot help.
            return rest.is_empty();
        };
        if let Some((true, rest_after)) = match_one(rest, fold(byte), &fold) {
            rest = rest_after;
            left = left_after;
            continue;
        }
        let Some((after_star, from)) = retry else { return false };
        let Some((_, longer)) = from.split_first() else { return false };
        retry = Some((after_star, longer));
        rest = after_star;
        left = longer;
    }
}

/// Matches one byte against the first item of `pattern`: whether it fits, and the pattern behind the item. `None` if the
/// pattern is empty.
fn match_one<'p>(pattern: &'p [u8], byte: u8, fold: &impl Fn(u8) -> u8) -> Option<(bool, &'p [u8])> {
    match pattern {
        [] => None,
        [b'?', rest @ ..] => Some((true, rest)),
        [b'[', b'^', class @ ..] => {
            let (found, rest) = match_class(class, byte, fold);
            Some((!found, rest))
        }
        [b'[', class @ ..] => Some(match_class(class, byte, fold)),
        [b'\\', escaped, rest @ ..] => Some((fold(*escaped) == byte, rest)),
        [literal, rest @ ..] => Some((fold(*literal) == byte, rest)),
    }
}

/// Looks for `byte` in the class that begins `class` (behind `[` and `^`), and returns the pattern behind the class.
fn match_class<'p>(class: &'p [u8], byte: u8, fold: &impl Fn(u8) -> u8) -> (bool, &'p [u8]) {
    let mut rest = class;
    let mut found = false;
    loop {
        rest = match rest {
            [] => return (found, rest),
            [b'\\', escaped, after @ ..] => {
                found |= fold(*escaped) == byte;
                after
            }
            [b']', after @ ..] => return (found, after),
            [start, b'-', end, after @ ..] => {
                // Redis orders the ends first and folds their case second, which a nocase range can tell.
                let (low, high) = if start <= end { (start, end) } else { (end, start) };
                found |= (fold(*low)..=fold(*high)).contains(&byte);
                after
            }
            [literal, after @ ..] => {
                found |= fold(*literal) == byte;
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{is_literal, matches, matches_nocase};

    #[test]
    fn each_item_matches_what_redis_says_it_does() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", false),
            ("*", "abc", true),
            ("**a", "cba", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*", "a", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("[abc]", "b", true),
            ("[^abc]", "b", false),
            ("[^abc]", "d", true),
            ("[a-c]x", "bx", true),
            ("[c-a]x", "bx", true),
            ("[]", "]", false),
            ("[]a", "a", false),
            ("[^]", "q", true),
            ("[ab", "a", true),
            ("[ab", "c", false),
            ("[^ab", "c", true),
            ("[", "[", false),
            ("[^", "q", true),
            ("[a-]", "a", true),
            ("[a-]", "^", true),
            ("[a-]", "-", false),
            ("[\\]]", "]", true),
            ("[\\a-c]", "b", false),
            ("[a-\\]x", "b", false),
            ("a\\", "a\\", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("\\\\", "\\", true),
            ("[a\\", "\\", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} against {text}");
        }
    }

    #[test]
    fn nocase_folds_text_literals_and_ranges() {
        assert!(matches_nocase(b"AbC", b"aBc"));
        assert!(matches_nocase(b"[A-C]", b"b"));
        assert!(matches_nocase(b"[a-c]", b"B"));
        assert!(matches_nocase(b"\\A", b"a"));
        assert!(!matches(b"[A-C]", b"b"));
    }

    #[test]
    fn a_hundred_stars_against_a_long_text_end_at_once() {
        let mut pattern = b"a*".repeat(100);
        pattern.push(b'b');
        let text = b"a".repeat(10_000);
        assert!(!matches(&pattern, &text));
        pattern.pop();
        assert!(matches(&pattern, &text));
    }

    #[test]
    fn only_a_pattern_without_special_bytes_is_literal() {
        assert!(is_literal(b"user:1000"));
        for pattern in [&b"a*"[..], b"?", b"[a]", b"\\a"] {
            assert!(!is_literal(pattern));
        }
    }

    /// The definition, exponential and obviously right, on small alphabets.
    fn model(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], _) => text.is_empty(),
            ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| model(rest, &text[taken..])),
            (_, []) => false,
            ([b'?', rest @ ..], [_, left @ ..]) => model(rest, left),
            ([literal, rest @ ..], [byte, left @ ..]) => literal == byte && model(rest, left),
        }
    }

    #[test]
    fn every_small_pattern_agrees_with_the_definition() {
        fn words(alphabet: &[u8], longest: usize) -> Vec<Vec<u8>> {
            let mut all = vec![Vec::new()];
            let mut from = 0;
            for _ in 0..longest {
                let until = all.len();
                for at in from..until {
                    for &byte in alphabet {
                        let mut word = all[at].clone();
                        word.push(byte);
                        all.push(word);
                    }
                }
                from = until;
            }
            all
        }
        let texts = words(b"ab", 5);
        for pattern in words(b"ab*?", 5) {
            for text in texts.iter().filter(|text| !text.is_empty()) {
                assert_eq!(matches(&pattern, text), model(&pattern, text), "{pattern:?} {text:?}");
            }
        }
    }
}
