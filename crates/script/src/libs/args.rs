//! The arguments of a library function, read with Lua's own coercions: numbers pass as strings, and strings that look like
//! numbers as numbers.

use mlua::{BorrowedBytes, Lua, MultiValue, Value};

use super::fault::Fault;

/// The arguments of one call. Positions count from 1, as in error messages.
#[derive(Debug)]
pub(super) struct Args(MultiValue);

impl Args {
    pub(super) const fn new(values: MultiValue) -> Self {
        Self(values)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// `None` where the call had no such argument, which messages tell from nil.
    pub(super) fn get(&self, position: usize) -> Option<&Value> {
        self.0.get(position.checked_sub(1)?)
    }

    /// Whether the argument is missing or nil, for those that are optional.
    pub(super) fn is_absent(&self, position: usize) -> bool {
        matches!(self.get(position), None | Some(Value::Nil))
    }

    pub(super) fn bytes(&self, lua: &Lua, position: usize) -> Result<BorrowedBytes, Fault> {
        let value = self.get(position).unwrap_or(&Value::Nil);
        if let Value::String(string) = value {
            return Ok(string.as_bytes());
        }
        match lua.coerce_string(value.clone())? {
            Some(string) => Ok(string.as_bytes()),
            None => Err(self.wrong_type(position, "string")),
        }
    }

    pub(super) fn number(&self, lua: &Lua, position: usize) -> Result<f64, Fault> {
        number_of(lua, self.get(position).unwrap_or(&Value::Nil))?.ok_or_else(|| self.wrong_type(position, "number"))
    }

    /// A number without its fraction. One that no `i64` holds becomes the least one, which is what x86's conversion gives.
    pub(super) fn integer(&self, lua: &Lua, position: usize) -> Result<i64, Fault> {
        Ok(truncate(self.number(lua, position)?))
    }

    pub(super) fn optional_integer(&self, lua: &Lua, position: usize, default: i64) -> Result<i64, Fault> {
        if self.is_absent(position) { Ok(default) } else { self.integer(lua, position) }
    }

    fn wrong_type(&self, position: usize, expected: &str) -> Fault {
        let got = self.get(position).map_or("no value", type_name);
        Fault::argument(position, format!("{expected} expected, got {got}"))
    }
}

/// The number that a value is or, as text, looks like.
pub(super) fn number_of(lua: &Lua, value: &Value) -> mlua::Result<Option<f64>> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "Lua's numbers are doubles: mlua made the integer of one")]
        Value::Integer(integer) => Ok(Some(*integer as f64)),
        Value::Number(number) => Ok(Some(*number)),
        Value::Nil
        | Value::Boolean(_)
        | Value::String(_)
        | Value::Table(_)
        | Value::Function(_)
        | Value::Thread(_)
        | Value::LightUserData(_)
        | Value::UserData(_)
        | Value::Error(_)
        | Value::Other(_) => lua.coerce_number(value.clone()),
    }
}

pub(crate) fn truncate(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "within the bounds that the condition sets")]
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}

/// Lua's name for a value's type.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nil",
        Value::Boolean(_) => "boolean",
        Value::Integer(_) | Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Table(_) => "table",
        Value::Function(_) => "function",
        Value::Thread(_) => "thread",
        Value::LightUserData(_) | Value::UserData(_) | Value::Error(_) | Value::Other(_) => "userdata",
    }
}
