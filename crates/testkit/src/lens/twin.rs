//! A second server that must hold the same: compares what both answer about every key.

use crate::digest::Digest;
use crate::session::Stage;
use crate::subject::Subject;

pub(super) fn compare(stage: &mut Stage<'_>) -> Result<(), String> {
    let databases = stage.databases();
    let digest = |subject: &mut dyn Subject| Digest::of(subject, databases).map_err(|error| error.to_string());
    let subject = stage.subject();
    let ours = digest(subject)?;
    let twin = subject.twin().ok_or("this subject has no twin to compare it with")?;
    let differences = ours.differences(&digest(twin)?);
    if differences.is_empty() { Ok(()) } else { Err(differences.join("; ")) }
}
