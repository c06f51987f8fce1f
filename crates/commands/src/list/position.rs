//! LPOS: where an element is.

use std::ops::ControlFlow;

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use stdx::num;
use value::{List, ListEnd};

use super::answer;

pub(super) const LPOS: Command = Command::new("lpos", lpos)
    .since("6.0.6")
    .arity(-3)
    .readonly()
    .acl(&[Acl::List])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&LPOS_DOCS);

const ZERO_RANK: CommandError = CommandError::other(
    "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
);
const NEGATIVE_COUNT: CommandError = CommandError::other("ERR COUNT can't be negative");
const NEGATIVE_MAXLEN: CommandError = CommandError::other("ERR MAXLEN can't be negative");

/// Which matches are wanted.
struct Search {
    coming: ListEnd,
    /// Matches to pass over.
    skip: u64,
    /// Matches to answer, as an array; `None`: the first, by itself.
    count: Option<usize>,
    /// Elements to look at.
    most: usize,
}

fn lpos(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let wanted = args.bytes()?;
    let search = Search::parse(args)?;
    let list = cx.db.read::<List>(key)?;

    match search.count {
        Some(count) => {
            let later = reply.array_later();
            let mut found = 0;
            if let Some(list) = list {
                search.run(list, wanted, |index| {
                    reply.len(index);
                    found += 1;
                    found != count
                });
            }
            reply.settle_array(later, found);
        }
        None => {
            let mut found = None;
            if let Some(list) = list {
                search.run(list, wanted, |index| {
                    found = Some(index);
                    false
                });
            }
            match found {
                Some(index) => reply.len(index),
                None => reply.null(),
            }
        }
    }
    Ok(Flow::Done)
}

impl Search {
    /// Reads the options; of those that come twice the last counts.
    fn parse(args: &mut Args<'_>) -> Result<Self, CommandError> {
        let mut search = Self { coming: ListEnd::Left, skip: 0, count: None, most: usize::MAX };
        while !args.is_empty() {
            if args.remaining() < 2 {
                return Err(CommandError::Syntax);
            }
            if args.accept("RANK") {
                let rank = answer::negatable(args)?;
                search.coming = if rank < 0 { ListEnd::Right } else { ListEnd::Left };
                search.skip = rank.unsigned_abs().checked_sub(1).ok_or(ZERO_RANK)?;
            } else if args.accept("COUNT") {
                search.count = Some(not_negative(args.bytes()?).ok_or(NEGATIVE_COUNT)?);
            } else if args.accept("MAXLEN") {
                search.most = match not_negative(args.bytes()?).ok_or(NEGATIVE_MAXLEN)? {
                    0 => usize::MAX,
                    most => most,
                };
            } else {
                return Err(CommandError::Syntax);
            }
        }
        Ok(search)
    }

    /// Calls `found` with the index of each match until it says that this is enough.
    fn run(&self, list: &List, wanted: &[u8], mut found: impl FnMut(usize) -> bool) {
        let len = list.len();
        let int = num::parse_i64(wanted);
        let (mut seen, mut skip) = (0, self.skip);
        let from = match self.coming {
            ListEnd::Left => 0,
            ListEnd::Right => len.saturating_sub(1),
        };
        list.walk(from, self.coming, |element| {
            seen += 1;
            let matches = match element {
                pack::Element::Int(element) => int == Some(element),
                pack::Element::Bytes(element) => element == wanted,
            };
            if matches && skip > 0 {
                skip -= 1;
            } else if matches {
                let index = match self.coming {
                    ListEnd::Left => seen - 1,
                    ListEnd::Right => len - seen,
                };
                if !found(index) {
                    return ControlFlow::Break(());
                }
            }
            if seen == self.most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
}

fn not_negative(text: &[u8]) -> Option<usize> {
    num::parse_i64(text).and_then(|int| usize::try_from(int).ok())
}

const LPOS_DOCS: Docs = Docs::new(
    "Returns the indexes at which a list holds an element.",
    Group::List,
    "O(N) for N elements looked at, which an element near the end or MAXLEN keep few",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::string("element"),
    Arg::integer("rank").token("RANK").optional(),
    Arg::integer("num-matches").token("COUNT").optional(),
    Arg::integer("len").token("MAXLEN").optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn matches_are_counted_from_either_end() {
        check(
            r"
            @since 6.2
            > RPUSH l 1 2 3 a 1 2 3 a   => 8
            > LPOS l 3                  => 2
            > LPOS l a                  => 3
            > LPOS l b                  => (nil)
            > LPOS l 3 RANK 2           => 6
            > LPOS l 3 RANK 3           => (nil)
            > LPOS l 3 RANK -1          => 6
            > LPOS l 3 RANK -2          => 2
            > LPOS l 3 RANK -3          => (nil)
            > LPOS l 3 rank 9223372036854775807  => (nil)
            > LPOS l 3 COUNT 0          => [2, 6]
            > LPOS l 3 COUNT 1          => [2]
            > LPOS l 3 COUNT 9          => [2, 6]
            > LPOS l b COUNT 1          => []
            > LPOS l 3 RANK -1 COUNT 0  => [6, 2]
            > LPOS l 3 RANK 2 COUNT 3   => [6]
            > LPOS l 3 MAXLEN 2         => (nil)
            > LPOS l 3 MAXLEN 3         => 2
            > LPOS l 3 MAXLEN 0         => 2
            > LPOS l 1 RANK -1 COUNT 2 MAXLEN 3  => []
            > LPOS l 1 RANK -1 COUNT 2 MAXLEN 4  => [4]
            > LPOS l 1 RANK -2 MAXLEN 7 => (nil)
            > LPOS l 1 RANK -2 MAXLEN 8 => 0
            > LPOS l 1 RANK 1 RANK -1   => 4
            > LPOS nokey 1              => (nil)
            > LPOS nokey 1 COUNT 0      => []
            ",
        );
    }

    #[test]
    fn wrong_options_are_refused() {
        check(
            r"
            @since 6.2
            > SET s v                   => OK
            > LPOS l x RANK 0           => (error) ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list
            > LPOS l x RANK z           => (error) ERR value is not an integer or out of range
            > LPOS l x COUNT -1         => (error) ERR COUNT can't be negative
            > LPOS l x COUNT z          => (error) ERR COUNT can't be negative
            > LPOS l x MAXLEN -1        => (error) ERR MAXLEN can't be negative
            > LPOS l x MAXLEN z         => (error) ERR MAXLEN can't be negative
            > LPOS l x FOO 1            => (error) ERR syntax error
            > LPOS l x FOO              => (error) ERR syntax error
            > LPOS s x RANK             => (error) ERR syntax error
            > LPOS s x RANK 1 COUNT     => (error) ERR syntax error
            > LPOS l                    => (error) ERR wrong number of arguments for 'lpos' command
            > LPOS s x                  => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }

    #[test]
    fn a_rank_must_have_a_negation() {
        check(
            r"
            @since 7.2
            > LPOS l x RANK -9223372036854775808  => (error) ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807
            ",
        );
    }
}
