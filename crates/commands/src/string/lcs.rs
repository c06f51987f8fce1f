//! LCS: the longest common subsequence of two strings, its length, or where it lies in them.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use keyspace::{Db, Key};
use stdx::num::IntText;
use value::StringRef;

use super::subsequence::{self, Pair};

pub(super) const LCS: Command = Command::new("lcs", lcs)
    .since("7.0.0")
    .arity(-3)
    .readonly()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).range(1, 1, 0).ro().access()])
    .docs(&LCS_DOCS);

const NOT_STRINGS: CommandError = CommandError::other("ERR The specified keys must contain string values");
const LEN_AND_IDX: CommandError =
    CommandError::other("ERR If you want both the length and indexes, please just use IDX.");
const TOO_LARGE: CommandError =
    CommandError::other("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");

/// Bytes of one cell of the table that Redis computes, by which it tells whether the strings are too long.
const CELL_BYTES: u128 = 4;

fn lcs(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let (key1, key2) = (args.key()?, args.key()?);
    // Redis looks at the keys before it looks at the options.
    let (first, second) = (string_at(&cx.db, key1), string_at(&cx.db, key2));
    let (first, second) = (first?, second?);
    let options = Options::parse(args)?;
    let (mut scratch1, mut scratch2) = (IntText::new(), IntText::new());
    let (a, b) = (first.bytes(&mut scratch1), second.bytes(&mut scratch2));
    let table_bytes = (a.len() as u128 + 1) * (b.len() as u128 + 1) * CELL_BYTES;
    if table_bytes > u128::from(cx.tunables.proto_max_bulk_len_bytes) {
        return Err(TOO_LARGE);
    }

    match options.answer {
        Answer::Len => reply.len(subsequence::len(a, b)),
        Answer::Matches => answer_matches(a, b, &options, reply),
        Answer::Text => {
            let mut text = Vec::new();
            subsequence::walk_back(a, b, |pair| text.extend(a.get(pair.first)));
            text.reverse();
            reply.bulk(&text);
        }
    }
    Ok(Flow::Done)
}

/// The string under `key`; nothing counts as empty.
fn string_at<'d>(db: &'d Db<'_>, key: Key<'_>) -> Result<StringRef<'d>, CommandError> {
    let string = db.string(key).map_err(|_| NOT_STRINGS)?;
    Ok(string.unwrap_or(StringRef::Embstr(b"")))
}

/// The stretches that the strings have in common, from the last to the first.
fn answer_matches(a: &[u8], b: &[u8], options: &Options, reply: &mut Reply<'_>) {
    reply.map(2);
    reply.bulk(b"matches");
    let matches = reply.array_later();
    let (mut len, mut count) = (0, 0);
    let mut answer = |stretch: Stretch| {
        if stretch.len < options.min_len {
            return;
        }
        count += 1;
        reply.array(if options.with_len { 3 } else { 2 });
        for start in [stretch.start.first, stretch.start.second] {
            reply.array(2);
            reply.len(start);
            reply.len(start + stretch.len - 1);
        }
        if options.with_len {
            reply.len(stretch.len);
        }
    };
    let mut open: Option<Stretch> = None;
    subsequence::walk_back(a, b, |pair| {
        len += 1;
        match &mut open {
            Some(stretch) if stretch.follows(pair) => *stretch = Stretch { start: pair, len: stretch.len + 1 },
            Some(_) | None => open.replace(Stretch { start: pair, len: 1 }).into_iter().for_each(&mut answer),
        }
    });
    open.into_iter().for_each(answer);
    reply.settle_array(matches, count);
    reply.bulk(b"len");
    reply.len(len);
}

/// Equal bytes, one after the other in both strings.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    start: Pair,
    len: usize,
}

impl Stretch {
    /// Whether it lies right behind `pair`.
    const fn follows(&self, pair: Pair) -> bool {
        self.start.first == pair.first + 1 && self.start.second == pair.second + 1
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Text,
    Len,
    Matches,
}

#[derive(Debug)]
struct Options {
    answer: Answer,
    /// The shortest stretch to tell of.
    min_len: usize,
    with_len: bool,
}

impl Options {
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let (mut len, mut idx) = (false, false);
        let (mut min_len, mut with_len) = (0, false);
        while !args.is_empty() {
            if args.accept("IDX") {
                idx = true;
            } else if args.accept("LEN") {
                len = true;
            } else if args.accept("WITHMATCHLEN") {
                with_len = true;
            } else if args.accept("MINMATCHLEN") {
                min_len = usize::try_from(args.int()?.max(0)).unwrap_or(usize::MAX);
            } else {
                return Err(CommandError::Syntax);
            }
        }
        let answer = match (len, idx) {
            (true, true) => return Err(LEN_AND_IDX),
            (true, false) => Answer::Len,
            (false, true) => Answer::Matches,
            (false, false) => Answer::Text,
        };
        Ok(Self { answer, min_len, with_len })
    }
}

