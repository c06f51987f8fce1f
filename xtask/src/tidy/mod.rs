//! `cargo xtask tidy`: the rules of the building that the compiler does not check.
//!
//! Each rule is a file here, its list of what is allowed a table at the top of that file, so that a change of the rules shows
//! as a changed line in review. A finding names file and line and says what to do. `cargo test -p xtask` runs the same rules
//! over the whole workspace as an ordinary test.
//!
//! The rules read source text through a small lexer (`rust`) instead of a parser such as `syn`: they need only to tell code
//! from comments and strings and to match braces, and they must also work on a file that does not compile yet.

mod dependencies;
mod edges;
mod length;
mod modules;
mod purity;
mod report;
mod rust;
mod unsafe_code;
mod words;
mod workspace;

use report::Finding;
pub(crate) use report::{TidyArgs, run};
use workspace::Workspace;

/// All rules, in the order in which their findings are shown.
const RULES: &[fn(&Workspace) -> Vec<Finding>] = &[
    edges::check,
    purity::check,
    unsafe_code::check,
    modules::check,
    length::check,
    words::check,
    dependencies::check,
];
