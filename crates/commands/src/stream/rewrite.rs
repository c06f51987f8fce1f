//! What goes to the AOF and to replicas for deliveries: claims that say when and how often, whatever command made them.

use command_api::Context;
use keyspace::Key;
use stdx::num::IntText;
use value::StreamId;

fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A claim in full: `delivery` is the time and the number of deliveries.
pub(super) fn claim_for(
    cx: &mut Context<'_>,
    key: Key<'_>,
    group: &[u8],
    consumer: &[u8],
    id: StreamId,
    delivery: (i64, u64),
    last_id: StreamId,
) {
    let (mut time, mut count) = (IntText::new(), IntText::new());
    cx.propagate_as(&[
        b"XCLAIM",
        key.bytes(),
        group,
        consumer,
        b"0",
        id.text().as_bytes(),
        b"TIME",
        time.format(delivery.0),
        b"RETRYCOUNT",
        count.format(int(delivery.1)),
        b"FORCE",
        b"JUSTID",
        b"LASTID",
        last_id.text().as_bytes(),
    ]);
}

/// Says how far the group has come.
pub(super) fn group_position(cx: &mut Context<'_>, key: Key<'_>, name: &[u8], last_id: StreamId, read: Option<u64>) {
    let mut text = IntText::new();
    cx.propagate_as(&[
        b"XGROUP",
        b"SETID",
        key.bytes(),
        name,
        last_id.text().as_bytes(),
        b"ENTRIESREAD",
        text.format(read.map_or(-1, int)),
    ]);
}
