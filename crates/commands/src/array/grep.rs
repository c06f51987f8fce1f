//! ARGREP: the elements of a range whose texts fit.

use command_api::{Acl, Arg, Args, Command, CommandError, CommandResult, Context, Docs, Flow, Group, KeySpec, Reply};
use memchr::memmem::Finder;
use regex::bytes::Regex;
use stdx::glob;
use value::{ARRAY_MAX_INDEX, Array, ElementText};

use super::index;
use super::regex::compile;

pub(super) const ARGREP: Command = Command::new("argrep", argrep)
    .since("8.8.0")
    .arity(-6)
    .readonly()
    .acl(&[Acl::Array])
    .keys(&[KeySpec::index(1).ro().access()])
    .docs(&ARGREP_DOCS);

const INVALID_REGEX: CommandError = CommandError::other("ERR invalid regular expression");
const TOO_MANY_REGEXES: CommandError = CommandError::other("ERR too many regular expressions");

/// Each takes up to a mebibyte.
const MAX_REGEXES: usize = 64;

fn argrep(cx: &mut Context<'_>, args: &mut Args<'_>, reply: &mut Reply<'_>) -> CommandResult {
    let key = args.key()?;
    let (start, end) = (bound(args)?, bound(args)?);
    let search = Search::parse(args)?;

    let array = cx.db.read::<Array>(key)?;
    let (backwards, low, high) = index::ordered(start, end);
    let matches = reply.array_later();
    let mut count = 0;
    if let Some(array) = array {
        let mut elements = array.range(low, high);
        let (mut scratch, mut folded) = (ElementText::new(), Vec::new());
        while count < search.limit
            && let Some((at, element)) = if backwards { elements.next_back() } else { elements.next() }
        {
            let text = element.text(&mut scratch);
            if !search.fits(text, &mut folded) {
                continue;
            }
            if search.with_values {
                reply.array(2);
            }
            index::answer(reply, at);
            if search.with_values {
                reply.bulk(text);
            }
            count += 1;
        }
    }
    reply.settle_array(matches, count);
    Ok(Flow::Done)
}

/// A bound: an index, or the first or last one there is.
fn bound(args: &mut Args<'_>) -> Result<u64, CommandError> {
    match args.bytes()? {
        b"-" => Ok(0),
        b"+" => Ok(ARRAY_MAX_INDEX),
        text => index::parse(text),
    }
}

/// What is looked for.
#[derive(Debug)]
struct Search<'a> {
    predicates: Vec<Predicate<'a>>,
    all: bool,
    nocase: bool,
    with_values: bool,
    limit: usize,
}

