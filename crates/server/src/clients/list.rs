//! CLIENT ID, INFO, LIST: connections as a line of text each.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandResult, Docs, Flow, Group, Reply};
use stdx::UnixMs;

use super::filter::Filter;
use super::flags::flags_of;
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
    let filter = Filter::parse_for_list(args, cx.node, now)?;
    cx.client.info.note_state(cx.client);
    let mut text = String::new();
    for client in cx.node.clients.all() {
        if filter.matches(cx.node, &client, cx.client.id, now) {
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
    let flags = flags_of(node, client);
    let queued = load(&client.queued_plus_one);
    let tracker = node.tracking.get(client.id);
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
    let _ = write!(
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
    line.push_str(if client.redirects.load(Relaxed) { " capa=r\n" } else { "\n" });
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
            > client|list                => (error) 'ERR unknown command \'client|list\', with args beginning with: '
        ",
        );
        check(
            r"
            @only valkey ochre
            > CLIENT LIST FLAGS q        => (error) ERR Unknown flags found in the provided filter: q
            > CLIENT LIST NOT-FLAGS Nq   => (error) ERR Unknown flags found in the NOT-FLAGS filter: Nq
            > CLIENT LIST FLAGS ''       => ~'*flags=N*'
            > CLIENT LIST IDLE x         => (error) ERR idle is not an integer or out of range
            > CLIENT LIST IDLE 0         => (error) ERR idle should be greater than 0
            > CLIENT LIST DB x           => (error) ERR DB is not an integer or out of range
            > CLIENT LIST DB 99          => (error) ERR DB number should be between 0 and 15
            > CLIENT LIST CAPA x         => (error) ERR Unknown capa found in the provided filter: x
            > CLIENT LIST NOT-CAPA z     => (error) ERR Unknown capa found in the NOT-CAPA filter: z
            > CLIENT LIST NOT-TYPE foo   => (error) 'ERR Unknown client type \'foo\''
            > CLIENT LIST NOT-ID x       => (error) ERR syntax error
            > CLIENT LIST NOT-MAXAGE 1   => (error) ERR syntax error
            > CLIENT LIST SKIPME x       => (error) ERR syntax error
            > CLIENT LIST NAME           => (error) ERR syntax error
        ",
        );
    }

    #[test]
    fn filters_hold_together_and_each_has_its_opposite() {
        in_memory(
            r"
            @skip-lens restore its own connection is one of the clients
            A> CLIENT SETNAME worker                    => OK
            A> CLIENT SETINFO lib-name jedis            => OK
            A> CLIENT CAPA redirect                     => OK
            A> SELECT 3                                 => OK
            B> CLIENT NO-EVICT on                       => OK
            B> CLIENT LIST NAME worker                  => ~'id=1 *capa=r?'
            B> CLIENT LIST NOT-NAME worker              => ~'id=2 *'
            B> CLIENT LIST LIB-NAME jedis DB 3          => ~'id=1 *'
            B> CLIENT LIST LIB-NAME jedis NOT-DB 3      => (verbatim txt) ''
            B> CLIENT LIST NOT-LIB-NAME jedis           => ~'id=2 *'
            B> CLIENT LIST LIB-VER 1                    => (verbatim txt) ''
            B> CLIENT LIST CAPA r                       => ~'id=1 *'
            B> CLIENT LIST NOT-CAPA r                   => ~'id=2 *'
            B> CLIENT LIST FLAGS e                      => ~'id=2 *'
            B> CLIENT LIST NOT-FLAGS e                  => ~'id=1 *'
            B> CLIENT LIST FLAGS N                      => ~'id=1 *'
            B> CLIENT LIST NOT-ID 1 3                   => ~'id=2 *'
            B> CLIENT LIST ID 1 2 SKIPME yes            => ~'id=1 *'
            B> CLIENT LIST IP 127.0.0.1                 => ~'id=1 *id=2 *'
            B> CLIENT LIST NOT-IP 127.0.0.1             => (verbatim txt) ''
            B> CLIENT LIST TYPE normal NOT-TYPE normal  => (verbatim txt) ''
            B> CLIENT LIST IDLE 2                       => (verbatim txt) ''
            B> CLIENT LIST USER default NOT-USER default => (verbatim txt) ''
            B> CLIENT KILL NAME worker NOT-DB 3         => 0
            B> CLIENT KILL NAME worker                  => 1
        ",
        );
    }
}
