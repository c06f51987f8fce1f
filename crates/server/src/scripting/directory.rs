//! `functions-dir`: libraries from the `*.lua` files of a directory, at start, on CONFIG SET and on SIGHUP.
//!
//! The files are read and loaded aside, and only when nothing is left that could fail do they take the place of what the directory
//! brought before. FUNCTION DELETE, FLUSH and RESTORE reach its libraries like any other, until it is read again.
//!
//! SIGHUP is taken up by lane 0 between two turns, never beside a script: a script may be inside the very libraries that would go.

use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use script::directory_digest;

use super::libraries::Loading;
use crate::config::ConfigError;
use crate::host::FileBounds;
use crate::node::Node;
use crate::{LogLevel, Worker};

const NAME: &str = "functions-dir";

const BOUNDS: FileBounds = FileBounds { files: 1024, file_bytes: 16 << 20, total_bytes: 64 << 20 };

/// A parameter that cannot be obeyed, and why.
type Refused = (&'static str, String);

impl Node {
    /// Puts the libraries of `dir` in the place of those of the directory before, after `go_ahead`, which is asked last.
    ///
    /// # Errors
    /// The file that is refused and why, or what `go_ahead` says; nothing has changed then.
    pub(crate) fn change_functions_dir(
        &self,
        dir: Option<&Path>,
        go_ahead: impl FnOnce() -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let files = dir.map(|dir| self.host.read_files(dir, ".lua", BOUNDS)).transpose();
        let files = files.map_err(|error| refused(dir, &error.to_string()))?.unwrap_or_default();
        if files.is_empty() && !self.scripting.has_functions() {
            go_ahead()?;
        } else {
            let mut functions = self.scripting.functions().map_err(|error| refused(dir, &error.to_string()))?;
            let mut loading = Loading::new(self);
            match functions.stage_directory(&files, &mut loading) {
                Err(error) => {
                    let text = error.to_string();
                    let reason = text.strip_prefix("ERR ").unwrap_or(&text);
                    let late = if loading.is_late { " (the libraries took too long to load)" } else { "" };
                    return Err(refused(dir, &format!("{reason}{late}")));
                }
                Ok(staged) => {
                    go_ahead()?;
                    staged.commit();
                }
            }
            self.scripting.figures.note_functions(&functions);
        }
        let digest = dir.map(|_| directory_digest(&files)).unwrap_or_default();
        *self.scripting.directory_digest.lock() = digest;
        Ok(())
    }

    /// Loads the libraries of `functions-dir` before anything else is loaded.
    pub(crate) fn load_functions_dir_at_start(&self) -> Result<(), ConfigError> {
        let live = self.live();
        let Some(dir) = &live.settings.general.functions_dir else { return Ok(()) };
        self.change_functions_dir(Some(dir), || Ok(()))
            .map_err(|(name, reason)| ConfigError::Conflict { reason: format!("{name} {reason}") })
    }

    /// SIGHUP: what is in files that the server reads is read again soon.
    pub fn ask_to_reload(&self) {
        self.scripting.reload_asked.store(true, Relaxed);
    }

    fn reload_functions_dir(&self) {
        let live = self.live();
        let Some(dir) = &live.settings.general.functions_dir else {
            return self.host.log(LogLevel::Notice, "Received SIGHUP, and functions-dir is not set: nothing to reload");
        };
        match self.change_functions_dir(Some(dir), || Ok(())) {
            Ok(()) => {
                let digest = self.scripting.directory_digest.lock().clone();
                self.host
                    .log(LogLevel::Notice, &format!("Received SIGHUP: functions-dir was read again, digest {digest}"));
            }
            Err((name, reason)) => {
                let line = format!("Received SIGHUP, and nothing was reloaded: {name} {reason}");
                self.host.log(LogLevel::Warning, &line);
            }
        }
    }
}

fn refused(dir: Option<&Path>, reason: &str) -> Refused {
    (NAME, format!("{}: {}", dir.unwrap_or_else(|| Path::new("")).display(), reason.replace(['\r', '\n'], " ")))
}

impl Worker {
    /// Reloads if SIGHUP asked for it; while a script runs for long, the next tick tries again.
    pub(crate) fn reload_if_asked(&self) {
        let asked = &self.node.scripting.reload_asked;
        if self.lane != 0 || !asked.load(Relaxed) {
            return;
        }
        let Ok(mut turn) = self.node.keyspace.enter_unless_busy(self.lane) else { return };
        let _alone = turn.lock_all();
        asked.store(false, Relaxed);
        self.node.reload_functions_dir();
    }
}

#[cfg(test)]
mod tests {
    use resp::encode_command;
    use testkit::{ConnId, Subject as _, Wait};

    use crate::testing::MemoryServer;

    const A: (&str, &[u8]) = ("lib/a.lua", b"#!lua name=a\nredis.register_function('fa', function() return 1 end)");
    const B: (&str, &[u8]) = ("lib/b.lua", b"#!lua name=b\nredis.register_function('fb', function() return 2 end)");
    const OTHER: &str = "#!lua name=other\nredis.register_function('fo', function() return 3 end)";
    const DIR: &str = "functions-dir lib";

    struct Scene(MemoryServer, ConnId);

    impl Scene {
        fn start(files: &[(&str, &[u8])]) -> Self {
            let mut server = MemoryServer::start(1, &[DIR], files).unwrap();
            let conn = server.connect().unwrap();
            Self(server, conn)
        }

        fn ask(&mut self, words: &[&str]) -> String {
            self.0.send(self.1, &encode_command(words)).unwrap();
            String::from_utf8(self.0.receive(self.1, Wait::Reply).unwrap().bytes).unwrap()
        }

        fn digest(&mut self) -> String {
            let info = self.ask(&["INFO", "memory"]);
            let line = info.lines().find_map(|line| line.strip_prefix("functions_dir_digest:"));
            line.expect("the field").to_owned()
        }

        /// SIGHUP; what the log says of it.
        fn hang_up(&mut self) -> String {
            self.0.hang_up();
            self.0.log_lines().pop().unwrap_or_default()
        }
    }

    #[test]
    fn libraries_are_there_from_the_start_and_follow_the_directory() {
        let mut scene = Scene::start(&[A, B, ("lib/readme.txt", b"no library")]);
        assert_eq!(scene.ask(&["FCALL", "fa", "0"]), ":1\r\n");
        assert_eq!(scene.ask(&["FCALL", "fb", "0"]), ":2\r\n");
        let digest = scene.digest();
        assert_eq!(digest.len(), 40);
        assert_eq!(scene.ask(&["FUNCTION", "LOAD", OTHER]), "$5\r\nother\r\n");
        // Functions change places between libraries of the directory.
        scene.0.remove_file(B.0);
        scene.0.put_file(A.0, b"#!lua name=a\nredis.register_function('fb', function() return 20 end)");
        assert!(scene.hang_up().contains("was read again"));
        assert_eq!(scene.ask(&["FCALL", "fb", "0"]), ":20\r\n");
        assert_eq!(scene.ask(&["FCALL", "fa", "0"]), "-ERR Function not found\r\n");
        assert_eq!(scene.ask(&["FCALL", "fo", "0"]), ":3\r\n");
        assert_ne!(scene.digest(), digest);
        assert_eq!(scene.ask(&["CONFIG", "SET", "functions-dir", ""]), "+OK\r\n");
        assert_eq!(scene.digest(), "");
        assert_eq!(scene.ask(&["FCALL", "fb", "0"]), "-ERR Function not found\r\n");
        assert_eq!(scene.ask(&["FCALL", "fo", "0"]), ":3\r\n");
        assert!(scene.hang_up().contains("functions-dir is not set"));
    }

    #[test]
    fn a_file_that_is_refused_changes_nothing_and_is_named() {
        let mut scene = Scene::start(&[A]);
        scene.ask(&["FUNCTION", "LOAD", OTHER]);
        let digest = scene.digest();
        let other = OTHER.as_bytes();
        let cases: &[(&[u8], &str)] = &[
            (b"#!lua name=b\nif", "b.lua: Error compiling function"),
            (b"return 1", "b.lua: Missing library metadata"),
            (b"#!lua name=b\nreturn 1", "b.lua: No functions registered"),
            (A.1, "b.lua: library 'a' is that of a.lua too"),
            (
                b"#!lua name=b\nredis.register_function('fa', function() end)",
                "b.lua: function 'fa' of library 'b' is in a.lua too",
            ),
            (other, "b.lua: library 'other' is loaded already, from elsewhere"),
            (
                b"#!lua name=b\nredis.register_function('fo', function() end)",
                "b.lua: function 'fo' of library 'b' is in library 'other' too, loaded from elsewhere",
            ),
        ];
        for (code, reason) in cases {
            scene.0.put_file(A.0, b"#!lua name=a\nredis.register_function('fa', function() return 10 end)");
            scene.0.put_file(B.0, code);
            if *code == A.1 {
                scene.0.put_file(A.0, A.1);
            }
            let told = scene.ask(&["CONFIG", "SET", "functions-dir", "lib"]);
            assert!(told.starts_with("-ERR CONFIG SET failed") && told.contains(reason), "{told}");
            let told = scene.hang_up();
            assert!(told.contains("nothing was reloaded") && told.contains(reason), "{told}");
            assert_eq!(scene.ask(&["FCALL", "fa", "0"]), ":1\r\n", "{reason}");
            assert_eq!(scene.ask(&["FCALL", "fo", "0"]), ":3\r\n", "{reason}");
            assert_eq!(scene.digest(), digest);
        }
        let told = scene.ask(&["CONFIG", "SET", "functions-dir", "nowhere"]);
        assert!(told.contains("nowhere: "), "{told}");
        assert_eq!(scene.ask(&["CONFIG", "GET", "functions-dir"]), "*2\r\n$13\r\nfunctions-dir\r\n$3\r\nlib\r\n");
    }

    #[test]
    fn a_file_that_is_refused_stops_the_start() {
        let error = MemoryServer::start(1, &[DIR], &[A, ("lib/b.lua", b"#!lua name=b\nif")]).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("functions-dir lib: b.lua: Error compiling function"), "{text}");
        assert!(MemoryServer::start(1, &["functions-dir nowhere"], &[A]).is_err());
    }

    #[test]
    fn a_library_that_does_not_end_is_refused_in_time() {
        let mut scene = Scene::start(&[A]);
        scene.0.put_file(B.0, b"#!lua name=b\nwhile true do end");
        scene.0.set_clock_step_us(50_000);
        let told = scene.ask(&["CONFIG", "SET", "functions-dir", "lib"]);
        assert!(told.contains("b.lua: ") && told.contains("took too long"), "{told}");
        assert_eq!(scene.ask(&["FCALL", "fa", "0"]), ":1\r\n");
    }

    #[test]
    fn what_data_brings_makes_room() {
        let mut scene = Scene::start(&[A]);
        let node = std::sync::Arc::clone(scene.0.node());
        let same_name = b"#!lua name=a\nredis.register_function('fx', function() return 9 end)";
        let same_function = b"#!lua name=x\nredis.register_function('fa', function() return 9 end)";
        for code in [&same_name[..], same_function] {
            node.load_library_of_file(code).unwrap();
            assert_eq!(scene.ask(&["FCALL", "fa", "0"]), ":1\r\n");
            assert!(scene.0.log_lines().pop().unwrap().contains("makes room for 'a' of functions-dir"));
        }
        assert_eq!(scene.ask(&["FCALL", "fx", "0"]), "-ERR Function not found\r\n");
        node.load_library_of_file(B.1).unwrap();
        assert_eq!(scene.ask(&["FCALL", "fb", "0"]), ":2\r\n");
    }
}
