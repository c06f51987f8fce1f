//! Where the server listens: `bind`, `port`, sockets, keepalive.

use crate::config::param::{Arity, I32_MAX, Kind, Param, Setting, at};
use crate::config::settings::{BindAddress, Settings};
use crate::config::value::Reason;

const NO_SOURCE_ADDRESS: &str = "outgoing connections take the address the system gives them";
const NO_RDMA: &str = "there is no RDMA transport";
const NO_MPTCP: &str = "there is no multipath TCP";

pub(super) const TABLE: &[Param] = &[
    Param::of("bind", "* -::*", Kind::Custom { words: Arity::Many, get: get_bind, set: set_bind }),
    Param::int("port", "6379", 0, 65535, at!(network.port)),
    Param::int("tcp-backlog", "511", 0, I32_MAX, at!(network.tcp_backlog)).immutable(),
    Param::int("tcp-keepalive", "300", 0, I32_MAX, at!(network.tcp_keepalive_s)),
    Param::text("unixsocket", "", at!(network.unixsocket)).immutable(),
    Param::of("unixsocketperm", "0", Kind::Octal { max: 0o777, slot: at!(network.unixsocket_mode) }).immutable(),
    Param::text("unixsocketgroup", "", None).immutable().unused("the socket keeps the group of the process"),
    Param::int("timeout", "0", 0, I32_MAX, at!(network.timeout_s)),
    Param::text("bind-source-addr", "", None).unused(NO_SOURCE_ADDRESS),
    Param::int("socket-mark-id", "0", 0, 4_294_967_295, None).immutable().unused("sockets are not marked"),
    Param::int("max-new-connections-per-cycle", "10", 1, 1000, None)
        .unused("a reactor accepts until the queue is empty or its turn is over"),
    Param::bool("mptcp", "no", None).immutable().unused(NO_MPTCP),
    Param::bool("repl-mptcp", "no", None).immutable().unused(NO_MPTCP),
    Param::of("rdma-bind", "", Kind::Words { print: print_words, nothing: &[""] }).unused(NO_RDMA),
    Param::int("rdma-port", "0", 0, 65535, None).unused(NO_RDMA),
    Param::int("rdma-rx-size", "1048576", 65_536, 16_777_216, None).immutable().unused(NO_RDMA),
    Param::int("rdma-completion-vector", "-1", -1, 1024, None).immutable().unused(NO_RDMA),
];

fn get_bind(settings: &Settings) -> Vec<u8> {
    let words: Vec<String> = settings.network.bind.iter().map(ToString::to_string).collect();
    words.join(" ").into_bytes()
}

fn set_bind(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    if words.len() > BindAddress::MAX {
        return Err("Too many bind addresses specified.".into());
    }
    let words = words.iter().filter(|word| !word.is_empty());
    settings.network.bind = words.map(|word| BindAddress::parse(&String::from_utf8_lossy(word))).collect();
    Ok(())
}

fn print_words(words: &[&[u8]]) -> Result<String, Reason> {
    let words: Vec<_> = words.iter().map(|word| String::from_utf8_lossy(word)).collect();
    Ok(words.join(" "))
}
