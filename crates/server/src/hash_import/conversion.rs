//! Plain hashes that come to share their field names, as the configuration has it: on their next write, or when a file of an older server is
//! loaded (`hash-min-template-entries` and its kin, of Redis 8.10).
//!
//! A hash that was given a template, wherever, has one of its own at first; here it is looked whether others use one with the same names.
//! That happens once for each command that may have made one, behind its handler, and not in the handlers, which know no registry.

use std::collections::BTreeMap;
use std::sync::Arc;

use keyspace::{Db, Key};
use resp::Argv;
use value::{EncodingLimits, Hash, HashTemplate};

use super::templates::Templates;
use crate::config::{FieldCounts, HashTemplates};
use crate::node::{Live, Node};
use crate::table::Entry;

/// From so many templates on, a file most of whose templates have too few keys is taken to be unfit for them.
const MANY_TEMPLATES: usize = 1000;

/// The types of payloads of hashes of templates, and the opcode that may stand in front.
const TEMPLATED: [u8; 3] = [29, 31, 243];

impl Node {
    /// Lets the hashes that a command may have made or changed share their names with others, or begin to.
    pub(crate) fn settle_hashes(
        &self,
        live: &Live,
        entry: &Entry,
        argv: Argv<'_>,
        db: &mut Db<'_>,
        positions: &mut Vec<command_api::KeyPosition>,
    ) {
        let counts = live.settings.hash_templates.on_write;
        let restores =
            entry.restores && argv.get(3).is_some_and(|it| it.first().is_some_and(|it| TEMPLATED.contains(it)));
        if !counts.is_on() && !self.templates.is_used() && !restores {
            return;
        }
        let Ok(keys) = entry.named_keys(argv, self.keyspace.hasher(), positions) else { return };
        for named in keys {
            db.reform_hash(Key::with_hash(named.key, named.hash), |hash| {
                if hash.template().is_none() && counts.contains(hash.len()) {
                    hash.take_template(&live.tunables.encodings);
                }
                self.templates.unify(hash);
            });
        }
    }
}

/// What becomes of the hashes of a file.
#[derive(Debug, Default)]
pub(crate) struct Conversion {
    counts: FieldCounts,
    least_keys: u64,
    limits: EncodingLimits,
    /// The file has templates of its own: it is taken as it is.
    is_off: bool,
    /// No more templates are made.
    is_stopped: bool,
    /// Those that were made, by where they lie.
    made: BTreeMap<usize, Made>,
    /// How many of them have too few keys.
    lacking: usize,
}

/// A template that was made of plain hashes.
#[derive(Debug)]
struct Made {
    /// Keeps the place from being another's.
    _template: Arc<HashTemplate>,
    count: u64,
    /// The keys, while they are too few.
    keys: Vec<(usize, Box<[u8]>)>,
}

impl Conversion {
    pub(crate) fn new(settings: HashTemplates, limits: EncodingLimits) -> Self {
        Self { counts: settings.on_load, least_keys: settings.least_keys, limits, ..Self::default() }
    }

    /// The file has a template.
    pub(crate) const fn turn_off(&mut self) {
        self.is_off = true;
    }

    /// Looks at a hash that was read for `key` of database `db`.
    pub(crate) fn look_at(&mut self, hash: &mut Hash, templates: &Templates, db: usize, key: &[u8]) {
        if hash.template().is_some() {
            self.is_off = true;
            templates.unify(hash);
            return;
        }
        if self.is_off || !self.counts.contains(hash.len()) || !hash.take_template(&self.limits) {
            return;
        }
        if self.is_stopped && !hash.template().is_some_and(|template| templates.knows(template)) {
            hash.own_names();
            return;
        }
        templates.unify(hash);
        if let Some(template) = hash.template() {
            self.count(Arc::clone(template), db, key);
        }
    }

    fn count(&mut self, template: Arc<HashTemplate>, db: usize, key: &[u8]) {
        if self.least_keys == 0 {
            return;
        }
        let (least, place) = (self.least_keys, Arc::as_ptr(&template).addr());
        let lacking = &mut self.lacking;
        let made = self.made.entry(place).or_insert_with(|| {
            *lacking += 1;
            Made { _template: template, count: 0, keys: Vec::new() }
        });
        made.count += 1;
        match made.count.cmp(&least) {
            std::cmp::Ordering::Less => made.keys.push((db, key.into())),
            std::cmp::Ordering::Equal => {
                made.keys = Vec::new();
                *lacking -= 1;
            }
            std::cmp::Ordering::Greater => {}
        }
        self.is_stopped |= self.made.len() >= MANY_TEMPLATES && *lacking > self.made.len() / 2;
    }

    /// At the end of the file: keys of templates that too few share get their names back.
    pub(crate) fn finish(&mut self, node: &Node, db: &mut Db<'_>) {
        let home = db.index();
        for made in std::mem::take(&mut self.made).into_values() {
            for (index, key) in made.keys {
                db.select(index);
                db.reform_hash(Key::with_hash(&key, node.keyspace.hasher().hash(&key)), Hash::own_names);
            }
        }
        db.select(home);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(names: &[String]) -> Hash {
        let limits = EncodingLimits::default();
        let mut hash = Hash::default();
        for name in names {
            hash.set(name.as_bytes(), b"v", value::FieldTtl::Clear, &limits);
        }
        hash
    }

    fn look(conversion: &mut Conversion, templates: &Templates, number: usize) -> bool {
        let mut hash = hash(&[format!("a{number}"), format!("b{number}")]);
        conversion.look_at(&mut hash, templates, 0, b"k");
        hash.template().is_some()
    }

    #[test]
    fn a_file_of_many_different_hashes_gets_no_more_templates() {
        let settings =
            HashTemplates { on_load: FieldCounts { min: 2, max: 0 }, least_keys: 2, ..HashTemplates::default() };
        let (templates, mut conversion) = (Templates::default(), Conversion::new(settings, EncodingLimits::default()));
        assert!((0..MANY_TEMPLATES).all(|number| look(&mut conversion, &templates, number)));
        assert!(!look(&mut conversion, &templates, MANY_TEMPLATES), "most have one key");
        assert!(look(&mut conversion, &templates, 7), "one that is there already");

        let (templates, mut conversion) = (Templates::default(), Conversion::new(settings, EncodingLimits::default()));
        for number in 0..MANY_TEMPLATES * 2 {
            assert!(look(&mut conversion, &templates, number) && look(&mut conversion, &templates, number));
        }
    }

    #[test]
    fn a_file_with_templates_is_taken_as_it_is() {
        let settings = HashTemplates { on_load: FieldCounts { min: 1, max: 2 }, ..HashTemplates::default() };
        let (templates, mut conversion) = (Templates::default(), Conversion::new(settings, EncodingLimits::default()));
        assert!(look(&mut conversion, &templates, 1));
        conversion.turn_off();
        assert!(!look(&mut conversion, &templates, 1));
        let counts = settings.on_load;
        assert!(!counts.contains(0) && counts.contains(1) && counts.contains(2) && !counts.contains(3));
        assert!(FieldCounts { min: 3, max: 0 }.contains(1_000_000) && !FieldCounts { min: 0, max: 5 }.contains(3));
    }
}
