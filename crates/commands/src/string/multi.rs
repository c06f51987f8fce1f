//! MGET, MSET, MSETNX, MSETEX: many strings at once.
//!
//! Keys are taken in batches of [`BATCH_KEYS`]: all of a batch are hashed and asked for before the first is looked up, so that the
//! cache misses of a large keyspace overlap. A batch lies on the stack.

use command_api::{
    Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Event, Flow, Group, KeySpec, Reply,
};
use keyspace::{Db, Key, Ttl};
use stdx::num;
use value::StringRef;

use super::condition::{self, Condition};
use super::expiry::{Lifetime, Word};
use super::get::answer;
use super::set;

pub(super) const MGET: Command = Command::new("mget", mget)
    .since("1.0.0")
    .arity(-2)
    .readonly()
    .fast()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).range(-1, 1, 0).ro().access()])
    .tips(&["request_policy:multi_shard"])
    .docs(&MGET_DOCS);

pub(super) const MSET: Command = Command::new("mset", mset)
    .since("1.0.1")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).range(-1, 2, 0).ow().update()])
    .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
    .docs(&MSET_DOCS);

pub(super) const MSETNX: Command = Command::new("msetnx", msetnx)
    .since("1.0.1")
    .arity(-3)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).range(-1, 2, 0).ow().insert()])
    .docs(&MSETNX_DOCS);

pub(super) const MSETEX: Command = Command::new("msetex", msetex)
    .since("8.4.0")
    .arity(-4)
    .write()
    .deny_oom()
    .acl(&[Acl::String])
    .keys(&[KeySpec::index(1).keynum(0, 1, 2).ow().update()])
    .tips(&["request_policy:multi_shard", "response_policy:all_succeeded"])
    .docs(&MSETEX_DOCS);

const BAD_NUMKEYS: CommandError = CommandError::other("ERR invalid numkeys value");
const BAD_PAIRS: CommandError = CommandError::other("ERR wrong number of key-value pairs");

/// Keys hashed and prefetched together.
const BATCH_KEYS: usize = 32;

fn mget(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    reply.array(args.remaining());
    let mut keys = std::iter::from_fn(|| args.key().ok().map(|key| (key, &b""[..])));
    let mut batch = Batch::new();
    while let Some(keys) = batch.refill(&mut keys, &cx.db) {
        for &(key, _) in keys {
            // A key that holds something else has no string to give: null, not an error.
            answer(reply, cx.db.string(key).unwrap_or(None));
        }
    }
    Ok(Flow::Done)
}

fn mset(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pairs = all_pairs(cx, args)?;
    set_all(cx, pairs);
    reply.ok();
    Ok(Flow::Done)
}

fn msetnx(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pairs = all_pairs(cx, args)?;
    let allowed = are_all(&cx.db, pairs.clone(), Presence::Missing);
    if allowed {
        set_all(cx, pairs);
    }
    reply.int(i64::from(allowed));
    Ok(Flow::Done)
}

fn msetex(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let pairs = counted_pairs(args)?;
    let mut said = condition::Said::default();
    let mut lifetime = Lifetime::default();
    while said.accept(args, condition::PRESENCE)? || lifetime.accept(args, ("KEEPTTL", Word::KeepTtl))? {}
    args.finish()?;
    let ttl = lifetime.ttl(cx.name, cx.now())?;
    let wanted = match said.check()? {
        Some(Condition::Missing) => Some(Presence::Missing),
        Some(Condition::Present) => Some(Presence::Present),
        None | Some(Condition::Value(_)) => None,
    };

    let allowed = wanted.is_none_or(|wanted| are_all(&cx.db, pairs.clone(), wanted));
    if allowed {
        set_all_until(cx, pairs, ttl);
    }
    reply.int(i64::from(allowed));
    Ok(Flow::Done)
}

fn set_all(cx: &mut Context<'_>, mut pairs: Pairs<'_>) {
    let mut batch = Batch::new();
    while let Some(pairs) = batch.refill(&mut pairs, &cx.db) {
        for &(key, value) in pairs {
            set::store(cx, key, value, Ttl::Clear);
        }
    }
}

/// As MSETEX does: the deadline is told before the value, other than with SET. Propagated as SETs, which every server knows.
fn set_all_until(cx: &mut Context<'_>, mut pairs: Pairs<'_>, ttl: Ttl) {
    let mut batch = Batch::new();
    while let Some(pairs) = batch.refill(&mut pairs, &cx.db) {
        for &(key, value) in pairs {
            cx.db.set_string(key, StringRef::new(value), ttl);
            if matches!(ttl, Ttl::At(_)) {
                cx.notify(Event::Generic, "expire", key);
            }
            cx.notify(Event::String, "set", key);
            set::propagate(cx, key, value, ttl);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Present,
    Missing,
}

/// Whether every key is `wanted`.
fn are_all(db: &Db<'_>, mut pairs: Pairs<'_>, wanted: Presence) -> bool {
    let mut batch = Batch::new();
    while let Some(pairs) = batch.refill(&mut pairs, db) {
        let mut found = pairs
            .iter()
            .map(|(key, _)| if db.lookup_for_update(*key).is_some() { Presence::Present } else { Presence::Missing });
        if found.any(|presence| presence != wanted) {
            return false;
        }
    }
    true
}

type Pair<'a> = (Key<'a>, &'a [u8]);

/// The keys and values of a command, their number checked.
#[derive(Clone, Debug)]
struct Pairs<'a> {
    args: Args<'a>,
    left: usize,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        self.left = self.left.checked_sub(1)?;
        Some((self.args.key().ok()?, self.args.bytes().ok()?))
    }
}

