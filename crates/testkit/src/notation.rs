//! Prints a reply in the notation that [`Pattern`](crate::Pattern) reads: whatever is printed reads back as a pattern that
//! matches it, which is what `UPDATE_EXPECT=1` lives on. ASCII only, as sources are.

use resp::Value;

/// `value` on one line.
pub(crate) fn print(value: &Value) -> String {
    let mut out = String::new();
    push_value(value, Place::Alone, &mut out);
    out
}

/// Whether bare text may run to the end of the line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Alone,
    Inside,
}

fn push_value(value: &Value, place: Place, out: &mut String) {
    match value {
        Value::Null(_) => out.push_str("(nil)"),
        Value::Status(text) => push_status(text, out),
        Value::Error(text) | Value::BulkError(text) => {
            out.push_str("(error) ");
            push_error(text, place, out);
        }
        Value::Int(int) => out.push_str(&int.to_string()),
        Value::Bulk(text) => push_quoted(text, out),
        Value::Array(items) => push_list("[", items, ']', out),
        Value::Push(items) => push_list(">[", items, ']', out),
        Value::Set(items) => push_list("~{", items, '}', out),
        Value::Map(pairs) => {
            out.push('{');
            for (index, (key, value)) in pairs.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                push_value(key, Place::Inside, out);
                out.push_str(": ");
                push_value(value, Place::Inside, out);
            }
            out.push('}');
        }
        Value::Double(double) => {
            out.push_str("(double) ");
            push_word(double, out);
        }
        Value::Bool(bool) => out.push_str(if *bool { "(true)" } else { "(false)" }),
        Value::BigNumber(digits) => {
            out.push_str("(big) ");
            push_word(digits, out);
        }
        Value::Verbatim { format, text } => {
            out.push_str(&format!("(verbatim {}) ", format.escape_ascii()));
            push_quoted(text, out);
        }
        // Said beside the reply, not by it; patterns look through them too.
        Value::Attributed { value, .. } => push_value(value, place, out),
    }
}

fn push_list(open: &str, items: &[Value], close: char, out: &mut String) {
    out.push_str(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "" } else { ", " });
        push_value(item, Place::Inside, out);
    }
    out.push(close);
}

/// Words stay bare if they read back as a simple string and as nothing else.
fn push_status(text: &[u8], out: &mut String) {
    let plain = text.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'@')
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b" _-.@|".contains(byte))
        && !text.ends_with(b" ");
    if plain {
        out.push_str(&String::from_utf8_lossy(text));
    } else {
        out.push_str("(status) ");
        push_quoted(text, out);
    }
}

/// Alone on its line an error needs no quotes, unless it has marks at an end that would read as something else.
fn push_error(text: &[u8], place: Place, out: &mut String) {
    let plain = place == Place::Alone
        && text.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
        && text.first().is_some_and(|byte| !b" '".contains(byte))
        && !text.ends_with(b" ")
        && !text.ends_with(b"...")
        && !text.windows(2).any(|pair| pair == b"${");
    if plain { out.push_str(&String::from_utf8_lossy(text)) } else { push_quoted(text, out) }
}

fn push_word(text: &[u8], out: &mut String) {
    let plain = !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-+.".contains(byte));
    if plain { out.push_str(&String::from_utf8_lossy(text)) } else { push_quoted(text, out) }
}

fn push_quoted(text: &[u8], out: &mut String) {
    out.push('\'');
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        match *byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            // Would start a generator.
            b'$' if after.starts_with(b"{") => out.push_str("\\x24"),
            b' '..=b'~' => out.push(char::from(*byte)),
            other => out.push_str(&format!("\\x{other:02x}")),
        }
        rest = after;
    }
    out.push('\'');
}
