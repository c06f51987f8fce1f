//! HELP subcommands, laid out as data commands lay out theirs.

pub(crate) use command_api::help;
