//! Calls that need `unsafe`: libc and nothing else. Plus what the operating system tells about this process.

use server::MemoryUsage;
use tikv_jemalloc_ctl::thread::{self, ThreadLocal};

/// What INFO's `mem_allocator` says.
pub(crate) const ALLOCATOR: &str = "jemalloc-5.3.1";

/// What INFO's `multiplexing_api` says.
pub(crate) const POLL_API: &str = if cfg!(target_os = "linux") { "epoll" } else { "kqueue" };

/// The allocator's figures and the process's resident set. All zero where they cannot be had.
pub(crate) fn memory_usage() -> MemoryUsage {
    // The figures are cached by the allocator until the epoch advances.
    let _ = tikv_jemalloc_ctl::epoch::advance();
    let figure = |read: tikv_jemalloc_ctl::Result<usize>| read.unwrap_or(0) as u64;
    MemoryUsage {
        allocated: figure(tikv_jemalloc_ctl::stats::allocated::read()),
        active: figure(tikv_jemalloc_ctl::stats::active::read()),
        resident: figure(tikv_jemalloc_ctl::stats::resident::read()),
        rss: resident_set_bytes(),
        system: system_memory_bytes(),
    }
}

thread_local! {
    /// Where the allocator counts what this thread has allocated and freed.
    static COUNTERS: Option<[ThreadLocal<u64>; 2]> =
        thread::allocatedp::read().and_then(|allocated| Ok([allocated, thread::deallocatedp::read()?])).ok();
}

/// Bytes that this thread has allocated less those that it has freed; 0 where that cannot be had.
pub(crate) fn thread_memory_bytes() -> i64 {
    COUNTERS.with(|counters| {
        counters.as_ref().map_or(0, |[allocated, freed]| allocated.get().wrapping_sub(freed.get()).cast_signed())
    })
}

/// Gives the unused pages of all arenas back.
#[expect(unsafe_code, reason = "mallctl")]
pub(crate) fn purge_memory() {
    let nothing = std::ptr::null_mut();
    // 4096 stands for all arenas.
    // SAFETY: the name ends with a zero byte, and this control neither takes nor gives a value.
    unsafe { tikv_jemalloc_sys::mallctl(c"arena.4096.purge".as_ptr(), nothing, nothing.cast(), nothing, 0) };
}

/// The allocator's report on itself.
pub(crate) fn allocator_report() -> String {
    let mut report = Vec::new();
    // Writing to memory does not fail.
    let _ =
        tikv_jemalloc_ctl::stats_print::stats_print(&mut report, tikv_jemalloc_ctl::stats_print::Options::default());
    String::from_utf8_lossy(&report).into_owned()
}

fn resident_set_bytes() -> u64 {
    // Second field of statm: pages.
    let text = crate::files::read_text("/proc/self/statm").unwrap_or_default();
    let pages: u64 = text.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * page_bytes()
}

#[expect(unsafe_code, reason = "sysconf")]
fn page_bytes() -> u64 {
    // SAFETY: sysconf takes no pointer.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    u64::try_from(bytes).unwrap_or(4096)
}

#[expect(unsafe_code, reason = "sysconf")]
fn system_memory_bytes() -> u64 {
    // SAFETY: sysconf takes no pointer.
    let pages = unsafe { libc::sysconf(libc::_SC_PHYS_PAGES) };
    u64::try_from(pages).unwrap_or(0) * page_bytes()
}

/// User and system seconds of this process, then of its ended children.
pub(crate) fn cpu_seconds() -> [f64; 4] {
    let [user, system] = usage(libc::RUSAGE_SELF);
    let [child_user, child_system] = usage(libc::RUSAGE_CHILDREN);
    [user, system, child_user, child_system]
}

#[expect(unsafe_code, reason = "getrusage")]
fn usage(who: libc::c_int) -> [f64; 2] {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a rusage of our own.
    let result = unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
    if result != 0 {
        return [0.0; 2];
    }
    // SAFETY: zeroed, then filled by a call that succeeded; every bit pattern is a valid rusage.
    let usage = unsafe { usage.assume_init() };
    #[expect(clippy::cast_precision_loss, reason = "seconds since the start of a process fit a double")]
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    [seconds(usage.ru_utime), seconds(usage.ru_stime)]
}

/// `Linux 6.1.0-13-amd64 x86_64`
pub(crate) fn os_name() -> String {
    let release = crate::files::read_text("/proc/sys/kernel/osrelease").unwrap_or_default();
    let name = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "Darwin",
        other => other,
    };
    format!("{name} {} {}", release.trim(), std::env::consts::ARCH)
}

/// Leaves the terminal: the parent ends, the child leads a session of its own.
#[expect(unsafe_code, reason = "fork and setsid")]
pub(crate) fn daemonize() -> std::io::Result<()> {
    // SAFETY: called before any other thread exists, so the child inherits no lock in an unknown state.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => return Err(std::io::Error::last_os_error()),
        0 => {}
        _ => std::process::exit(0),
    }
    // SAFETY: setsid takes no argument.
    if unsafe { libc::setsid() } == -1 {
        return Err(std::io::Error::last_os_error());
    }
    let null = crate::files::open_null()?;
    for fd in 0..3 {
        // SAFETY: both descriptors are open; dup2 replaces the second.
        if unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&null), fd) } == -1 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Broken-down local time: year, month 1-12, day, hour, minute, second.
#[expect(unsafe_code, reason = "localtime_r")]
pub(crate) fn local_time(unix_s: i64) -> [i32; 6] {
    let mut time = std::mem::MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to values of our own.
    let result = unsafe { libc::localtime_r(&raw const unix_s, time.as_mut_ptr()) };
    if result.is_null() {
        return [1970, 1, 1, 0, 0, 0];
    }
    // SAFETY: zeroed, then filled by a call that succeeded.
    let time = unsafe { time.assume_init() };
    [time.tm_year + 1900, time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec]
}

/// Allows this process `wanted` open files, as far as it may. Returns how many are allowed now.
#[expect(unsafe_code, reason = "getrlimit and setrlimit")]
pub fn raise_file_limit(wanted: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to an rlimit of our own.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return 0;
    }
    if limit.rlim_cur < wanted {
        let raised = libc::rlimit { rlim_cur: wanted.min(limit.rlim_max), rlim_max: limit.rlim_max };
        // SAFETY: the pointer is to an rlimit of our own.
        if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const raised) } == 0 {
            return raised.rlim_cur;
        }
    }
    limit.rlim_cur
}

/// Sets the permissions of new files and sockets; used around binding a Unix socket.
pub(crate) fn set_mode(path: &std::path::Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
