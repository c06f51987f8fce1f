//! The answers of a primary without replicas: ROLE, WAIT, WAITAOF, REPLICAOF NO ONE, FAILOVER.
//!
//! This version replicates to nobody and from nobody. What a lone primary answers is all true; what would make it anything else is refused.

mod failover;
mod role;
mod wait;

use crate::ServerCommand;

pub(crate) const TABLE: &[&ServerCommand] =
    &[&role::ROLE, &role::REPLICAOF, &role::SLAVEOF, &wait::WAIT, &wait::WAITAOF, &failover::FAILOVER];
