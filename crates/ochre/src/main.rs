//! (interim)
use std::sync::Arc;
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
fn main() -> std::io::Result<()> {
    let mut port = 6379; let mut threads = 1;
    let args: Vec<String> = std::env::args().collect();
    for pair in args.windows(2) { if pair[0] == "--port" { port = pair[1].parse().unwrap(); } if pair[0] == "--threads" { threads = pair[1].parse().unwrap(); } }
    let log = runtime::Log::open(&runtime::LogTarget::Stdout, server::LogLevel::Notice)?;
    let host = runtime::OsHost::new(threads, log, String::new(), String::new())?;
    let node = Arc::new(server::Node::new(server::config::Config::interim(threads), host.clone(), runtime::entropy()?));
    let mut listeners = runtime::Listeners::new(300)?;
    listeners.bind_tcp([127,0,0,1].into(), port, 511).unwrap();
    runtime::serve(&node, &host, listeners)
}
