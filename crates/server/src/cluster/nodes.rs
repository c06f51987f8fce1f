//! CLUSTER's subcommands on nodes: who they are, and who follows whom.

use command_api::{Arg, Docs, Flags, Group};

use super::commands::disabled;
use crate::ServerCommand;

pub(super) const CLUSTER_BUMPEPOCH: ServerCommand = ServerCommand::new("bumpepoch", disabled)
    .since("3.0.0")
    .arity(2)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_BUMPEPOCH_DOCS);
const CLUSTER_BUMPEPOCH_DOCS: Docs = Docs::new("Raises the configuration epoch.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_COUNT_FAILURE_REPORTS: ServerCommand = ServerCommand::new("count-failure-reports", disabled)
    .since("3.0.0")
    .arity(3)
    .admin()
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_COUNT_FAILURE_REPORTS_DOCS);
const CLUSTER_COUNT_FAILURE_REPORTS_DOCS: Docs = Docs::new(
    "Counts the reports that a node has failed.",
    Group::Cluster,
    "O(N) where N is the number of failure reports",
)
.arguments(&[Arg::string("node-id")]);

pub(super) const CLUSTER_FAILOVER: ServerCommand = ServerCommand::new("failover", disabled)
    .since("3.0.0")
    .arity(-2)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_FAILOVER_DOCS);
const CLUSTER_FAILOVER_DOCS: Docs =
    Docs::new("Lets this replica take the place of its primary.", Group::Cluster, "O(1)").arguments(&[Arg::one_of(
        "options",
        &[Arg::pure_token("force", "FORCE"), Arg::pure_token("takeover", "TAKEOVER")],
    )
    .optional()]);

pub(super) const CLUSTER_FORGET: ServerCommand = ServerCommand::new("forget", disabled)
    .since("3.0.0")
    .arity(3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_FORGET_DOCS);
const CLUSTER_FORGET_DOCS: Docs = Docs::new("Removes a node from the list of known ones.", Group::Cluster, "O(1)")
    .arguments(&[Arg::string("node-id")]);

pub(super) const CLUSTER_INFO: ServerCommand = ServerCommand::new("info", disabled)
    .since("3.0.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_INFO_DOCS);
const CLUSTER_INFO_DOCS: Docs = Docs::new("Tells how the cluster is.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_LINKS: ServerCommand = ServerCommand::new("links", disabled)
    .since("7.0.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_LINKS_DOCS);
const CLUSTER_LINKS_DOCS: Docs =
    Docs::new("Lists the links to other nodes.", Group::Cluster, "O(N) where N is the total number of Cluster nodes");

pub(super) const CLUSTER_MEET: ServerCommand = ServerCommand::new("meet", disabled)
    .since("3.0.0")
    .arity(-4)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_MEET_DOCS);
const CLUSTER_MEET_DOCS: Docs = Docs::new("Makes two nodes know each other.", Group::Cluster, "O(1)")
    .history(&[("4.0.0", "Added the optional `cluster_bus_port` argument.")])
    .arguments(&[Arg::string("ip"), Arg::integer("port"), Arg::integer("cluster-bus-port").since("4.0.0").optional()]);

pub(super) const CLUSTER_MYID: ServerCommand =
    ServerCommand::new("myid", disabled).since("3.0.0").arity(2).loading().stale().docs(&CLUSTER_MYID_DOCS);
const CLUSTER_MYID_DOCS: Docs = Docs::new("Tells this node's id.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_MYSHARDID: ServerCommand = ServerCommand::new("myshardid", disabled)
    .since("7.2.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_MYSHARDID_DOCS);
const CLUSTER_MYSHARDID_DOCS: Docs = Docs::new("Tells the id of this node's shard.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_NODES: ServerCommand = ServerCommand::new("nodes", disabled)
    .since("3.0.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_NODES_DOCS);
const CLUSTER_NODES_DOCS: Docs = Docs::new(
    "Lists the known nodes, as they are written to the file.",
    Group::Cluster,
    "O(N) where N is the total number of Cluster nodes",
);

pub(super) const CLUSTER_REPLICAS: ServerCommand = ServerCommand::new("replicas", disabled)
    .since("5.0.0")
    .arity(3)
    .admin()
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_REPLICAS_DOCS);
const CLUSTER_REPLICAS_DOCS: Docs =
    Docs::new("Lists the replicas of a primary.", Group::Cluster, "O(N) where N is the number of replicas.")
        .arguments(&[Arg::string("node-id")]);

pub(super) const CLUSTER_REPLICATE: ServerCommand = ServerCommand::new("replicate", disabled)
    .since("3.0.0")
    .arity(3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_REPLICATE_DOCS);
const CLUSTER_REPLICATE_DOCS: Docs =
    Docs::new("Makes this node the replica of another.", Group::Cluster, "O(1)").arguments(&[Arg::string("node-id")]);

pub(super) const CLUSTER_RESET: ServerCommand =
    ServerCommand::new("reset", disabled).since("3.0.0").arity(-2).admin().noscript().stale().docs(&CLUSTER_RESET_DOCS);
const CLUSTER_RESET_DOCS: Docs = Docs::new(
    "Forgets the cluster.",
    Group::Cluster,
    "O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.",
)
.arguments(
    &[Arg::one_of("reset-type", &[Arg::pure_token("hard", "HARD"), Arg::pure_token("soft", "SOFT")]).optional()],
);

pub(super) const CLUSTER_SAVECONFIG: ServerCommand = ServerCommand::new("saveconfig", disabled)
    .since("3.0.0")
    .arity(2)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_SAVECONFIG_DOCS);
const CLUSTER_SAVECONFIG_DOCS: Docs = Docs::new("Writes the node's file.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_SET_CONFIG_EPOCH: ServerCommand = ServerCommand::new("set-config-epoch", disabled)
    .since("3.0.0")
    .arity(3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_SET_CONFIG_EPOCH_DOCS);
const CLUSTER_SET_CONFIG_EPOCH_DOCS: Docs =
    Docs::new("Sets the configuration epoch of a new node.", Group::Cluster, "O(1)")
        .arguments(&[Arg::integer("config-epoch")]);

pub(super) const CLUSTER_SLAVES: ServerCommand = ServerCommand::new("slaves", disabled)
    .since("3.0.0")
    .arity(3)
    .admin()
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_SLAVES_DOCS);
const CLUSTER_SLAVES_DOCS: Docs =
    Docs::new("Lists the replicas of a primary.", Group::Cluster, "O(N) where N is the number of replicas.")
        .deprecated("5.0.0", "`CLUSTER REPLICAS`")
        .arguments(&[Arg::string("node-id")]);
