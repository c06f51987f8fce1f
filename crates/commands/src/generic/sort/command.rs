//! The commands.

use command_api::{
    Acl, Arg, Args, Command, CommandResult, Context, Docs, Event, Flow, Group, KeyFlags, KeyPosition, KeySpec,
    KeysError, Reply, Scope,
};
use keyspace::{Key, Ttl};
use resp::Argv;
use value::{Collection, List, ListEnd};

use super::elements::Elements;
use super::options::{Options, Words};

pub(in crate::generic) const SORT: Command = Command::new("sort", sort)
    .since("1.0.0")
    .arity(-2)
    .write()
    .deny_oom()
    .acl(&[Acl::Set, Acl::SortedSet, Acl::List, Acl::Dangerous])
    .scope_by(scope)
    .extractor(sort_keys)
    .keys(&[
        KeySpec::index(1).ro().access(),
        KeySpec::unknown().ro().access().notes("For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort"),
        KeySpec::unknown().ow().update().notes("For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array"),
    ])
    .extractor(sort_keys)
    .docs(&SORT_DOCS);

pub(in crate::generic) const SORT_RO: Command = Command::new("sort_ro", sort_ro)
    .since("7.0.0")
    .arity(-2)
    .readonly()
    .acl(&[Acl::Set, Acl::SortedSet, Acl::List, Acl::Dangerous])
    .scope_by(scope)
    .extractor(sort_ro_keys)
    .keys(&[
        KeySpec::index(1).ro().access(),
        KeySpec::unknown().ro().access().notes("For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort"),
    ])
    .docs(&SORT_RO_DOCS);

/// Everything when a pattern names keys, otherwise the keys that stand there.
fn scope(argv: Argv<'_>) -> Scope {
    if Words::read(argv).names_keys { Scope::All } else { Scope::Keys }
}

fn sort_keys(argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    out.push(KeyPosition { index: 1, flags: KeyFlags::RO.union(KeyFlags::ACCESS) });
    let store = Words::read(argv).store;
    out.extend(store.map(|index| KeyPosition { index, flags: KeyFlags::OW.union(KeyFlags::UPDATE) }));
    Ok(())
}

fn sort_ro_keys(_argv: Argv<'_>, out: &mut Vec<KeyPosition>) -> Result<(), KeysError> {
    out.push(KeyPosition { index: 1, flags: KeyFlags::RO.union(KeyFlags::ACCESS) });
    Ok(())
}

fn sort(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, true)
}

fn sort_ro(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    run(cx, args, reply, false)
}

fn run(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>, may_store: bool) -> CommandResult {
    let key = args.key()?;
    let options = Options::parse(args, may_store, cx.caller.reads_named_keys_only)?;
    let mut elements = Elements::read(&cx.db, key)?;
    elements.arrange(&cx.db, args, &options)?;
    let part = options.part(elements.all.len());
    let sorted = elements.all.get(part).unwrap_or_default();

    match options.store {
        Some(destination) => store(cx, args, reply, sorted, &options, destination),
        None => answer(cx, args, reply, sorted, &options),
    }
    Ok(Flow::Done)
}

fn answer(cx: &Context<'_>, args: &Args<'_>, reply: &mut Reply<'_>, sorted: &[Vec<u8>], options: &Options<'_>) {
    if options.gets.is_empty() {
        reply.array(sorted.len());
        sorted.iter().for_each(|element| reply.bulk(element));
        return;
    }
    reply.array(sorted.len().saturating_mul(options.gets.len()));
    for element in sorted {
        for get in &options.gets {
            match get.find(&cx.db, args, element) {
                Some(found) => reply.bulk(&found),
                None => reply.null(),
            }
        }
    }
}

/// What is not there is stored as an empty element.
fn store(
    cx: &mut Context<'_>,
    args: &Args<'_>,
    reply: &mut Reply<'_>,
    sorted: &[Vec<u8>],
    options: &Options<'_>,
    destination: Key<'_>,
) {
    let mut list = List::default();
    let limits = &cx.tunables.encodings;
    for element in sorted {
        if options.gets.is_empty() {
            list.push(ListEnd::Right, std::iter::once(&element[..]), limits);
        }
        for get in &options.gets {
            let found = get.find(&cx.db, args, element).unwrap_or_default();
            list.push(ListEnd::Right, std::iter::once(&found[..]), limits);
        }
    }
    let len = list.len();
    if len > 0 {
        cx.db.set_value(destination, list.into_value(), Ttl::Clear);
        cx.notify(Event::List, "sortstore", destination);
    } else if cx.db.remove(destination) {
        cx.notify(Event::Generic, "del", destination);
    }
    reply.len(len);
}

const COMPLEXITY: &str = "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).";

