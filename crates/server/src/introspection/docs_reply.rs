//! One command as COMMAND DOCS documents it: a map that leaves out what is empty.

use command_api::{Arg, ArgKind, Reply};

use crate::table::{CommandTable, Entry, spec};

/// Appends the documentation of `entry`, its subcommands included.
pub(super) fn write_docs(reply: &mut Reply<'_>, entry: &Entry) {
    let docs = entry.docs();
    let texts = [
        ("summary", docs.summary),
        ("since", spec!(entry.spec, spec => spec.since)),
        ("group", docs.group.name()),
        ("complexity", docs.complexity),
    ];
    let later = reply.array_later();
    let mut fields = 0;
    for (name, text) in texts {
        if !text.is_empty() {
            reply.bulk(name.as_bytes());
            reply.bulk(text.as_bytes());
            fields += 1;
        }
    }
    let deprecated = !docs.deprecated_since.is_empty();
    if deprecated || docs.is_system_command {
        reply.bulk(b"doc_flags");
        reply.set(usize::from(deprecated) + usize::from(docs.is_system_command));
        if deprecated {
            reply.status("deprecated");
        }
        if docs.is_system_command {
            reply.status("syscmd");
        }
        fields += 1;
    }
    for (name, text) in [("deprecated_since", docs.deprecated_since), ("replaced_by", docs.replaced_by)] {
        if deprecated {
            reply.bulk(name.as_bytes());
            reply.bulk(text.as_bytes());
            fields += 1;
        }
    }
    if !docs.history.is_empty() {
        reply.bulk(b"history");
        reply.set(docs.history.len());
        for (version, change) in docs.history {
            reply.array(2);
            reply.bulk(version.as_bytes());
            reply.bulk(change.as_bytes());
        }
        fields += 1;
    }
    if !docs.arguments.is_empty() {
        reply.bulk(b"arguments");
        write_arguments(reply, docs.arguments);
        fields += 1;
    }
    let subcommands = CommandTable::get().subcommands(entry);
    if subcommands.len() > 0 {
        reply.bulk(b"subcommands");
        reply.map(subcommands.len());
        for subcommand in subcommands {
            reply.bulk(subcommand.full_name.as_bytes());
            write_docs(reply, subcommand);
        }
        fields += 1;
    }
    reply.settle_map(later, fields);
}

fn write_arguments(reply: &mut Reply<'_>, arguments: &[Arg]) {
    reply.array(arguments.len());
    for argument in arguments {
        write_argument(reply, argument);
    }
}

fn write_argument(reply: &mut Reply<'_>, arg: &Arg) {
    let is_group = matches!(arg.kind, ArgKind::OneOf | ArgKind::Block);
    let display = match (arg.display, is_group) {
        ("", false) => arg.name,
        (display, _) => display,
    };
    let texts = [
        ("name", arg.name),
        ("type", arg.kind.name()),
        ("display_text", display),
        ("token", arg.token),
        ("summary", arg.summary),
        ("since", arg.since),
        ("deprecated_since", arg.deprecated_since),
    ];
    let flags: Vec<&str> =
        [(arg.optional, "optional"), (arg.multiple, "multiple"), (arg.multiple_token, "multiple_token")]
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| *name)
            .collect();
    // A pure token has one, be it the empty string: MIGRATE's key.
    let is_said = |name: &str, text: &str| !text.is_empty() || name == "token" && arg.kind == ArgKind::PureToken;
    let fields = texts.iter().filter(|(name, text)| is_said(name, text)).count()
        + usize::from(arg.key_spec.is_some())
        + usize::from(!flags.is_empty())
        + usize::from(is_group);
    reply.map(fields);
    for (name, text) in texts {
        if is_said(name, text) {
            reply.bulk(name.as_bytes());
            reply.bulk(text.as_bytes());
        }
        if name == "display_text"
            && let Some(key_spec) = arg.key_spec
        {
            reply.bulk(b"key_spec_index");
            reply.int(i64::from(key_spec));
        }
    }
    if !flags.is_empty() {
        reply.bulk(b"flags");
        reply.set(flags.len());
        for flag in flags {
            reply.status(flag);
        }
    }
    if is_group {
        reply.bulk(b"arguments");
        write_arguments(reply, arg.arguments);
    }
}