/// All arguments as pairs.
fn all_pairs<'a>(cx: &Context<'_>, args: &Args<'a>) -> Result<Pairs<'a>, CommandError> {
    if !args.remaining().is_multiple_of(2) {
        return Err(cx.wrong_arity());
    }
    Ok(Pairs { args: args.clone(), left: args.remaining() / 2 })
}

/// Takes a number and as many pairs.
fn counted_pairs<'a>(args: &mut Args<'a>) -> Result<Pairs<'a>, CommandError> {
    let count = num::parse_i64(args.bytes()?).and_then(|count| i32::try_from(count).ok());
    let left = count.filter(|count| *count > 0).and_then(|count| usize::try_from(count).ok()).ok_or(BAD_NUMKEYS)?;
    let pairs = Pairs { args: args.clone(), left };
    let arguments = left.checked_mul(2).ok_or(BAD_NUMKEYS)?;
    args.skip(arguments).map_err(|_| BAD_PAIRS)?;
    Ok(pairs)
}

/// Some keys and what goes with each.
struct Batch<'a> {
    pairs: [Pair<'a>; BATCH_KEYS],
}

impl<'a> Batch<'a> {
    const fn new() -> Self {
        Self { pairs: [(Key::with_hash(b"", 0), b""); BATCH_KEYS] }
    }

    /// Takes the next pairs and warms the cache for their keys; `None` when there are no more.
    fn refill(&mut self, from: &mut impl Iterator<Item = Pair<'a>>, db: &Db<'_>) -> Option<&[Pair<'a>]> {
        let mut len = 0;
        for (place, pair) in self.pairs.iter_mut().zip(from) {
            *place = pair;
            len += 1;
        }
        let pairs = self.pairs.get(..len).filter(|pairs| !pairs.is_empty())?;
        if pairs.len() > 1 {
            db.prefetch(pairs.iter().map(|(key, _)| *key));
        }
        Some(pairs)
    }
}

const MGET_DOCS: Docs = Docs::new(
    "Returns the strings under several keys; null for one that is missing or no string.",
    Group::String,
    "O(N) where N is the number of keys.",
)
.arguments(&[Arg::key("key", 0).multiple()]);

const MSET_DOCS: Docs =
    Docs::new("Stores strings under several keys at once.", Group::String, "O(N) where N is the number of keys.")
        .arguments(&[Arg::block("data", &[Arg::key("key", 0), Arg::string("value")]).multiple()]);

const MSETNX_DOCS: Docs = Docs::new(
    "Stores strings under several keys at once, unless one of the keys is there.",
    Group::String,
    "O(N) where N is the number of keys.",
)
.arguments(&[Arg::block("data", &[Arg::key("key", 0), Arg::string("value")]).multiple()]);

