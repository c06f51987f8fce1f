//! ARGREP's RE: extended regular expressions of POSIX, as the TRE library reads them, over bytes.
//!
//! The engine is the `regex` crate: linear in the text, bounded in memory, so that no pattern can hold up a server. It has the
//! same operators; what it reads otherwise is rewritten here:
//!
//! ```text
//! [a\]        a class of `a` and the backslash    [\x5c\x61]
//! [[:alpha:]_-]                                   [\x2d\x41-\x5a\x5f\x61-\x7a]
//! \.  \/                                          \x2e  \x2f
//! \Q..\E      the text as it is                   \x2e\x2e
//! \1          what a group matched                refused: no bounded engine can have it
//! ```
//!
//! Bytes, not characters: `.` is one byte (a line break too), letters and case are those of ASCII.

use std::fmt::Write as _;

use regex::bytes::{Regex, RegexBuilder};

/// A longer pattern is refused before it is looked at.
const MAX_PATTERN_BYTES: usize = 16 * 1024;
/// Memory of a compiled pattern.
const MAX_PROGRAM_BYTES: usize = 512 * 1024;
/// Memory of what it learns while it runs.
const MAX_CACHE_BYTES: usize = 256 * 1024;
const MAX_NESTING: u32 = 100;

/// Compiles `pattern`; `None` if it is none.
pub(super) fn compile(pattern: &[u8], nocase: bool) -> Option<Regex> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return None;
    }
    RegexBuilder::new(&translate(pattern)?)
        .unicode(false)
        .case_insensitive(nocase)
        .dot_matches_new_line(true)
        .nest_limit(MAX_NESTING)
        .size_limit(MAX_PROGRAM_BYTES)
        .dfa_size_limit(MAX_CACHE_BYTES)
        .build()
        .ok()
}

fn translate(mut pattern: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    while let Some((&byte, rest)) = pattern.split_first() {
        pattern = match byte {
            b'[' => class(rest, &mut out)?,
            b'\\' => escape(rest, &mut out)?,
            b'.' | b'*' | b'+' | b'?' | b'^' | b'$' | b'(' | b')' | b'{' | b'}' | b'|' => {
                out.push(char::from(byte));
                rest
            }
            // What stands in braces, and after `(?`.
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b',' | b':' | b'-' | b' ' | b'_' => {
                out.push(char::from(byte));
                rest
            }
            literal => {
                push_byte(&mut out, literal);
                rest
            }
        };
    }
    Some(out)
}

/// A backslash was read.
fn escape<'a>(rest: &'a [u8], out: &mut String) -> Option<&'a [u8]> {
    let (&byte, after) = rest.split_first()?;
    match byte {
        b'1'..=b'9' => return None,
        b'Q' => {
            let end = memchr::memmem::find(after, br"\E");
            let (text, behind) = after.split_at(end.unwrap_or(after.len()));
            text.iter().for_each(|&byte| push_byte(out, byte));
            return Some(behind.get(2..).unwrap_or_default());
        }
        b'e' => push_byte(out, 0x1b),
        b'w' | b'W' | b's' | b'S' | b'd' | b'D' | b'b' | b'B' | b'<' | b'>' | b't' | b'n' | b'r' | b'f' | b'a'
        | b'x' => {
            out.push('\\');
            out.push(char::from(byte));
        }
        literal => push_byte(out, literal),
    }
    Some(after)
}

/// A bracket was read: the set up to its end, as ranges of bytes.
fn class<'a>(mut rest: &'a [u8], out: &mut String) -> Option<&'a [u8]> {
    let negated = rest.first() == Some(&b'^');
    rest = rest.get(usize::from(negated)..)?;
    let mut set = [false; 256];
    let mut is_first = true;
    loop {
        if !is_first && let [b']', after @ ..] = rest {
            rest = after;
            break;
        }
        is_first = false;
        if let [b'[', b':', after @ ..] = rest {
            let end = memchr::memmem::find(after, b":]")?;
            let contains = named(after.get(..end)?)?;
            (0..=u8::MAX).zip(&mut set).for_each(|(byte, is_in)| *is_in |= contains(&byte));
            rest = after.get(end + 2..)?;
            continue;
        }
        let (low, after) = member(rest)?;
        let (high, after) = match after {
            [b'-', next, ..] if *next != b']' => member(after.get(1..)?)?,
            _ => (low, after),
        };
        if low > high {
            return None;
        }
        set.get_mut(usize::from(low)..=usize::from(high))?.fill(true);
        rest = after;
    }
    out.push_str(if negated { "[^" } else { "[" });
    for (byte, _) in (0..=u8::MAX).zip(set).filter(|(_, is_in)| *is_in) {
        push_byte(out, byte);
    }
    out.push(']');
    Some(rest)
}

