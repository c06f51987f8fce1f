//! A transcript: what clients send and what they get back, as text that reads like a session.
//!
//! ```text
//! # a comment
//! @since 6.2                              a directive (below)
//! > SET k 'a b'            => OK          a command, quoted as redis-cli has it, and its reply
//! > GET k                  => 'a b'       replies: the notation of `Pattern`
//! > CONFIG GET save        =>2 ['save', '']
//!                          =>3 {'save': ''}   where the protocols differ beyond the usual
//! > SUBSCRIBE a b          => >['subscribe', 'a', 1]
//!                          => >['subscribe', 'b', 2]   several replies, in order
//! > LRANGE l 0 -1          => [           a bracket left open continues the reply
//!     'a',
//!   ]
//! A> BLPOP l 0             => (blocked)   another connection; a word before `>` names it
//! > RPUSH l x              => 1
//! A: => ['l', 'x']                        what came later
//! > CLIENT REPLY OFF       => (silent)    no reply, and none is owed
//! > QUIT                   => OK
//!                          => (closed)    the server hung up
//! >> "*1\r\n$-5\r\n"       => (error) ERR Protocol error: ...   the bytes of the words, as they are
//! ```
//!
//! A command without `=>` fails until `UPDATE_EXPECT=1` has filled it in; `=> *` takes anything. Commands and replies may
//! hold `${x*65}` (65 times x), `${200: f# v#}` (`f1 v1 f2 v2` up to 200), `${0..9: #}`, and `${name}`, which a reply binds
//! and later commands use.
//!
//! ```text
//! @now +5s                         move the clock: ms, s, m, h, d
//! @config NAME VALUE               set a parameter
//! @close A                         hang up
//! @stream SET k v PXAT *           the next command that left for replicas; `*` is any word. Lines in a row are all that left since
//!                                  the last such line, or the start; `@stream` alone says that nothing did
//! @since 8.4 [valkey 9.1]          only servers from there on are asked (never a reason to skip Ochre)
//! @only redis valkey               only these servers are asked
//! @resp2  @resp3                   only under this protocol
//! @skip-lens NAME REASON           not under this lens
//! @skip-encodings NAME REASON      OBJECT ENCODING is not compared under this lens
//! @skip-line NAME REASON           the next line's reply is not compared under this lens
//! ```

mod expand;
mod model;
mod parse;
#[cfg(test)]
mod tests;

pub use model::{Expectation, Line, Outcome, Skip, SkipScope, Step, Transcript};
pub use parse::ParseError;
