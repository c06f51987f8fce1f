//! Ids of stream entries: `1526919030474-55`, milliseconds and a sequence number, each 64 bits.
//!
//! They are ordered by both in turn. Their sixteen bytes, big-endian, sort alike, which is why the servers use those as keys and
//! why dumps hold them.

/// The id of an entry.
///
/// ```
/// use value::StreamId;
/// let id = StreamId::new(5, 1);
/// assert_eq!(id.text().as_bytes(), b"5-1");
/// assert_eq!(StreamId::from_bytes(id.to_bytes()), id);
/// assert!(id < StreamId::new(5, 2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Since 1970, if the server chose it.
    pub ms: u64,
    pub seq: u64,
}

impl StreamId {
    /// Never an entry's: the place in front of all.
    pub const ZERO: Self = Self { ms: 0, seq: 0 };
    pub const MAX: Self = Self { ms: u64::MAX, seq: u64::MAX };

    #[must_use]
    pub const fn new(ms: u64, seq: u64) -> Self {
        Self { ms, seq }
    }

    /// The id that follows; `None` behind the last.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match (self.ms, self.seq) {
            (u64::MAX, u64::MAX) => None,
            (ms, u64::MAX) => Some(Self::new(ms + 1, 0)),
            (ms, seq) => Some(Self::new(ms, seq + 1)),
        }
    }

    /// The id in front; `None` before the first.
    #[must_use]
    pub const fn prev(self) -> Option<Self> {
        match (self.ms, self.seq) {
            (0, 0) => None,
            (ms, 0) => Some(Self::new(ms - 1, u64::MAX)),
            (ms, seq) => Some(Self::new(ms, seq - 1)),
        }
    }

    /// Both numbers, big-endian.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.ms.to_be_bytes());
        bytes[8..].copy_from_slice(&self.seq.to_be_bytes());
        bytes
    }

    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
        Self::new(u64::from_be_bytes([a, b, c, d, e, f, g, h]), u64::from_be_bytes([i, j, k, l, m, n, o, p]))
    }

    /// As commands write it.
    #[must_use]
    pub fn text(self) -> IdText {
        let mut text = IdText { bytes: [0; ID_TEXT_BYTES], len: 0 };
        text.push_number(self.ms);
        text.push(b'-');
        text.push_number(self.seq);
        text
    }

    /// The id `ms-seq`; of `ms` alone, with the sequence number `missing_seq`.
    ///
    /// ```
    /// use value::StreamId;
    /// assert_eq!(StreamId::parse(b"7-2", 0), Some(StreamId::new(7, 2)));
    /// assert_eq!(StreamId::parse(b"7", 9), Some(StreamId::new(7, 9)));
    /// assert_eq!(StreamId::parse(b"7-", 9), None);
    /// ```
    #[must_use]
    pub fn parse(text: &[u8], missing_seq: u64) -> Option<Self> {
        match text.iter().position(|byte| *byte == b'-') {
            Some(dash) => Some(Self::new(parse_number(&text[..dash])?, parse_number(&text[dash + 1..])?)),
            None => Some(Self::new(parse_number(text)?, missing_seq)),
        }
    }

    /// The milliseconds of `ms-*`: the server is to choose the sequence number.
    #[must_use]
    pub fn parse_ms_of_auto(text: &[u8]) -> Option<u64> {
        parse_number(text.strip_suffix(b"-*")?)
    }
}

/// A number of an id. The servers take what C's `strtoull` takes: white space and a plus sign in front, and leading zeros.
fn parse_number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let digits = text.strip_prefix(b"+").unwrap_or(text);
    if digits.is_empty() || digits.len() > 100 {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Two numbers of up to twenty digits, and the dash.
const ID_TEXT_BYTES: usize = 41;

/// The text of an id.
#[derive(Clone, Copy, Debug)]
pub struct IdText {
    bytes: [u8; ID_TEXT_BYTES],
    len: usize,
}

impl IdText {
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn push_number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = number;
        loop {
            start -= 1;
            let [digit, ..] = (rest % 10).to_le_bytes();
            digits[start] = b'0' + digit;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        for digit in &digits[start..] {
            self.push(*digit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StreamId;

    #[test]
    fn ids_are_read_as_the_servers_read_them() {
        for (text, expected) in [
            (&b"0"[..], Some((0, 77))),
            (b"5-1", Some((5, 1))),
            (b"05-007", Some((5, 7))),
            (b"+5-+7", Some((5, 7))),
            (b" 5", Some((5, 77))),
            (b"18446744073709551615-18446744073709551615", Some((u64::MAX, u64::MAX))),
            (b"18446744073709551616-0", None),
            (b"", None),
            (b"-", None),
            (b"+", None),
            (b"-1", None),
            (b"5-", None),
            (b"5--1", None),
            (b"5-1-2", None),
            (b"5-*", None),
            (b"5 ", None),
            (b"(5", None),
            (b"x", None),
        ] {
            let expected = expected.map(|(ms, seq)| StreamId::new(ms, seq));
            assert_eq!(StreamId::parse(text, 77), expected, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(StreamId::parse_ms_of_auto(b"5-*"), Some(5));
        assert_eq!(StreamId::parse_ms_of_auto(b"-*"), None);
        assert_eq!(StreamId::parse_ms_of_auto(b"5-1*"), None);
    }

    #[test]
    fn ids_print_and_step() {
        assert_eq!(StreamId::MAX.text().as_bytes(), b"18446744073709551615-18446744073709551615");
        assert_eq!(StreamId::ZERO.text().as_bytes(), b"0-0");
        assert_eq!(StreamId::new(1, u64::MAX).next(), Some(StreamId::new(2, 0)));
        assert_eq!(StreamId::new(2, 0).prev(), Some(StreamId::new(1, u64::MAX)));
        assert_eq!(StreamId::MAX.next(), None);
        assert_eq!(StreamId::ZERO.prev(), None);
    }
}
