//! What is in a keyspace, asked through commands alone, so that two servers can be compared: a primary and its replica, a
//! server and itself after a reload, ours and somebody else's.
//!
//! Values are compared and not payloads: what has no order (sets, hashes) is sorted, and how a value is encoded or how its
//! nodes are cut may differ. Only types nobody here knows are compared by their DUMP.

use std::collections::BTreeMap;
use std::io;

use resp::Value;

use crate::link::Link;
use crate::notation::print;
use crate::subject::Subject;

/// Every key of some databases: type, deadline and value, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// By database and key.
    keys: BTreeMap<(u32, Vec<u8>), String>,
}

/// What XINFO STREAM FULL says that is not part of the stream's content (or was read with XRANGE already).
const VOLATILE: &[&[u8]] = &[b"radix-tree-keys", b"radix-tree-nodes", b"seen-time", b"active-time", b"entries"];

impl Digest {
    /// Reads databases 0 up to `databases`, on a connection of its own.
    ///
    /// # Errors
    /// When no reply comes, or a read is refused.
    pub fn of(subject: &mut dyn Subject, databases: u32) -> io::Result<Self> {
        let link = Link::open(subject)?;
        let id = link.id;
        let mut asker = Asker { subject, link };
        let digest = asker.digest(databases);
        subject.close(id);
        digest
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// One text for each key that is not the same in `other`.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let absent = "(absent)".to_owned();
        let only_there = other.keys.keys().filter(|key| !self.keys.contains_key(*key));
        let mut differences = Vec::new();
        for key in self.keys.keys().chain(only_there) {
            let here = self.keys.get(key).unwrap_or(&absent);
            let there = other.keys.get(key).unwrap_or(&absent);
            if here != there {
                differences.push(format!("db {} key '{}': {here} and {there}", key.0, key.1.escape_ascii()));
            }
        }
        differences
    }
}

struct Asker<'s> {
    subject: &'s mut dyn Subject,
    link: Link,
}

