//! The start: files, standard input and options become [`Settings`], or a refusal that names the line.
//!
//! Lines are obeyed one after the other, the last one of a parameter wins, and the options stand last. `include` is obeyed in
//! its place; a path with wildcards includes what it matches, in order, and nothing if nothing matches. `dir` takes effect at
//! once: what is included behind it is looked for there.
//!
//! Bounds, for a configuration that includes itself ends a Redis: 16 files deep, 1000 files in all.
//!
//! Parameters of the modules that Redis 8 brings along (`search-...`, `bf-...`) are let pass, for the modules cannot be.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use resp::split_words;

use super::error::{ConfigError, Place, Source};
use super::launch::CommandLine;
use super::param::Setting;
use super::registry;
use super::settings::{Module, Rename, Settings, User};

const DEEPEST_INCLUDE: usize = 16;
const MOST_FILES: usize = 1000;

/// Directives that are no parameters.
const DIRECTIVES: [&str; 4] = ["include", "rename-command", "user", "loadmodule"];
/// Parameters of old that no server knows any more, and every server still reads.
const OBSOLETE: [&str; 3] = ["list-max-ziplist-entries", "list-max-ziplist-value", "events-per-io-thread"];

const BAD_DIRECTIVE: &str = "Bad directive or wrong number of arguments";

/// What loading asks of the outside.
pub trait Files {
    /// The content of `file`.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn read(&mut self, file: &Path) -> io::Result<Vec<u8>>;

    /// All of standard input.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn read_stdin(&mut self) -> io::Result<Vec<u8>>;

    /// The files that `pattern` matches, in alphabetical order; none if it matches none.
    fn glob(&mut self, pattern: &Path) -> Vec<PathBuf>;

    /// The absolute path of the directory `dir`, which must exist.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn resolve_dir(&mut self, dir: &Path) -> io::Result<PathBuf>;
}

/// Reads everything that `line` names into `settings`, which hold the defaults. Returns the parameters set by included files.
pub(super) fn load(
    settings: &mut Settings,
    line: &CommandLine,
    files: &mut dyn Files,
) -> Result<BTreeSet<&'static str>, ConfigError> {
    let mut loader = Loader {
        settings,
        files,
        seen: BTreeSet::new(),
        included: BTreeSet::new(),
        moved_to: None,
        depth: 0,
        file_count: 0,
    };
    if let Some(file) = &line.file {
        loader.file(file)?;
    }
    if line.stdin {
        let text = loader.files.read_stdin().map_err(|error| unreadable(Path::new("standard input"), &error))?;
        loader.text(&Source::Stdin, &text)?;
    }
    loader.text(&Source::CommandLine, &line.options.join(&b'\n'))?;
    let here = loader.settings.persistence.dir.clone();
    if loader.moved_to.is_none()
        && let Ok(dir) = loader.files.resolve_dir(&here)
    {
        loader.settings.persistence.dir = dir;
    }
    let included = loader.included;
    check(settings)?;
    Ok(included)
}

struct Loader<'a> {
    settings: &'a mut Settings,
    files: &'a mut dyn Files,
    /// Parameters that a directive has set already.
    seen: BTreeSet<&'static str>,
    /// Parameters that an included file has set.
    included: BTreeSet<&'static str>,
    /// Where the last `dir` went.
    moved_to: Option<PathBuf>,
    depth: usize,
    file_count: usize,
}

