//! MEMORY: what keys and the rest of the server take.

use command_api::{Arg, Args, CommandError, CommandResult, Docs, Flow, Group, KeySpec, Reply, Scope};

use value::ValueRef;

use crate::help::help;
use crate::info::ratio;
use crate::{ServerCommand, ServerContext};

pub(super) const MEMORY: ServerCommand = ServerCommand::container(
    "memory",
    &[&MEMORY_DOCTOR, &MEMORY_HELP, &MEMORY_MALLOC_STATS, &MEMORY_PURGE, &MEMORY_STATS, &MEMORY_USAGE],
)
.since("4.0.0")
.arity(-2)
.docs(&MEMORY_DOCS);

const MEMORY_USAGE: ServerCommand = ServerCommand::new("usage", memory_usage)
    .since("4.0.0")
    .arity(-3)
    .readonly()
    .keys(&[KeySpec::index(2).ro()])
    .docs(&MEMORY_USAGE_DOCS);

const MEMORY_STATS: ServerCommand = ServerCommand::new("stats", memory_stats)
    .since("4.0.0")
    .arity(2)
    .scope(Scope::Walk)
    .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
    .docs(&MEMORY_STATS_DOCS);

const MEMORY_DOCTOR: ServerCommand = ServerCommand::new("doctor", memory_doctor)
    .since("4.0.0")
    .arity(2)
    .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
    .docs(&MEMORY_DOCTOR_DOCS);

const MEMORY_PURGE: ServerCommand = ServerCommand::new("purge", memory_purge)
    .since("4.0.0")
    .arity(2)
    .tips(&["request_policy:all_shards", "response_policy:all_succeeded"])
    .docs(&MEMORY_PURGE_DOCS);

const MEMORY_MALLOC_STATS: ServerCommand = ServerCommand::new("malloc-stats", memory_malloc_stats)
    .since("4.0.0")
    .arity(2)
    .tips(&["nondeterministic_output", "request_policy:all_shards", "response_policy:special"])
    .docs(&MEMORY_MALLOC_STATS_DOCS);

const MEMORY_HELP: ServerCommand =
    ServerCommand::new("help", memory_help).since("4.0.0").arity(2).loading().stale().docs(&MEMORY_HELP_DOCS);

/// A key's share of its bucket: a pointer and a byte of its hash.
const SLOT_BYTES: usize = 9;

/// A key's line among the deadlines: the time and the hash.
const DEADLINE_BYTES: usize = 16;

/// Below this much memory above that of the start there is nothing to diagnose.
const LITTLE_BYTES: u64 = 5 << 20;

fn memory_usage(cx: &mut ServerContext<'_, '_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    while !args.is_empty() {
        // Nothing is estimated from samples: the value knows what it takes.
        if !(args.remaining() >= 2 && args.accept("SAMPLES")) {
            return Err(CommandError::Syntax);
        }
        if args.int()? < 0 {
            return Err(CommandError::Syntax);
        }
    }
    match cx.data.db.peek(key) {
        None => reply.null(),
        Some(entry) => {
            let value = entry.value();
            let volatile = entry.deadline().is_some();
            reply.len(bytes_of(entry.key().len(), entry.block_bytes(), value, value.heap_bytes(), volatile));
        }
    }
    Ok(Flow::Done)
}

/// All that an entry takes.
const fn bytes_of(
    key_bytes: usize,
    block_bytes: usize,
    value: ValueRef<'_>,
    heap_bytes: usize,
    volatile: bool,
) -> usize {
    // A string that fits into the block lies there.
    let lies_within = matches!(value, ValueRef::String(_)) && heap_bytes + key_bytes <= block_bytes;
    let deadline = if volatile { DEADLINE_BYTES } else { 0 };
    SLOT_BYTES + deadline + block_bytes + if lies_within { 0 } else { heap_bytes }
}

/// Writes one figure after the other.
struct Figures<'r, 'o> {
    reply: &'r mut Reply<'o>,
    count: usize,
}

impl Figures<'_, '_> {
    fn int(&mut self, name: &str, value: i128) {
        self.reply.bulk(name.as_bytes());
        self.reply.int(i64::try_from(value).unwrap_or(i64::MAX));
        self.count += 1;
    }

    fn double(&mut self, name: &str, value: f64) {
        self.reply.bulk(name.as_bytes());
        self.reply.double(value);
        self.count += 1;
    }

