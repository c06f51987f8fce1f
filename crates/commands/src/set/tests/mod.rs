//! Sessions with sets: replies, errors, forms, and what is told to others.

mod algebra;
mod draw;
mod forms;
mod members;
mod scan;
