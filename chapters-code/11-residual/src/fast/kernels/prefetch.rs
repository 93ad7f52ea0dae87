//! Asking for memory before it is needed.

#![allow(unsafe_code)]

use super::lane::Lane;

/// Asks for a lane, into the first cache, because it will be read or written soon.
#[inline(always)]
pub fn near(lane: &Lane) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that reads nothing; its instruction is part of every x86-64 processor.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(lane).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = lane;
}

/// Asks for a lane, into the second cache, because it will be read in a while.
#[inline(always)]
pub fn far(lane: &Lane) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: as in `near`.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(lane).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = lane;
}
