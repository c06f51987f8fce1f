//! Payloads of FUNCTION RESTORE: the input is a stamp, then a body, and the footer is made right. The input is also tried as a whole payload.
//!
//! What is accepted must come back from every dialect that has functions, and the same bytes must be no payload of a value.

use std::borrow::Cow;

use rdb::{Dialect, RestoreOptions, Stamp, append_footer, functions, restore};

pub fn check(input: &[u8]) {
    let options = RestoreOptions { max_string_bytes: 1 << 20, ..RestoreOptions::default() };
    drop(functions::read(input, options));
    let Some((&[low, high], body)) = input.split_first_chunk::<2>() else { return };
    let Ok(stamp) = Stamp::new(u16::from_le_bytes([low, high])) else { return };
    let mut payload = body.to_vec();
    append_footer(&mut payload, 0, stamp);
    let Ok(libraries) = functions::read(&payload, options) else { return };
    assert!(restore(&payload, options).is_err());
    let count = libraries.len();
    let sources: Vec<Vec<u8>> = libraries.map(Cow::into_owned).collect();
    assert_eq!(sources.len(), count);
    for source in &sources {
        let name = functions::library_name(source);
        assert!(name.is_none_or(|name| source.windows(name.len()).any(|part| part == name)));
    }
    for dialect in Dialect::ALL {
        let Ok(written) = functions::write(sources.iter().map(|source| &source[..]), dialect) else {
            assert_eq!(dialect, Dialect::Redis6_2);
            continue;
        };
        // A source that was expanded from a pre-release's record may exceed the limit by its first line.
        let read = functions::read(&written, RestoreOptions::default()).expect("what was written is read");
        assert!(read.eq(sources.iter().map(|source| &source[..])), "{dialect}");
    }
}
