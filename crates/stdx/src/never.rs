//! States that cannot be, checked where they would be seen.
//!
//! `assert!` ends the process and `debug_assert!` hides the fault; a server wants neither. `never!` panics in debug builds and
//! tests, and in release counts the fault and lets the caller degrade.

/// True if `condition` holds, which it never should: panics in debug builds, answers `true` in release so that the caller can
/// leave by its error path.
///
/// ```should_panic
/// if stdx::never!(1 + 1 == 2, "arithmetic holds") { return; }
/// ```
#[macro_export]
macro_rules! never {
    ($condition:expr, $($message:tt)+) => {{
        let impossible: bool = $condition;
        debug_assert!(!impossible, $($message)+);
        impossible
    }};
}
