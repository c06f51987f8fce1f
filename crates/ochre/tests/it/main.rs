//! The whole program: its arguments, files, sockets, signals and threads. What can be asked of the server in memory is asked there;
//! these tests are few, since each starts the real binary.
//!
//! Every server listens on a free port of the loopback interface, lives in a temporary directory, and is killed by its id when its
//! [`server::Server`] is dropped, also when a test fails.

mod abuse;
mod background;
mod client;
mod config;
mod connections;
mod functions;
mod limits;
mod memory;
mod persistence;
mod scripts;
mod server;
mod start;
mod stop;
mod threads;
mod together;
mod tools;
mod waiting;