impl Loader<'_> {
    fn file(&mut self, file: &Path) -> Result<(), ConfigError> {
        let text = self.files.read(file).map_err(|error| unreadable(file, &error))?;
        self.text(&Source::File(file.to_path_buf()), &text)
    }

    fn text(&mut self, source: &Source, text: &[u8]) -> Result<(), ConfigError> {
        for (number, line) in (1..).zip(text.split(|&byte| byte == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let directive = String::from_utf8_lossy(line).into_owned();
            self.line(line, &Place { source: source.clone(), line: number, directive })?;
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8], place: &Place) -> Result<(), ConfigError> {
        if line.contains(&0) {
            return Err(ConfigError::at(place, "A NUL byte in configuration line"));
        }
        let words = split_words(line).map_err(|_| ConfigError::at(place, "Unbalanced quotes in configuration line"))?;
        let mut words = words.iter().map(Vec::as_slice);
        let name = words.next().unwrap_or_default();
        let values: Vec<&[u8]> = words.collect();
        match registry::find(name) {
            Some(param) => {
                let first = self.seen.insert(param.name);
                if self.depth > 0 {
                    self.included.insert(param.name);
                }
                param
                    .set(self.settings, &values, Setting::Directive { first })
                    .map_err(|reason| ConfigError::at(place, reason))?;
                if param.name == "dir" { self.enter_dir(place) } else { Ok(()) }
            }
            None => self.startup_directive(&String::from_utf8_lossy(name).to_ascii_lowercase(), &values, place),
        }
    }

    /// Directives that are no parameters.
    fn startup_directive(&mut self, name: &str, values: &[&[u8]], place: &Place) -> Result<(), ConfigError> {
        let startup = &mut self.settings.startup;
        match (name, values) {
            ("include", [path]) => return self.include(path, place),
            ("rename-command", [from, to]) => {
                let to = if to.is_empty() { None } else { Some(to.to_vec()) };
                startup.renames.push(Rename { from: from.to_vec(), to, place: place.clone() });
            }
            ("user", [name, rules @ ..]) => {
                let rules = rules.iter().map(|rule| rule.to_vec()).collect();
                let is_included = self.depth > 0;
                let user = User { name: name.to_vec(), rules, is_included, place: place.clone() };
                match startup.users.iter_mut().find(|known| known.name == user.name) {
                    None => startup.users.push(user),
                    // The file itself has the last word on users of those that it includes: CONFIG REWRITE writes there what changed.
                    Some(known) if known.is_included && !is_included => *known = user,
                    Some(known) if !known.is_included && is_included => {}
                    Some(_) => return Err(ConfigError::at(place, duplicate_user(name))),
                }
            }
            ("loadmodule", [path, args @ ..]) => {
                let args = args.iter().map(|arg| arg.to_vec()).collect();
                startup.modules.push(Module { path: path.to_vec(), args, place: place.clone() });
            }
            (name, [_]) if OBSOLETE.contains(&name) => {}
            ("sentinel", _) => {
                return Err(ConfigError::at(place, "sentinel directive while not in sentinel mode"));
            }
            (name, [_, ..]) if belongs_to_module(name) => {}
            (name, _) => return Err(ConfigError::at(place, unknown(name))),
        }
        Ok(())
    }

    fn include(&mut self, path: &[u8], place: &Place) -> Result<(), ConfigError> {
        let written = Path::new(OsStr::from_bytes(path));
        let path = self.moved_to.as_deref().map_or_else(|| written.to_path_buf(), |dir| dir.join(written));
        let has_wildcards = written.as_os_str().as_bytes().iter().any(|byte| b"*?[".contains(byte));
        let files = if has_wildcards { self.files.glob(&path) } else { vec![path] };
        self.depth += 1;
        for file in files {
            self.file_count += 1;
            if self.depth > DEEPEST_INCLUDE || self.file_count > MOST_FILES {
                return Err(ConfigError::at(place, "Too many files include each other"));
            }
            self.file(&file)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn enter_dir(&mut self, place: &Place) -> Result<(), ConfigError> {
        let dir = &mut self.settings.persistence.dir;
        let target = self.moved_to.as_deref().map_or_else(|| dir.clone(), |here| here.join(&*dir));
        let resolved = self.files.resolve_dir(&target).map_err(|error| ConfigError::at(place, error_text(&error)))?;
        dir.clone_from(&resolved);
        self.moved_to = Some(resolved);
        Ok(())
    }
}

/// Contradictions that no single line shows.
fn check(settings: &Settings) -> Result<(), ConfigError> {
    let text = |name: &str| registry::find(name.as_bytes()).map(|param| param.get(settings)).unwrap_or_default();
    if text("cluster-enabled") == b"yes" && !text("replicaof").is_empty() {
        return Err(ConfigError::Conflict { reason: "replicaof directive not allowed in cluster mode".to_owned() });
    }
    Ok(())
}

/// Names that only the modules of Redis 8 give a meaning to, or that carry a module's name before a dot.
fn belongs_to_module(name: &str) -> bool {
    ["search-", "ts-", "bf-", "cf-"].iter().any(|prefix| name.starts_with(prefix)) || name.contains('.')
}

fn unknown(name: &str) -> String {
    if DIRECTIVES.contains(&name) || OBSOLETE.contains(&name) {
        return BAD_DIRECTIVE.to_owned();
    }
    match registry::nearest(name, DIRECTIVES) {
        Some(near) => format!("{BAD_DIRECTIVE}. Did you mean '{near}'?"),
        None => BAD_DIRECTIVE.to_owned(),
    }
}

fn duplicate_user(name: &[u8]) -> String {
    format!(
        "Error in user declaration '{}': Duplicate user found. A user can only be defined once in config files",
        String::from_utf8_lossy(name)
    )
}

fn unreadable(file: &Path, error: &io::Error) -> ConfigError {
    ConfigError::Unreadable { file: file.to_path_buf(), reason: error_text(error) }
}

/// The system's words without the number behind them.
fn error_text(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
