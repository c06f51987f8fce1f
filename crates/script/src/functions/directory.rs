//! Libraries that a directory of files brings: loaded aside, then put in the place of those that it brought before, all or none.
//!
//! Libraries that came another way (FUNCTION LOAD, FUNCTION RESTORE, a data file) are not touched, and a file whose library or function
//! has the name of one of theirs is refused. Rejected: letting the file win, for then a typing error in a directory would silently take
//! away what a client had loaded.

use sha1::{Digest, Sha1};

use super::library::Library;
use super::metadata;
use super::registry::Functions;
use crate::{Host, ScriptError};

/// Libraries that are loaded and wait to be put in place; dropped, they are forgotten and nothing has changed.
#[derive(Debug)]
pub struct Staged<'f> {
    functions: &'f mut Functions,
    fresh: Vec<Library>,
}

impl Staged<'_> {
    /// Puts them in the place of those that the directory brought before.
    pub fn commit(mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let (gone, kept) =
            std::mem::take(&mut self.functions.libraries).into_iter().partition(|library| library.of_directory);
        self.functions.libraries = kept;
        self.functions.libraries.extend(fresh.into_iter().map(|library| Library { of_directory: true, ..library }));
        self.functions.drop_libraries(gone);
        self.functions.index();
    }
}

impl Drop for Staged<'_> {
    fn drop(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        self.functions.drop_libraries(fresh);
    }
}

impl Functions {
    /// Loads the libraries of a directory aside: `files` are names and sources. Of `host`, what [`Functions::load`] uses is used.
    ///
    /// # Errors
    /// The first file that is refused, and why; nothing has changed then.
    pub fn stage_directory(
        &mut self,
        files: &[(String, Vec<u8>)],
        host: &mut dyn Host,
    ) -> Result<Staged<'_>, ScriptError> {
        let mut staged = Staged { functions: self, fresh: Vec::with_capacity(files.len()) };
        for (file, code) in files {
            // On an error the drop of what is staged gives the others back.
            staged.add(files, code, host).map_err(|error| of_file(file, &error))?;
        }
        Ok(staged)
    }

    /// A library of a data file, in the place of one of the same name. One that is in the way of a library of the directory is left
    /// out, and the name of the latter returned.
    ///
    /// # Errors
    /// As [`Functions::load`].
    pub fn load_of_file(&mut self, code: &[u8], host: &mut dyn Host) -> Result<Option<String>, ScriptError> {
        let (name, _) = metadata::parse(code)?;
        if self.libraries.iter().any(|library| library.of_directory && library.name == name) {
            return Ok(Some(name));
        }
        let library = self.build(code, host)?;
        let mut owners = library.functions.iter().filter_map(|function| self.owner(&function.name));
        if let Some(owner) = owners.find(|owner| owner.of_directory).map(|owner| owner.name.clone()) {
            self.drop_libraries(vec![library]);
            return Ok(Some(owner));
        }
        self.put(library).map(|_| None)
    }
}

impl Staged<'_> {
    /// Loads the next file; those before it, in the order of `files`, are in `fresh`.
    fn add(&mut self, files: &[(String, Vec<u8>)], code: &[u8], host: &mut dyn Host) -> Result<(), ScriptError> {
        let (name, _) = metadata::parse(code)?;
        if let Some((_, (file, _))) = self.fresh.iter().zip(files).find(|(other, _)| other.name == name) {
            return Err(ScriptError::new(format!("ERR library '{name}' is that of {file} too")));
        }
        if self.functions.libraries.iter().any(|old| !old.of_directory && old.name == name) {
            return Err(ScriptError::new(format!("ERR library '{name}' is loaded already, from elsewhere")));
        }
        let library = self.functions.build(code, host)?;
        let taken = self.find_taken(files, &library);
        // Either way it is among those that are given back or put in place.
        self.fresh.push(library);
        taken.map_or(Ok(()), |why| Err(ScriptError::new(why)))
    }

    fn find_taken(&self, files: &[(String, Vec<u8>)], library: &Library) -> Option<String> {
        library.functions.iter().find_map(|function| {
            let (function, name) = (&function.name, &library.name);
            let has = |other: &Library| other.functions.iter().any(|of_other| of_other.name == *function);
            if let Some((_, (file, _))) = self.fresh.iter().zip(files).find(|(other, _)| has(other)) {
                return Some(format!("ERR function '{function}' of library '{name}' is in {file} too"));
            }
            let owner = self.functions.owner(function).filter(|owner| !owner.of_directory)?;
            Some(format!(
                "ERR function '{function}' of library '{name}' is in library '{}' too, loaded from elsewhere",
                owner.name
            ))
        })
    }
}

fn of_file(file: &str, error: &ScriptError) -> ScriptError {
    let text = error.text();
    let reason = text.strip_prefix(b"ERR ").unwrap_or(text);
    ScriptError::new([b"ERR ", file.as_bytes(), b": ", reason].concat())
}

/// The SHA-1 of a directory's names and sources as 40 hex digits: each name, a NUL, the source's length as 8 bytes (the lowest first),
/// the source.
#[must_use]
pub fn directory_digest(files: &[(String, Vec<u8>)]) -> String {
    let mut sha = Sha1::new();
    for (name, code) in files {
        sha.update(name);
        sha.update([0]);
        sha.update((code.len() as u64).to_le_bytes());
        sha.update(code);
    }
    stdx::hex::<40>(&sha.finalize()).iter().map(|digit| char::from(*digit)).collect()
}
