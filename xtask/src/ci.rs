//! `cargo xtask ci`: the checks of a change, in the order in which they fail fastest.
//!
//! Every step runs even if one before it failed, so that one look shows all there is to mend. A tool that is not installed
//! is named with the reason; `.ci/run` adds what needs a whole machine (real servers, Miri, foreign clients).

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::tidy;

/// A step that is a command.
struct Step {
    name: &'static str,
    program: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    /// A tool that may be missing, and how to get it.
    optional: Option<(&'static str, &'static str)>,
    /// What it says when the network is to blame, not the project.
    offline: Option<&'static str>,
}

const fn cargo(name: &'static str, args: &'static [&'static str]) -> Step {
    Step { name, program: "cargo", args, env: &[], optional: None, offline: None }
}

const CARGO_DENY: (&str, &str) = ("cargo-deny", "cargo install --locked cargo-deny");

const STEPS: &[Step] = &[
    cargo("fmt", &["fmt", "--all", "--check"]),
    cargo("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    Step {
        name: "deny",
        program: "cargo",
        args: &["deny", "--log-level", "error", "check", "licenses", "bans", "sources"],
        env: &[],
        optional: Some(CARGO_DENY),
        offline: None,
    },
    Step {
        name: "advisories",
        program: "cargo",
        args: &["deny", "--log-level", "error", "check", "advisories"],
        env: &[],
        optional: Some(CARGO_DENY),
        offline: Some("failed to fetch advisory database"),
    },
    Step {
        name: "typos",
        program: "typos",
        args: &[],
        env: &[],
        optional: Some(("typos", "cargo install --locked typos-cli")),
        offline: None,
    },
    cargo("test", &["test", "--workspace", "--no-fail-fast", "--quiet"]),
    Step {
        name: "doc",
        program: "cargo",
        args: &["doc", "--workspace", "--no-deps", "--quiet"],
        env: &[("RUSTDOCFLAGS", "-D warnings")],
        optional: None,
        offline: None,
    },
];

/// How a step ended.
enum Outcome {
    Passed,
    Failed(String),
    NotRun(String),
}

pub(crate) fn run() -> Result<()> {
    let mut report = Vec::new();
    report.push(timed("tidy", || match tidy::run(&tidy::TidyArgs::default()) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::Failed(error.to_string()),
    }));
    for step in STEPS {
        report.push(timed(step.name, || run_step(step)));
    }

    println!();
    for (name, outcome, time) in &report {
        let verdict = match outcome {
            Outcome::Passed => "ok".to_owned(),
            Outcome::Failed(why) => format!("FAILED ({why})"),
            Outcome::NotRun(how) => format!("not run: {how}"),
        };
        println!("{name:10} {:6.1} s  {verdict}", time.as_secs_f64());
    }
    let failed = report.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed(_))).count();
    if failed > 0 {
        bail!("{failed} of {} steps failed", report.len());
    }
    Ok(())
}

fn timed(name: &'static str, step: impl FnOnce() -> Outcome) -> (&'static str, Outcome, Duration) {
    println!("== {name}");
    let started = Instant::now();
    let outcome = step();
    (name, outcome, started.elapsed())
}

fn run_step(step: &Step) -> Outcome {
    if let Some((tool, how)) = step.optional
        && crate::servers::find_program(None, tool).is_none()
    {
        return Outcome::NotRun(format!("{tool} is not installed ({how})"));
    }
    let mut command = Command::new(step.program);
    command.args(step.args).envs(step.env.iter().copied());
    let Some(offline) = step.offline else {
        return match command.status() {
            Ok(status) if status.success() => Outcome::Passed,
            Ok(status) => Outcome::Failed(status.to_string()),
            Err(error) => Outcome::Failed(format!("{}: {error}", step.program)),
        };
    };
    match command.output() {
        Ok(output) if output.status.success() => Outcome::Passed,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            if said.contains(offline) {
                return Outcome::NotRun(format!("offline ({offline})"));
            }
            eprintln!("{said}");
            Outcome::Failed(output.status.to_string())
        }
        Err(error) => Outcome::Failed(format!("{}: {error}", step.program)),
    }
}
