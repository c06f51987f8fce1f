//! Elements as replies.

use command_api::Reply;
use value::Element;

pub(super) fn bulk(reply: &mut Reply<'_>, element: Element<'_>) {
    match element {
        Element::Int(int) => reply.bulk_int(int),
        Element::Bytes(bytes) => reply.bulk(bytes),
    }
}

pub(super) fn bulk_or_null(reply: &mut Reply<'_>, element: Option<Element<'_>>) {
    match element {
        Some(element) => bulk(reply, element),
        None => reply.null(),
    }
}
