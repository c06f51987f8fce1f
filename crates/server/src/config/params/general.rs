//! The process: threads, databases, supervision, logging, the process title, and what shapes it from outside.

use crate::config::param::{I32_MAX, Kind, Param, Slot, at};
use crate::config::settings::{LogLevel, Supervision, SyslogFacility};
use crate::config::value::{self, Reason};

pub(in crate::config) const MAX_THREADS: usize = 256;

const NO_FORK: &str = "nothing forks: there is no child to treat differently";
const NO_AFFINITY: &str = "threads are not bound to cores";
const NO_OOM_SCORE: &str = "the kernel's OOM score is left alone";
const NO_CRASH_REPORT: &str = "a crash prints what the language's runtime prints";
const ONE_LOG_FORMAT: &str = "the log has one format";

pub(super) const TABLE: &[Param] = &[
    Param::int("threads", "1", 1, MAX_THREADS as i64, at!(general.threads)).alias("io-threads").immutable(),
    Param::bool("io-threads-do-reads", "no", None).immutable().unused("every thread reads, runs and answers"),
    Param::int("prefetch-batch-max-size", "16", 0, 128, None).unused("the batch is what the parser finds"),
    Param::int("lookahead", "16", 1, I32_MAX, None).unused("the batch is what the parser finds"),
    Param::int("databases", "16", 1, I32_MAX, at!(general.databases)).immutable(),
    Param::bool("daemonize", "no", at!(general.daemonize)).immutable(),
    Param::choice("supervised", "no", Supervision::NAMES, at!(general.supervised)).immutable(),
    Param::text("pidfile", "", at!(general.pidfile)).immutable(),
    Param::choice("loglevel", "notice", LogLevel::NAMES, at!(general.loglevel)),
    Param::text("logfile", "", at!(general.logfile)).immutable(),
    Param::choice("log-format", "legacy", &["legacy", "logfmt", "json"], None).unused(ONE_LOG_FORMAT),
    Param::choice("log-timestamp-format", "legacy", &["legacy", "iso8601", "milliseconds"], None)
        .unused(ONE_LOG_FORMAT),
    Param::bool("hide-user-data-from-log", "no", None).unused("the log never shows users' data"),
    Param::bool("syslog-enabled", "no", at!(general.syslog_enabled)).immutable(),
    Param::text("syslog-ident", "redis", at!(general.syslog_ident)).immutable(),
    Param::choice("syslog-facility", "local0", SyslogFacility::NAMES, at!(general.syslog_facility)).immutable(),
    Param::bool("always-show-logo", "no", at!(general.always_show_logo)).immutable(),
    Param::bool("set-proc-title", "yes", at!(general.set_proc_title)).immutable(),
    Param::checked(
        "proc-title-template",
        "{title} {listen-addr} {server-mode}",
        check_title,
        at!(general.proc_title_template),
    ),
    Param::int("hz", "10", 0, I32_MAX, HZ),
    Param::bool("dynamic-hz", "yes", at!(general.dynamic_hz)),
    Param::int("busy-reply-threshold", "5000", 0, i64::MAX, at!(general.busy_reply_threshold_ms))
        .alias("lua-time-limit"),
    Param::bool("script-kill-rollback", "no", at!(general.script_kill_rollback)),
    // Libraries that data brings make room for those of the directory. See `scripting::directory`.
    Param::text("functions-dir", "", at!(general.functions_dir)),
    Param::bool("crash-log-enabled", "yes", None).unused(NO_CRASH_REPORT),
    Param::bool("crash-memcheck-enabled", "yes", None).unused(NO_CRASH_REPORT),
    Param::bool("disable-thp", "yes", None).immutable().unused("large pages are welcome, for nothing forks"),
    Param::choice("oom-score-adj", "no", &["no", "yes", "relative", "absolute"], None).unused(NO_OOM_SCORE),
    Param::of("oom-score-adj-values", "0 200 800", Kind::Words { print: print_oom_scores, nothing: &[""] })
        .unused(NO_OOM_SCORE),
    Param::text("ignore-warnings", "", None).unused("no warning at start stops the start"),
    Param::text("locale-collate", "", None).unused("texts are compared by their bytes"),
    Param::text("availability-zone", "", None).unused("nobody asks for the zone yet"),
    Param::bool("extended-redis-compatibility", "no", None).unused("the server always answers as Redis does"),
    Param::text("server-cpulist", "", None).alias("server_cpulist").immutable().unused(NO_AFFINITY),
    Param::text("bio-cpulist", "", None).alias("bio_cpulist").immutable().unused(NO_AFFINITY),
    Param::text("aof-rewrite-cpulist", "", None).alias("aof_rewrite_cpulist").immutable().unused(NO_FORK),
    Param::text("bgsave-cpulist", "", None).alias("bgsave_cpulist").immutable().unused(NO_FORK),
    Param::bool("jemalloc-bg-thread", "yes", None).unused("the allocator's own defaults stand"),
    Param::int("shutdown-timeout", "10", 0, I32_MAX, None).unused("there are no replicas to wait for yet"),
    Param::of("shutdown-on-sigint", "default", SHUTDOWN).unused("a signal shuts down as SHUTDOWN does"),
    Param::of("shutdown-on-sigterm", "default", SHUTDOWN).unused("a signal shuts down as SHUTDOWN does"),
];

