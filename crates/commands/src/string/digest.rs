//! DIGEST, and DELEX, which deletes a string only while it is, or is not, the one the client knows.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};

use super::condition::{self, Comparison, Condition};
use super::get::delete;

pub(super) const DIGEST: Command = Command::new("digest", digest)
    .since("8.4.0")
    .arity(2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&DIGEST_DOCS);

pub(super) const DELEX: Command = Command::new("delex", delex)
    .since("8.4.0")
    .arity(-2)
    .write()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).rw().delete().variable_flags()])
    .docs(&DELEX_DOCS);

const BAD_CONDITION: CommandError = CommandError::other("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
const NOT_A_STRING: CommandError = CommandError::other("ERR Key should be of string type if conditions are specified");

fn digest(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    match cx.db.string(key)? {
        Some(string) => reply.bulk(&hex(condition::digest(string))),
        None => reply.null(),
    }
    Ok(Flow::Done)
}

fn delex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    if !matches!(args.remaining(), 0 | 2) {
        return Err(cx.wrong_arity());
    }
    // A missing key is answered before the condition is read: of nothing there is nothing to delete.
    let present = cx.db.contains(key);
    let allowed = if args.is_empty() || !present {
        present
    } else {
        let string = cx.db.string_for_update(key).map_err(|_| NOT_A_STRING)?;
        comparison(args)?.holds(string)
    };
    if allowed {
        delete(cx, key);
    }
    reply.int(i64::from(allowed));
    Ok(Flow::Done)
}

fn comparison<'a>(args: &mut Args<'a>) -> Result<Comparison<'a>, CommandError> {
    let mut said = condition::Said::default();
    said.accept(args, condition::COMPARISON)?;
    match said.check()? {
        Some(Condition::Value(comparison)) => Ok(comparison),
        None | Some(Condition::Missing | Condition::Present) => Err(BAD_CONDITION),
    }
}

fn hex(digest: u64) -> [u8; 16] {
    let mut rest = digest;
    let mut text = [0; 16];
    for digit in text.iter_mut().rev() {
        let nibble = rest.to_le_bytes()[0] & 0xf;
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) };
        rest >>= 4;
    }
    text
}

const DIGEST_DOCS: Docs = Docs::new(
    "Returns the digest of a string as 16 hexadecimal digits.",
    Group::String,
    "O(N) where N is the length of the string.",
)
.arguments(&[Arg::key("key", 0)]);

const DELEX_DOCS: Docs = Docs::new(
    "Deletes a key, if its string or the digest of it is, or is not, a given one.",
    Group::String,
    "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE where N is the length of the string.",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::one_of(
        "condition",
        &[
            Arg::string("ifeq-value").token("IFEQ"),
            Arg::string("ifne-value").token("IFNE"),
            Arg::string("ifdeq-digest").token("IFDEQ"),
            Arg::string("ifdne-digest").token("IFDNE"),
        ],
    )
    .optional(),
]);
