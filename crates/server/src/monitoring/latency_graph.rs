//! LATENCY GRAPH: a series drawn with letters, a column for each sample and under it how long ago it was.
//!
//! ```text
//!    #_
//!   _||
//!  _|||
//! _||||
//!
//! 11186
//! 542ss
//! sss
//! ```
//!
//! A column's height is where its sample lies between the smallest and the largest, in four rows of three steps: `_`, `o`, `#`.

use super::latency::{Sample, Series};

const ROWS: usize = 4;
const STEPS: [char; 3] = ['_', 'o', '#'];

/// Columns of one drawing; longer series go on below.
const COLUMNS: usize = 80;

pub(super) fn draw(event: &str, series: &Series, now_s: i64) -> String {
    let samples: Vec<Sample> = series.samples.iter().copied().collect();
    let low = samples.iter().map(|sample| sample.ms).min().unwrap_or(0);
    let high = samples.iter().map(|sample| sample.ms).max().unwrap_or(0);
    let mut text = format!("{event} - high {high} ms, low {low} ms (all time high {} ms)\n", series.max_ms);
    text.push_str(&"-".repeat(COLUMNS));
    text.push('\n');
    for chunk in samples.chunks(COLUMNS) {
        let columns: Vec<String> = chunk.iter().map(|sample| column(*sample, low, high, now_s)).collect();
        let height = columns.iter().map(String::len).max().unwrap_or(0);
        for row in 0..height {
            text.extend(columns.iter().map(|column| column.chars().nth(row).unwrap_or(' ')));
            text.push('\n');
        }
    }
    text
}

/// A column from the top down.
fn column(sample: Sample, low: u64, high: u64, now_s: i64) -> String {
    let steps = ROWS * STEPS.len();
    let step = (sample.ms - low).saturating_mul(steps as u64) / (high - low).max(1);
    let step = usize::try_from(step).unwrap_or(0).min(steps - 1);
    let mut column = String::new();
    for row in (0..ROWS).rev() {
        let first = row * STEPS.len();
        column.push(match step.checked_sub(first) {
            None => ' ',
            Some(over) => STEPS.get(over).copied().unwrap_or('|'),
        });
    }
    column.push(' ');
    column.push_str(&ago((now_s - sample.at_s).max(0)));
    column
}

fn ago(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_rise_from_the_least_to_the_most() {
        // The series of the example in the documentation of Redis.
        let samples = [(0, 101), (11, 201), (13, 301), (18, 500), (20, 401)];
        let samples = samples.into_iter().map(|(at_s, ms)| Sample { at_s, ms }).collect();
        let text = draw("command", &Series { max_ms: 500, samples }, 26);
        let graph: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(graph, ["   #_", "  _||", " _|||", "_||||", "     ", "21186", "653ss", "sss  "]);

        // As redis-server 7.0.15 drew it.
        let samples = [100, 158, 200, 250, 300, 350, 400, 600, 900, 1000, 500];
        let samples = (0..).zip(samples).map(|(at_s, ms)| Sample { at_s, ms }).collect();
        let text = draw("command", &Series { max_ms: 1000, samples }, 10);
        let graph: Vec<&str> = text.lines().skip(2).take(4).collect();
        assert_eq!(graph, ["        o# ", "       _|| ", "     _o|||#", "__o##||||||"]);
    }
}