    fn nothing(&mut self, names: &[&str]) {
        names.iter().for_each(|name| self.int(name, 0));
    }
}

fn memory_stats(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let usage = cx.node.host.memory();
    let used = cx.node.memory.used(cx.client.info.lane, &*cx.node.host);
    let peak = cx.node.memory.peak(used);
    let startup = cx.node.startup_memory_bytes;
    let clients: usize = cx.node.clients.all().iter().map(|client| client.total_bytes()).sum();
    let later = reply.array_later();
    let mut out = Figures { reply, count: 0 };
    out.int("peak.allocated", peak.into());
    out.int("total.allocated", used.into());
    out.int("startup.allocated", startup.into());
    out.nothing(&["replication.backlog", "replica.fullsync.buffer", "clients.slaves"]);
    out.int("clients.normal", clients as i128);
    out.nothing(&["cluster.links", "aof.buffer", "lua.caches", "functions.caches", "script.VMs"]);
    let (mut keys, mut tables) = (0, 0);
    for db in 0..cx.node.keyspace.databases() {
        cx.data.db.select(db);
        let size = cx.data.db.size();
        keys += size.keys as u64;
        tables += size.table_bytes as u64;
        if size.keys > 0 {
            out.reply.bulk(format!("db.{db}").as_bytes());
            out.reply.map(2);
            out.reply.bulk(b"overhead.hashtable.main");
            out.reply.len(size.table_bytes);
            out.reply.bulk(b"overhead.hashtable.expires");
            out.reply.len(size.volatile_keys * DEADLINE_BYTES);
            out.count += 1;
        }
    }
    cx.data.db.select(cx.client.db);
    let overhead = startup + tables + clients as u64;
    let dataset = used.saturating_sub(overhead);
    let above_startup = used.saturating_sub(startup);
    out.int("overhead.db.hashtable.lut", tables.into());
    out.nothing(&["overhead.db.hashtable.rehashing"]);
    out.int("hash.templates", cx.node.templates.sizes().bytes as i128);
    out.int("overhead.total", overhead.into());
    out.nothing(&["db.dict.rehashing.count"]);
    out.int("keys.count", keys.into());
    out.int("keys.bytes-per-key", above_startup.checked_div(keys).unwrap_or(0).into());
    out.int("dataset.bytes", dataset.into());
    out.double("dataset.percentage", ratio(dataset, above_startup) * 100.0);
    out.double("peak.percentage", ratio(used, peak) * 100.0);
    let difference = |more: u64, less: u64| i128::from(more) - i128::from(less);
    out.int("allocator.allocated", usage.allocated.into());
    out.int("allocator.active", usage.active.into());
    out.int("allocator.resident", usage.resident.into());
    out.nothing(&["allocator.muzzy"]);
    out.double("allocator-fragmentation.ratio", ratio(usage.active, usage.allocated));
    out.int("allocator-fragmentation.bytes", difference(usage.active, usage.allocated));
    out.double("allocator-rss.ratio", ratio(usage.resident, usage.active));
    out.int("allocator-rss.bytes", difference(usage.resident, usage.active));
    out.double("rss-overhead.ratio", ratio(usage.rss, usage.resident));
    out.int("rss-overhead.bytes", difference(usage.rss, usage.resident));
    out.double("fragmentation", ratio(usage.rss, used));
    out.int("fragmentation.bytes", difference(usage.rss, used));
    let count = out.count;
    reply.settle_map(later, count);
    Ok(Flow::Done)
}

fn memory_doctor(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let usage = cx.node.host.memory();
    let used = cx.node.memory.used(cx.client.info.lane, &*cx.node.host);
    let peak = cx.node.memory.peak(used);
    let mut text = String::new();
    if used < cx.node.startup_memory_bytes + LITTLE_BYTES {
        text.push_str("The server holds next to nothing: there is nothing to diagnose yet.\n");
    } else {
        if ratio(peak, used) > 1.5 {
            text.push_str(
                "Peak: there was half as much again in use before. The allocator may keep pages of that time.\n",
            );
        }
        if ratio(usage.active, usage.allocated) > 1.1 && usage.active - usage.allocated > 10 << 20 {
            text.push_str("Fragmentation: pages in use are more than a tenth larger than what lies in them.\n");
        }
        if ratio(usage.resident, usage.active) > 1.1 && usage.resident - usage.active > 10 << 20 {
            text.push_str(
                "Allocator: it keeps more than a tenth of pages that nobody uses. MEMORY PURGE returns them.\n",
            );
        }
        if text.is_empty() {
            text.push_str("Nothing remarkable.\n");
        }
    }
    reply.verbatim(b"txt", text.as_bytes());
    Ok(Flow::Done)
}

