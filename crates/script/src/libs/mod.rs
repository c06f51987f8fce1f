//! The libraries that scripts find beside Lua's own: `cjson`, `cmsgpack`, `struct`, `bit`.
