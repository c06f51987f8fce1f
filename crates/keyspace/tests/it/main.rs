//! The keyspace from outside: against a model by one thread, and by many.

mod evict;
mod fields;
mod garbage;
mod model;
mod support;
mod threads;
