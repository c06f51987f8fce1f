//! Members and entries as answers.

use command_api::Reply;
use value::Element;

pub(super) fn member(member: Element<'_>, reply: &mut Reply<'_>) {
    match member {
        Element::Int(int) => reply.bulk_int(int),
        Element::Bytes(bytes) => reply.bulk(bytes),
    }
}

/// Members alone, or each with its score.
pub(super) fn entries<'a>(
    entries: impl ExactSizeIterator<Item = (Element<'a>, f64)>,
    with_scores: bool,
    reply: &mut Reply<'_>,
) {
    if with_scores {
        reply.pairs(entries.len());
        for (element, score) in entries {
            reply.pair();
            member(element, reply);
            reply.double(score);
        }
    } else {
        reply.array(entries.len());
        for (element, _) in entries {
            member(element, reply);
        }
    }
}
