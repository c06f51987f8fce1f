//! The other end: a connection whose commands come from a stream, and mean what they say.
//!
//! What it brings was decided where it was written. So it has every right, needs no room, is held by no pause, and nothing expires for it by
//! itself: a key or a field is there until the stream removes it, whatever the clock says. The same holds for a file of commands that
//! is read years later.

use crate::clients::Endpoint;
use crate::node::Node;
use crate::session::Session;

impl Session {
    /// A connection on `lane` that brings what another node, or this one at another time, has written.
    #[must_use]
    pub fn from_primary(node: &Node, lane: usize, endpoint: Endpoint) -> Self {
        let mut session = Self::new(node, lane, endpoint);
        session.client.from_primary = true;
        session.client.authenticated = true;
        session
    }
}
