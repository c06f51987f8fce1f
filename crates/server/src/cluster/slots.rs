//! CLUSTER's subcommands on slots: who has them, what lies in them, and how they move.

use command_api::{Arg, Docs, Flags, Group};

use super::commands::disabled;
use crate::ServerCommand;

pub(super) const CLUSTER_ADDSLOTS: ServerCommand = ServerCommand::new("addslots", disabled)
    .since("3.0.0")
    .arity(-3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_ADDSLOTS_DOCS);
const CLUSTER_ADDSLOTS_DOCS: Docs =
    Docs::new("Gives slots to this node.", Group::Cluster, "O(N) where N is the total number of hash slot arguments")
        .arguments(&[Arg::integer("slot").multiple()]);

pub(super) const CLUSTER_ADDSLOTSRANGE: ServerCommand = ServerCommand::new("addslotsrange", disabled)
    .since("7.0.0")
    .arity(-4)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_ADDSLOTSRANGE_DOCS);
const CLUSTER_ADDSLOTSRANGE_DOCS: Docs = Docs::new(
    "Gives ranges of slots to this node.",
    Group::Cluster,
    "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
)
.arguments(&[Arg::block("range", &[Arg::integer("start-slot"), Arg::integer("end-slot")]).multiple()]);

pub(super) const CLUSTER_DELSLOTS: ServerCommand = ServerCommand::new("delslots", disabled)
    .since("3.0.0")
    .arity(-3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_DELSLOTS_DOCS);
const CLUSTER_DELSLOTS_DOCS: Docs =
    Docs::new("Takes slots from this node.", Group::Cluster, "O(N) where N is the total number of hash slot arguments")
        .arguments(&[Arg::integer("slot").multiple()]);

pub(super) const CLUSTER_DELSLOTSRANGE: ServerCommand = ServerCommand::new("delslotsrange", disabled)
    .since("7.0.0")
    .arity(-4)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_DELSLOTSRANGE_DOCS);
const CLUSTER_DELSLOTSRANGE_DOCS: Docs = Docs::new(
    "Takes ranges of slots from this node.",
    Group::Cluster,
    "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
)
.arguments(&[Arg::block("range", &[Arg::integer("start-slot"), Arg::integer("end-slot")]).multiple()]);

pub(super) const CLUSTER_FLUSHSLOTS: ServerCommand = ServerCommand::new("flushslots", disabled)
    .since("3.0.0")
    .arity(2)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_FLUSHSLOTS_DOCS);
const CLUSTER_FLUSHSLOTS_DOCS: Docs = Docs::new("Takes all slots from this node.", Group::Cluster, "O(1)");

pub(super) const CLUSTER_SETSLOT: ServerCommand = ServerCommand::new("setslot", disabled)
    .since("3.0.0")
    .arity(-4)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_SETSLOT_DOCS);
const CLUSTER_SETSLOT_DOCS: Docs = Docs::new("Says to whom a slot belongs, or that it moves.", Group::Cluster, "O(1)")
    .arguments(&[
        Arg::integer("slot"),
        Arg::one_of(
            "subcommand",
            &[
                Arg::string("importing").token("IMPORTING").display("node-id"),
                Arg::string("migrating").token("MIGRATING").display("node-id"),
                Arg::string("node").token("NODE").display("node-id"),
                Arg::pure_token("stable", "STABLE"),
            ],
        ),
    ]);

pub(super) const CLUSTER_COUNTKEYSINSLOT: ServerCommand =
    ServerCommand::new("countkeysinslot", disabled).since("3.0.0").arity(3).stale().docs(&CLUSTER_COUNTKEYSINSLOT_DOCS);
const CLUSTER_COUNTKEYSINSLOT_DOCS: Docs =
    Docs::new("Counts the keys of a slot.", Group::Cluster, "O(1)").arguments(&[Arg::integer("slot")]);

pub(super) const CLUSTER_GETKEYSINSLOT: ServerCommand = ServerCommand::new("getkeysinslot", disabled)
    .since("3.0.0")
    .arity(4)
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_GETKEYSINSLOT_DOCS);
const CLUSTER_GETKEYSINSLOT_DOCS: Docs =
    Docs::new("Lists keys of a slot.", Group::Cluster, "O(N) where N is the number of requested keys")
        .arguments(&[Arg::integer("slot"), Arg::integer("count")]);

pub(super) const CLUSTER_KEYSLOT: ServerCommand =
    ServerCommand::new("keyslot", disabled).since("3.0.0").arity(3).loading().stale().docs(&CLUSTER_KEYSLOT_DOCS);
