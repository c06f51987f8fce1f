//! `cargo xtask roundtrip`: values of every type travel Redis 8.0 -> Ochre -> Valkey 9.1 -> Ochre -> Redis 7.0 and must arrive as they were.
//!
//! Twice: key by key (DUMP here, RESTORE there) and as files (SAVE, and a start on the copy). Redis 8, Valkey 9 and Redis 7.0 refuse each
//! other's payloads and files; between them Ochre writes each in its own dialect. At every stop each key is read with the commands of
//! its type, and what is read is compared with the beginning. A server that is not on this machine is left out, and its reason told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::bench::build_ochre;
use crate::interrupt;
use crate::servers::{self, Program, Server};
use crate::wire::{Client, Reply};

#[derive(Args)]
pub(crate) struct RoundtripArgs {
    /// The Ochre to ask [default: the debug build of this workspace].
    #[arg(long, value_name = "PATH")]
    ours: Option<PathBuf>,
    /// The chroot tree that holds Redis 8.0 and Valkey 9.1; they are left out without.
    #[arg(long, value_name = "DIR")]
    peer_root: Option<PathBuf>,
    /// The first port to try.
    #[arg(long, default_value_t = 7340)]
    port: u16,
}

/// A stop on the way, and the dialect in which the one before writes for it.
struct Stop {
    name: &'static str,
    program: Program,
    dialect: &'static str,
}

/// Key by key what was read.
type Contents = BTreeMap<String, String>;

/// The type of each key and what makes it.
const KEYS: &[(&str, &[&str])] = &[
    ("string:text", &["SET string:text hello"]),
    ("string:int", &["SET string:int -12345"]),
    ("string:large", &["SETRANGE string:large 70000 end"]),
    ("string:expiring", &["SET string:expiring later EXAT 4102444800"]),
    ("string:hyperloglog", &["PFADD string:hyperloglog a b c d e f g"]),
    ("list:small", &["RPUSH list:small a 1 -5 bb 70000 ccc"]),
    ("list:nodes", &["EVAL #filllist 1 list:nodes"]),
    ("set:integers", &["SADD set:integers 1 2 70000 -5 9000000000"]),
    ("set:small", &["SADD set:small a b 1 ccc"]),
    ("set:large", &["EVAL #fillset 1 set:large"]),
    ("hash:small", &["HSET hash:small a 1 b two 3 three"]),
    ("hash:large", &["EVAL #fillhash 1 hash:large"]),
    ("zset:small", &["ZADD zset:small 1 a 2.5 b -inf c 1e300 d 0.1 e"]),
    ("zset:large", &["EVAL #fillzset 1 zset:large"]),
    ("geo:places", &["GEOADD geo:places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania"]),
    ("stream:plain", &["XADD stream:plain 1-1 a 1 b 2", "XADD stream:plain 1-2 a 3 b 4", "XADD stream:plain 5-0 c 5"]),
    (
        "stream:trimmed",
        &["EVAL #fillstream 1 stream:trimmed", "XTRIM stream:trimmed MAXLEN 120", "XDEL stream:trimmed 200-0"],
    ),
    (
        "stream:groups",
        &[
            "XADD stream:groups 1-0 a 1",
            "XADD stream:groups 2-0 a 2",
            "XADD stream:groups 3-0 a 3",
            "XGROUP CREATE stream:groups readers 0",
            "XGROUP CREATE stream:groups idle $",
            "XREADGROUP GROUP readers one COUNT 2 STREAMS stream:groups >",
            "XREADGROUP GROUP readers two COUNT 1 STREAMS stream:groups >",
            "XACK stream:groups readers 1-0",
        ],
    ),
];

/// What `EVAL #name` stands for.
const SCRIPTS: &[(&str, &str)] = &[
    ("#filllist", "for i = 1, 2000 do redis.call('RPUSH', KEYS[1], 'element ' .. i, i) end"),
    ("#fillset", "for i = 1, 1000 do redis.call('SADD', KEYS[1], 'member ' .. i) end"),
    ("#fillhash", "for i = 1, 1000 do redis.call('HSET', KEYS[1], 'field ' .. i, string.rep('v', i % 90)) end"),
    ("#fillzset", "for i = 1, 1000 do redis.call('ZADD', KEYS[1], i * 1.25, 'member ' .. i) end"),
    ("#fillstream", "for i = 1, 300 do redis.call('XADD', KEYS[1], i .. '-0', 'n', i, 'text', 'entry ' .. i) end"),
];

