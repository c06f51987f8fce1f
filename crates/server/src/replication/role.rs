//! ROLE, REPLICAOF, SLAVEOF.

use command_api::{Acl, Arg, Args, CommandError, CommandResult, Docs, Flags, Flow, Group, Reply};
use stdx::num;

use crate::{ServerCommand, ServerContext};

pub(super) const ROLE: ServerCommand = ServerCommand::new("role", role)
    .since("2.8.12")
    .arity(1)
    .noscript()
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Admin, Acl::Dangerous])
    .docs(&ROLE_DOCS);

pub(super) const REPLICAOF: ServerCommand = ServerCommand::new("replicaof", replicaof)
    .since("5.0.0")
    .arity(3)
    .admin()
    .noscript()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&REPLICAOF_DOCS);

pub(super) const SLAVEOF: ServerCommand = ServerCommand::new("slaveof", replicaof)
    .since("1.0.0")
    .arity(3)
    .admin()
    .noscript()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&SLAVEOF_DOCS);

const BAD_PORT: CommandError = CommandError::other("ERR Invalid master port");
const UNSUPPORTED: CommandError = CommandError::other("ERR replication is not supported by this version");

/// The role, the offset of the replication stream, and the replicas.
fn role(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.array(3);
    reply.bulk(b"master");
    reply.int(0);
    reply.array(0);
    Ok(Flow::Done)
}

fn replicaof(_cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let (host, port) = (args.bytes()?, args.bytes()?);
    if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
        reply.ok();
        return Ok(Flow::Done);
    }
    num::parse_i64(port).filter(|port| (0..=65_535).contains(port)).ok_or(BAD_PORT)?;
    Err(UNSUPPORTED)
}

const SOURCE: &[Arg] = &[Arg::one_of(
    "args",
    &[
        Arg::block("host-port", &[Arg::string("host"), Arg::integer("port")]),
        Arg::block("no-one", &[Arg::pure_token("no", "NO"), Arg::pure_token("one", "ONE")]),
    ],
)];

const ROLE_DOCS: Docs = Docs::new("Tells the server's part in replication.", Group::Server, "O(1)");

const REPLICAOF_DOCS: Docs =
    Docs::new("Makes the server a replica of another, or a primary.", Group::Server, "O(1)").arguments(SOURCE);

const SLAVEOF_DOCS: Docs = Docs::new("Makes the server a replica of another, or a primary.", Group::Server, "O(1)")
    .deprecated("5.0.0", "`REPLICAOF`")
    .arguments(SOURCE);

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn a_lone_primary_stays_one() {
        check(
            r"
            > ROLE                  => ['master', (int), []]
            > REPLICAOF NO ONE      => OK
            > SLAVEOF no one        => OK
            > REPLICAOF no x        => (error) ERR Invalid master port
            > REPLICAOF h 65536     => (error) ERR Invalid master port
        ",
        );
    }
}
