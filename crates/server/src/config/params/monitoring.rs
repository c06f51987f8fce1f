//! What the server tells about itself: slow log, latency, keyspace events. `commandlog-*` are Valkey's names.

use crate::config::param::{Arity, I32_MAX, I64_MAX, Kind, Param, Setting, at};
use crate::config::settings::{NotifyFlags, Settings};
use crate::config::value::Reason;

pub(super) const TABLE: &[Param] = &[
    Param::int("slowlog-log-slower-than", "10000", -1, I64_MAX, at!(monitoring.slowlog_log_slower_than_us))
        .alias("commandlog-execution-slower-than"),
    Param::int("slowlog-max-len", "128", 0, I64_MAX, at!(monitoring.slowlog_max_len))
        .alias("commandlog-slow-execution-max-len"),
    Param::int("slowlog-entry-max-argc", "32", 2, I32_MAX, at!(monitoring.slowlog_entry_max_argc)),
    Param::int("slowlog-entry-max-string-len", "128", 0, I64_MAX, at!(monitoring.slowlog_entry_max_string_len_bytes)),
    Param::int("commandlog-request-larger-than", "1048576", -1, I64_MAX, at!(monitoring.request_larger_than_bytes)),
    Param::int("commandlog-large-request-max-len", "128", 0, I64_MAX, at!(monitoring.large_request_max_len)),
    Param::int("commandlog-reply-larger-than", "1048576", -1, I64_MAX, at!(monitoring.reply_larger_than_bytes)),
    Param::int("commandlog-large-reply-max-len", "128", 0, I64_MAX, at!(monitoring.large_reply_max_len)),
    Param::int("latency-monitor-threshold", "0", 0, I64_MAX, at!(monitoring.latency_monitor_threshold_ms)),
    Param::bool("latency-tracking", "yes", at!(monitoring.latency_tracking)),
    Param::of(
        "latency-tracking-info-percentiles",
        "50 99 99.9",
        Kind::Custom { words: Arity::Many, get: get_percentiles, set: set_percentiles },
    ),
    Param::of("notify-keyspace-events", "", Kind::Custom { words: Arity::One, get: get_notify, set: set_notify }),
    Param::bool("key-memory-histograms", "no", None).unused("INFO has no histograms of key sizes yet"),
];

fn get_percentiles(settings: &Settings) -> Vec<u8> {
    let texts = settings.monitoring.latency_percentiles.iter().map(|percentile| {
        let text = format!("{percentile:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    });
    texts.collect::<Vec<_>>().join(" ").into_bytes()
}

fn set_percentiles(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    let words = if words == [b""] { &[] } else { words };
    let percentiles = words.iter().map(|word| {
        let number = std::str::from_utf8(word).ok().and_then(|text| text.parse::<f64>().ok());
        match number {
            Some(percentile) if (0.0..=100.0).contains(&percentile) => Ok(percentile),
            Some(number) if !number.is_nan() => {
                Err("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
            }
            Some(_) | None => Err("Invalid latency-tracking-info-percentiles parameters"),
        }
    });
    settings.monitoring.latency_percentiles = percentiles.collect::<Result<_, _>>()?;
    Ok(())
}

fn get_notify(settings: &Settings) -> Vec<u8> {
    settings.monitoring.notify_keyspace_events.to_string().into_bytes()
}

fn set_notify(settings: &mut Settings, words: &[&[u8]], _: Setting) -> Result<(), Reason> {
    let letters = words.first().copied().unwrap_or_default();
    settings.monitoring.notify_keyspace_events = NotifyFlags::parse(letters)
        .ok_or_else(|| format!("Invalid event class character. Use '{}'.", NotifyFlags::ALPHABET))?;
    Ok(())
}