const CLUSTER_KEYSLOT_DOCS: Docs =
    Docs::new("Tells the slot of a key.", Group::Cluster, "O(N) where N is the number of bytes in the key")
        .arguments(&[Arg::string("key")]);

pub(super) const CLUSTER_SLOTS: ServerCommand = ServerCommand::new("slots", disabled)
    .since("3.0.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_SLOTS_DOCS);
const CLUSTER_SLOTS_DOCS: Docs = Docs::new(
    "Lists ranges of slots and their nodes.",
    Group::Cluster,
    "O(N) where N is the total number of Cluster nodes",
)
.history(&[("4.0.0", "Added node IDs."), ("7.0.0", "Added additional networking metadata field.")])
.deprecated("7.0.0", "`CLUSTER SHARDS`");

pub(super) const CLUSTER_SHARDS: ServerCommand = ServerCommand::new("shards", disabled)
    .since("7.0.0")
    .arity(2)
    .loading()
    .stale()
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_SHARDS_DOCS);
const CLUSTER_SHARDS_DOCS: Docs = Docs::new(
    "Lists the shards with their slots and nodes.",
    Group::Cluster,
    "O(N) where N is the total number of cluster nodes",
);

pub(super) const CLUSTER_SLOT_STATS: ServerCommand = ServerCommand::new("slot-stats", disabled)
    .since("8.2.0")
    .arity(-4)
    .loading()
    .stale()
    .tips(&["nondeterministic_output", "request_policy:all_shards"])
    .docs(&CLUSTER_SLOT_STATS_DOCS);
const CLUSTER_SLOT_STATS_DOCS: Docs = Docs::new(
    "Tells how slots are used.",
    Group::Cluster,
    "O(N) where N is the total number of slots based on arguments. O(N*log(N)) with ORDERBY subcommand.",
)
.arguments(&[Arg::one_of(
    "filter",
    &[
        Arg::block("slotsrange", &[Arg::integer("start-slot"), Arg::integer("end-slot")]).token("SLOTSRANGE"),
        Arg::block(
            "orderby",
            &[
                Arg::string("metric"),
                Arg::integer("limit").token("LIMIT").optional(),
                Arg::one_of("order", &[Arg::pure_token("asc", "ASC"), Arg::pure_token("desc", "DESC")]).optional(),
            ],
        )
        .token("ORDERBY"),
    ],
)]);

pub(super) const CLUSTER_MIGRATION: ServerCommand = ServerCommand::new("migration", disabled)
    .since("8.4.0")
    .arity(-4)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .docs(&CLUSTER_MIGRATION_DOCS);
const CLUSTER_MIGRATION_DOCS: Docs = Docs::new(
    "Starts, watches and ends the moving of slots to this node.",
    Group::Cluster,
    "O(N) where N is the total number of the slots between the start slot and end slot arguments.",
)
.arguments(&[Arg::one_of(
    "subcommand",
    &[
        Arg::block("import", &[Arg::integer("start-slot"), Arg::integer("end-slot")]).token("IMPORT").multiple(),
        Arg::one_of("cancel", &[Arg::string("task-id").token("ID"), Arg::pure_token("all", "ALL")]).token("CANCEL"),
        Arg::one_of(
            "status",
            &[Arg::string("task-id").token("ID").optional(), Arg::pure_token("all", "ALL").optional()],
        )
        .token("STATUS"),
    ],
)]);

pub(super) const CLUSTER_SYNCSLOTS: ServerCommand = ServerCommand::new("syncslots", disabled)
    .since("8.4.0")
    .arity(-3)
    .admin()
    .stale()
    .flag(Flags::NO_ASYNC_LOADING)
    .tips(&["nondeterministic_output"])
    .docs(&CLUSTER_SYNCSLOTS_DOCS);
const CLUSTER_SYNCSLOTS_DOCS: Docs = Docs::new("Carries the moving of slots between nodes.", Group::Cluster, "O(1)")
    .arguments(&[Arg::one_of(
        "subcommand",
        &[
            Arg::block(
                "sync",
                &[
                    Arg::string("task-id"),
                    Arg::block("slot-range", &[Arg::integer("start-slot"), Arg::integer("end-slot")]).multiple(),
                ],
            )
            .token("SYNC"),
            Arg::string("task-id").token("RDBCHANNEL"),
            Arg::pure_token("snapshot-eof", "SNAPSHOT-EOF"),
            Arg::pure_token("stream-eof", "STREAM-EOF"),
            Arg::block("ack", &[Arg::string("state"), Arg::integer("offset")]).token("ACK"),
            Arg::string("error").token("FAIL"),
            Arg::block("conf", &[Arg::string("option").multiple(), Arg::string("value").multiple()]).token("CONF"),
        ],
    )]);
