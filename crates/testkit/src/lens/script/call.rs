//! Which lines are called from a script, and how.

use resp::{Protocol, Value};

use super::catalogue::Catalogue;
use super::expect::expect;
use crate::pattern::{Items, Pattern, Rest};
use crate::transcript::{Line, Outcome};

/// How a script gets the words of the command that it calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// As arguments: it declares no key.
    Args,
    /// As keys: it declares the command's own and more.
    Keys,
}

/// How a connection stands, as far as it decides about scripts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) protocol: Protocol,
    /// Between MULTI and EXEC, whose answer would hold all of them at once.
    pub(crate) queues: bool,
    /// It listens to channels over RESP2, or monitors: it may send little.
    pub(crate) listens: bool,
}

/// A command called from a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// What is sent.
    pub(crate) words: Vec<Vec<u8>>,
    /// The command by itself.
    pub(crate) plain: Vec<Vec<u8>>,
    /// What it is answered whatever the transcript says.
    refusal: Option<&'static [u8]>,
    /// Outside a script it would wait; in one it is answered as after its time.
    pub(crate) would_wait: bool,
    protocol: Protocol,
}

/// What scripts may call and is sent as it is.
const AS_IT_IS: &[(&[u8], &str)] =
    &[(b"SELECT", "the database that a script selects is its own"), (b"EXEC", "what it answers was called before")];

/// More words than Lua passes to a function at once (`LUAI_MAXCSTACK` is 8000).
const MAX_WORDS: usize = 7_900;

const UNKNOWN: &[u8] = b"ERR Unknown Redis command called from script";
const WRONG_ARITY: &[u8] = b"ERR Wrong number of args calling Redis command from script";

impl Call {
    /// `words` as a script calls them, or `None` if they are sent as they are.
    pub(crate) fn of(
        form: Words,
        words: &[Vec<u8>],
        line: &Line,
        manner: Manner,
        catalogue: &Catalogue,
    ) -> Option<Self> {
        let name = words.first()?;
        let excepted = AS_IT_IS.iter().any(|(excepted, _)| name.eq_ignore_ascii_case(excepted));
        if manner.queues || manner.listens || excepted || words.len() > MAX_WORDS {
            return None;
        }
        let facts = catalogue.find(words);
        if facts.is_some_and(|facts| facts.noscript) {
            return None;
        }
        // Of what a user may not do a script is told in other words.
        if line.expected(manner.protocol).any(speaks_of_users) {
            return None;
        }
        let refusal = match facts {
            None => Some(UNKNOWN),
            Some(facts) if !facts.accepts(words.len()) => Some(WRONG_ARITY),
            Some(_) => None,
        };
        let waits = line.expected(manner.protocol).any(|expectation| expectation.outcome == Outcome::Blocked);
        if waits && !facts.is_some_and(|facts| facts.blocking) {
            return None;
        }
        Some(Self {
            words: script(form, words, manner.protocol),
            plain: words.to_vec(),
            refusal,
            would_wait: waits,
            protocol: manner.protocol,
        })
    }

    /// Whether a user was refused EVAL itself, or a key that it declared: the command then goes by itself. What is refused inside
    /// a script begins otherwise.
    pub(crate) fn is_refused(reply: &Value) -> bool {
        reply.as_error().is_some_and(|text| text.starts_with(b"NOPERM"))
    }

    /// What the script is answered where the command outside it is answered `outcome`.
    pub(crate) fn expect(&self, outcome: &Outcome) -> Outcome {
        // WAIT and WAITAOF count who has acknowledged.
        let nobody = Pattern::Array(Items { list: vec![Pattern::Int(0); 2], rest: Rest::None });
        match (outcome, self.refusal) {
            // A message that comes meanwhile is nothing that the script got.
            (Outcome::Reply(Pattern::Push(_)) | Outcome::Silent | Outcome::Closed, _) => outcome.clone(),
            (Outcome::Reply(_) | Outcome::Blocked, Some(refusal)) => Outcome::Reply(Pattern::Error(refusal.to_vec())),
            (Outcome::Reply(pattern), None) => Outcome::Reply(expect(pattern, self.protocol)),
            (Outcome::Blocked, None) => Outcome::Reply(Pattern::OneOf(vec![Pattern::Nil, Pattern::Int(0), nobody])),
        }
    }
}

fn speaks_of_users(expectation: &crate::transcript::Expectation) -> bool {
    match &expectation.outcome {
        Outcome::Reply(Pattern::Error(text) | Pattern::ErrorPrefix(text)) => {
            text.starts_with(b"NOPERM") || text.starts_with(b"NOAUTH")
        }
        Outcome::Reply(_) | Outcome::Blocked | Outcome::Silent | Outcome::Closed => false,
    }
}

/// EVAL of a script that calls `words` and returns what they are answered.
fn script(form: Words, words: &[Vec<u8>], protocol: Protocol) -> Vec<Vec<u8>> {
    let (list, keys) = match form {
        Words::Args => ("ARGV", 0),
        Words::Keys => ("KEYS", words.len()),
    };
    let prelude = match protocol {
        Protocol::Resp2 => "",
        Protocol::Resp3 => "redis.setresp(3) ",
    };
    let head = ["EVAL".to_owned(), format!("{prelude}return redis.pcall(unpack({list}))"), keys.to_string()];
    head.into_iter().map(String::into_bytes).chain(words.iter().cloned()).collect()
}
