//! MONITOR: a client that is shown every command of every client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use command_api::{Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};
use parking_lot::Mutex;
use resp::Argv;

use super::hidden::shown;
use crate::delivery::{Delivery, Message};
use crate::host::Event;
use crate::node::Node;
use crate::session::Client;
use crate::table::Entry;
use crate::{ServerCommand, ServerContext};

pub(super) const MONITOR: ServerCommand = ServerCommand::new("monitor", monitor)
    .since("1.0.0")
    .arity(1)
    .admin()
    .noscript()
    .loading()
    .stale()
    .docs(&MONITOR_DOCS);

const IN_MULTI: CommandError = CommandError::other("ERR MONITOR isn't allowed for DENY BLOCKING client");

/// The clients that monitor.
#[derive(Debug, Default)]
pub(crate) struct Monitors {
    /// Lanes by client.
    clients: Mutex<BTreeMap<u64, usize>>,
    /// Of them: 0 lets commands pass without a look.
    count: AtomicUsize,
}

impl Monitors {
    pub(crate) fn is_on(&self) -> bool {
        self.count.load(Relaxed) > 0
    }

    fn add(&self, client: u64, lane: usize) {
        let mut clients = self.clients.lock();
        clients.insert(client, lane);
        self.count.store(clients.len(), Relaxed);
    }

    /// Forgets a client that left or was reset.
    pub(crate) fn remove(&self, client: u64) {
        let mut clients = self.clients.lock();
        clients.remove(&client);
        self.count.store(clients.len(), Relaxed);
    }
}

impl Node {
    /// Shows a command that ran to all who monitor; administration is nobody's business.
    pub(super) fn show_to_monitors(&self, client: &Client, entry: &Entry, argv: Argv<'_>) {
        if entry.flags.contains(Flags::ADMIN) || entry.flags.contains(Flags::SKIP_MONITOR) {
            return;
        }
        self.show_script_to_monitors(client, entry, argv);
    }

    /// Shows a command that runs a script, before those that the script calls.
    pub(crate) fn show_script_to_monitors(&self, client: &Client, entry: &Entry, argv: Argv<'_>) {
        let endpoint = &client.info.endpoint;
        if endpoint.is_unix {
            let path = endpoint.addr.strip_suffix(":0").unwrap_or(&endpoint.addr);
            self.show_line(client.db, &format!("unix:{path}"), entry, argv);
        } else {
            self.show_line(client.db, &endpoint.addr, entry, argv);
        }
    }

    /// Shows a command that a script called.
    pub(super) fn show_inner_to_monitors(&self, db: usize, entry: &Entry, argv: Argv<'_>) {
        if !entry.flags.contains(Flags::ADMIN) && !entry.flags.contains(Flags::SKIP_MONITOR) {
            self.show_line(db, "lua", entry, argv);
        }
    }

    fn show_line(&self, db: usize, from: &str, entry: &Entry, argv: Argv<'_>) {
        let now_us = self.host.unix_us();
        let (seconds, micros) = (now_us.div_euclid(1_000_000), now_us.rem_euclid(1_000_000));
        let mut line = format!("{seconds}.{micros:06} [{db} {from}]");
        for arg in shown(entry, argv) {
            line.push(' ');
            quote(arg, &mut line);
        }
        let message = Arc::new(Message::Line(line));
        for (&client, &lane) in &*self.monitors.clients.lock() {
            self.host.send(lane, Event::Deliver(Delivery { message: Arc::clone(&message), to: vec![client] }));
        }
    }
}

/// Appends bytes as redis-cli prints them, in double quotes.
fn quote(bytes: &[u8], line: &mut String) {
    line.push('"');
    for &byte in bytes {
        match byte {
            b'\\' => line.push_str("\\\\"),
            b'"' => line.push_str("\\\""),
            b'\n' => line.push_str("\\n"),
            b'\r' => line.push_str("\\r"),
            b'\t' => line.push_str("\\t"),
            7 => line.push_str("\\a"),
            8 => line.push_str("\\b"),
            b' '..=b'~' => line.push(char::from(byte)),
            other => line.push_str(&format!("\\x{other:02x}")),
        }
    }
    line.push('"');
}

fn monitor(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    if cx.client.in_exec {
        return Err(IN_MULTI);
    }
    // Once is enough, and is answered once.
    if !cx.client.monitors {
        cx.client.monitors = true;
        cx.node.monitors.add(cx.client.id, cx.client.info.lane);
        reply.ok();
    }
    Ok(Flow::Done)
}

const MONITOR_DOCS: Docs = Docs::new("Shows the connection every command that the server runs.", Group::Server, "");

#[cfg(test)]
mod tests {
    use super::quote;
    use crate::testing::in_memory;

    #[test]
    fn a_monitor_sees_commands_but_no_secrets() {
        in_memory(
            r"
            @skip-lens restore its own commands are shown too
            @skip-lens not-compact its own commands are shown too
            @skip-lens script what calls them is shown too
            @skip-lens script-resp3 what calls them is shown too
            @skip-lens resp3 HELLO is shown too
            M> MONITOR                    => OK
            A> SET k 'a b'                => OK
            M:                            => ~'1767225600.000000 ?0 127.0.0.1:50002? \x22SET\x22 \x22k\x22 \x22a b\x22'
            A> CONFIG GET port            => ['port', '6379']
            A> AUTH a b                   => (error) WRONGPASS invalid username-password pair or user is disabled.
            M:                            => ~'* \x22AUTH\x22 \x22(redacted)\x22 \x22(redacted)\x22'
            A> NOSUCH                     => (error) ERR ...
            A> MULTI                      => OK
            M:                            => ~'* \x22MULTI\x22'
            A> SELECT 3                   => QUEUED
            A> EXEC                       => [OK]
            M:                            => ~'* ?3 127.0.0.1:50002? \x22SELECT\x22 \x223\x22'
            M:                            => ~'* \x22EXEC\x22'
            M> PING                       => PONG
            M:                            => ~'* \x22PING\x22'
            M> GET k                      => (error) 'ERR Replica can\'t interact with the keyspace'
            M> CLIENT INFO                => ~'* flags=O *'
            M:                            => ~'* \x22CLIENT\x22 \x22INFO\x22'
            M> RESET                      => RESET
            A> PING                       => PONG
            M> MULTI                      => OK
            M> MONITOR                    => QUEUED
            M> EXEC                       => [(error) 'ERR MONITOR isn\'t allowed for DENY BLOCKING client']
        ",
        );
    }

    #[test]
    fn bytes_are_quoted_as_by_redis() {
        let mut line = String::new();
        quote(b"a\n\r\t\x07\x08\x0b\"\\'\x7f\x80~", &mut line);
        assert_eq!(line, r#""a\n\r\t\a\b\x0b\"\\'\x7f\x80~""#);
    }
}
