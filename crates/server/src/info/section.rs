//! The text of a section: `name:value` lines under a `# Title`.

use std::fmt::Display;

/// INFO's answer as it grows.
#[derive(Debug, Default)]
pub(crate) struct InfoText {
    text: String,
}

impl InfoText {
    /// Begins a section.
    pub(crate) fn section(&mut self, title: &str) {
        if !self.text.is_empty() {
            self.text.push_str("\r\n");
        }
        self.text.push_str("# ");
        self.text.push_str(title);
        self.text.push_str("\r\n");
    }

    pub(crate) fn field(&mut self, name: &str, value: impl Display) {
        self.text.push_str(name);
        self.text.push(':');
        self.text.push_str(&value.to_string());
        self.text.push_str("\r\n");
    }

    /// A number of bytes, and the same for people.
    pub(crate) fn bytes(&mut self, name: &str, bytes: u64) {
        self.field(name, bytes);
        self.field(&format!("{name}_human"), human(bytes));
    }

    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

/// `1536` is `1.50K`, as Redis prints it.
#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
pub(crate) fn human(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["K", "M", "G", "T", "P"];
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.2}{}", UNITS[unit])
}

/// `part` per `whole`; 0 when there is no whole.
#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        let cases = [
            (0, "0B"),
            (1023, "1023B"),
            (1024, "1.00K"),
            (1_088_976, "1.04M"),
            (25_276_510_208, "23.54G"),
            (u64::MAX, "16384.00P"),
        ];
        for (bytes, text) in cases {
            assert_eq!(human(bytes), text);
        }
    }
}
