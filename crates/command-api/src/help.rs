//! The shape of every HELP subcommand's answer.

use crate::Reply;

/// Answers with a line per subcommand and its explanation, as Redis lays them out; an explanation may have several lines.
pub fn help(reply: &mut Reply<'_>, container: &str, subcommands: &[(&str, &str)]) {
    let lines: usize = subcommands.iter().map(|(_, text)| 1 + text.lines().count()).sum();
    reply.array(lines + 3);
    reply.status(format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
    for (call, text) in subcommands {
        reply.status(call);
        for line in text.lines() {
            reply.status(format!("    {line}"));
        }
    }
    reply.status("HELP");
    reply.status("    Prints this help.");
}
