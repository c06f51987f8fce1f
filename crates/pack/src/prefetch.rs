//! The instruction that asks for a cache line before it is needed.
//!
//! Reads ahead of many keys or elements turn misses that follow each other into misses side by side. std's own form of this
//! (`core::hint::prefetch_read`) is not stable yet; when it is, this module goes.
#![cfg_attr(
    all(any(target_arch = "x86_64", target_arch = "aarch64"), not(miri)),
    expect(unsafe_code, reason = "an instruction without effect but on the cache")
)]

/// Asks for the cache line at `address`, which need not be valid.
///
/// ```
/// pack::prefetch::line([7_u8; 64].as_ptr());
/// ```
#[inline(always)]
pub fn line(address: *const u8) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: prefetching has no effect but on the cache, and does not fault.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    // SAFETY: prefetching has no effect but on the cache, and does not fault.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    #[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
    let _ = address;
}