#[derive(Debug)]
enum Predicate<'a> {
    Exact(&'a [u8]),
    Contains(Box<Finder<'a>>),
    Glob(&'a [u8]),
    Regex(Regex),
}

impl<'a> Search<'a> {
    fn parse(args: &mut Args<'a>) -> Result<Self, CommandError> {
        let mut search =
            Self { predicates: Vec::new(), all: false, nocase: false, with_values: false, limit: usize::MAX };
        // Case may be spoken of last: what depends on it is made at the end.
        let mut texts = Vec::new();
        while !args.is_empty() {
            if args.accept("EXACT") {
                search.predicates.push(Predicate::Exact(args.bytes()?));
            } else if args.accept("GLOB") {
                search.predicates.push(Predicate::Glob(args.bytes()?));
            } else if args.accept("MATCH") {
                texts.push((false, args.bytes()?));
            } else if args.accept("RE") {
                texts.push((true, args.bytes()?));
            } else if args.accept("AND") {
                search.all = true;
            } else if args.accept("OR") {
                search.all = false;
            } else if args.accept("NOCASE") {
                search.nocase = true;
            } else if args.accept("WITHVALUES") {
                search.with_values = true;
            } else if args.accept("LIMIT") {
                search.limit = index::limit(args)?;
            } else {
                return Err(CommandError::Syntax);
            }
        }
        if texts.iter().filter(|(is_regex, _)| *is_regex).count() > MAX_REGEXES {
            return Err(TOO_MANY_REGEXES);
        }
        for (is_regex, text) in texts {
            search.predicates.push(if is_regex {
                Predicate::Regex(compile(text, search.nocase).ok_or(INVALID_REGEX)?)
            } else if search.nocase {
                Predicate::Contains(Box::new(Finder::new(&text.to_ascii_lowercase()).into_owned()))
            } else {
                Predicate::Contains(Box::new(Finder::new(text)))
            });
        }
        if search.predicates.is_empty() { Err(CommandError::Syntax) } else { Ok(search) }
    }

    /// `folded` is room for the text in lower case.
    fn fits(&self, text: &[u8], folded: &mut Vec<u8>) -> bool {
        let mut is_folded = false;
        let mut fits = |predicate: &Predicate<'_>| match predicate {
            Predicate::Exact(other) if self.nocase => text.eq_ignore_ascii_case(other),
            Predicate::Exact(other) => text == *other,
            Predicate::Glob(pattern) if self.nocase => glob::matches_nocase(pattern, text),
            Predicate::Glob(pattern) => glob::matches(pattern, text),
            Predicate::Regex(regex) => regex.is_match(text),
            Predicate::Contains(finder) if !self.nocase => finder.find(text).is_some(),
            Predicate::Contains(finder) => {
                if !is_folded {
                    folded.clear();
                    folded.extend(text.iter().map(u8::to_ascii_lowercase));
                    is_folded = true;
                }
                finder.find(folded).is_some()
            }
        };
        if self.all { self.predicates.iter().all(&mut fits) } else { self.predicates.iter().any(&mut fits) }
    }
}

const ARGREP_DOCS: Docs = Docs::new(
    "Answers where the texts of a range fit one or all of some predicates.",
    Group::Array,
    "O(P * C) where P is the number of slots visited in the slices touched and C what the predicates take for an element",
)
.arguments(&[
    Arg::key("key", 0),
    Arg::string("start"),
    Arg::string("end"),
    Arg::one_of(
        "predicate",
        &[
            Arg::block("exact", &[Arg::pure_token("exact", "EXACT"), Arg::string("string")]),
            Arg::block("match", &[Arg::pure_token("match", "MATCH"), Arg::string("string")]),
            Arg::block("glob", &[Arg::pure_token("glob", "GLOB"), Arg::string("pattern")]),
            Arg::block("re", &[Arg::pure_token("re", "RE"), Arg::string("pattern")]),
        ],
    )
    .multiple(),
    Arg::one_of(
        "options",
        &[
            Arg::pure_token("and", "AND"),
            Arg::pure_token("or", "OR"),
            Arg::integer("limit").token("LIMIT"),
            Arg::pure_token("withvalues", "WITHVALUES"),
            Arg::pure_token("nocase", "NOCASE"),
        ],
    )
    .optional()
    .multiple(),
]);

#[cfg(test)]
mod tests {
    use server::testing::check;

    #[test]
    fn lines_of_a_log_are_found() {
        check(
            "
            @since 8.8
            > ARMSET log 0 'boot: ok' 1 'warn: disk' 2 'ERROR: cpu' 3 'info: ready' 4 'error: net'  => 5
            > ARGREP log - + MATCH error NOCASE                          => [2, 4]
            > ARGREP log - + MATCH error                                 => [4]
            > ARGREP log + - MATCH error NOCASE                          => [4, 2]
            > ARGREP log - + MATCH error NOCASE WITHVALUES               => [[2, 'ERROR: cpu'], [4, 'error: net']]
            > ARGREP log 0 4 GLOB 'warn:*' OR GLOB 'error:*'             => [1, 4]
            > ARGREP log 0 4 RE '^[A-Za-z]+: (cpu|net)$' NOCASE WITHVALUES => [[2, 'ERROR: cpu'], [4, 'error: net']]
            > ARGREP log 0 4 EXACT 'info: ready'                         => [3]
            > ARGREP log - + MATCH error NOCASE LIMIT 1                  => [2]
            > ARGREP log 3 + MATCH error NOCASE                          => [4]
            > ARGREP log - 1 MATCH :                                     => [0, 1]
            ",
        );
    }

    #[test]
    fn predicates_are_alternatives_unless_all_are_asked_for() {
        check(
            "
            @since 8.8
            > ARSET k 0 apple apricot banana cherry 12.5 100             => 6
            > ARGREP k - + GLOB 'ap*' MATCH an                           => [0, 1, 2]
            > ARGREP k - + GLOB 'ap*' MATCH ri AND                       => [1]
            > ARGREP k - + AND GLOB 'ap*' MATCH ri OR                    => [0, 1]
            > ARGREP k - + EXACT APPLE EXACT Cherry NOCASE               => [0, 3]
            > ARGREP k - + GLOB 'B*' NOCASE                              => [2]
            > ARGREP k - + RE '^[0-9.]+$' WITHVALUES                     => [[4, '12.5'], [5, '100']]
            > ARGREP k - + MATCH ''                                      => [0, 1, 2, 3, 4, 5]
            > ARGREP k - + EXACT none                                    => []
            > ARGREP missing - + EXACT none                              => []
            ",
        );
    }

    #[test]
    fn arguments_are_checked() {
        check(
            "
            @since 8.8
            > ARGREP k - + EXACT                                         => (error) ERR wrong number of arguments for 'argrep' command
            > ARGREP k - + NOCASE WITHVALUES                             => (error) ERR syntax error
            > ARGREP k - + EXACT a b                                     => (error) ERR syntax error
            > ARGREP k - + EXACT a GLOB                                  => (error) ERR syntax error
            > ARGREP k - + EXACT a LIMIT                                 => (error) ERR syntax error
            > ARGREP k - + EXACT a LIMIT 0                               => (error) ERR value is out of range, must be positive
            > ARGREP k - + EXACT a LIMIT x                               => (error) ERR value is not an integer or out of range
            > ARGREP k -1 + EXACT a                                      => (error) ERR invalid array index
            > ARGREP k - 18446744073709551615 EXACT a                    => (error) ERR invalid array index
            > ARGREP k - + RE '('                                        => (error) ERR invalid regular expression
            > SET s x                                                    => OK
            > ARGREP s - + EXACT a                                       => (error) WRONGTYPE Operation against a key holding the wrong kind of value
            ",
        );
    }
}
