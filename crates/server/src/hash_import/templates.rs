//! The templates of this server: each list of field names once, whoever prepared it.
//!
//! A template lives while a fieldset or a hash uses it; here it is only known. It is looked for when a fieldset is prepared, never when
//! HIMPORT makes a hash of one; and when a hash got another template, since fields came or went, or it was read or converted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use value::table::hash_of;
use value::{Hash, HashTemplate};

/// All templates.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    known: Mutex<Known>,
    /// There has been a template: commands on hashes look whether theirs are known.
    is_used: AtomicBool,
    /// How many fieldsets there are: each uses a template.
    fieldsets: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Known {
    by_hash: BTreeMap<u64, Vec<Weak<HashTemplate>>>,
    count: usize,
    /// At this count, those that nobody uses any more are forgotten.
    sweep_at: usize,
}

/// What is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TemplateSizes {
    pub(crate) templates: usize,
    /// Hashes made of them that still share their names.
    pub(crate) keys: usize,
    pub(crate) bytes: usize,
}

/// Counts a fieldset while it lives.
#[derive(Debug)]
pub(super) struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Templates {
    /// `template`, or the one with the same names that is in use already.
    pub(super) fn share(&self, template: HashTemplate) -> (Arc<HashTemplate>, Counted) {
        self.fieldsets.fetch_add(1, Relaxed);
        (self.find_or_add(Arc::new(template)), Counted(Arc::clone(&self.fieldsets)))
    }

    /// Lets a hash of a template that nobody knows yet use the known one with the same names, or makes its own known.
    pub(crate) fn unify(&self, hash: &mut Hash) {
        // Whoever is known is pointed at from here.
        let Some(own) = hash.template().filter(|template| Arc::weak_count(template) == 0) else { return };
        let known = self.find_or_add(Arc::clone(own));
        hash.share_template(&known);
    }

    /// Whether there is a template with the same names.
    pub(crate) fn knows(&self, template: &HashTemplate) -> bool {
        self.known.lock().find(hash_of_names(template), template).is_some()
    }

    /// Whether there may be any template.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used.load(Relaxed)
    }

    fn find_or_add(&self, template: Arc<HashTemplate>) -> Arc<HashTemplate> {
        let hash = hash_of_names(&template);
        let mut known = self.known.lock();
        if let Some(same) = known.find(hash, &template) {
            return same;
        }
        known.by_hash.entry(hash).or_default().push(Arc::downgrade(&template));
        known.count += 1;
        if known.count > known.sweep_at {
            known.sweep();
        }
        self.is_used.store(true, Relaxed);
        template
    }

    /// What they take, looked at one by one.
    pub(crate) fn sizes(&self) -> TemplateSizes {
        let mut sizes = TemplateSizes::default();
        let mut users = 0;
        for template in self.known.lock().by_hash.values().flatten() {
            users += template.strong_count();
            if let Some(template) = template.upgrade() {
                sizes.templates += 1;
                sizes.bytes += template.heap_bytes();
            }
        }
        sizes.keys = users.saturating_sub(self.fieldsets.load(Relaxed));
        sizes
    }
}

fn hash_of_names(template: &HashTemplate) -> u64 {
    template.names().fold(0_u64, |hash, name| hash.rotate_left(5) ^ hash_of(name))
}

impl Known {
    fn find(&self, hash: u64, template: &HashTemplate) -> Option<Arc<HashTemplate>> {
        self.by_hash.get(&hash)?.iter().filter_map(Weak::upgrade).find(|known| **known == *template)
    }

    fn sweep(&mut self) {
        const LEAST: usize = 64;
        self.by_hash.retain(|_, templates| {
            templates.retain(|template| template.strong_count() > 0);
            !templates.is_empty()
        });
        self.count = self.by_hash.values().map(Vec::len).sum();
        self.sweep_at = (self.count * 2).max(LEAST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(names: &[&[u8]]) -> HashTemplate {
        HashTemplate::new(names).unwrap().0
    }

    #[test]
    fn the_same_names_make_one_template_until_nobody_uses_it() {
        let templates = Templates::default();
        let (first, one) = templates.share(template(&[b"a", b"b"]));
        let (second, two) = templates.share(template(&[b"b", b"a"]));
        let (other, three) = templates.share(template(&[b"a", b"c"]));
        assert!(Arc::ptr_eq(&first, &second) && !Arc::ptr_eq(&first, &other));
        let sizes = templates.sizes();
        assert_eq!((sizes.templates, sizes.keys, sizes.bytes), (2, 0, first.heap_bytes() + other.heap_bytes()));
        drop((first, one, other, three));
        let hash = Arc::clone(&second);
        assert_eq!((templates.sizes().templates, templates.sizes().keys), (1, 1));
        drop((second, two, hash));
        assert_eq!(templates.sizes(), TemplateSizes::default());
    }

    #[test]
    fn hashes_with_the_same_names_come_to_share_them() {
        let templates = Templates::default();
        let limits = value::EncodingLimits::default();
        let make = || {
            let template = Arc::new(template(&[b"a", b"b"]));
            Hash::of_template(&template, [&b"1"[..], b"2"].into_iter(), &limits)
        };
        let (mut one, mut two) = (make(), make());
        assert!(!templates.is_used() && !templates.knows(one.template().unwrap()));
        templates.unify(&mut one);
        templates.unify(&mut two);
        assert!(Arc::ptr_eq(one.template().unwrap(), two.template().unwrap()));
        assert_eq!((templates.sizes().templates, templates.sizes().keys), (1, 2));
        two.set(b"c", b"3", value::FieldTtl::Clear, &limits);
        templates.unify(&mut two);
        two.remove(b"c");
        templates.unify(&mut two);
        assert!(Arc::ptr_eq(one.template().unwrap(), two.template().unwrap()));
    }

    #[test]
    fn what_was_used_is_forgotten() {
        let templates = Templates::default();
        for number in 0..10_000_u32 {
            let _ = templates.share(template(&[&number.to_le_bytes()]));
        }
        assert!(templates.known.lock().count < 200);
    }
}