const LCS_DOCS: Docs = Docs::new(
    "Returns the longest common subsequence of two strings, its length, or where it lies in them.",
    Group::String,
    "O(N*M) where N and M are the lengths of the strings.",
)
.arguments(&[
    Arg::key("key1", 0),
    Arg::key("key2", 0),
    Arg::pure_token("len", "LEN").optional(),
    Arg::pure_token("idx", "IDX").optional(),
    Arg::integer("min-match-len").token("MINMATCHLEN").optional(),
    Arg::pure_token("withmatchlen", "WITHMATCHLEN").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn lcs_answers_the_text_its_length_or_its_places() {
        check(
            r"
            @since 7.0
            > MSET a ohmytext b mynewtext   => OK
            > LCS a b                       => 'mytext'
            > LCS a b LEN                   => 6
            > LCS a b IDX                   => {'matches': [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], 'len': 6}
            > LCS a b IDX MINMATCHLEN 4     => {'matches': [[[4, 7], [5, 8]]], 'len': 6}
            > LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN  => {'matches': [[[4, 7], [5, 8], 4]], 'len': 6}
            > LCS a b IDX WITHMATCHLEN      => {'matches': [[[4, 7], [5, 8], 4], [[2, 3], [0, 1], 2]], 'len': 6}
            > LCS a b IDX MINMATCHLEN -5    => {'matches': [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], 'len': 6}
            > LCS a b IDX MINMATCHLEN 99    => {'matches': [], 'len': 6}
            > LCS a b idx minmatchlen 9 minmatchlen 3  => {'matches': [[[4, 7], [5, 8]]], 'len': 6}
            > LCS a a IDX                   => {'matches': [[[0, 7], [0, 7]]], 'len': 8}
            > LCS a b LEN LEN MINMATCHLEN 4 => 6
            > LCS a b MINMATCHLEN 4 WITHMATCHLEN  => 'mytext'
            ",
        );
    }

    #[test]
    fn lcs_takes_integers_by_their_text() {
        check(
            r"
            @since 7.0
            > MSET a 12345 b 1345           => OK
            > LCS a b                       => '1345'
            > LCS a b IDX                   => {'matches': [[[2, 4], [1, 3]], [[0, 0], [0, 0]]], 'len': 4}
            ",
        );
    }

    #[test]
    fn lcs_takes_a_missing_key_as_empty() {
        check(
            r"
            @since 7.0
            > SET a text                    => OK
            > LCS a missing                 => ''
            > LCS missing a LEN             => 0
            > LCS missing a IDX             => {'matches': [], 'len': 0}
            > LCS missing missing           => ''
            ",
        );
    }

    #[test]
    fn lcs_refuses_what_it_cannot_mean() {
        check(
            r"
            @since 7.0
            > MSET a text b test            => OK
            > LCS a b LEN IDX               => (error) ERR If you want both the length and indexes, please just use IDX.
            > LCS a b IDX LEN               => (error) ERR If you want both the length and indexes, please just use IDX.
            > LCS a b FOO                   => (error) ERR syntax error
            > LCS a b IDX MINMATCHLEN       => (error) ERR syntax error
            > LCS a b IDX MINMATCHLEN abc   => (error) ERR value is not an integer or out of range
            > LCS a                         => (error) ERR wrong number of arguments for 'lcs' command
            ",
        );
    }

    #[test]
    fn lcs_refuses_strings_whose_table_would_pass_the_limit() {
        check(
            r"
            @since 7.0
            @config proto-max-bulk-len 1mb
            > SETRANGE a 510 x              => 511
            > SETRANGE b 511 x              => 512
            > LCS a a LEN                   => 511
            > LCS a b LEN                   => (error) ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len
            > SETRANGE c 262143 x           => 262144
            > LCS c missing LEN             => (error) ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len
            > SETRANGE d 262142 x           => 262143
            > LCS d missing LEN             => 0
            ",
        );
    }
}