pub(crate) fn run(args: &RoundtripArgs) -> Result<()> {
    interrupt::catch()?;
    let stops = stops(args)?;
    let origin = stops.first().context("no server to begin with")?;
    let first = Server::start(&origin.program, args.port)?;
    fill(&mut first.connect()?)?;
    let expected = read_all(&mut first.connect()?)?;
    let by_key = by_key(&first, &stops, args.port)?;
    let by_file = by_file(&first, &stops, args.port)?;
    let names: Vec<_> = stops.iter().map(|stop| stop.name).collect();
    println!("\n{} keys: {}\n", expected.len(), names.join(" -> "));
    let mut wrong = 0;
    println!("{:20}  {:28}  by file", "key", "by DUMP and RESTORE");
    for (key, value) in &expected {
        let verdict = |journey: &[(&'static str, Contents)]| {
            let lost = journey.iter().find(|(_, contents)| contents.get(key) != Some(value));
            lost.map_or_else(|| "the same everywhere".to_owned(), |(stop, _)| format!("DIFFERS at {stop}"))
        };
        let (one, two) = (verdict(&by_key), verdict(&by_file));
        wrong += usize::from(one.starts_with("DIFFERS")) + usize::from(two.starts_with("DIFFERS"));
        println!("{key:20}  {one:28}  {two}");
    }
    if wrong > 0 {
        bail!("{wrong} keys did not arrive as they were");
    }
    Ok(())
}

/// The servers of the way that this machine has.
fn stops(args: &RoundtripArgs) -> Result<Vec<Stop>> {
    let ours = match &args.ours {
        Some(path) => path.clone(),
        None => build_ochre(false)?,
    };
    let peer = |name: &'static str, root: Option<PathBuf>, file: &str, dialect| {
        let Some(path) = servers::find_program(root.as_deref(), file) else {
            let place = root.map_or_else(|| "on PATH".to_owned(), |root| format!("in {}", root.display()));
            println!("left out: {name}, because there is no {file} {place}");
            return None;
        };
        Some(Stop { name, program: Program { path, root, args: Vec::new(), cores: None }, dialect })
    };
    let in_root = |name: &'static str, file: &str, dialect| match &args.peer_root {
        Some(root) => peer(name, Some(root.clone()), file, dialect),
        None => {
            println!("left out: {name}, because --peer-root does not say where it is");
            None
        }
    };
    let ochre = || {
        let program = Program { path: ours.clone(), root: None, args: Vec::new(), cores: None };
        Some(Stop { name: "Ochre", program, dialect: "portable" })
    };
    let way = [
        in_root("Redis 8.0", "redis-server", "redis-8.0"),
        ochre(),
        in_root("Valkey 9.1", "valkey-server", "valkey-9"),
        ochre(),
        peer("Redis 7.0", None, "redis-server", "redis-7.0"),
    ];
    Ok(way.into_iter().flatten().collect())
}

fn fill(client: &mut Client) -> Result<()> {
    for (_, commands) in KEYS {
        for command in *commands {
            let words: Vec<&str> = command.split(' ').collect();
            let script = |word: &str| SCRIPTS.iter().find(|(name, _)| *name == word).map(|(_, text)| *text);
            let words: Vec<&[u8]> = words.iter().map(|word| script(word).unwrap_or(word).as_bytes()).collect();
            if let Reply::Error(text) = client.call(&words)? {
                bail!("{command}: {text}");
            }
        }
    }
    Ok(())
}

/// Every key goes on from each stop to the next.
fn by_key(first: &Server, stops: &[Stop], port: u16) -> Result<Vec<(&'static str, Contents)>> {
    let mut seen = Vec::new();
    let mut from = first.connect()?;
    let mut from_is_ours = false;
    let mut running = Vec::new();
    for stop in stops.get(1..).unwrap_or_default() {
        let server = Server::start(&stop.program, port)?;
        let mut to = server.connect()?;
        for (key, _) in KEYS {
            let key = key.as_bytes();
            let dump: &[&[u8]] =
                if from_is_ours { &[b"DUMP", key, b"AS", stop.dialect.as_bytes()] } else { &[b"DUMP", key] };
            let Reply::Bulk(payload) = from.call(dump)? else { bail!("DUMP of {}", String::from_utf8_lossy(key)) };
            let Reply::Int(at) = from.call(&[b"PEXPIRETIME", key])? else { bail!("PEXPIRETIME") };
            let at = at.max(0).to_string();
            let restored = to.call(&[b"RESTORE", key, at.as_bytes(), &payload, b"ABSTTL"])?;
            if let Reply::Error(text) = restored {
                println!("{}: RESTORE of {}: {text}", stop.name, String::from_utf8_lossy(key));
            }
        }
        seen.push((stop.name, read_all(&mut to)?));
        from_is_ours = stop.name == "Ochre";
        from = to;
        running.push(server);
    }
    Ok(seen)
}