/// One byte of a class, or one that is named: `[.-.]`, `[=a=]`.
fn member(rest: &[u8]) -> Option<(u8, &[u8])> {
    match rest {
        [b'[', b'.', byte, b'.', b']', after @ ..] | [b'[', b'=', byte, b'=', b']', after @ ..] => Some((*byte, after)),
        [b'[', b'.' | b'=', ..] | [] => None,
        [byte, after @ ..] => Some((*byte, after)),
    }
}

fn named(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

fn push_byte(out: &mut String, byte: u8) {
    // Writing to a string does not fail.
    let _ = write!(out, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::compile;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let regex = compile(pattern.as_bytes(), false).unwrap_or_else(|| panic!("{pattern} is refused"));
        for text in yes {
            assert!(regex.is_match(text.as_bytes()), "{pattern} {text}");
        }
        for text in no {
            assert!(!regex.is_match(text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn operators_are_those_of_posix() {
        check("^(a|bc)+d?$", &["a", "bca", "aad"], &["", "d", "abd "]);
        check("a{2,3}$", &["aa", "baaa"], &["a", "ab"]);
        check("a.c", &["abc", "a\nc"], &["ac"]);
        check("", &["", "x"], &[]);
        check("^$", &[""], &["\n", "x"]);
    }

    #[test]
    fn a_class_is_a_set_of_bytes_without_escapes() {
        check(r"^[a\]$", &["a", "\\"], &["b"]);
        check("^[]x]$", &["]", "x"], &["["]);
        check("^[^]x]$", &["a", "\n"], &["]", "x", ""]);
        check("^[a-c-]$", &["a", "b", "-"], &["d"]);
        check("^[[:digit:][:upper:]_]+$", &["A_9"], &["a", ""]);
        check("^[[.-.]-/]$", &["-", ".", "/"], &["0"]);
        check("^[a&&b~~-]$", &["a", "&", "~", "-"], &["c"]);
    }

    #[test]
    fn escapes_are_literals_or_classes() {
        check(r"^\.\*\/\[$", &[".*/["], &["x*/["]);
        check(r"^\w\s\d$", &["a 1"], &["aa1"]);
        check(r"^\Qa.b|c\E+$", &["a.b|c", "a.b|cc"], &["axb|c"]);
        check(r"\<ab\>", &["x ab y"], &["xab"]);
        check(r"^\x41$", &["A"], &["x41"]);
    }

    #[test]
    fn case_is_ignored_on_demand() {
        let regex = compile(b"^[a-c]x[^y]$", true).unwrap();
        assert!(regex.is_match(b"BXz"));
        assert!(!regex.is_match(b"BXY"));
    }

    #[test]
    fn any_byte_may_stand_in_a_pattern() {
        let regex = compile(b"^\xff[\x80-\xfe]\x00#$", false).unwrap();
        assert!(regex.is_match(b"\xff\x90\x00#"));
    }

    #[test]
    fn bad_and_boundless_patterns_are_refused() {
        for pattern in ["(", "a)", "[", "[]", "[a", "[b-a]", "[[:nope:]]", "[[.ab.]]", "*", "a{3,2}", r"(a)\1", "\\"] {
            assert!(compile(pattern.as_bytes(), false).is_none(), "{pattern}");
        }
        assert!(compile(b"((a{100}){100}){100}", false).is_none());
        assert!(compile("(".repeat(5000).as_bytes(), false).is_none());
        assert!(compile(&[b'a'; super::MAX_PATTERN_BYTES + 1], false).is_none());
    }

    #[test]
    fn any_pattern_is_taken_or_refused() {
        arbtest::arbtest(|u| {
            let pattern: Vec<u8> = u.arbitrary()?;
            let text: Vec<u8> = u.arbitrary()?;
            if let Some(regex) = compile(&pattern, u.arbitrary()?) {
                let _ = regex.is_match(&text);
            }
            Ok(())
        })
        .budget_ms(300);
    }
}
