//! The command line of redis-server, as far as it is configuration.
//!
//! ```text
//! ochre                                     defaults
//! ochre /etc/redis.conf --port 7000         a file, then options
//! ochre - --port 7000                       standard input, then options; `-` may also stand last
//! ochre '--save 60 1' --bind 127.0.0.1 ::1  an option with its values in one argument, or with many
//! ```
//!
//! Options become lines of configuration, behind those of the file, so that they win and are refused in the same words. What
//! stands behind an option is its value, however it looks, up to the next argument that starts with `--`; the first value may
//! itself start with `--`. `--save` alone means `--save ''`, as scripts have long written it. (All of this was observed at
//! redis-server 7.0.15.)

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use resp::split_words;

use super::words::quote;

/// What the program was started for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    Version,
    Help,
    CheckSystem,
    /// Megabytes to test, as given.
    TestMemory(Option<OsString>),
    Serve(CommandLine),
}

/// Where the configuration comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    pub file: Option<PathBuf>,
    pub stdin: bool,
    /// The options, a line each.
    pub options: Vec<Vec<u8>>,
}

impl Launch {
    /// Reads the arguments behind the program's name.
    ///
    /// ```
    /// use server::config::Launch;
    /// let Launch::Serve(line) = Launch::parse(["redis.conf", "--port", "7000"]) else { panic!() };
    /// assert_eq!(line.file.unwrap().to_str(), Some("redis.conf"));
    /// assert_eq!(line.options, [b"port \"7000\"".to_vec()]);
    /// ```
    pub fn parse<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Self {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        match args.first().map(|arg| arg.as_bytes()) {
            Some(b"-v" | b"--version") => Self::Version,
            Some(b"-h" | b"--help") => Self::Help,
            Some(b"--check-system") => Self::CheckSystem,
            Some(b"--test-memory") => Self::TestMemory(args.get(1).cloned()),
            _ => Self::Serve(CommandLine::parse(args)),
        }
    }
}

impl CommandLine {
    fn parse(args: Vec<OsString>) -> Self {
        let mut args: Vec<Vec<u8>> = args.into_iter().map(OsString::into_vec).collect();
        let mut line = Self::default();
        match args.first().map(Vec::as_slice) {
            Some(b"-") => {
                line.stdin = true;
                args.remove(0);
            }
            Some(first) if !first.starts_with(b"-") => line.file = Some(OsString::from_vec(args.remove(0)).into()),
            _ => {}
        }
        if args.last().is_some_and(|last| last == b"-") {
            line.stdin = true;
            args.pop();
        }
        line.options = options(&args);
        line
    }
}

/// A line for each option: its name as given, its values quoted.
fn options(args: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    // Whether the option read last has a value, so that `--` starts the next one.
    let mut has_value = true;
    for (index, arg) in args.iter().enumerate() {
        match arg.strip_prefix(b"--") {
            Some(option) if has_value => {
                let bare_save = option == b"save" && args.get(index + 1).is_none_or(|next| next.starts_with(b"--"));
                lines.push(if bare_save { b"save \"\"".to_vec() } else { option.to_vec() });
                has_value = bare_save || split_words(option).is_ok_and(|words| words.len() > 1);
            }
            _ => {
                let value = quote(arg);
                match lines.last_mut() {
                    Some(line) if !line.is_empty() => line.extend_from_slice(format!(" {value}").as_bytes()),
                    Some(line) => line.extend_from_slice(value.as_bytes()),
                    None => lines.push(value.into_bytes()),
                }
                has_value = true;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(args: &[&str]) -> Vec<String> {
        let Launch::Serve(line) = Launch::parse(args) else { panic!("{args:?}") };
        line.options
            .iter()
            .map(|line| line.escape_ascii().to_string().replace("\\\"", "\"").replace("\\\\", "\\"))
            .collect()
    }

    #[test]
    fn options_become_lines_as_in_redis() {
        // Lines as the refusals of redis-server 7.0.15 print them.
        let cases: &[(&[&str], &[&str])] = &[
            (&["--port", "7290", "--zzz", "1"], &[r#"port "7290""#, r#"zzz "1""#]),
            (&["--port"], &["port"]),
            (&["--port", "--loglevel", "verbose"], &[r#"port "--loglevel" "verbose""#]),
            (&["--loglevel", "--zzz"], &[r#"loglevel "--zzz""#]),
            (&["--port", "1", "2"], &[r#"port "1" "2""#]),
            (&["--port 1", "--zzz 1"], &["port 1", "zzz 1"]),
            (&["--port 1 --zzz 1", "--yyy 1"], &["port 1 --zzz 1", "yyy 1"]),
            (&["--zzz", ""], &[r#"zzz """#]),
            (&["--zzz", "a b", "c\"d"], &[r#"zzz "a b" "c\"d""#]),
            (&["--zzz", "a\nb"], &[r#"zzz "a\nb""#]),
            (&["-zzz", "1"], &[r#""-zzz" "1""#]),
            (&["--", "a"], &[r#""a""#]),
            (&["--hz", "20", "--"], &[r#"hz "20""#, ""]),
            (&["--save", "--hz", "20"], &[r#"save """#, r#"hz "20""#]),
            (&["--hz", "20", "--save"], &[r#"hz "20""#, r#"save """#]),
            (&["--save", ""], &[r#"save """#]),
            (&["--save", "60", "1"], &[r#"save "60" "1""#]),
            (&["--save ", "--hz", "20"], &[r#"save  "--hz" "20""#]),
            (&["--masterauth", "--", "--hz", "20"], &[r#"masterauth "--""#, r#"hz "20""#]),
            (&["---hz", "20"], &[r#"-hz "20""#]),
            (&["--hz=20"], &["hz=20"]),
        ];
        for (args, expected) in cases {
            assert_eq!(lines(args), *expected, "{args:?}");
        }
    }

    #[test]
    fn a_file_comes_first_and_a_dash_reads_standard_input() {
        let parse = |args: &[&str]| {
            let Launch::Serve(line) = Launch::parse(args) else { panic!("{args:?}") };
            (line.file.map(|file| file.display().to_string()), line.stdin, line.options.len())
        };
        assert_eq!(parse(&[]), (None, false, 0));
        assert_eq!(parse(&["a.conf"]), (Some("a.conf".into()), false, 0));
        assert_eq!(parse(&["a.conf", "--port", "1"]), (Some("a.conf".into()), false, 1));
        assert_eq!(parse(&["-"]), (None, true, 0));
        assert_eq!(parse(&["-", "--port", "1"]), (None, true, 1));
        assert_eq!(parse(&["a.conf", "--port", "1", "-"]), (Some("a.conf".into()), true, 1));
        assert_eq!(parse(&["--masterauth", "-", "--hz", "20"]), (None, false, 2), "a dash in the middle is a value");
    }

    #[test]
    fn some_first_arguments_are_no_configuration() {
        assert_eq!(Launch::parse(["-v", "x"]), Launch::Version);
        assert_eq!(Launch::parse(["--help"]), Launch::Help);
        assert_eq!(Launch::parse(["--check-system"]), Launch::CheckSystem);
        assert_eq!(Launch::parse(["--test-memory", "64"]), Launch::TestMemory(Some("64".into())));
        assert_eq!(lines(&["--port", "1", "--version"]), [r#"port "1""#, "version"]);
    }
}
