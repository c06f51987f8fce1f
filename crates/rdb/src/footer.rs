//! The frame of a payload: two bytes of stamp and eight of CRC-64 behind the body, both little-endian.
//!
//! ```text
//! body ... | 0a 00 | 6e 9f 57 45 0e ae 63 bb
//!            stamp   CRC-64/REDIS of everything in front of it, the stamp included
//! ```
//!
//! DUMP and FUNCTION DUMP share it. The stamp is read before anything in front of it, since it says whose bytes those are.

use crc_fast::CrcAlgorithm;

use crate::{FrameError, RestoreOptions, Stamp, diagnose};

/// Bytes of the footer.
pub const FOOTER_BYTES: usize = 10;

/// Closes a payload: `out[start..]` is its body, and the footer is appended.
///
/// ```
/// let mut payload = b"\x00\xc0\x0a".to_vec();
/// rdb::append_footer(&mut payload, 0, rdb::Stamp::new(10).unwrap());
/// assert_eq!(payload, b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb");
/// ```
pub fn append_footer(out: &mut Vec<u8>, start: usize, stamp: Stamp) {
    out.extend_from_slice(&stamp.number().to_le_bytes());
    let crc = checksum(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&crc.to_le_bytes());
}

/// Checks a payload's frame, and returns its body and stamp.
///
/// # Errors
/// If the payload is too short, its stamp is unknown, or its checksum is wrong; the error says why that may be so.
pub fn check_footer(payload: &[u8], options: RestoreOptions) -> Result<(&[u8], Stamp), FrameError> {
    let Some((sealed, &crc)) = payload.split_last_chunk::<8>() else { return Err(truncated(payload)) };
    let Some((body, &stamp)) = sealed.split_last_chunk::<2>() else { return Err(truncated(payload)) };
    let omitted = u64::from_le_bytes(crc) == 0;
    let excused = omitted && options.allow_omitted_checksum;
    if !excused && !is_sealed(payload) {
        return Err(if omitted { FrameError::ChecksumOmitted } else { diagnose::checksum(payload) });
    }
    let stamp = u16::from_le_bytes(stamp);
    match Stamp::new(stamp) {
        Ok(stamp) => Ok((body, stamp)),
        Err(vendor) => Err(FrameError::NewerStamp { stamp, vendor }),
    }
}

/// Whether the last eight bytes are the checksum of the others.
pub(crate) fn is_sealed(payload: &[u8]) -> bool {
    payload.split_last_chunk::<8>().is_some_and(|(sealed, &crc)| checksum(sealed) == u64::from_le_bytes(crc))
}

fn truncated(payload: &[u8]) -> FrameError {
    FrameError::Truncated { len: payload.len() }
}

/// CRC-64/REDIS: polynomial 0xad93d23594c935a9, reflected, starting from zero.
fn checksum(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Redis, bytes)
}

#[cfg(test)]
mod tests {
    use super::{append_footer, check_footer, checksum};
    use crate::{FrameError, RestoreOptions, Stamp, Vendor};

    const TEN: &[u8] = b"\x00\xc0\n\n\x00n\x9fWE\x0e\xaec\xbb";

    #[test]
    fn checksum_has_the_published_check_value() {
        assert_eq!(checksum(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
    }

    #[test]
    fn only_what_was_appended_belongs_to_the_payload() {
        let mut out = b"before\x00\xc0\n".to_vec();
        append_footer(&mut out, 6, Stamp::new(10).unwrap());
        assert_eq!(&out[6..], TEN);
        let (body, stamp) = check_footer(&out[6..], RestoreOptions::default()).unwrap();
        assert_eq!((body, stamp.number()), (&b"\x00\xc0\n"[..], 10));
    }

    #[test]
    fn frame_faults_are_told_apart() {
        let check = |payload: &[u8]| check_footer(payload, RestoreOptions::default()).map(|_| ());
        assert_eq!(check(b""), Err(FrameError::Truncated { len: 0 }));
        assert_eq!(check(&TEN[..9]), Err(FrameError::Truncated { len: 9 }));
        assert_eq!(check(&TEN[..12]), Err(FrameError::ChecksumDiffers { len: 12 }));
        for (stamp, vendor) in [(16, Vendor::Redis), (79, Vendor::Redis), (82, Vendor::Valkey)] {
            let mut sealed = TEN[..3].to_vec();
            sealed.extend_from_slice(&u16::to_le_bytes(stamp));
            let crc = checksum(&sealed);
            sealed.extend_from_slice(&crc.to_le_bytes());
            assert_eq!(check(&sealed), Err(FrameError::NewerStamp { stamp, vendor }));
        }
    }

    #[test]
    fn zero_checksum_passes_only_where_it_is_allowed() {
        let mut omitted = TEN[..5].to_vec();
        omitted.extend_from_slice(&[0; 8]);
        let mut options = RestoreOptions::default();
        assert_eq!(check_footer(&omitted, options), Err(FrameError::ChecksumOmitted));
        options.allow_omitted_checksum = true;
        assert!(check_footer(&omitted, options).is_ok());
        omitted[12] = 1;
        assert_eq!(check_footer(&omitted, options), Err(FrameError::ChecksumDiffers { len: 13 }));
    }
}
