//! What a running script asks of the server.

use resp::{Argv, Protocol};

/// The server, as one running script sees it.
///
/// Replies are protocol bytes: what a handler writes for a client is what a script's value is made of, so a command needs no second
/// form of its answer.
pub trait Host {
    /// Runs a command for `redis.call` and `redis.pcall` and appends its reply to `reply`, an error as an error reply (`-ERR ...`).
    /// The server decides there whether the command may run at all: unknown, wrong number of arguments, not for scripts, refused to
    /// the user, a write in a read-only script, out of memory.
    fn call(&mut self, argv: Argv<'_>, protocol: Protocol, reply: &mut Vec<u8>);

    /// `redis.acl_check_cmd`: whether the script's user may run this command.
    ///
    /// # Errors
    /// The text of an error about the command itself: it is unknown.
    fn may_call(&mut self, argv: Argv<'_>) -> Result<bool, String>;

    /// `redis.log`.
    fn log(&mut self, level: LogLevel, message: &[u8]);

    /// `redis.set_repl`: whether the AOF and replicas hear of the writes that follow. Returns nothing: a bad flag never gets here.
    fn set_propagation(&mut self, to_aof: bool, to_replicas: bool);

    /// Asked every two thousand instructions, or as often as it takes: whether the script goes on. Long scripts let the server serve others meanwhile.
    fn checkpoint(&mut self) -> Verdict;
}

/// Whether a script goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// It goes on, but was long in asking: an instruction of Lua's may join two texts of half a gigabyte. It is to ask more often.
    AskSooner,
    /// Ends it with an error that no `pcall` can keep from it.
    Kill,
}

/// The levels of `redis.log`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Verbose,
    Notice,
    Warning,
}
