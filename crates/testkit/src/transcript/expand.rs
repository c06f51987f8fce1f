//! Generators: `${x*65}` and `${200: f# v#}`, so that a transcript can cross an encoding's threshold in one line.
//!
//! They work on text, before words are split and replies are parsed, and so in both alike.

/// More text than any test should send; a typo in a count ends here and not in the allocator.
const MAX_LEN: usize = 16 << 20;

/// `text` with its generators written out. `${name}` stays, for the run to fill in.
pub(super) fn expand(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            return Err(format!("`${{{after}` lacks its `}}`"));
        };
        rest = after;
        if is_name(inside) {
            out.push_str("${");
            out.push_str(inside);
            out.push('}');
        } else {
            generate(inside, &mut out)?;
        }
        if out.len() > MAX_LEN {
            return Err("the line grows past 16 MiB".to_owned());
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether `text` can name a connection or a captured value.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn generate(inside: &str, out: &mut String) -> Result<(), String> {
    if let Some((range, body)) = inside.split_once(':')
        && let Some((first, last)) = bounds(range)
    {
        let body = body.trim();
        for number in first..=last {
            if number > first {
                out.push(' ');
            }
            out.push_str(&body.replace('#', &number.to_string()));
            if out.len() > MAX_LEN {
                break;
            }
        }
        return Ok(());
    }
    if let Some((unit, count)) = inside.rsplit_once('*')
        && let Ok(count) = count.parse::<usize>()
        && let Some(len) = unit.len().checked_mul(count)
    {
        // Past the limit the text is cut: it is about to be refused anyway.
        out.push_str(&unit.repeat(if len > MAX_LEN { MAX_LEN / unit.len() + 1 } else { count }));
        return Ok(());
    }
    Err(format!("`${{{inside}}}` is none of ${{x*3}}, ${{3: f# v#}}, ${{0..2: #}} and ${{name}}"))
}

/// `200` is 1 to 200; `0..9` says both.
fn bounds(range: &str) -> Option<(i64, i64)> {
    match range.split_once("..") {
        Some((first, last)) => Some((first.trim().parse().ok()?, last.trim().parse().ok()?)),
        None => Some((1, range.trim().parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generators_write_text_out() {
        let table = [
            ("SET k ${x*5}", "SET k xxxxx"),
            ("HSET h ${3: f# v#}", "HSET h f1 v1 f2 v2 f3 v3"),
            ("['a', ${-1..1: '#',}]", "['a', '-1', '0', '1',]"),
            ("'${ab*2}${c*1}'", "'ababc'"),
            ("XADD s ${id} $ $.a f v", "XADD s ${id} $ $.a f v"),
            ("${0: x}${2..1: x}${x*0}", ""),
        ];
        for (text, expanded) in table {
            assert_eq!(expand(text).as_deref(), Ok(expanded), "{text}");
        }
    }

    #[test]
    fn what_is_no_generator_or_grows_without_bound_is_refused() {
        for bad in ["${", "${}", "${x*}", "${x*-1}", "${a b}", "${x*99999999999}", "${99999999: word#}", "${1x: a}"] {
            assert!(expand(bad).is_err(), "{bad}");
        }
    }
}
