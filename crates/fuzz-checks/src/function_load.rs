//! FUNCTION LOAD and FCALL of any bytes: as a library, as a library's text behind the line that names it, and as a function's body; an input
//! that begins with a byte that is no text chooses what is generated.
//!
//! What is refused changes nothing. What is loaded can be called, within a budget of steps, and taken away again; nothing of it stays.

use arbitrary::Unstructured;

use crate::hostile_host::HostileHost;
use crate::lua_text::statements;
use crate::registry::{KEPT, Registry, assert_one_line};

const FUNCTION: &[u8] = b"#!lua name=fuzzed\nredis.register_function('f', function(keys, args) ";

/// FUNCTION LOAD, with and without REPLACE.
pub fn check(input: &[u8]) {
    let mut registry = Registry::new();
    if let Some((&kind @ 0..=1, choices)) = input.split_first() {
        let text = statements(&mut Unstructured::new(choices));
        let text = text.as_bytes();
        if kind == 0 {
            load(&mut registry, &[FUNCTION, text, b"\nend)"].concat());
        } else {
            load(&mut registry, &[b"#!lua name=fuzzed\nlocal keys, args = {}, {}\n", text].concat());
        }
        registry.assert_untouched();
        return;
    }
    if input.starts_with(b"#!") {
        load(&mut registry, input);
    }
    load(&mut registry, &[b"#!lua name=fuzzed\n", input].concat());
    load(&mut registry, &[FUNCTION, input, b"\nend)"].concat());
    registry.assert_untouched();
}

fn load(registry: &mut Registry, code: &[u8]) {
    let before = registry.known();
    for replace in [false, true] {
        match registry.functions.load(code, replace, &mut HostileHost::impatient()).map(str::to_owned) {
            Ok(name) => {
                let loaded = registry.functions.libraries().last().expect("it was loaded");
                assert_eq!((loaded.name(), loaded.code()), (&*name, code));
                assert!(!loaded.functions().is_empty());
                registry.call_all();
                registry.functions.delete(name.as_bytes()).expect("it was loaded");
            }
            Err(error) => {
                assert_one_line(&error);
                assert_eq!(registry.known(), before);
            }
        }
        if registry.functions.libraries().len() == 0 {
            // It took the place of the first.
            registry.functions.load(KEPT, false, &mut HostileHost::patient()).expect("a library");
        }
        assert_eq!(registry.known(), before);
    }
}
