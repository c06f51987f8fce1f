//! HELLO: chooses the protocol, and may authenticate and name the connection in the same step.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};
use resp::Protocol;
use stdx::num;

use super::auth::authenticate;
use crate::clients::check_name;
use crate::info::{OCHRE_VERSION, REDIS_VERSION};
use crate::{ServerCommand, ServerContext};

pub(super) const HELLO: ServerCommand = ServerCommand::new("hello", hello)
    .since("6.0.0")
    .arity(-1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .flag(Flags::NO_AUTH)
    .flag(Flags::ALLOW_BUSY)
    .acl(&[Acl::Connection])
    .docs(&HELLO_DOCS);

const NOT_A_VERSION: CommandError = CommandError::other("ERR Protocol version is not an integer or out of range");
const NO_SUCH_VERSION: CommandError = CommandError::other("NOPROTO unsupported protocol version");
const NOT_AUTHENTICATED: CommandError = CommandError::other(
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option \
     can be used to authenticate the client and select the RESP protocol version at the same time",
);

fn hello(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let protocol = match args.peek() {
        None => cx.client.protocol,
        Some(text) => {
            args.skip(1)?;
            match num::parse_i64(text).ok_or(NOT_A_VERSION)? {
                2 => Protocol::Resp2,
                3 => Protocol::Resp3,
                _ => return Err(NO_SUCH_VERSION),
            }
        }
    };
    let mut credentials = None;
    let mut name = None;
    while let Some(option) = args.peek() {
        if args.remaining() >= 3 && args.accept("AUTH") {
            credentials = Some((args.bytes()?, args.bytes()?));
        } else if args.remaining() >= 2 && args.accept("SETNAME") {
            let text = args.bytes()?;
            check_name(text)?;
            name = Some(text);
        } else {
            let option = String::from_utf8_lossy(option);
            return Err(CommandError::Other(format!("ERR Syntax error in HELLO option '{option}'").into()));
        }
    }

    if let Some((user, password)) = credentials {
        authenticate(cx.node, cx.client, user, password, "HELLO")?;
    }
    if !cx.client.is_known(cx.node) {
        return Err(NOT_AUTHENTICATED);
    }
    if let Some(name) = name {
        cx.client.info.names.lock().name = name.to_vec();
    }
    cx.client.protocol = protocol;
    reply.set_protocol(protocol);
    introduce(cx, reply);
    Ok(Flow::Done)
}

/// Who the server is.
fn introduce(cx: &ServerContext<'_, '_>, reply: &mut Reply<'_>) {
    reply.map(8);
    reply.bulk(b"server");
    reply.bulk(b"redis");
    reply.bulk(b"version");
    reply.bulk(REDIS_VERSION.as_bytes());
    reply.bulk(b"ochre_version");
    reply.bulk(OCHRE_VERSION.as_bytes());
    reply.bulk(b"proto");
    reply.int(if cx.client.protocol == Protocol::Resp3 { 3 } else { 2 });
    reply.bulk(b"id");
    reply.int(i64::try_from(cx.client.id).unwrap_or(i64::MAX));
    reply.bulk(b"mode");
    reply.bulk(b"standalone");
    reply.bulk(b"role");
    reply.bulk(b"master");
    reply.bulk(b"modules");
    reply.array(0);
}

const HELLO_DOCS: Docs = Docs::new(
    "Chooses the protocol version and introduces both sides.",
    Group::Connection,
    "O(1)",
)
.history(&[(
    "6.2.0",
    "`protover` made optional; when called without arguments the command reports the current connection's context.",
)])
.arguments(&[Arg::block(
    "arguments",
    &[
        Arg::integer("protover"),
        Arg::block("auth", &[Arg::string("username"), Arg::string("password")]).token("AUTH").optional(),
        Arg::string("clientname").token("SETNAME").optional(),
    ],
)
.optional()]);