const SORT_DOCS: Docs = Docs::new(
    "Answers or stores the elements of a list, set or sorted set in another order.",
    Group::Generic,
    COMPLEXITY,
)
.arguments(&[
    Arg::key("key", 0),
    Arg::pattern("by-pattern").token("BY").key_spec(1).display("pattern").optional(),
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
    Arg::pattern("get-pattern").token("GET").key_spec(1).display("pattern").optional().multiple().multiple_token(),
    Arg::one_of("order", &[Arg::pure_token("asc", "ASC"), Arg::pure_token("desc", "DESC")]).optional(),
    Arg::pure_token("sorting", "ALPHA").optional(),
    Arg::key("destination", 2).token("STORE").optional(),
]);

const SORT_RO_DOCS: Docs =
    Docs::new("Answers the elements of a list, set or sorted set in another order.", Group::Generic, COMPLEXITY)
        .arguments(&[
            Arg::key("key", 0),
            Arg::pattern("by-pattern").token("BY").key_spec(1).display("pattern").optional(),
            Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).token("LIMIT").optional(),
            Arg::pattern("get-pattern")
                .token("GET")
                .key_spec(1)
                .display("pattern")
                .optional()
                .multiple()
                .multiple_token(),
            Arg::one_of("order", &[Arg::pure_token("asc", "ASC"), Arg::pure_token("desc", "DESC")]).optional(),
            Arg::pure_token("sorting", "ALPHA").optional(),
        ]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn numbers_and_words_are_sorted() {
        check(
            r"
            > RPUSH l 3 1 2 10             => 4
            > SORT l                       => ['1', '2', '3', '10']
            > SORT l DESC                  => ['10', '3', '2', '1']
            > SORT l ALPHA                 => ['1', '10', '2', '3']
            > SORT l LIMIT 1 2             => ['2', '3']
            > SORT l LIMIT -5 2            => ['1', '2']
            > SORT l LIMIT 1 -1            => ['2', '3', '10']
            > SORT l LIMIT 10 2            => []
            > SORT nosuch                  => []
            > SADD s b a c                 => 3
            > SORT s                       => (error) ERR One or more scores can't be converted into double
            > SORT s ALPHA DESC            => ['c', 'b', 'a']
            > ZADD z 1 5 2 4 3 3           => 3
            > SORT z                       => ['3', '4', '5']
            > SORT z BY nosort             => ['5', '4', '3']
            > SORT z BY nosort DESC        => ['3', '4', '5']
            > SORT z BY nosort LIMIT 1 1   => ['4']
            > SET str x                    => OK
            > SORT str                     => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            > SORT str LIMIT 1             => (error) ERR syntax error
            > SORT l LIMIT a 1             => (error) ERR value is not an integer or out of range
            > SORT l FOO                   => (error) ERR syntax error
        ",
        );
    }

    #[test]
    fn weights_and_answers_come_from_other_keys() {
        check(
            r"
            > RPUSH l a b c                => 3
            > MSET w_a 3 w_b 1 o_a A o_c C => OK
            > HSET h_a n 2 => 1
            > HSET h_b n 9 => 1
            > SORT l BY w_*                => ['c', 'b', 'a']
            > SORT l BY w_* DESC           => ['a', 'b', 'c']
            > SORT l BY h_*->n             => ['c', 'a', 'b']
            > SORT l BY nosort GET o_*     => ['A', (nil), 'C']
            > SORT l BY nosort GET # GET o_* GET h_*->n GET nostar  => ['a', 'A', '2', (nil), 'b', (nil), '9', (nil), 'c', 'C', (nil), (nil)]
            > SORT l BY w_* GET # STORE d  => 3
            > LRANGE d 0 -1                => ['c', 'b', 'a']
            > SORT l BY nosort GET o_* STORE d  => 3
            > LRANGE d 0 -1                => ['A', '', 'C']
            > SORT nosuch STORE d          => 0
            > EXISTS d                     => 0
            > SORT l ALPHA DESC STORE l    => 3
            > LRANGE l 0 -1                => ['c', 'b', 'a']
        ",
        );
    }

    #[test]
    fn sort_ro_stores_nothing() {
        check(
            r"
            @since 7.0
            > RPUSH l 2 1                  => 2
            > SORT_RO l                    => ['1', '2']
            > SORT_RO l STORE d            => (error) ERR syntax error
        ",
        );
    }

    #[test]
    fn a_client_that_waits_is_served_by_sort_store() {
        check(
            r"
            A> RPUSH l 2 1                 => 2
            B> BLPOP d 0                   => (blocked)
            A> SORT l STORE d              => 2
            B:                             => ['d', '1']
            A> LRANGE d 0 -1               => ['2']
        ",
        );
    }
}
