//! `ochre`: a Redis-compatible server, and tools for its files, in one program.
//!
//! ```text
//! ochre server [CONFIG_FILE|-] [--name value ...]      serve
//! redis-server ...                                     the same, under any name that ends in -server
//! ochre inspect|convert|verify|salvage ...             work on RDB files, without a server
//! ```
//!
//! Here arguments become configuration, configuration becomes a node, and the runtime serves it. Nothing else is decided here.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its user")]

mod files;
mod serve;
mod tools;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use server::config::Launch;

/// jemalloc: its statistics feed INFO, and it keeps fragmentation low under years of churn.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const USAGE: &str = "\
ochre: a Redis-compatible data server

  ochre server [CONFIG_FILE|-] [--name value ...]   serve; every directive of redis.conf is an option
  ochre inspect FILE                                show what an RDB file or a payload of DUMP holds
  ochre convert IN OUT --to DIALECT                 write it again for another server or version
  ochre verify A B                                  tell whether two files hold the same
  ochre salvage IN OUT                              copy what is sound of a damaged file
  ochre --version
  ochre --help                                      (of a tool: ochre inspect --help)

  ochre server                                      serve on port 6379 with default settings
  ochre server /etc/redis/redis.conf                serve with a configuration file
  ochre server --port 7000 --threads 4              serve with options
  echo 'port 7000' | ochre server -                 read the configuration from standard input

Started under a name that ends in -server (a symbolic link redis-server, say), it is `ochre server`.";

fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let program = args.next().unwrap_or_default();
    let rest: Vec<OsString> = args.collect();
    if is_server_name(&program) {
        return launch(rest);
    }
    let mut rest = rest.into_iter();
    match rest.next().as_deref().and_then(|word| word.to_str()) {
        Some("server") => launch(rest.collect()),
        Some(tool) if tools::is_tool(tool) => tools::run(std::iter::once(tool.into()).chain(rest).collect()),
        Some("--version" | "-v" | "-V") => print_version(),
        Some("--help" | "-h" | "help") => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
        Some(other) => {
            eprintln!("ochre: there is no command '{other}'\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn is_server_name(program: &OsString) -> bool {
    Path::new(program).file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with("-server"))
}

fn launch(args: Vec<OsString>) -> ExitCode {
    match Launch::parse(args) {
        Launch::Version => print_version(),
        Launch::Help => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Launch::CheckSystem => {
            println!("[ok] nothing to check: no sysctl and no overcommit setting is needed, since nothing forks");
            ExitCode::SUCCESS
        }
        Launch::TestMemory(_) => {
            eprintln!(
                "ochre: --test-memory is not offered; memtest86+ or memtester test memory better than a server can"
            );
            ExitCode::FAILURE
        }
        Launch::Serve(line) => serve::serve(&line),
    }
}

/// Begins as redis-server's line does, so that scripts that look for `v=` go on working.
fn print_version() -> ExitCode {
    println!(
        "Redis server v={} sha=00000000:0 malloc=jemalloc-5.3.1 bits={} build=ochre-{}",
        server::REDIS_VERSION,
        usize::BITS,
        server::OCHRE_VERSION
    );
    ExitCode::SUCCESS
}
