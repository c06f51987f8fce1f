//! What the tests of the keyspace share.

use keyspace::{Access, AccessClock, Changes, Db, Keyspace, Mode};
use stdx::UnixMs;
use stdx::num::IntText;
use value::StringRef;

pub(crate) const SEED: [u8; 16] = *b"a seed for tests";

/// A view of `db` at `now` through `access`.
pub(crate) fn view(access: Access<'_>, db: usize, now: UnixMs) -> Db<'_> {
    Db::new(access, db, now, AccessClock::Lru { now }, true, 1)
}

/// Runs `work` with the locks of `keys` held by `lane`.
pub(crate) fn with_keys<R>(
    keyspace: &Keyspace,
    lane: usize,
    now: UnixMs,
    db: usize,
    keys: &[(&[u8], Mode)],
    work: impl FnOnce(&mut Db<'_>) -> R,
) -> (R, Changes) {
    let mut turn = keyspace.enter(lane);
    let hash = |key: &[u8]| keyspace.hasher().hash(key);
    let access = match keys {
        [(key, mode)] => turn.lock_key(hash(key), *mode),
        keys => turn.lock_keys(keys.iter().map(|(key, mode)| (hash(key), *mode))),
    };
    let mut db = view(access, db, now);
    let result = work(&mut db);
    (result, db.finish())
}

pub(crate) fn key<'a>(keyspace: &Keyspace, bytes: &'a [u8]) -> keyspace::Key<'a> {
    keyspace::Key::with_hash(bytes, keyspace.hasher().hash(bytes))
}

pub(crate) fn text(string: StringRef<'_>) -> Vec<u8> {
    string.bytes(&mut IntText::new()).to_vec()
}
