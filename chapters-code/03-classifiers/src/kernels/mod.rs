//! The room of the fast loops. Whatever is `unsafe` is here, behind a plain signature.
//!
//! Loops over reals are plain code that is compiled several times: for any processor, for processors with AVX2
//! and FMA, and for those with AVX-512. Products of bytes use instructions that no plain code becomes; what they
//! give are whole numbers, the same on every processor. [`Path::best`] picks at run time.
//!
//! | file | what is fast there |
//! | --- | --- |
//! | [`bytes`] | distances between rows of bytes, and the nearest of them |
//! | [`reals`] | products with panels of sixteen classes, and the steps of coordinate descent |

#![allow(unsafe_code)]

pub mod bytes;
pub mod reals;

/// Numbers that a panel holds side by side.
pub const LANES: usize = 16;

/// The kinds of compilation there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// For any processor.
    Portable,
    /// For x86-64 with AVX2 and FMA.
    Avx2,
    /// For x86-64 with AVX-512: its foundation, its bytes and words, and its dot products of bytes (VNNI).
    Avx512,
}

impl Path {
    /// Whether this processor can run it. Costs next to nothing: the answer is remembered.
    #[inline]
    pub fn available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Path::Portable => {}
            Path::Avx2 => {
                return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            }
            Path::Avx512 => {
                return Path::Avx2.available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vnni");
            }
        }
        self == Path::Portable
    }

    /// All that this processor can run, the slowest first.
    pub fn all() -> Vec<Path> {
        let all = [Path::Portable, Path::Avx2, Path::Avx512];
        all.into_iter().filter(|path| path.available()).collect()
    }

    /// The fastest that this processor can run.
    pub fn best() -> Path {
        Path::all().pop().unwrap_or(Path::Portable)
    }
}

/// A loop over reals that is compiled for each kind of processor. `run` and all that it calls must be
/// `#[inline(always)]`: what is not inlined is compiled for any processor.
pub trait Kernel {
    /// What it gives.
    type Output;

    /// The loop; `FUSED` says whether `a · b + c` is one instruction, rounded once.
    fn run<const FUSED: bool>(self) -> Self::Output;
}

/// Runs a kernel as compiled for `path`.
///
/// # Panics
/// If this processor cannot run it.
#[inline]
pub fn run<K: Kernel>(path: Path, kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if path != Path::Portable {
        assert!(path.available(), "this processor has no {path:?}");
        // SAFETY: `Path::available` has found on this processor all that the two functions require.
        return unsafe { if path == Path::Avx2 { run_avx2(kernel) } else { run_avx512(kernel) } };
    }
    let _ = path;
    kernel.run::<{ cfg!(target_arch = "aarch64") }>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512vl,avx512dq")]
fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<true>()
}

/// `a · b + c`.
#[inline(always)]
fn mul_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
