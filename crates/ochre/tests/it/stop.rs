//! Ending: by signal, by SHUTDOWN, and what is left behind.

use std::path::Path;

use crate::client::Client;
use crate::server::{BINARY, Server, TempDir};

#[test]
fn both_signals_end_it_cleanly() {
    for name in ["TERM", "INT"] {
        for threads in ["1", "4"] {
            let dir = TempDir::new();
            let path = dir.path().join("sock");
            let args = ["server", "--port", "0", "--unixsocket", path.to_str().unwrap(), "--threads", threads];
            let mut server = Server::start_with(Path::new(BINARY), &args, 0, &dir);
            let mut client = Client::unix(&path);
            assert_eq!(client.ask("SET a 1"), "OK");
            server.signal(name);
            assert_eq!(server.wait().code(), Some(0), "{name}, {threads} threads");
            assert!(client.is_closed());
            assert!(!path.exists(), "{name}: the socket's file is left behind");
            assert!(server.log().contains(&format!("Received SIG{name} scheduling shutdown...")), "{}", server.log());
        }
    }
}

#[test]
fn shutdown_ends_it_without_an_answer() {
    for command in ["SHUTDOWN NOSAVE", "SHUTDOWN", "SHUTDOWN NOW FORCE"] {
        let mut server = Server::start(&["--threads", "2", "--save", ""]);
        let mut bystander = server.connect();
        assert_eq!(bystander.ask("PING"), "PONG");
        let mut client = server.connect();
        client.send(&resp::encode_command(command.split(' ').collect::<Vec<_>>()));
        assert!(client.is_closed(), "{command}");
        assert!(bystander.is_closed(), "{command}");
        assert_eq!(server.wait().code(), Some(0), "{command}");
    }
}
