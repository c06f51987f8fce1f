//! The codec from outside: golden data, hostile bytes, memory.

mod allocation;
mod allocation_types;
mod bad_payloads;
mod cross_restore;
mod files;
mod functions;
mod golden;
mod hashes;
mod hostile;
mod lists;
mod logical;
mod mutate;
mod sets;
mod streams;
mod support;
mod survey;
mod templates;
mod zset;

/// Counts what a thread allocates; see `allocation`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
