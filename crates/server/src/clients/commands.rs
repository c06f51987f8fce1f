//! (interim)
use crate::ServerCommand;
use command_api::CommandError;
pub(crate) const TABLE: &[&ServerCommand] = &[];

/// Names may hold any printable ASCII but spaces.
pub(crate) fn check_name(name: &[u8]) -> Result<(), CommandError> {
    if name.iter().all(|byte| (b'!'..=b'~').contains(byte)) {
        Ok(())
    } else {
        Err(CommandError::other("ERR Client names cannot contain spaces, newlines or special characters."))
    }
}