/// The whole file goes on from each stop to the next.
fn by_file(first: &Server, stops: &[Stop], port: u16) -> Result<Vec<(&'static str, Contents)>> {
    let mut seen = Vec::new();
    let mut running = Vec::new();
    let mut file = first.rdb_file();
    first.connect()?.command(&["SAVE"])?;
    for (at, stop) in stops.iter().enumerate().skip(1) {
        let server = Server::start_with(&stop.program, port, Some(&file))
            .with_context(|| format!("{} on the file of the stop before", stop.name))?;
        let mut client = server.connect()?;
        seen.push((stop.name, read_all(&mut client)?));
        if let Some(next) = stops.get(at + 1) {
            if stop.name == "Ochre" {
                client.command(&["CONFIG", "SET", "rdb-dialect", next.dialect])?;
            }
            client.command(&["SAVE"])?;
        }
        file = server.rdb_file();
        running.push(server);
    }
    Ok(seen)
}

/// What a client sees of every key.
fn read_all(client: &mut Client) -> Result<Contents> {
    let mut contents = Contents::new();
    for (key, _) in KEYS {
        let mut seen = Vec::new();
        for command in questions(key) {
            let words: Vec<&[u8]> = command.split(' ').map(str::as_bytes).collect();
            let reply = client.call(&words)?;
            // Members and fields come in any order.
            let unordered = matches!(command.split(' ').next(), Some("SMEMBERS" | "HGETALL"));
            seen.push(told(reply, unordered, command.starts_with("HGETALL")));
        }
        contents.insert((*key).to_owned(), seen.join("\n"));
    }
    Ok(contents)
}

fn questions(key: &str) -> Vec<String> {
    let words: &[&str] = match key.split(':').next() {
        Some("list") => &["LRANGE KEY 0 -1"],
        Some("set") => &["SMEMBERS KEY"],
        Some("hash") => &["HGETALL KEY"],
        Some("zset" | "geo") => &["ZRANGE KEY 0 -1 WITHSCORES"],
        Some("stream") => {
            &["XRANGE KEY - +", "XINFO GROUPS KEY", "XPENDING KEY readers", "XPENDING KEY readers - + 100 one"]
        }
        _ => &["GET KEY"],
    };
    let all = ["TYPE KEY", "PEXPIRETIME KEY"].iter().chain(words);
    all.map(|words| words.replace("KEY", key)).collect()
}

fn told(reply: Reply, unordered: bool, pairs: bool) -> String {
    let Reply::Array(items) = reply else { return format!("{reply:?}") };
    if unordered {
        let mut parts: Vec<_> = items.chunks(if pairs { 2 } else { 1 }).map(|chunk| format!("{chunk:?}")).collect();
        parts.sort_unstable();
        return parts.concat();
    }
    items.iter().map(|item| pending(item).or_else(|| number(item)).unwrap_or_else(|| format!("{item:?}"))).collect()
}

/// A number in its shortest form: Redis 7.0 shows scores with 17 digits.
fn number(item: &Reply) -> Option<String> {
    let Reply::Bulk(text) = item else { return None };
    std::str::from_utf8(text).ok()?.parse::<f64>().ok().map(|number| format!("{number:e} "))
}

/// A pending entry without its idle time, which changes while the tool runs: id, consumer, deliveries.
fn pending(item: &Reply) -> Option<String> {
    let Reply::Array(parts) = item else { return None };
    let [id @ Reply::Bulk(_), consumer @ Reply::Bulk(_), Reply::Int(_), deliveries @ Reply::Int(_)] = &parts[..] else {
        return None;
    };
    Some(format!("{id:?} {consumer:?} {deliveries:?}"))
}
