//! The INFO command: which sections are asked for.

use command_api::{Acl, Arg, Args, CommandResult, Docs, Flow, Group, Reply, Scope};

use super::section::InfoText;
use super::sections::{SECTIONS, Shown};
use crate::{ServerCommand, ServerContext};

pub(super) const INFO: ServerCommand = ServerCommand::new("info", info)
    .since("1.0.0")
    .arity(-1)
    .loading()
    .stale()
    .acl(&[Acl::Dangerous])
    .scope(Scope::Walk)
    .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
    .docs(&INFO_DOCS);

fn info(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let names: Vec<&[u8]> = args.rest().collect();
    let asked = |word: &str| names.iter().any(|name| name.eq_ignore_ascii_case(word.as_bytes()));
    let everything = asked("everything") || asked("all");
    let default = names.is_empty() || asked("default");
    let mut text = InfoText::default();
    for section in SECTIONS {
        let by_default = section.shown == Shown::Always;
        if asked(section.name) || everything && section.shown != Shown::ByName || default && by_default {
            text.section(section.title);
            (section.write)(cx, &mut text);
        }
    }
    reply.verbatim(b"txt", text.into_text().as_bytes());
    Ok(Flow::Done)
}

const INFO_DOCS: Docs = Docs::new("Tells what the server is, has and does.", Group::Server, "O(1)")
    .history(&[("7.0.0", "Several sections in one call.")])
    .arguments(&[Arg::string("section").optional().multiple()]);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn info_answers_the_sections_asked_for() {
        check("
            > INFO                      => ~'# Server*redis_version:*# Clients*connected_clients:*# Memory*# Stats*# Keyspace*'
            > INFO nosuch               => (verbatim txt) ''
            > INFO keyspace             => ~'# Keyspace*'
            > SET k v PX 100000         => OK
            > INFO KEYSPACE             => ~'# Keyspace\\r\\ndb0:keys=1,expires=1,avg_ttl=*'
            > INFO commandstats server  => ~'# Server*# Commandstats*cmdstat_set:calls=*'
            > INFO everything           => ~'# Server*# Commandstats*'
        ");
    }
}
