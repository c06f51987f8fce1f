//! What a library function fails with, and the text it becomes.
//!
//! C libraries raise errors through `luaL_error` and `luaL_argerror`, which put the caller's place in front and name the function
//! as the script called it. Both are read off the stack here, at the time of the error only.

use mlua::{Error, Function, IntoLuaMulti, Lua, MultiValue};

use super::args::Args;

/// Results that a function may give. Some of the 8000 slots that Lua has for a C function (`LUAI_MAXCSTACK`) are mlua's, so this is a
/// little less than what C code can return.
pub(super) const RESULT_LIMIT: usize = 7900;

/// Why a library function gives no result.
#[derive(Debug)]
pub(super) enum Fault {
    /// The text goes behind the place where the script stood.
    Located(String),
    /// Argument `position`, counted from 1, is not as it should be.
    Argument { position: usize, problem: String },
    /// The interpreter failed: out of memory.
    Lua(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Lua(error)
    }
}

impl Fault {
    pub(super) fn located(text: impl Into<String>) -> Self {
        Self::Located(text.into())
    }

    pub(super) fn argument(position: usize, problem: impl Into<String>) -> Self {
        Self::Argument { position, problem: problem.into() }
    }

    /// The error to leave the callback with. To be called while the callback runs.
    fn raise(self, lua: &Lua) -> Error {
        let text = match self {
            Self::Located(text) => text,
            Self::Argument { position, problem } => argument_text(lua, position, &problem),
            // More references at once than mlua has room for.
            Self::Lua(Error::StackError) => return Error::RuntimeError("stack overflow".to_owned()),
            Self::Lua(error) => return error,
        };
        Error::RuntimeError(place(lua) + &text)
    }
}

/// The place of the Lua code that called the running function, `user_script:1: `; empty when C code called it.
fn place(lua: &Lua) -> String {
    let place = lua.inspect_stack(1, |caller| {
        let line = caller.current_line()?;
        let source = caller.source();
        Some(format!("{}:{line}: ", source.short_src.as_deref().unwrap_or("?")))
    });
    place.flatten().unwrap_or_default()
}

fn argument_text(lua: &Lua, position: usize, problem: &str) -> String {
    let called = lua.inspect_stack(0, |function| {
        let names = function.names();
        (names.name.map(|name| name.into_owned()), names.name_what == Some("method"))
    });
    let (name, is_method) = called.unwrap_or((None, false));
    let name = name.as_deref().unwrap_or("?");
    // `cjson:encode(x)` passes the table first; the script's own count begins behind it.
    match position.checked_sub(usize::from(is_method)) {
        Some(0) if is_method => format!("calling '{name}' on bad self ({problem})"),
        position => format!("bad argument #{} to '{name}' ({problem})", position.unwrap_or(0)),
    }
}

/// A library function: `body` sees its arguments and fails with a [`Fault`].
pub(super) fn function<R: IntoLuaMulti>(
    lua: &Lua,
    body: impl Fn(&Lua, &Args) -> Result<R, Fault> + Send + 'static,
) -> mlua::Result<Function> {
    lua.create_function(move |lua, values: MultiValue| body(lua, &Args::new(values)).map_err(|fault| fault.raise(lua)))
}