impl Asker<'_> {
    fn digest(&mut self, databases: u32) -> io::Result<Digest> {
        let mut digest = Digest::default();
        for database in 0..databases {
            if databases > 1 {
                self.ask(&[b"SELECT", database.to_string().as_bytes()])?;
            }
            for key in items(self.ask(&[b"KEYS", b"*"])?) {
                let Value::Bulk(key) = key else { continue };
                if let Some(text) = self.key(&key)? {
                    digest.keys.insert((database, key), text);
                }
            }
        }
        Ok(digest)
    }

    fn ask(&mut self, words: &[&[u8]]) -> io::Result<Value> {
        self.link.ask(self.subject, words)
    }

    /// The text of one key; `None` if it has expired meanwhile.
    fn key(&mut self, key: &[u8]) -> io::Result<Option<String>> {
        let kind = self.ask(&[b"TYPE", key])?;
        let deadline = self.ask(&[b"PEXPIRETIME", key])?;
        let value = match kind.as_bytes().unwrap_or_default() {
            b"none" => return Ok(None),
            b"string" => print(&self.ask(&[b"GET", key])?),
            b"list" => print(&self.ask(&[b"LRANGE", key, b"0", b"-1"])?),
            b"set" => sorted(items(self.ask(&[b"SMEMBERS", key])?).iter().map(print).collect()),
            b"zset" => print(&self.ask(&[b"ZRANGE", key, b"0", b"-1", b"WITHSCORES"])?),
            b"hash" => self.hash(key)?,
            b"stream" => self.stream(key)?,
            _ => print(&self.ask(&[b"DUMP", key])?),
        };
        Ok(Some(format!("{} until {} {value}", print(&kind), print(&deadline))))
    }

    /// Fields with their values and, where the server knows such a thing, their deadlines.
    fn hash(&mut self, key: &[u8]) -> io::Result<String> {
        let flat = items(self.ask(&[b"HGETALL", key])?);
        let mut fields = Vec::new();
        for pair in flat.chunks_exact(2) {
            let field = pair[0].as_bytes().unwrap_or_default();
            let deadline = self.link.call(self.subject, &[b"HPEXPIRETIME", key, b"FIELDS", b"1", field])?;
            let deadline =
                if deadline.as_error().is_some() { String::new() } else { format!(" until {}", print(&deadline)) };
            fields.push(format!("{}: {}{deadline}", print(&pair[0]), print(&pair[1])));
        }
        Ok(sorted(fields))
    }

    fn stream(&mut self, key: &[u8]) -> io::Result<String> {
        let entries = self.ask(&[b"XRANGE", key, b"-", b"+"])?;
        let info = self.ask(&[b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"])?;
        Ok(format!("{} {}", print(&entries), print(&steady(info))))
    }
}

fn items(value: Value) -> Vec<Value> {
    if let Value::Array(items) | Value::Set(items) = value { items } else { Vec::new() }
}

fn sorted(mut texts: Vec<String>) -> String {
    texts.sort();
    format!("{{{}}}", texts.join(", "))
}

/// `value` without the pairs that say nothing of a stream's content.
fn steady(value: Value) -> Value {
    let Value::Array(all) = value else { return value };
    let mut kept = Vec::new();
    let mut rest = all.into_iter();
    while let Some(item) = rest.next() {
        if item.as_bytes().is_some_and(|name| VOLATILE.contains(&name)) {
            rest.next();
        } else {
            kept.push(steady(item));
        }
    }
    Value::Array(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::Fake;

    /// A fake with one key of each kind of read, in the order and form given.
    fn keyspace(members: &str, hash: &str, info: &str) -> Fake {
        Fake::new(&[("TYPE s", "+set"), ("PEXPIRETIME s", ":-1"), ("SMEMBERS s", members)])
            .replacing("KEYS *", "*4\r\n$1\r\ns\r\n$1\r\nh\r\n$1\r\nx\r\n$1\r\nv")
            .with("TYPE h", "+hash", "")
            .with("PEXPIRETIME h", ":99", "")
            .with("HGETALL h", hash, "")
            .with("TYPE x", "+stream", "")
            .with("PEXPIRETIME x", ":-1", "")
            .with("XRANGE x - +", "*0", "")
            .with("XINFO STREAM x FULL COUNT 0", info, "")
            .with("TYPE v", "+vectorset", "")
            .with("PEXPIRETIME v", ":-1", "")
            .with("DUMP v", "$1\r\nV", "")
    }

    #[test]
    fn order_and_layout_do_not_count_but_content_and_deadlines_do() {
        let info = |nodes: u8| format!("*4\r\n$6\r\nlength\r\n:1\r\n$16\r\nradix-tree-nodes\r\n:{nodes}");
        let one = Digest::of(&mut keyspace("*2\r\n+a\r\n+b", "*4\r\n+f\r\n+1\r\n+g\r\n+2", &info(1)), 1).unwrap();
        let two = Digest::of(&mut keyspace("*2\r\n+b\r\n+a", "*4\r\n+g\r\n+2\r\n+f\r\n+1", &info(7)), 1).unwrap();
        assert_eq!(one.differences(&two), [""; 0]);
        assert_eq!(one, two);

        let other = Digest::of(&mut keyspace("*2\r\n+b\r\n+c", "*4\r\n+g\r\n+2\r\n+f\r\n+3", &info(1)), 1).unwrap();
        assert_eq!(one.differences(&other).len(), 2, "{:?}", one.differences(&other));
        assert_eq!(one.differences(&other)[1], "db 0 key 's': set until -1 {a, b} and set until -1 {b, c}");
        assert_eq!(Digest::default().differences(&one).len(), 4);
        assert_eq!(
            one.differences(&Digest::default())[0],
            "db 0 key 'h': hash until 99 {f: (status) '1', g: (status) '2'} and (absent)"
        );
    }

    #[test]
    fn a_refused_read_is_an_error_and_an_expired_key_is_none() {
        let mut fake = Fake::new(&[]).replacing("KEYS *", "*1\r\n$1\r\nk").with("PEXPIRETIME k", ":-2", "");
        assert_eq!(Digest::of(&mut fake, 1).unwrap_err().to_string(), "TYPE k: (error) ERR unknown");
        let mut fake = fake.with("TYPE k", "+none", "");
        assert!(Digest::of(&mut fake, 1).unwrap().is_empty());
        assert_eq!(Digest::of(&mut fake, 2).unwrap_err().to_string(), "SELECT 0: (error) ERR unknown");
    }
}
