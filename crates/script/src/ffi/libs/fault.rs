//! Errors of library functions, whose texts are put together on Lua's stack: nothing with a destructor may live when one is raised.

use crate::ffi::state::State;

/// Why there is no result. All but `Bare` go behind the place where the script stood.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// As Lua's core raises it, which names no place.
    Bare(&'static str),
    Text(&'static str),
    /// JSON goes on with something else than it may.
    Expected {
        what: &'static str,
        found: &'static str,
        character: usize,
    },
    /// JSON has too many levels.
    TooDeep {
        depth: usize,
        character: usize,
    },
    /// A table has too many levels.
    Nesting {
        depth: usize,
    },
    /// A value of this type has no form in JSON.
    Cannot {
        kind: &'static [u8],
        why: &'static str,
    },
    /// Neither may be negative. Of the input's length the original says that it is the limit.
    Request {
        offset: i64,
        len: i64,
    },
    /// The input ends before.
    Start {
        offset: i64,
        len: i64,
    },
}

impl Fault {
    /// Raises it. The stack may be full: all but the first argument goes.
    pub(super) fn raise(self, lua: State) -> ! {
        lua.set_top(1);
        match self {
            Self::Bare(text) => lua.raise(text.as_bytes()),
            Self::Text(text) => lua.push_string(text.as_bytes()),
            Self::Expected { what, found, character } => {
                push(lua, ["Expected ", what, " but found ", found, " at character "]);
                push_number(lua, character);
                lua.concat(6);
            }
            Self::TooDeep { depth, character } => {
                push(lua, ["Found too many nested data structures ("]);
                push_number(lua, depth);
                push(lua, [") at character "]);
                push_number(lua, character);
                lua.concat(4);
            }
            Self::Nesting { depth } => {
                push(lua, ["Cannot serialise, excessive nesting ("]);
                push_number(lua, depth);
                push(lua, [")"]);
                lua.concat(3);
            }
            Self::Cannot { kind, why } => {
                push(lua, ["Cannot serialise "]);
                lua.push_string(kind);
                push(lua, [": ", why]);
                lua.concat(4);
            }
            Self::Request { offset, len } => {
                push(lua, ["Invalid request to unpack with offset of "]);
                push_low(lua, offset);
                push(lua, [" and limit of "]);
                push_low(lua, len);
                push(lua, ["."]);
                lua.concat(5);
            }
            Self::Start { offset, len } => {
                push(lua, ["Start offset "]);
                push_low(lua, offset);
                push(lua, [" greater than input length "]);
                push_low(lua, len);
                push(lua, ["."]);
                lua.concat(5);
            }
        }
        lua.raise_here(lua.string(-1).unwrap_or_default())
    }
}

fn push<const N: usize>(lua: State, texts: [&str; N]) {
    for text in texts {
        lua.push_string(text.as_bytes());
    }
}

fn push_number(lua: State, number: usize) {
    lua.push_string(itoa::Buffer::new().format(number).as_bytes());
}

/// How the C original's `%d` prints a number of 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the low half is what is printed")]
fn push_low(lua: State, number: i64) {
    lua.push_string(itoa::Buffer::new().format(number as i32).as_bytes());
}
