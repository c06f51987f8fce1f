//! CLIENT KILL: closes connections, wherever they are served.

use std::sync::atomic::Ordering::Relaxed;

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flow, Group, Reply};

use super::filter::Filter;
use crate::{Event, ServerCommand, ServerContext};

pub(super) const CLIENT_KILL: ServerCommand = ServerCommand::new("kill", client_kill)
    .since("2.4.0")
    .arity(-3)
    .admin()
    .noscript()
    .loading()
    .stale()
    .acl(&[Acl::Connection])
    .docs(&CLIENT_KILL_DOCS);

const NO_SUCH_CLIENT: CommandError = CommandError::other("ERR No such client");

fn client_kill(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if args.remaining() == 1 {
        // The old form kills itself too, and tells whether there was anybody.
        if kill(cx, &Filter::address(args.bytes()?), false) == 0 {
            return Err(NO_SUCH_CLIENT);
        }
        reply.ok();
        return Ok(Flow::Done);
    }
    let filter = Filter::parse(args, cx.node, cx.data.now())?;
    let skip_me = filter.skips_me();
    reply.int(kill(cx, &filter, skip_me));
    Ok(Flow::Done)
}

/// Closes what the filter means; returns how many that were.
fn kill(cx: &mut ServerContext<'_, '_>, filter: &Filter, skip_me: bool) -> i64 {
    let mut killed = 0;
    for client in cx.node.clients.all() {
        let is_me = client.id == cx.client.id;
        if is_me && skip_me || !filter.matches(&client, cx.client.id) {
            continue;
        }
        killed += 1;
        if is_me {
            // After the reply.
            cx.client.closing = true;
        } else if !client.killed.swap(true, Relaxed) {
            cx.node.host.send(client.lane, Event::Kill { client: client.id });
        }
    }
    killed
}

const CLIENT_KILL_DOCS: Docs =
    Docs::new("Closes connections.", Group::Connection, "O(N) where N is the number of client connections")
        .history(&[
            ("2.8.12", "Added new filter format."),
            ("2.8.12", "`ID` option."),
            ("3.2.0", "Added `master` type in for `TYPE` option."),
            ("5.0.0", "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility."),
            ("6.2.0", "`LADDR` option."),
            ("7.4.0", "`MAXAGE` option."),
        ])
        .arguments(&[Arg::one_of(
            "filter",
            &[
                Arg::string("old-format").display("ip:port").deprecated_since("2.8.12"),
                Arg::one_of(
                    "new-format",
                    &[
                        Arg::integer("client-id").token("ID").since("2.8.12").optional(),
                        Arg::one_of(
                            "client-type",
                            &[
                                Arg::pure_token("normal", "NORMAL"),
                                Arg::pure_token("master", "MASTER").since("3.2.0"),
                                Arg::pure_token("slave", "SLAVE"),
                                Arg::pure_token("replica", "REPLICA").since("5.0.0"),
                                Arg::pure_token("pubsub", "PUBSUB"),
                            ],
                        )
                        .token("TYPE")
                        .since("2.8.12")
                        .optional(),
                        Arg::string("username").token("USER").optional(),
                        Arg::string("addr").token("ADDR").display("ip:port").optional(),
                        Arg::string("laddr").token("LADDR").display("ip:port").since("6.2.0").optional(),
                        Arg::one_of("skipme", &[Arg::pure_token("yes", "YES"), Arg::pure_token("no", "NO")])
                            .token("SKIPME")
                            .optional(),
                        Arg::integer("maxage").token("MAXAGE").since("7.4.0").optional(),
                    ],
                )
                .multiple(),
            ],
        )]);

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn kill_closes_the_connections_meant() {
        in_memory(
            r"
            @skip-lens restore its own connection is one of the clients
            A> CLIENT ID                        => 1
            B> CLIENT ID                        => 2
            B> CLIENT KILL ID 1                 => 1
            B> CLIENT KILL ID 1                 => 0
            B> CLIENT KILL ADDR 127.0.0.1:9     => 0
            B> CLIENT KILL TYPE normal          => 0
            B> CLIENT KILL ID 2 SKIPME no       => 1
        ",
        );
    }

    #[test]
    fn kill_refuses_what_it_does_not_know() {
        check(
            r"
            > CLIENT KILL                  => (error) 'ERR wrong number of arguments for \'client|kill\' command'
            > CLIENT KILL 1.2.3.4:5        => (error) ERR No such client
            > CLIENT KILL ID x             => (error) ERR client-id should be greater than 0
            > CLIENT KILL ID 0             => (error) ERR client-id should be greater than 0
            > CLIENT KILL TYPE foo         => (error) 'ERR Unknown client type \'foo\''
            > CLIENT KILL SKIPME maybe     => (error) ERR syntax error
            > CLIENT KILL USER nouser      => (error) 'ERR No such user \'nouser\''
            > CLIENT KILL foo bar          => (error) ERR syntax error
            > CLIENT KILL ID 99 foo        => (error) ERR syntax error
        ",
        );
        check(
            r"
            @since 7.4
            > CLIENT KILL MAXAGE x         => (error) ERR maxage is not an integer or out of range
            > CLIENT KILL MAXAGE -1        => (error) ERR maxage should be greater than 0
            > CLIENT KILL MAXAGE 100       => 0
        ",
        );
    }
}
