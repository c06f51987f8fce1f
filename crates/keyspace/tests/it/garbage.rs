//! What is large is handed out to be freed, by whoever it was replaced or removed.

use keyspace::{Db, Keyspace, Mode, Ttl};
use stdx::UnixMs;
use value::StringRef;

use crate::support::{SEED, key, view, with_keys};

const NOW: UnixMs = UnixMs(1_000);

/// How much garbage `work` leaves of a string of `len` bytes under `k`.
fn garbage_of(len: usize, work: impl FnOnce(&mut Db<'_>, keyspace::Key<'_>)) -> usize {
    let keyspace = Keyspace::new(1, 1, SEED);
    let name = key(&keyspace, b"k");
    let text = vec![b'x'; len];
    with_keys(&keyspace, 0, NOW, 0, &[(b"k", Mode::Write)], |db| {
        db.set_string(name, StringRef::Raw(&text), Ttl::At(UnixMs(NOW.0 + 10)));
    });
    let mut turn = keyspace.enter(0);
    let mut db = view(turn.lock_all(), 0, NOW);
    work(&mut db, name);
    db.finish().garbage.len()
}

#[test]
fn large_strings_are_handed_out_and_small_ones_are_not() {
    for (len, garbage) in [(100, 0), (10_000, 0), (1 << 20, 1)] {
        assert_eq!(garbage_of(len, |db, key| assert!(db.remove(key))), garbage, "removed, {len} bytes");
        let replace = |db: &mut Db<'_>, key: keyspace::Key<'_>| db.set_string(key, StringRef::Int(1), Ttl::Clear);
        assert_eq!(garbage_of(len, replace), garbage, "replaced, {len} bytes");
        assert_eq!(garbage_of(len, |db, key| assert!(db.carry(key, 0, key))), 0, "carried, {len} bytes");
    }
}

#[test]
fn a_database_is_handed_out_whole() {
    assert_eq!(garbage_of(1, |db, _| assert_eq!(db.flush(), 1)), 1);
}
