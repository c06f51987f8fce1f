//! What MIGRATE is told.

use command_api::{Args, CommandError, CommandResult, Flow, KeyFlags, KeyPosition, KeysError};
use resp::Argv;

/// The arguments, taken apart.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    pub(super) host: &'a [u8],
    pub(super) port: &'a [u8],
    pub(super) keys: Vec<&'a [u8]>,
    pub(super) db: i64,
    pub(super) timeout_ms: u64,
    pub(super) copy: bool,
    pub(super) replace: bool,
    /// User, if one was named, and password.
    pub(super) auth: Option<(Option<&'a [u8]>, &'a [u8])>,
}

/// What a timeout of nothing or less stands for.
const DEFAULT_TIMEOUT_MS: u64 = 1000;

const KEY_AND_KEYS: CommandError =
    CommandError::other("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");

/// The key, or those behind KEYS; an option's own argument may read `keys`.
pub(super) fn keys(argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    let flags = KeyFlags::RW.union(KeyFlags::ACCESS).union(KeyFlags::DELETE);
    let key = argv.get(3).ok_or(KeysError::Invalid)?;
    let is = |at: usize, word: &str| argv.get(at).is_some_and(|arg| arg.eq_ignore_ascii_case(word.as_bytes()));
    let mut at = 6;
    let named = loop {
        at += match () {
            () if at >= argv.len() || !key.is_empty() => break 3..4,
            () if is(at, "keys") => break at + 1..argv.len(),
            () if is(at, "auth") => 2,
            () if is(at, "auth2") => 3,
            () => 1,
        };
    };
    for index in named {
        let index = u32::try_from(index).map_err(|_| KeysError::Invalid)?;
        out.push(KeyPosition { index, flags });
    }
    Ok(())
}

impl<'a> Arguments<'a> {
    pub(super) fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let host = args.bytes()?;
        let port = args.bytes()?;
        let key = args.bytes()?;
        let db = args.bytes()?;
        let timeout = args.bytes()?;
        let mut parsed =
            Self { host, port, keys: vec![key], db: 0, timeout_ms: 0, copy: false, replace: false, auth: None };
        parsed.options(args, key)?;
        let number = |text| stdx::num::parse_i64(text).ok_or(CommandError::NotInteger);
        let timeout = number(timeout)?;
        parsed.db = number(db)?;
        parsed.timeout_ms = u64::try_from(timeout).ok().filter(|ms| *ms > 0).unwrap_or(DEFAULT_TIMEOUT_MS);
        Ok(parsed)
    }

    fn options(&mut self, args: &mut Args<'a>, key: &[u8]) -> CommandResult {
        while !args.is_empty() {
            if args.accept("COPY") {
                self.copy = true;
            } else if args.accept("REPLACE") {
                self.replace = true;
            } else if args.remaining() >= 2 && args.accept("AUTH") {
                self.auth = Some((None, args.bytes()?));
            } else if args.remaining() >= 3 && args.accept("AUTH2") {
                self.auth = Some((Some(args.bytes()?), args.bytes()?));
            } else if args.accept("KEYS") {
                if !key.is_empty() {
                    return Err(KEY_AND_KEYS);
                }
                self.keys = args.rest().collect();
                break;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(Flow::Done)
    }
}
