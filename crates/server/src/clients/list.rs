//! CLIENT ID, INFO, LIST: connections as a line of text each.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};
use stdx::UnixMs;

use super::filter::Filter;
use crate::clients::ClientInfo;
use crate::node::Node;
use crate::table::CommandTable;
use crate::tracking::redirect_of;
use crate::{ServerCommand, ServerContext};

pub(super) const CLIENT_ID: ServerCommand = ServerCommand::new("id", client_id)
    .since("5.0.0")
    .arity(2)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_ID_DOCS);

pub(super) const CLIENT_INFO: ServerCommand = ServerCommand::new("info", client_info)
    .since("6.2.0")
    .arity(2)
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output"])
    .docs(&CLIENT_INFO_DOCS);

pub(super) const CLIENT_LIST: ServerCommand = ServerCommand::new("list", client_list)
    .since("2.4.0")
    .arity(-2)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .tips(&["nondeterministic_output"])
    .docs(&CLIENT_LIST_DOCS);

/// Output up to this counts as lying in the fixed buffer that Redis gives each client.
const REPLY_BUFFER_BYTES: usize = 16 * 1024;

fn client_id(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.int(i64::try_from(cx.client.id).unwrap_or(i64::MAX));
    Ok(Flow::Done)
}

fn client_info(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.client.info.note_state(cx.client);
    reply.verbatim(b"txt", describe(cx.node, &cx.client.info, cx.data.now()).as_bytes());
    Ok(Flow::Done)
}

fn client_list(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let now = cx.data.now();
    let mut ids = Vec::new();
    let mut filter = Filter::default();
    if args.remaining() >= 2 && args.accept("ID") {
        while !args.is_empty() {
            ids.push(args.int().ok().filter(|id| *id > 0).ok_or(CommandError::other("ERR Invalid client ID"))?);
        }
    } else {
        filter = Filter::parse(args, cx.node, now)?;
    }
    cx.client.info.note_state(cx.client);
    let mut text = String::new();
    for client in cx.node.clients.all() {
        let wanted = ids.is_empty() || i64::try_from(client.id).is_ok_and(|id| ids.contains(&id));
        if wanted && filter.matches(&client, cx.client.id) {
            text.push_str(&describe(cx.node, &client, now));
        }
    }
    reply.verbatim(b"txt", text.as_bytes());
    Ok(Flow::Done)
}

/// One line, as Redis lays it out.
pub(crate) fn describe(node: &Node, client: &ClientInfo, now: UnixMs) -> String {
    let seconds_since = |then: UnixMs| (now.ms_since(then) / 1000).max(0);
    let load = |number: &std::sync::atomic::AtomicUsize| number.load(Relaxed);
    let names = client.names.lock();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (input, output) = (load(&client.input_bytes), load(&client.output_bytes));
    let (input_room, output_room) = (load(&client.input_capacity), load(&client.output_capacity));
    // A reply list is what Redis has beside a buffer of this size.
    let (in_buffer, in_list) = if output <= REPLY_BUFFER_BYTES { (output, 0) } else { (0, output) };
    let command = load(&client.last_command).checked_sub(1).and_then(|id| CommandTable::get().entries().get(id));
    let mut flags = String::new();
    let queued = load(&client.queued_plus_one);
    if client.monitors.load(Relaxed) {
        flags.push('O');
    }
    if client.subscribes() {
        flags.push('P');
    }
    if queued > 0 {
        flags.push('x');
    }
    if client.waiting.load(Relaxed) {
        flags.push('b');
    }
    let tracker = node.tracking.get(client.id);
    if let Some(tracker) = &tracker {
        flags.push('t');
        flags.extend(tracker.broken.load(Relaxed).then_some('R'));
        flags.extend(tracker.bcast.then_some('B'));
    }
    if client.endpoint.is_unix {
        flags.push('U');
    }
    if client.no_evict.load(Relaxed) {
        flags.push('e');
    }
    if client.no_touch.load(Relaxed) {
        flags.push('T');
    }
    if flags.is_empty() {
        flags.push('N');
    }
    let mut line = format!(
        "id={} addr={} laddr={} fd={} name={} age={} idle={} flags={flags} db={} sub={} psub={} ssub={} multi={} \
         watch={}",
        client.id,
        client.endpoint.addr,
        client.endpoint.laddr,
        client.endpoint.fd,
        text(&names.name),
        seconds_since(client.connected_at),
        seconds_since(UnixMs(client.last_active_ms.load(Relaxed))),
        load(&client.db),
        load(&client.subscribed[0]),
        load(&client.subscribed[1]),
        load(&client.subscribed[2]),
        i64::try_from(queued).unwrap_or(0) - 1,
        load(&client.watched),
    );
    // Writing to a string does not fail.
    let _ = writeln!(
        line,
        " qbuf={input} qbuf-free={} argv-mem=0 multi-mem={} rbs={output_room} rbp={output_room} obl={in_buffer} oll={} omem={in_list} tot-mem={} \
         events=r cmd={} user={} redir={} resp={} lib-name={} lib-ver={} io-thread={} tot-net-in={} tot-net-out={} \
         tot-cmds={}",
        input_room.saturating_sub(input),
        load(&client.queued_bytes),
        u8::from(in_list > 0),
        client.total_bytes(),
        command.map_or("NULL", |entry| entry.full_name),
        text(&client.user.lock()),
        redirect_of(tracker.as_deref()),
        if client.is_resp3.load(Relaxed) { 3 } else { 2 },
        text(&names.lib_name),
        text(&names.lib_ver),
        client.lane,
        client.received_bytes.load(Relaxed),
        client.sent_bytes.load(Relaxed),
        client.commands.load(Relaxed),
    );
    line
}