const MSETEX_DOCS: Docs = Docs::new(
    "Stores strings with a common deadline under several keys at once, if all of the keys or none are there.",
    Group::String,
    "O(N) where N is the number of keys.",
)
.arguments(&[
    Arg::integer("numkeys"),
    Arg::block("data", &[Arg::key("key", 0), Arg::string("value")]).multiple(),
    Arg::one_of("condition", &[Arg::pure_token("nx", "NX"), Arg::pure_token("xx", "XX")]).optional(),
    Arg::one_of(
        "expiration",
        &[
            Arg::integer("seconds").token("EX"),
            Arg::integer("milliseconds").token("PX"),
            Arg::unix_time("unix-time-seconds").token("EXAT"),
            Arg::unix_time("unix-time-milliseconds").token("PXAT"),
            Arg::pure_token("keepttl", "KEEPTTL"),
        ],
    )
    .optional(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    use crate::told::check_told;

    #[test]
    fn mset_and_mget_keep_the_order() {
        check(
            r"
            > MSET a 1 b two c ''       => OK
            > MGET a missing c b a      => ['1', (nil), '', 'two', '1']
            > MSET a x b 2 a 3          => OK
            > MGET a b                  => ['3', '2']
            > MSET a                    => (error) ERR wrong number of arguments for 'mset' command
            > MSET a 1 b                => (error) ERR wrong number of arguments for 'mset' command
            > MGET                      => (error) ERR wrong number of arguments for 'mget' command
            > GET a                     => '3'
            ",
        );
        check_told(&[("MSET a 1 b 2 a 3", "set:a set:b set:a", "=")]);
    }

    #[test]
    fn mset_clears_deadlines() {
        check(
            r"
            > SETEX a 100 v             => OK
            > MSET a w b x              => OK
            > TTL a                     => -1
            ",
        );
    }

    #[test]
    fn more_keys_than_a_batch_are_all_set_and_found() {
        check(
            r"
            > MSET ${100: k# v#}        => OK
            > MGET k1 k32 k33 k64 k65 k96 k97 k100  => ['v1', 'v32', 'v33', 'v64', 'v65', 'v96', 'v97', 'v100']
            > DBSIZE                    => 100
            > MSETNX ${100: n# v#} k50 x  => 0
            > MSETNX ${100: n# v#}      => 1
            > DBSIZE                    => 200
            ",
        );
    }

    #[test]
    fn msetnx_sets_all_or_none() {
        check(
            r"
            > MSETNX a 1 b 2            => 1
            > MSETNX c 1 b 3            => 0
            > MGET a b c                => ['1', '2', (nil)]
            > MSETNX e 1 e 2            => 1
            > GET e                     => '2'
            > MSETNX f                  => (error) ERR wrong number of arguments for 'msetnx' command
            > MSETNX f 1 g              => (error) ERR wrong number of arguments for 'msetnx' command
            > SET h v PX 1              => OK
            @now +1s
            > MSETNX h 1 i 2            => 1
            ",
        );
        check_told(&[("MSETNX a 1 b 2", "set:a set:b", "="), ("MSETNX c 1 b 2", "", "")]);
    }

    #[test]
    fn msetex_sets_all_with_one_deadline() {
        check(
            r"
            @since 8.4
            > MSETEX 2 a 1 b 2 EX 100   => 1
            > TTL a                     => 100
            > TTL b                     => 100
            > MSETEX 2 a 3 c 4 KEEPTTL  => 1
            > MGET a b c                => ['3', '2', '4']
            > TTL a                     => 100
            > TTL c                     => -1
            > MSETEX 1 a 5              => 1
            > TTL a                     => -1
            > MSETEX 1 a 6 PX 200000    => 1
            > TTL a                     => 200
            > MSETEX 1 a 6 EXAT 9999999999  => 1
            > PEXPIRETIME a             => 9999999999000
            > MSETEX 1 a 6 PXAT 9999999999999  => 1
            > PEXPIRETIME a             => 9999999999999
            > MSETEX 2 a 7 b 8 EXAT 1   => 1
            > EXISTS a b                => 0
            ",
        );
    }

    #[test]
    fn msetex_asks_for_all_keys_or_none() {
        check(
            r"
            @since 8.4
            > MSETEX 2 a 1 b 2 XX       => 0
            > MSETEX 2 a 1 b 2 NX       => 1
            > MSETEX 2 c 1 b 3 NX       => 0
            > MSETEX 2 c 1 b 3 xx       => 0
            > MGET a b c                => ['1', '2', (nil)]
            > MSETEX 2 a 3 b 4 EX 100 XX  => 1
            > MGET a b                  => ['3', '4']
            > MSETEX 1 nx xx NX         => 1
            > GET nx                    => 'xx'
            ",
        );
    }

    #[test]
    fn msetex_refuses_what_does_not_add_up() {
        check(
            r"
            @since 8.4
            @only redis ochre
            > MSETEX 0 a 1              => (error) ERR invalid numkeys value
            > MSETEX -1 a 1             => (error) ERR invalid numkeys value
            > MSETEX abc a 1            => (error) ERR invalid numkeys value
            > MSETEX 2147483648 a 1     => (error) ERR invalid numkeys value
            > MSETEX 2 a 1              => (error) ERR wrong number of key-value pairs
            > MSETEX 2 a 1 b            => (error) ERR wrong number of key-value pairs
            > MSETEX 2147483647 a 1     => (error) ERR wrong number of key-value pairs
            > MSETEX 1 a 1 FOO          => (error) ERR syntax error
            > MSETEX 1 a 1 b            => (error) ERR syntax error
            > MSETEX 1 a 1 NX XX        => (error) ERR syntax error
            > MSETEX 1 a 1 EX           => (error) ERR syntax error
            > MSETEX 1 a 1 EX 1 PX 1    => (error) ERR syntax error
            > MSETEX 1 a 1 EX 1 KEEPTTL => (error) ERR syntax error
            > MSETEX 1 a 1 PERSIST      => (error) ERR syntax error
            > MSETEX 1 a 1 EX 0         => (error) ERR invalid expire time in 'msetex' command
            > MSETEX 1 a 1 EX abc       => (error) ERR value is not an integer or out of range
            > MSETEX 1 a                => (error) ERR wrong number of arguments for 'msetex' command
            > EXISTS a b                => 0
            ",
        );
    }

    #[test]
    fn msetex_is_propagated_as_sets() {
        check_told(&[
            (
                "MSETEX 2 a 1 b 2 EX 10 NX",
                "expire:a set:a expire:b set:b",
                "SET a 1 PXAT 1010000 ; SET b 2 PXAT 1010000",
            ),
            ("MSETEX 1 a 2 KEEPTTL", "set:a", "SET a 2 KEEPTTL"),
            ("MSETEX 1 a 2", "set:a", "SET a 2"),
            ("MSETEX 1 a 2 NX", "", ""),
        ]);
    }
}