fn memory_purge(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    cx.node.host.purge_memory();
    reply.ok();
    Ok(Flow::Done)
}

fn memory_malloc_stats(cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.verbatim(b"txt", cx.node.host.allocator_report().as_bytes());
    Ok(Flow::Done)
}

fn memory_help(_cx: &mut ServerContext<'_, '_>, _args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    help(
        reply,
        "MEMORY",
        &[
            ("DOCTOR", "Tell in words what is remarkable about memory."),
            ("MALLOC-STATS", "Print the allocator's own report."),
            ("PURGE", "Return unused pages to the system."),
            ("STATS", "Tell what memory is used for, in figures."),
            ("USAGE <key> [SAMPLES <count>]", "Tell how many bytes <key> and its value take. <count> does not matter."),
        ],
    );
    Ok(Flow::Done)
}

const MEMORY_DOCS: Docs = Docs::new("Groups the commands on memory.", Group::Server, "Depends on subcommand.");

const MEMORY_USAGE_DOCS: Docs = Docs::new(
    "Tells how many bytes a key and its value take.",
    Group::Server,
    "O(N) where N is the number of samples.",
)
.arguments(&[Arg::key("key", 0), Arg::integer("count").token("SAMPLES").optional()]);

const MEMORY_STATS_DOCS: Docs = Docs::new("Tells what memory is used for, in figures.", Group::Server, "O(1)");

const MEMORY_DOCTOR_DOCS: Docs = Docs::new("Tells in words what is remarkable about memory.", Group::Server, "O(1)");

const MEMORY_PURGE_DOCS: Docs = Docs::new(
    "Returns unused pages to the system.",
    Group::Server,
    "Depends on how much memory is allocated, could be slow",
);

const MEMORY_MALLOC_STATS_DOCS: Docs = Docs::new(
    "Prints the allocator's own report.",
    Group::Server,
    "Depends on how much memory is allocated, could be slow",
);

const MEMORY_HELP_DOCS: Docs = Docs::new("Explains the subcommands.", Group::Server, "O(1)");

#[cfg(test)]
mod tests {
    use crate::testing::{check, in_memory};

    #[test]
    fn memory_usage_answers_bytes_or_nothing() {
        check(
            r"
            > MEMORY USAGE nosuch                => (nil)
            > SET k v                            => OK
            > MEMORY USAGE k                     => (int 10..100)
            > MEMORY USAGE k SAMPLES 0           => (int 10..100)
            > APPEND k 0123456789012345678901234567890123456789012345678901234567890123456789 => 71
            > MEMORY USAGE k SAMPLES 5           => (int 71..300)
            > MEMORY USAGE k SAMPLES -1          => (error) ERR syntax error
            > MEMORY USAGE k SAMPLES             => (error) ERR syntax error
            > MEMORY USAGE k SAMPLES x           => (error) ERR value is not an integer or out of range
            > MEMORY USAGE k nosuch 1            => (error) ERR syntax error
            > MEMORY PURGE                       => OK
        ",
        );
    }

    #[test]
    fn strings_are_counted_once_wherever_they_lie() {
        in_memory(
            r"
            > SETRANGE in 999 x           => 1000
            > MEMORY USAGE in             => (int 1000..1200)
            > SETRANGE out 99999 x        => 100000
            > MEMORY USAGE out            => (int 100000..100100)
        ",
        );
    }

    #[test]
    fn memory_stats_adds_up() {
        in_memory(
            r"
            > SET k v                => OK
            > MEMORY STATS           => {'total.allocated': 1048576, 'startup.allocated': 1048576, 'keys.count': 1, 'db.0': {'overhead.hashtable.main': (int), 'overhead.hashtable.expires': 0}, 'allocator.active': 2097152, 'fragmentation': (double) 4, ...}
            > MEMORY DOCTOR          => ~'The server holds next to nothing*'
        ",
        );
    }
}
