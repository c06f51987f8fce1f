//! SETBIT, GETBIT: one bit.
//!
//! SETBIT of a bit that is so already is no change: nothing is told and nothing is propagated, and only the encoding shows that
//! the string was opened for editing.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use stdx::num::IntText;

use super::offset;

pub(super) const SETBIT: Command = Command::new("setbit", setbit)
    .since("2.2.0")
    .arity(4)
    .write()
    .deny_oom()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).rw().access().update()])
    .docs(&SETBIT_DOCS);

pub(super) const GETBIT: Command = Command::new("getbit", getbit)
    .since("2.2.0")
    .arity(3)
    .readonly()
    .fast()
    .acl(&[Acl::Bitmap])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&GETBIT_DOCS);

fn setbit(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = offset::parse(args.bytes()?, cx)?;
    let bit = bit(args.bytes()?)?;
    args.finish()?;
    let index = offset::byte_index(offset)?;
    let mask = offset::mask(offset);

    let (was, changed) = cx.db.edit_string_counted(key, index + 1, |bytes, grown| {
        let byte = &mut bytes[index];
        let was = *byte & mask != 0;
        *byte = if bit { *byte | mask } else { *byte & !mask };
        let changed = grown || was != bit;
        (u64::from(changed), (was, changed))
    })?;
    if changed {
        cx.notify(Event::String, "setbit", key);
    }

    reply.int(i64::from(was));
    Ok(Flow::Done)
}

fn getbit(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let offset = offset::parse(args.bytes()?, cx)?;
    args.finish()?;
    let index = offset::byte_index(offset)?;

    let mut scratch = IntText::new();
    let string = cx.db.string(key)?;
    let byte = string.and_then(|string| string.bytes(&mut scratch).get(index)).copied().unwrap_or(0);
    reply.int(i64::from(byte & offset::mask(offset) != 0));
    Ok(Flow::Done)
}

/// `1` or `0`, in any form that is an integer.
fn bit(text: &[u8]) -> Result<bool, CommandError> {
    match stdx::num::parse_i64(text) {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => Err(CommandError::NotIntegerOf("bit")),
    }
}

const SETBIT_DOCS: Docs =
    Docs::new("Sets one bit of a string, which grows as needed, and tells what the bit was.", Group::Bitmap, "O(1)")
        .arguments(&[Arg::key("key", 0), Arg::integer("offset"), Arg::integer("value")]);

const GETBIT_DOCS: Docs = Docs::new("Tells one bit of a string; past its end all bits are 0.", Group::Bitmap, "O(1)")
    .arguments(&[Arg::key("key", 0), Arg::integer("offset")]);
