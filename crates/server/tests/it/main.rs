//! Whole servers without sockets, run by real threads.

mod host;
mod isolation;
mod propagation;
mod words;
