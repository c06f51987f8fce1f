//! Classes of bytes: `%a` and its like, and sets in brackets.

const ALPHA: u16 = 1;
const CONTROL: u16 = 1 << 1;
const DIGIT: u16 = 1 << 2;
const LOWER: u16 = 1 << 3;
const PUNCTUATION: u16 = 1 << 4;
const SPACE: u16 = 1 << 5;
const UPPER: u16 = 1 << 6;
const HEX: u16 = 1 << 7;
const ZERO: u16 = 1 << 8;

/// The classes of each byte, as C's functions have them in the locale "C".
static BITS: [u16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = bits(byte);
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

const fn bits(byte: u8) -> u16 {
    let mut bits = 0;
    if byte.is_ascii_alphabetic() {
        bits |= ALPHA;
    }
    if byte.is_ascii_control() {
        bits |= CONTROL;
    }
    if byte.is_ascii_digit() {
        bits |= DIGIT;
    }
    if byte.is_ascii_lowercase() {
        bits |= LOWER;
    }
    if byte.is_ascii_punctuation() {
        bits |= PUNCTUATION;
    }
    if matches!(byte, b' ' | 9..=13) {
        bits |= SPACE;
    }
    if byte.is_ascii_uppercase() {
        bits |= UPPER;
    }
    if byte.is_ascii_hexdigit() {
        bits |= HEX;
    }
    if byte == 0 {
        bits |= ZERO;
    }
    bits
}

/// Whether `byte` is what `%name` stands for. A name that is no class stands for itself; an upper-case one for all other bytes.
#[inline]
pub(super) fn is_in_class(byte: u8, name: u8) -> bool {
    let class = match name.to_ascii_lowercase() {
        b'a' => ALPHA,
        b'c' => CONTROL,
        b'd' => DIGIT,
        b'l' => LOWER,
        b'p' => PUNCTUATION,
        b's' => SPACE,
        b'u' => UPPER,
        b'w' => ALPHA | DIGIT,
        b'x' => HEX,
        b'z' => ZERO,
        _ => return byte == name,
    };
    (BITS[usize::from(byte)] & class != 0) == name.is_ascii_lowercase()
}

/// Whether `byte` is in the set whose inside, what stands between the brackets, is `set`.
pub(super) fn is_in_set(byte: u8, set: &[u8]) -> bool {
    let (wanted, mut set) = match set {
        [b'^', rest @ ..] => (false, rest),
        _ => (true, set),
    };
    loop {
        let (is_in, rest) = match set {
            [] => return !wanted,
            [b'%', name, rest @ ..] => (is_in_class(byte, *name), rest),
            [first, b'-', last, rest @ ..] => (*first <= byte && byte <= *last, rest),
            [one, rest @ ..] => (*one == byte, rest),
        };
        if is_in {
            return wanted;
        }
        set = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_read_ranges_classes_and_odd_places_as_lua_does() {
        let members = |set: &[u8]| (0..=255_u8).filter(|byte| is_in_set(*byte, set)).collect::<Vec<_>>();
        assert_eq!(members(b"]"), b"]");
        assert_eq!(members(b"a-c"), b"abc");
        assert_eq!(members(b"a-"), b"-a");
        assert_eq!(members(b"-a"), b"-a");
        assert_eq!(members(b"c-a"), b"");
        // `%` ends a range as itself.
        assert_eq!(members(b"#-%a"), b"#$%a");
        assert_eq!(members(b"%a-"), (b"-".iter().copied().chain(b'A'..=b'Z').chain(b'a'..=b'z')).collect::<Vec<_>>());
        assert_eq!(members(b"^%Z"), b"\0");
        assert_eq!(members(b"%s"), b"\t\n\x0b\x0c\r ");
    }
}
