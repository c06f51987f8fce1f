//! CLUSTER, ASKING, READONLY, READWRITE on a server without cluster mode: known, described by COMMAND, and refused in Redis's words.
//!
//! Client libraries ask CLUSTER to learn whether there is one, and take this very error for a no; an unknown command would be a
//! failure to them.

use command_api::{Acl, Args, CommandError, CommandResult, Docs, Group, Reply};

use super::{nodes, slots};
use crate::{ServerCommand, ServerContext};

pub(super) const CLUSTER: ServerCommand = ServerCommand::container(
    "cluster",
    &[
        &slots::CLUSTER_ADDSLOTS,
        &slots::CLUSTER_ADDSLOTSRANGE,
        &nodes::CLUSTER_BUMPEPOCH,
        &slots::CLUSTER_COUNTKEYSINSLOT,
        &nodes::CLUSTER_COUNT_FAILURE_REPORTS,
        &slots::CLUSTER_DELSLOTS,
        &slots::CLUSTER_DELSLOTSRANGE,
        &nodes::CLUSTER_FAILOVER,
        &slots::CLUSTER_FLUSHSLOTS,
        &nodes::CLUSTER_FORGET,
        &slots::CLUSTER_GETKEYSINSLOT,
        &CLUSTER_HELP,
        &nodes::CLUSTER_INFO,
        &slots::CLUSTER_KEYSLOT,
        &nodes::CLUSTER_LINKS,
        &nodes::CLUSTER_MEET,
        &slots::CLUSTER_MIGRATION,
        &nodes::CLUSTER_MYID,
        &nodes::CLUSTER_MYSHARDID,
        &nodes::CLUSTER_NODES,
        &nodes::CLUSTER_REPLICAS,
        &nodes::CLUSTER_REPLICATE,
        &nodes::CLUSTER_RESET,
        &nodes::CLUSTER_SAVECONFIG,
        &slots::CLUSTER_SETSLOT,
        &nodes::CLUSTER_SET_CONFIG_EPOCH,
        &slots::CLUSTER_SHARDS,
        &nodes::CLUSTER_SLAVES,
        &slots::CLUSTER_SLOTS,
        &slots::CLUSTER_SLOT_STATS,
        &slots::CLUSTER_SYNCSLOTS,
    ],
)
.since("3.0.0")
.arity(-2)
.docs(&CLUSTER_DOCS);

const CLUSTER_HELP: ServerCommand =
    ServerCommand::new("help", disabled).since("5.0.0").arity(2).loading().stale().docs(&CLUSTER_HELP_DOCS);

pub(super) const ASKING: ServerCommand =
    ServerCommand::new("asking", disabled).since("3.0.0").arity(1).fast().acl(&[Acl::Connection]).docs(&ASKING_DOCS);

pub(super) const READONLY: ServerCommand = ServerCommand::new("readonly", disabled)
    .since("3.0.0")
    .arity(1)
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Connection])
    .docs(&READONLY_DOCS);

pub(super) const READWRITE: ServerCommand = ServerCommand::new("readwrite", disabled)
    .since("3.0.0")
    .arity(1)
    .loading()
    .stale()
    .fast()
    .acl(&[Acl::Connection])
    .docs(&READWRITE_DOCS);

const DISABLED: CommandError = CommandError::other("ERR This instance has cluster support disabled");

/// The answer of every command here: `cluster-enabled` is no.
pub(super) fn disabled(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, _reply: &mut Reply<'_>) -> CommandResult {
    Err(DISABLED)
}

const CLUSTER_DOCS: Docs = Docs::new("Groups the commands on the cluster.", Group::Cluster, "Depends on subcommand.");

const CLUSTER_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Cluster, "O(1)");

const ASKING_DOCS: Docs = Docs::new("Lets the next command use a slot that is being imported.", Group::Cluster, "O(1)");

const READONLY_DOCS: Docs = Docs::new("Lets the connection read from a replica.", Group::Cluster, "O(1)");

const READWRITE_DOCS: Docs = Docs::new("Ends the reading from a replica.", Group::Cluster, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::check;

    #[test]
    fn without_cluster_mode_every_command_on_it_says_so() {
        check(
            r"
            > ASKING                   => (error) ERR This instance has cluster support disabled
            > READONLY                 => (error) ERR This instance has cluster support disabled
            > READWRITE                => (error) ERR This instance has cluster support disabled
            > CLUSTER INFO             => (error) ERR This instance has cluster support disabled
            > CLUSTER MYID             => (error) ERR This instance has cluster support disabled
            > CLUSTER SLOTS            => (error) ERR This instance has cluster support disabled
            > CLUSTER KEYSLOT k        => (error) ERR This instance has cluster support disabled
            > CLUSTER HELP             => (error) ERR This instance has cluster support disabled
            > CLUSTER INFO x           => (error) 'ERR wrong number of arguments for \'cluster|info\' command'
            > CLUSTER MEET a           => (error) 'ERR wrong number of arguments for \'cluster|meet\' command'
            > CLUSTER                  => (error) 'ERR wrong number of arguments for \'cluster\' command'
            > CLUSTER nosuch           => (error) 'ERR unknown subcommand \'nosuch\'. Try CLUSTER HELP.'
        ",
        );
    }
}
