//! How the tools show keys and times.

use serde::{Serialize, Serializer};
use stdx::UnixMs;

/// Bytes of a key that a line shows.
const SHOWN_BYTES: usize = 200;

/// Any bytes on one line of ASCII, long ones cut.
pub(super) fn shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES) {
        Some(head) if bytes.len() > SHOWN_BYTES => format!("{}... ({} bytes)", head.escape_ascii(), bytes.len()),
        _ => bytes.escape_ascii().to_string(),
    }
}

/// What a line calls a function library: the name in its first line, or that line where there is none.
pub(super) fn library(source: &[u8]) -> String {
    let first = || source.split(|byte| *byte == b'\n').next().unwrap_or_default();
    shown(rdb::functions::library_name(source).unwrap_or_else(first))
}

/// Bytes in JSON: a string where they are UTF-8, else `{"hex": "..."}`.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Hex {
            hex: String,
        }
        match str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Hex { hex: self.0.iter().map(|byte| format!("{byte:02x}")).collect() }.serialize(serializer),
        }
    }
}

/// A time in UTC, to the second: `2033-05-18T03:33:20Z`.
pub(super) fn date(at: UnixMs) -> String {
    let seconds = at.0.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86400), seconds.rem_euclid(86400));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// The day of the Gregorian calendar that lies `days` behind 1970-01-01. Years are counted from March on, so that the leap day is
/// their last; 400 of them have 146097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let since_march_0000 = days + 719_468;
    let era = since_march_0000.div_euclid(146_097);
    let day_of_era = since_march_0000.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::{Bytes, date, shown};
    use stdx::UnixMs;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (951_868_800_000, "2000-03-01T00:00:00Z"),
            (4_102_444_800_999, "2100-01-01T00:00:00Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(date(UnixMs(ms)), text);
        }
        // No time a file can hold is too far.
        assert!(date(UnixMs(i64::MIN)).starts_with('-'));
        assert!(date(UnixMs(i64::MAX)).starts_with("292278994-08-17"));
    }

    #[test]
    fn keys_stay_on_one_line() {
        assert_eq!(shown(b"a\n\xff'"), "a\\n\\xff\\'");
        assert!(shown(&[b'x'; 300]).ends_with("... (300 bytes)"));
        assert_eq!(serde_json::to_string(&Bytes(b"a\"\xc3\xa9")).unwrap(), "\"a\\\"\u{e9}\"");
        assert_eq!(serde_json::to_string(&Bytes(b"\xff\x00")).unwrap(), r#"{"hex":"ff00"}"#);
    }
}
