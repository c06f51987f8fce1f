//! Arguments that nobody is to see in the slow log or in MONITOR: passwords and what goes with them.

use resp::Argv;

use crate::table::Entry;

/// What stands in their place.
const HIDDEN: &[u8] = b"(redacted)";

/// Parameters whose values are secret.
const SECRET_PARAMS: &[&str] = &[
    "requirepass",
    "masterauth",
    "primaryauth",
    "masteruser",
    "primaryuser",
    "tls-key-file-pass",
    "tls-client-key-file-pass",
];

/// The arguments of a command, secrets replaced.
pub(super) fn shown<'a>(entry: &Entry, argv: Argv<'a>) -> Vec<&'a [u8]> {
    let mut args: Vec<&[u8]> = argv.iter().collect();
    match entry.full_name {
        "auth" => hide(&mut args, 1, usize::MAX),
        "acl|setuser" => hide(&mut args, 2, usize::MAX),
        "hello" => hide_behind(&mut args, 2, b"AUTH", 2),
        "migrate" => {
            hide_behind(&mut args, 6, b"AUTH2", 2);
            hide_behind(&mut args, 6, b"AUTH", 1);
        }
        "config|set" => {
            for value in (3..args.len()).step_by(2) {
                if SECRET_PARAMS.iter().any(|name| args[value - 1].eq_ignore_ascii_case(name.as_bytes())) {
                    hide(&mut args, value, 1);
                }
            }
        }
        _ => {}
    }
    args
}

fn hide(args: &mut [&[u8]], from: usize, count: usize) {
    args.iter_mut().skip(from).take(count).for_each(|arg| *arg = HIDDEN);
}

/// Hides the `count` arguments behind `word`, which is looked for from index `from` on.
fn hide_behind(args: &mut [&[u8]], from: usize, word: &[u8], count: usize) {
    let at = args.iter().skip(from).position(|arg| arg.eq_ignore_ascii_case(word));
    if let Some(at) = at {
        hide(args, from + at + 1, count);
    }
}
