//! The codec from outside: golden data, hostile bytes, memory.

mod allocation;
mod golden;
mod hashes;
mod hostile;
mod lists;
mod sets;
mod support;
mod zset;

/// Counts what a thread allocates; see `allocation`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
