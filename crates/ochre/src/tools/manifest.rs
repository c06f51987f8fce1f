//! The manifest of an append-only directory: which of its files is the base, which hold the commands since.
//!
//! ```text
//! file appendonly.aof.1.base.rdb seq 1 type b
//! file appendonly.aof.1.incr.aof seq 1 type i startoffset 0
//! ```
//!
//! Type `b` is the base, `i` commands, `h` what waits to be removed. A name with blanks or other bytes stands in quotes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// What a directory holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) base: Option<String>,
    pub(super) increments: Vec<String>,
}

/// The manifest in the directory.
pub(super) fn find(dir: &Path) -> Result<PathBuf> {
    let files = runtime::files::list(dir).with_context(|| dir.display().to_string())?;
    let mut manifests = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "manifest"));
    match (manifests.next(), manifests.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => bail!("{}: a directory without a manifest of append-only files", dir.display()),
        (Some(_), Some(_)) => bail!("{}: there is more than one manifest: name the base file instead", dir.display()),
    }
}

pub(super) fn parse(text: &str) -> Result<Manifest> {
    let mut manifest = Manifest::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, kind) = parse_line(line).with_context(|| format!("line {}: '{line}'", at + 1))?;
        match kind {
            "b" if manifest.base.is_some() => bail!("line {}: a second base", at + 1),
            "b" => manifest.base = Some(name.to_owned()),
            "i" => manifest.increments.push(name.to_owned()),
            "h" => {}
            other => bail!("line {}: type '{other}' is not known", at + 1),
        }
    }
    Ok(manifest)
}

fn parse_line(line: &str) -> Result<(&str, &str)> {
    let rest = line.strip_prefix("file ").context("it does not begin with 'file'")?;
    let (name, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\" ").context("the quotes do not end")?,
        None => rest.split_once(' ').context("nothing behind the name")?,
    };
    if name.contains(['/', '\\']) {
        bail!("a name with a slash or an escape");
    }
    let mut words = rest.split_whitespace();
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("nothing behind '{word}'"))?;
        if word == "type" {
            return Ok((name, value));
        }
    }
    bail!("no type")
}

#[cfg(test)]
mod tests {
    use super::{Manifest, parse};

    #[test]
    fn manifests_of_servers_are_read() {
        let text = "file a.1.base.rdb seq 1 type b\nfile a.0.incr.aof seq 0 type h\n# later\nfile a.1.incr.aof seq 1 type i startoffset 0\nfile \"a b.2.incr.aof\" seq 2 type i\n";
        let increments = ["a.1.incr.aof".to_owned(), "a b.2.incr.aof".to_owned()].to_vec();
        assert_eq!(parse(text).unwrap(), Manifest { base: Some("a.1.base.rdb".to_owned()), increments });
        assert_eq!(parse("").unwrap(), Manifest::default());
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_its_line() {
        for (text, line) in [
            ("file a seq 1 type b\nfile b seq 2 type b", "line 2"),
            ("file a", "line 1"),
            ("file ../../etc/passwd seq 1 type b", "line 1"),
            ("file a seq 1 type", "line 1"),
            ("file a seq 1 type x", "line 1"),
            ("file \"a seq 1 type b", "line 1"),
            ("nonsense", "line 1"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().starts_with(line), "{text}: {error}");
        }
    }
}
