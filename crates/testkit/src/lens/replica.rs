//! What a subject knows of itself must hold after every line: that a replica has what it has.

use crate::session::Stage;

pub(super) fn audit(stage: &mut Stage<'_>) -> Result<(), String> {
    stage.subject().audit()
}