const CLIENT_ID_DOCS: Docs = Docs::new("Tells the connection's id.", Group::Connection, "O(1)");

const CLIENT_INFO_DOCS: Docs = Docs::new("Describes the connection.", Group::Connection, "O(1)");

const CLIENT_LIST_DOCS: Docs =
    Docs::new("Lists the connections.", Group::Connection, "O(N) where N is the number of client connections")
        .history(&[
            ("2.8.12", "Added unique client `id` field."),
            ("5.0.0", "Added optional `TYPE` filter."),
            ("6.0.0", "Added `user` field."),
            ("6.2.0", "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter."),
            ("7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."),
            ("7.0.3", "Added `ssub` field."),
            ("7.2.0", "Added `lib-name` and `lib-ver` fields."),
            ("7.4.0", "Added `watch` field."),
            ("8.0.0", "Added `io-thread` field."),
        ])
        .arguments(&[
            Arg::one_of(
                "client-type",
                &[
                    Arg::pure_token("normal", "NORMAL"),
                    Arg::pure_token("master", "MASTER"),
                    Arg::pure_token("replica", "REPLICA"),
                    Arg::pure_token("pubsub", "PUBSUB"),
                ],
            )
            .token("TYPE")
            .since("5.0.0")
            .optional(),
            Arg::integer("client-id").token("ID").since("6.2.0").optional().multiple(),
        ]);

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn connections_are_listed_oldest_first() {
        in_memory(
            r"
            @skip-lens restore its own connection is one of the clients
            A> CLIENT ID                 => 1
            B> CLIENT ID                 => 2
            A> SELECT 3                  => OK
            A> CLIENT INFO               => ~'id=1 addr=127.0.0.1:* name= age=0 idle=0 flags=N db=3 * cmd=client|info user=default redir=-1 resp=* io-thread=*'
            B> CLIENT LIST               => ~'id=1 *id=2 *'
            B> CLIENT LIST ID 2          => ~'id=2 *'
            B> CLIENT LIST ID 77         => (verbatim txt) ''
            B> CLIENT LIST TYPE pubsub   => (verbatim txt) ''
        ",
        );
    }

    #[test]
    fn client_list_refuses_what_it_does_not_know() {
        check(
            r"
            > CLIENT LIST TYPE foo       => (error) 'ERR Unknown client type \'foo\''
            > CLIENT LIST ID             => (error) ERR syntax error
            > CLIENT LIST ID 1 x         => (error) ERR Invalid client ID
            > CLIENT LIST foo            => (error) ERR syntax error
        ",
        );
    }
}
