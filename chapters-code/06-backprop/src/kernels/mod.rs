//! The room of the fast loops. Whatever is fast or `unsafe` is here, behind a plain signature.
//!
//! A [`Kernel`] is a loop written once, as plain code, and compiled several times: for any processor, and for
//! processors with AVX2 and FMA, whose registers hold eight `f32`. [`run_f32`] picks at run time. On
//! 64-bit ARM the plain compilation already uses NEON and fused multiply-adds.
//!
//! | file | what is fast there |
//! | --- | --- |
//! | [`product`] | the matrix product, through which all of them go |
//! | [`pool`] | threads that spin briefly before they sleep |
//! | [`arena`] | one piece of memory, of which each shard of a mini-batch has its rows |
//! | [`buffer`] | memory that begins at a cache line |

#![allow(unsafe_code)]

pub mod arena;
pub mod buffer;
pub mod pool;
pub mod product;

use crate::Real;

/// Numbers in a cache line of `f32`, and columns in a panel of weights.
pub const LANES: usize = 16;

/// How `a · b + c` is rounded.
pub trait Arithmetic {
    /// `a · b + c`.
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T;
}

/// Rounded once, by an instruction of the processor.
pub struct Fused;

/// Rounded twice, after the product and after the sum; for processors without the instruction, on
/// which the fused form would be a call of a slow function.
pub struct Separate;

impl Arithmetic for Fused {
    #[inline(always)]
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T {
        a.fused_mul_add(b, c)
    }
}

impl Arithmetic for Separate {
    #[inline(always)]
    fn mul_add<T: Real>(a: T, b: T, c: T) -> T {
        a * b + c
    }
}

/// A loop that is worth compiling for more than one kind of processor.
///
/// `run` and all it calls must be `#[inline(always)]`, because what is not inlined is compiled for any
/// processor.
pub trait Kernel {
    /// What it gives.
    type Output;

    /// The loop, with multiply-adds by `A`.
    fn run<A: Arithmetic>(self) -> Self::Output;
}

/// The kinds of compilation there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// For any processor.
    Portable,
    /// For x86-64 with AVX2 and FMA.
    Avx2,
}

impl Path {
    /// The fastest that this processor can run.
    pub fn best() -> Path {
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            return Path::Avx2;
        }
        Path::Portable
    }
}

/// Runs a kernel as compiled for any processor.
#[inline]
pub fn run_portable<K: Kernel>(kernel: K) -> K::Output {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
        kernel.run::<Fused>()
    } else {
        kernel.run::<Separate>()
    }
}

// ANCHOR: dispatch
/// Runs a kernel as compiled for the best kind of processor that this one is.
#[inline]
pub fn run_f32<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if Path::best() == Path::Avx2 {
        // SAFETY: `Path::best` has found AVX2 and FMA on this processor, which is all that
        // `run_avx2` requires.
        return unsafe { run_avx2(kernel) };
    }
    run_portable(kernel)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Fused>()
}
// ANCHOR_END: dispatch
