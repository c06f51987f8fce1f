use super::compress::Table;
use super::{LzfError, MAX_EXPANSION, compress, decompress};

#[test]
fn worked_example_of_the_module_comment() {
    let block = b"\x05abcabc\xe0\x2b\x02\x00a";
    let text = b"abc".repeat(20);
    assert_eq!(decompress(block, 59).unwrap(), text[..58].iter().chain(b"a").copied().collect::<Vec<_>>());
}

#[test]
fn any_input_comes_back() {
    arbtest::arbtest(|u| {
        let alphabet = u.int_in_range(1..=255)?;
        let len = u.int_in_range(0..=3000)?;
        let input: Vec<u8> = (0..len).map(|_| u.int_in_range(0..=alphabet)).collect::<Result<_, _>>()?;
        let room = u.int_in_range(0..=input.len() + 100)?;
        if let Some(block) = compress(&input, room) {
            assert!(block.len() <= room);
            assert_eq!(decompress(&block, input.len()).as_deref(), Ok(&input[..]));
        }
        Ok(())
    });
}

#[test]
fn what_was_compressed_before_does_not_show() {
    let mut used = Table::new();
    for round in 0..200_u32 {
        let input: Vec<u8> = (0..600 + round).map(|at| (at * at / 7 % (round + 2)).to_le_bytes()[0]).collect();
        assert_eq!(used.compress(&input, input.len()), Table::new().compress(&input, input.len()));
    }
    used.base = u32::MAX / 2 + 1;
    let input = b"abcabcabcabcabcabcabcabcabcabc";
    assert_eq!(used.compress(input, 26), Table::new().compress(input, 26));
}

#[test]
fn damaged_blocks_are_refused() {
    for (block, len, error) in [
        (&b"\x05abc"[..], 6, LzfError::Truncated),
        (b"\x00a\xe0", 12, LzfError::Truncated),
        (b"\x00a\xe0\x01", 12, LzfError::Truncated),
        (b"\x00a\x20", 12, LzfError::Truncated),
        (b"\x20\x00", 3, LzfError::OffsetBeforeStart),
        (b"\x00a\x20\x01", 4, LzfError::OffsetBeforeStart),
        (b"\x00a\x20\x00", 5, LzfError::WrongLength),
        (b"\x00a\x20\x00", 3, LzfError::WrongLength),
        (b"", 1, LzfError::WrongLength),
        (b"\x00a", usize::MAX, LzfError::WrongLength),
    ] {
        assert_eq!(decompress(block, len), Err(error), "{block:?}");
    }
    assert_eq!(decompress(b"", 0), Ok(Vec::new()));
}

#[test]
fn longest_run_reaches_the_greatest_expansion() {
    let block = b"\x00a".iter().chain(b"\xe0\xff\x00".repeat(100).iter()).copied().collect::<Vec<_>>();
    let text = decompress(&block, 1 + 264 * 100).unwrap();
    assert!(text.iter().all(|&byte| byte == b'a'));
    assert!(text.len() <= block.len() * MAX_EXPANSION);
}
