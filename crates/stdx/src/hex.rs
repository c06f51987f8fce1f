//! Bytes as hexadecimal text: digests, and the names that are made of them.

/// The bytes as lower-case digits, two for each.
///
/// ```
/// assert_eq!(&stdx::hex::<4>(&[0x0b, 0xf0]), b"0bf0");
/// ```
///
/// # Panics
/// When `DIGITS` is not twice the number of bytes.
#[must_use]
pub fn hex<const DIGITS: usize>(bytes: &[u8]) -> [u8; DIGITS] {
    const NAMES: &[u8; 16] = b"0123456789abcdef";
    assert_eq!(bytes.len() * 2, DIGITS, "two digits for each byte");
    let mut digits = [0; DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = NAMES[usize::from(byte >> 4)];
        pair[1] = NAMES[usize::from(byte & 15)];
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn every_byte_has_the_two_digits_that_are_read_back_as_it() {
        for byte in 0..=u8::MAX {
            let digits = hex::<2>(&[byte]);
            let text = std::str::from_utf8(&digits).unwrap();
            assert_eq!((u8::from_str_radix(text, 16), text), (Ok(byte), &*text.to_ascii_lowercase()));
        }
        assert_eq!(hex::<16>(&0x0123_4567_89ab_cdef_u64.to_be_bytes()), *b"0123456789abcdef");
        assert_eq!(hex::<0>(&[]), []);
    }
}
