//! `functions-dir` with real files and a real SIGHUP.

use crate::server::{Server, TempDir, eventually, run};

fn library(answer: u32) -> String {
    format!("#!lua name=lib\nredis.register_function('f', function() return {answer} end)")
}

#[test]
fn a_signal_reads_the_directory_again() {
    for threads in ["1", "4"] {
        let dir = TempDir::new();
        dir.file("lib.lua", library(1));
        let server = Server::start(&["--threads", threads, "--functions-dir", dir.path().to_str().unwrap()]);
        let mut client = server.connect();
        assert_eq!(client.ask("FCALL f 0"), "1");
        let digest = client.info("functions_dir_digest");
        dir.file("lib.lua", library(2));
        server.signal("HUP");
        eventually("the new library is there", || client.ask("FCALL f 0") == "2");
        assert_ne!(client.info("functions_dir_digest"), digest);
        let broken = dir.file("more.lua", "#!lua name=more\nif");
        server.signal("HUP");
        eventually("the log tells", || server.log().contains("nothing was reloaded"));
        assert!(server.log().contains("more.lua: Error compiling function"), "{}", server.log());
        assert_eq!(client.ask("FCALL f 0"), "2");
        std::fs::remove_file(broken).unwrap();
        std::fs::create_dir(dir.path().join("folder.lua")).unwrap();
        server.signal("HUP");
        eventually("the log tells", || server.log().contains("folder.lua: it is not a regular file"));
        assert_eq!(client.ask("FCALL f 0"), "2");
    }
}

#[test]
fn a_broken_file_stops_the_start() {
    let dir = TempDir::new();
    dir.file("bad.lua", "#!lua name=bad\nif");
    let output =
        run(&["server", "--port", "0", "--unixsocket", "s", "--functions-dir", dir.path().to_str().unwrap()], b"");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("functions-dir") && told.contains("bad.lua: Error compiling function"), "{told}");
}
