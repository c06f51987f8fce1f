//! Breaks a long collection into lines, one element each. Works on the notation's text, so that the expected and the got
//! side of a report, one written by a person and one printed, break alike and can be compared line by line.

/// Longer than this, a collection is written one element a line.
const MAX_WIDTH: usize = 100;

/// The lines of `text`: its elements indented by `indent` and its closing bracket by `outdent`. One line if it is short,
/// or no collection.
pub(crate) fn wrap(text: &str, indent: &str, outdent: &str) -> Vec<String> {
    let text = text.trim();
    let whole = || vec![text.to_owned()];
    let is_collection =
        ["[", "{", "~{", ">[", "flat", "unordered", "one of", "pairs"].iter().any(|start| text.starts_with(start));
    if !is_collection || (text.len() <= MAX_WIDTH && !text.contains('\n')) {
        return whole();
    }
    let (Some(open), true) = (text.find(['[', '{']), text.ends_with([']', '}'])) else { return whole() };
    let (head, body) = text.split_at(open + 1);
    let (body, close) = body.split_at(body.len() - 1);
    let mut lines = vec![head.to_owned()];
    lines.extend(elements(body).into_iter().map(|element| format!("{indent}{element},")));
    lines.push(format!("{outdent}{close}"));
    lines
}

/// What stands between the commas of `body` that are in no quotes or brackets.
fn elements(body: &str) -> Vec<&str> {
    let mut elements = Vec::new();
    let mut start = 0;
    let mut depth = 0_i32;
    let mut quoted = false;
    let mut bytes = body.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if quoted => {
                bytes.next();
            }
            b'\'' => quoted = !quoted,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth -= 1,
            b',' if !quoted && depth == 0 => {
                elements.push(body[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    elements.push(body[start..].trim());
    elements.retain(|element| !element.is_empty());
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_collection_breaks_at_its_own_commas() {
        let long = format!("['a, b', ['c', {{'d': 1}}], 'it\\'s, {}', (nil)]", "x".repeat(MAX_WIDTH));
        assert_eq!(
            wrap(&long, "    ", "  "),
            [
                "[",
                "    'a, b',",
                "    ['c', {'d': 1}],",
                &format!("    'it\\'s, {}',", "x".repeat(MAX_WIDTH)),
                "    (nil),",
                "  ]"
            ]
        );
    }

    #[test]
    fn lines_someone_wrote_break_where_printed_ones_do() {
        assert_eq!(
            wrap("flat [\n  ['a', 1],\n\n  ['b', 2],\n]", "  ", ""),
            ["flat [", "  ['a', 1],", "  ['b', 2],", "]"]
        );
    }

    #[test]
    fn anything_else_stays_one_line() {
        let text = "x, ".repeat(MAX_WIDTH);
        for text in ["['a', 'b']", text.trim(), "(error) ERR [", "[", ""] {
            assert_eq!(wrap(text, "  ", ""), [text]);
        }
    }
}
