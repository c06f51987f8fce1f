//! DIGEST, and DELEX, which deletes a string only while it is, or is not, the one the client knows.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeyFlags, KeySpec, Reply,
};
use resp::Argv;

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
    .key_use(key_use_of_delex)
    .docs(&DELEX_DOCS);

const BAD_CONDITION: CommandError = CommandError::other("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE");
const NOT_A_STRING: CommandError = CommandError::other("ERR Key should be of string type if conditions are specified");

/// With a condition it looks at what it deletes.
fn key_use_of_delex(argv: Argv<'_>) -> KeyFlags {
    let flags = if argv.len() > 2 { KeyFlags::RW.union(KeyFlags::ACCESS) } else { KeyFlags::RM };
    flags.union(KeyFlags::DELETE)
}

fn digest(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    args.finish()?;
    match cx.db.string(key)? {
        Some(string) => reply.bulk(&stdx::hex::<16>(&condition::digest(string).to_be_bytes())),
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
    let present = cx.db.lookup_for_update(key).is_some();
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

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn digest_answers_16_hexadecimal_digits() {
        check(
            r"
            @since 8.4
            > DIGEST k                      => (nil)
            > SET k 'Hello world'           => OK
            > DIGEST k                      => 'b6acb9d84a38ff74'
            > SET k hello                   => OK
            > DIGEST k                      => '9555e8555c62dcfd'
            > SET k v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd  => OK
            > DIGEST k                      => '00006c38adf31777'
            > DIGEST                        => (error) ERR wrong number of arguments for 'digest' command
            > DIGEST k k                    => (error) ERR wrong number of arguments for 'digest' command
            ",
        );
    }

    #[test]
    fn delex_deletes_what_is_still_the_same() {
        check(
            r"
            @since 8.4
            > DELEX k                       => 0
            > DELEX k IFEQ v                => 0
            > DELEX k IFNE v                => 0
            > SET k v                       => OK
            > DELEX k IFEQ w                => 0
            > DELEX k IFNE v                => 0
            > DELEX k ifeq v                => 1
            > EXISTS k                      => 0
            > SET k 12                      => OK
            > DELEX k IFNE 13               => 1
            > SET k hello                   => OK
            > DELEX k IFDNE 9555e8555c62dcfd  => 0
            > DELEX k IFDEQ 9555e8555c62dcfe  => 0
            > DELEX k IFDEQ 9555E8555C62DCFD  => 1
            > SET k v                       => OK
            > DELEX k                       => 1
            > EXISTS k                      => 0
            ",
        );
        check_told(&[
            ("DELEX k", "", ""),
            ("SET k v", "set:k", "="),
            ("DELEX k IFEQ w", "", ""),
            ("DELEX k IFEQ v", "del:k", "DEL k"),
        ]);
    }

    #[test]
    fn delex_counts_its_words_before_it_reads_them() {
        check(
            r"
            @since 8.4
            > DELEX k IFEQ                  => (error) ERR wrong number of arguments for 'delex' command
            > DELEX k IFEQ v w              => (error) ERR wrong number of arguments for 'delex' command
            > SET k v                       => OK
            > DELEX k FOO v                 => (error) ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE
            > DELEX k NX v                  => (error) ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE
            > DELEX k IFDEQ abc             => (error) ERR must be exactly 16 hexadecimal characters
            > GET k                         => 'v'
            ",
        );
    }
}
