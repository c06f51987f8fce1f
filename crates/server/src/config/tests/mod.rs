//! What the configuration does as a whole, and that real servers do the same.

mod facts;
mod fixture;
mod get_set;
mod hostile;
mod load;
mod rewrite;
