//! Runs batches of one command on a server in memory, for `cargo xtask counts`, which has callgrind count what happens inside `counted`.
//!
//!   counted                    the names of all workloads
//!   counted NAME BATCHES       runs so many batches of 32 commands
//!
//! There is no socket, no clock and no chance in it: the same build gives the same number on a busy machine, which no measurement of
//! time does. What it leaves out is the kernel, the event loop and the misses of the caches; those are for `cargo xtask bench`.

#![expect(clippy::print_stdout, reason = "a tool talks to its terminal")]

use server::testing::MemoryServer;
use testkit::{ConnId, Subject, Wait};

/// As in the real server, whose allocations are part of a command's cost.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const BATCH_COMMANDS: u64 = 32;
const KEYS: u64 = 10_000;
const FIELDS: u64 = 1000;

/// Words separated by blanks: `K` a key of [`KEYS`], `N` a number that never comes again, `F` one of [`FIELDS`] names.
struct Workload {
    name: &'static str,
    /// Sent once for each `K` or, without one, this often.
    fill: &'static str,
    fills: u64,
    command: &'static str,
}

const fn workload(name: &'static str, fill: &'static str, fills: u64, command: &'static str) -> Workload {
    Workload { name, fill, fills, command }
}

const WORKLOADS: &[Workload] = &[
    workload("ping", "", 0, "PING"),
    workload("get", "SET K value:N", KEYS, "GET K"),
    workload("set", "SET K value:N", KEYS, "SET K value:N"),
    workload("set_ex", "SET K value:N", KEYS, "SET K value:N EX 1000"),
    workload("incr", "SET K N", KEYS, "INCR K"),
    workload("mget_10", "SET K value:N", KEYS, "MGET K K K K K K K K K K"),
    workload("del_missing", "", 0, "DEL K"),
    workload("expire", "SET K value:N", KEYS, "EXPIRE K 1000"),
    workload("lpush", "LPUSH list N", 1000, "LPUSH list element:N"),
    workload("rpop", "LPUSH list element:N", 100_000, "RPOP list"),
    workload("lrange_100", "LPUSH list element:N", 300, "LRANGE list 0 99"),
    workload("sadd", "SADD set member:N", 10_000, "SADD set member:N"),
    workload("sismember", "SADD set F", 1000, "SISMEMBER set F"),
    workload("hset", "HSET hash F value:N", 1000, "HSET hash F value:N"),
    workload("hset_small", "HSET K a 1 b 2 c 3", KEYS, "HSET K b N"),
    workload("hget", "HSET hash F value:N", 1000, "HGET hash F"),
    workload("hgetall_small", "HSET K a 1 b 2 c 3 d 4 e 5", KEYS, "HGETALL K"),
    workload("zadd", "ZADD zset N member:N", 10_000, "ZADD zset N F"),
    workload("zpopmin", "ZADD zset N member:N", 100_000, "ZPOPMIN zset"),
    workload("zrange_100", "ZADD zset N member:N", 10_000, "ZRANGE zset 0 99"),
    workload("xadd", "XADD stream * a N", 1000, "XADD stream * field value:N"),
    workload("dump_hash", "HSET K a 1 b 2 c 3 d 4 e 5", KEYS, "DUMP K"),
    workload("eval_incr", "SET K N", KEYS, "EVAL return(redis.call('incr',KEYS[1])) 1 K"),
    workload("multi_2", "SET K N", KEYS, "MULTI;INCR K;INCR K;EXEC"),
];

/// A server and what it is sent.
struct Run {
    server: MemoryServer,
    conn: ConnId,
    /// How many of each were given out.
    keys: u64,
    fields: u64,
    numbers: u64,
}

impl Run {
    /// Appends the command, or the commands between semicolons, with its places filled.
    fn encode(&mut self, template: &str, out: &mut Vec<u8>) {
        for command in template.split(';') {
            let words: Vec<String> = command.split(' ').map(|word| self.word(word)).collect();
            out.extend(resp::encode_command(&words));
        }
    }

    fn word(&mut self, word: &str) -> String {
        // Steps that share no factor with the number of places visit all of them, in an order that no cache line knows.
        let next = |counter: &mut u64, places: u64| {
            *counter += 1;
            counter.wrapping_mul(7_919) % places
        };
        match word {
            "K" => format!("key:{:012}", next(&mut self.keys, KEYS)),
            "F" => format!("field:{:04}", next(&mut self.fields, FIELDS)),
            _ => match word.strip_suffix('N') {
                Some(front) if front.is_empty() || front.ends_with(':') => {
                    self.numbers += 1;
                    format!("{front}{:010}", 1_000_000_000 + self.numbers)
                }
                _ => word.to_owned(),
            },
        }
    }

    fn fill(&mut self, workload: &Workload) {
        let mut bytes = Vec::new();
        for _ in 0..workload.fills {
            self.encode(workload.fill, &mut bytes);
            if bytes.len() > 1 << 14 {
                uncounted(&mut self.server, self.conn, &bytes);
                bytes.clear();
            }
        }
        uncounted(&mut self.server, self.conn, &bytes);
    }
}

fn uncounted(server: &mut MemoryServer, conn: ConnId, bytes: &[u8]) -> Vec<u8> {
    assert!(server.send(conn, bytes).is_ok() || bytes.is_empty());
    server.receive(conn, Wait::Poll).map(|received| received.bytes).unwrap_or_default()
}

/// The place that callgrind looks at, by this name.
#[inline(never)]
fn counted(server: &mut MemoryServer, conn: ConnId, bytes: &[u8]) {
    assert!(server.send(conn, bytes).is_ok());
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(name), Some(batches)) = (args.next(), args.next()) else {
        WORKLOADS.iter().for_each(|workload| println!("{}", workload.name));
        return;
    };
    let Some(workload) = WORKLOADS.iter().find(|workload| workload.name == name) else {
        panic!("no workload {name}");
    };
    let mut server = MemoryServer::new(1);
    let conn = server.connect().expect("a connection in memory");
    let mut run = Run { server, conn, keys: 0, fields: 0, numbers: 0 };
    run.fill(workload);
    let batches: u64 = batches.parse().expect("a number of batches");
    let mut bytes = Vec::new();
    for _ in 0..batches {
        bytes.clear();
        (0..BATCH_COMMANDS).for_each(|_| run.encode(workload.command, &mut bytes));
        counted(&mut run.server, run.conn, &bytes);
        let replies = run.server.receive(run.conn, Wait::Poll).expect("replies").bytes;
        assert!(!replies.is_empty() && !replies.starts_with(b"-"), "{}", String::from_utf8_lossy(&replies));
    }
    println!("{} commands", batches * BATCH_COMMANDS);
}