const HZ: Option<Slot<i64>> = Some(Slot {
    get: |settings| i64::from(settings.general.hz),
    set: |settings, hz| settings.general.hz = u32::try_from(hz.clamp(1, 500)).unwrap_or(10),
});

const SHUTDOWN_NAMES: &[&str] = &["default", "save", "nosave", "now", "force", "safe", "failover"];
const SHUTDOWN: Kind = Kind::Several { names: SHUTDOWN_NAMES, check: check_shutdown };

fn check_shutdown(bits: u32) -> Result<(), Reason> {
    const SAVE: u32 = 1 << 1;
    const NOSAVE: u32 = 1 << 2;
    if bits & SAVE != 0 && bits & NOSAVE != 0 {
        return Err("shutdown options SAVE and NOSAVE can't be used simultaneously".into());
    }
    Ok(())
}

/// `{name}` stands for a fact of the process, `{{` for a brace.
fn check_title(template: &[u8]) -> Result<(), Reason> {
    const FACTS: [&[u8]; 7] =
        [b"title", b"listen-addr", b"server-mode", b"port", b"tls-port", b"unixsocket", b"config-file"];
    let mut rest = template;
    let mut valid = !template.trim_ascii().is_empty();
    while let Some(open) = rest.iter().position(|&byte| byte == b'{') {
        let (_, inside) = rest.split_at(open + 1);
        rest = match inside.strip_prefix(b"{") {
            Some(after) => after,
            None => {
                let name = inside.split(|&byte| byte == b'}').next().unwrap_or_default();
                valid &= name.len() < inside.len() && FACTS.contains(&name);
                inside.get(name.len() + 1..).unwrap_or_default()
            }
        };
    }
    if valid { Ok(()) } else { Err("template format is invalid or contains unknown variables".into()) }
}

fn print_oom_scores(words: &[&[u8]]) -> Result<String, Reason> {
    if words.len() != 3 {
        return Err(value::WRONG_ARITY);
    }
    let scores = words.iter().map(|word| {
        let score = value::parse_lenient_int(word).filter(|score| (-2000..=2000).contains(score));
        score
            .map(|score| score.to_string())
            .ok_or("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
    });
    Ok(scores.collect::<Result<Vec<_>, _>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::param::Setting;
    use crate::config::settings::Settings;

    #[test]
    fn hz_is_kept_between_1_and_500() {
        let row = TABLE.iter().find(|row| row.name == "hz").unwrap();
        let mut settings = Settings::new(1);
        for (given, kept) in [("0", 1), ("1", 1), ("100", 100), ("501", 500), ("2147483647", 500)] {
            row.set(&mut settings, &[given.as_bytes()], Setting::Runtime).unwrap();
            assert_eq!(settings.general.hz, kept, "{given}");
        }
    }

    #[test]
    fn titles_name_facts_of_the_process() {
        for good in
            ["abc", "a}b", "x{title}y", "{{title}}", "{port} {tls-port} {unixsocket} {config-file}", "{title}{title}"]
        {
            assert_eq!(check_title(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in ["", " ", "{foo}", "{title", "{}", "{TITLE}", "{"] {
            assert!(check_title(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
