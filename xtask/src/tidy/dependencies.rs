//! The page of dependencies names every outside crate of the workspace, and no other; the changelog exists.

use super::report::Finding;
use super::workspace::Workspace;

const PAGE: &str = "docs/decisions/dependencies.md";
const CHANGELOG: &str = "CHANGELOG.md";

pub(super) fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let manifest = workspace.file("Cargo.toml").map_or("", |file| file.text.as_str());
    let page = workspace.file(PAGE).map_or("", |file| file.text.as_str());
    let used = outside_crates(manifest);
    let described = described_crates(page);
    for (name, line) in used.iter().filter(|(name, _)| !described.iter().any(|(other, _)| other == name)) {
        let message = format!("`{name}` has no line in {PAGE}: say what for, why this one and how it is kept up");
        findings.push(Finding::new("Cargo.toml", *line, message));
    }
    for (name, line) in described.iter().filter(|(name, _)| !used.iter().any(|(other, _)| other == name)) {
        findings.push(Finding::new(
            PAGE,
            *line,
            format!("`{name}` is not a dependency of the workspace: remove its line"),
        ));
    }
    if workspace.file(CHANGELOG).is_none() {
        findings.push(Finding::new(
            CHANGELOG,
            1,
            "missing: what changed for a user goes there, in the commit that changes it",
        ));
    }
    findings
}

/// Names in `[workspace.dependencies]` that are not crates of the workspace, with their lines.
fn outside_crates(manifest: &str) -> Vec<(&str, usize)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim() == "[workspace.dependencies]";
        } else if inside
            && !line.contains("path = ")
            && let Some((name, _)) = line.split_once('=')
        {
            found.push((name.trim(), index + 1));
        }
    }
    found
}

/// Names that open a table row: "| `mio` | ...".
fn described_crates(page: &str) -> Vec<(&str, usize)> {
    let name = |line| str::strip_prefix(line, "| `")?.split_once('`').map(|(name, _)| name);
    page.lines().enumerate().filter_map(|(index, line)| Some((name(line)?, index + 1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_the_manifest_must_agree() {
        let manifest = "[workspace.dependencies]\nmio = \"1\"\nlibc = { version = \"0.2\" }\nstdx = { path = \"crates/stdx\" }\n\n[profile.dev]\ndebug = 1\n";
        let page = "| crate | for |\n| --- | --- |\n| `mio` | polling |\n| `tokio` | nothing |\n";
        let workspace = Workspace::of(&[("Cargo.toml", manifest), (PAGE, page), (CHANGELOG, "")]);
        let found: Vec<String> =
            check(&workspace).iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect();
        assert_eq!(found, ["Cargo.toml:3", "docs/decisions/dependencies.md:4"]);
    }

    #[test]
    fn a_missing_changelog_is_found() {
        assert_eq!(check(&Workspace::of(&[]))[0].path, CHANGELOG);
    }
}
