//! FUNCTION RESTORE: all of a payload's libraries or none of them.
//!
//! The input is a stamp, then a body, and the footer is made right, since a fuzzer that has to guess a CRC-64 finds nothing in front of
//! it. An input that begins with `#!`, which is no stamp, is the text of libraries with a line `----` between them.
//!
//! What is refused changes nothing, what a plan says is done, and what was restored and dumped is restored to the same.

use std::borrow::Cow;

use rdb::{Dialect, RestoreOptions, Stamp, append_footer};
use script::RestorePolicy;

use crate::hostile_host::HostileHost;
use crate::registry::{Registry, assert_one_line};

const POLICIES: [RestorePolicy; 3] = [RestorePolicy::Flush, RestorePolicy::Append, RestorePolicy::Replace];

/// FUNCTION RESTORE under each policy.
pub fn check(input: &[u8]) {
    let Some(payload) = payload(input) else { return };
    let options = RestoreOptions { max_string_bytes: 1 << 20, ..RestoreOptions::default() };
    let Ok(read) = rdb::functions::read(&payload, options) else { return };
    let codes: Vec<Cow<'_, [u8]>> = read.collect();
    let codes: Vec<&[u8]> = codes.iter().map(AsRef::as_ref).collect();
    for policy in POLICIES {
        restore(&codes, policy);
    }
}

fn payload(input: &[u8]) -> Option<Vec<u8>> {
    if input.starts_with(b"#!") {
        let mut sources = vec![Vec::new()];
        for line in input.split_inclusive(|byte| *byte == b'\n') {
            match sources.last_mut() {
                Some(last) if line != b"----\n" => last.extend_from_slice(line),
                _ => sources.push(Vec::new()),
            }
        }
        return rdb::functions::write(sources.iter().map(|source| &source[..]), Dialect::Portable).ok();
    }
    let (&[low, high], body) = input.split_first_chunk::<2>()?;
    let stamp = Stamp::new(u16::from_le_bytes([low, high])).ok()?;
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, stamp);
    Some(payload)
}

fn restore(codes: &[&[u8]], policy: RestorePolicy) {
    let mut registry = Registry::new();
    let before = registry.known();
    let planned = registry.functions.plan(codes, policy, &mut HostileHost::impatient());
    assert_eq!(registry.known(), before);
    match registry.functions.restore(codes, policy, &mut HostileHost::impatient()) {
        Ok(plan) => {
            // The same text may fail the one time and not the other: it is killed after so many steps, or runs out of memory.
            if let Ok(planned) = planned {
                assert_eq!(planned, plan);
            }
            assert_eq!(plan.added.len() + plan.replaced.len(), codes.len());
            let after = registry.codes();
            assert!(after.ends_with(&codes.iter().map(|code| code.to_vec()).collect::<Vec<_>>()));
            assert_eq!(after.len(), plan.added.len() + 1 - plan.removed.len());
            let counted: usize = registry.functions.libraries().map(|library| library.functions().len()).sum();
            assert_eq!(registry.functions.function_count(), counted);
            registry.call_all();
            dump_and_restore(&registry);
        }
        Err(error) => {
            assert_one_line(&error);
            assert_eq!(registry.known(), before);
            registry.assert_untouched();
        }
    }
}

/// FUNCTION DUMP, then FUNCTION RESTORE into a server that has other libraries.
fn dump_and_restore(registry: &Registry) {
    let codes = registry.codes();
    let dumped =
        rdb::functions::write(codes.iter().map(|code| &code[..]), Dialect::Portable).expect("it has functions");
    let read = rdb::functions::read(&dumped, RestoreOptions::default()).expect("what was dumped is read");
    let read: Vec<Cow<'_, [u8]>> = read.collect();
    assert!(read.iter().eq(&codes));
    let read: Vec<&[u8]> = read.iter().map(AsRef::as_ref).collect();
    let mut other = Registry::new();
    if other.functions.restore(&read, RestorePolicy::Flush, &mut HostileHost::impatient()).is_ok() {
        assert_eq!(other.codes(), codes);
    }
}
