//! `user` lines, files of users, and CONFIG REWRITE.

use resp::{Reader, encode_command};
use testkit::{ConnId, Subject as _, Wait};

use crate::testing::MemoryServer;

/// A server started with these lines of configuration, and a connection to it.
fn start(lines: &[&str], users: Option<&str>) -> Result<Talk, String> {
    let files: Vec<(&str, &[u8])> = users.map(|text| ("users.acl", text.as_bytes())).into_iter().collect();
    let mut server = MemoryServer::start(1, lines, &files).map_err(|error| error.to_string())?;
    let conn = server.connect().unwrap();
    Ok(Talk { server, conn })
}

struct Talk {
    server: MemoryServer,
    conn: ConnId,
}

impl Talk {
    /// The reply as it is printed in transcripts.
    fn ask(&mut self, command: &str) -> String {
        let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
        self.server.send(self.conn, &encode_command(&words)).unwrap();
        let received = self.server.receive(self.conn, Wait::Reply).unwrap();
        let mut rest = received.bytes.as_slice();
        match Reader::default().read(&mut rest).unwrap() {
            Some(value) => text(&value),
            None => "(closed)".to_owned(),
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "what else may come is not asked for")]
fn text(value: &resp::Value) -> String {
    match value {
        resp::Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(" / "),
        resp::Value::Int(int) => int.to_string(),
        other => String::from_utf8_lossy(other.as_bytes().or(other.as_error()).unwrap_or_default()).into_owned(),
    }
}

const OPEN: &str = "user default on nopass sanitize-payload ~* &* +@all";

#[test]
fn user_lines_declare_users() {
    let mut talk =
        start(&["user a on nopass +get (+set ~x)", "user default on >pw ~* +@all", "requirepass x"], None).unwrap();
    assert_eq!(talk.ask("AUTH x"), "WRONGPASS invalid username-password pair or user is disabled.", "the line wins");
    assert_eq!(talk.ask("AUTH pw"), "OK");
    assert_eq!(
        talk.ask("ACL LIST"),
        "user a on nopass sanitize-payload resetchannels -@all +get (~x resetchannels -@all +set) / user default on \
         sanitize-payload #30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4 ~* resetchannels +@all"
    );
}

#[test]
fn requirepass_of_the_configuration_is_asked_for() {
    let mut talk = start(&["requirepass x"], None).unwrap();
    assert_eq!(talk.ask("PING"), "NOAUTH Authentication required.");
    assert_eq!(talk.ask("AUTH default x"), "OK");
    assert_eq!(talk.ask("PING"), "PONG");
}

#[test]
fn a_bad_user_keeps_the_server_from_starting() {
    let refusals = [
        (
            "user a on +foo",
            "Error loading ACL rule '+foo' for the user named 'a': Unknown command or category name in ACL",
        ),
        (
            "user a on (+get ~x",
            "Error in user declaration 'a': Unmatched parenthesis in acl selector starting at '(+get'.",
        ),
        ("user \"a b\" on", "Spaces not allowed in ACL usernames"),
    ];
    for (line, reason) in refusals {
        let error = start(&[line], None).err().unwrap();
        assert!(error.ends_with(reason), "{error}");
    }
    let both = start(&["user a on", "aclfile users.acl"], Some("")).err().unwrap();
    assert!(both.starts_with("Configuring Redis with users defined in redis.conf and at the same setting an ACL file"));
    let missing = start(&["aclfile nosuch.acl"], None).err().unwrap();
    assert!(
        missing.starts_with(
            "Aborting Redis startup because of ACL errors: Error loading ACLs, opening file 'nosuch.acl': "
        )
    );
    let bad = start(&["aclfile users.acl"], Some("usr a")).err().unwrap();
    assert!(bad.contains("users.acl:1 should start with user keyword followed by the username. "), "{bad}");
}

#[test]
fn a_file_of_users_is_loaded_and_saved() {
    let mut talk = start(&["aclfile users.acl", "requirepass ignored"], Some("user a on nopass +@all\n")).unwrap();
    let list = format!("user a on nopass sanitize-payload resetchannels +@all / {OPEN}");
    assert_eq!(talk.ask("ACL LIST"), list);
    assert_eq!(talk.ask("ACL SETUSER b on %R~x"), "OK");
    assert_eq!(talk.ask("ACL SAVE"), "OK");
    assert_eq!(
        talk.server.file("users.acl").unwrap(),
        format!(
            "user a on nopass sanitize-payload resetchannels +@all\nuser b on sanitize-payload %R~x resetchannels -@all\n{OPEN}\n"
        )
        .as_bytes()
    );
    assert_eq!(talk.ask("ACL DELUSER a b"), "2");
    assert_eq!(talk.ask("ACL LOAD"), "OK");
    assert_eq!(talk.ask("ACL USERS"), "a / b / default");

    talk.server.put_file("users.acl", b"user c on\nuser d +nosuch\nfoo\n");
    assert_eq!(
        talk.ask("ACL LOAD"),
        "ERR users.acl:2: Error in applying operation '+nosuch': Unknown command or category name in ACL. users.acl:3 should start \
         with user keyword followed by the username. WARNING: ACL errors detected, no change to the previously active ACL rules was \
         performed"
    );
    assert_eq!(talk.ask("ACL USERS"), "a / b / default", "all or nothing");
}

#[test]
fn without_a_file_there_is_nothing_to_load_or_save() {
    let mut talk = start(&[], None).unwrap();
    for command in ["ACL LOAD", "ACL SAVE"] {
        let refusal = talk.ask(command);
        assert!(
            refusal.starts_with("ERR This Redis instance is not configured to use an ACL file. You may want to"),
            "{refusal}"
        );
    }
}

#[test]
fn loading_spares_who_is_still_there() {
    let mut talk = start(
        &["aclfile users.acl"],
        Some("user a on nopass +@all &*\nuser b on nopass +@all &*\nuser c on nopass +@all"),
    )
    .unwrap();
    let mut others: Vec<(&str, ConnId)> =
        ["a", "b", "b", "c", "default"].iter().map(|name| (*name, talk.server.connect().unwrap())).collect();
    let admin = talk.conn;
    for (name, conn) in &others {
        talk.conn = *conn;
        assert_eq!(talk.ask(&format!("AUTH {name} x")), "OK");
    }
    talk.conn = others[2].1;
    assert_eq!(talk.ask("SUBSCRIBE x"), "subscribe / x / 1");
    talk.conn = admin;
    talk.server.put_file("users.acl", b"user a off +ping\nuser b on nopass +@all &y\n");
    assert_eq!(talk.ask("ACL LOAD"), "OK");
    let answers: Vec<String> = others
        .drain(..)
        .map(|(_, conn)| {
            talk.conn = conn;
            talk.ask("PING")
        })
        .collect();
    assert_eq!(
        answers,
        ["PONG", "PONG", "(closed)", "(closed)", "PONG"],
        "the subscriber lost its channel, c its user"
    );
    talk.conn = admin;
    assert_eq!(talk.ask("ACL USERS"), "a / b / default");
}

#[test]
fn rewriting_the_configuration_writes_users() {
    let mut talk = start(&["user a on", "user b on nopass +@all"], None).unwrap();
    assert_eq!(talk.ask("ACL SETUSER c on +get ~\"x"), "OK");
    assert_eq!(talk.ask("ACL DELUSER a"), "1");
    let node = talk.server.node();
    let lines = || {
        let config = node.config.lock();
        let lines = node.acl.user_lines(config.settings()).into_iter();
        lines.map(|(_, line)| String::from_utf8(line).unwrap()).collect::<Vec<_>>()
    };
    let written = lines();
    assert_eq!(
        written,
        [
            "user b on nopass sanitize-payload resetchannels +@all",
            "user c on sanitize-payload \"~\\\"x\" resetchannels -@all +get"
        ],
        "the default user is as it always is"
    );
    assert!(node.acl.says_the_same(b"b", &[b"nopass".to_vec(), b"on".to_vec(), b"allcommands".to_vec()]));
    assert!(!node.acl.says_the_same(b"b", &[b"on".to_vec()]));

    // What is written starts the same users.
    let again = start(&written.iter().map(String::as_str).collect::<Vec<_>>(), None).unwrap().ask("ACL LIST");
    assert_eq!(again, talk.ask("ACL LIST"));

    assert_eq!(talk.ask("CONFIG SET requirepass x"), "OK");
    let default = |talk: &Talk| {
        let node = talk.server.node();
        let config = node.config.lock();
        node.acl.user_lines(config.settings()).iter().filter(|(name, _)| name == b"default").count()
    };
    assert_eq!(default(&talk), 0, "requirepass says it all");
    assert_eq!(talk.ask("ACL SETUSER default -keys"), "OK");
    assert_eq!(default(&talk), 1);
}
