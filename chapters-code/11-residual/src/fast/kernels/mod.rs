//! The fast loops: written once over arrays of sixteen numbers, compiled for any processor and for those with AVX2 and FMA
//! ([`backprop::kernels`]).
//!
//! | module | what |
//! | --- | --- |
//! | [`lane`] | sixteen channels, and what is done when sums are stored |
//! | [`product`] | six pixels by sixteen channels in registers, while the inputs pass by |
//! | [`winograd`] | the tiles of a 3 × 3 convolution, there and back |
//! | [`depthwise`] | a channel by itself |
//! | [`stem`] | a convolution of a few colours |
//! | [`pool`] | the largest of a window, the mean of a channel |
//! | [`after`] | passes over what is stored |
//! | [`prefetch`] | memory, asked for before it is needed |
//! | [`blocks`] | parts of a map, each for one thread |

// Indices over fixed lengths are what the compiler makes vector instructions of.
#![allow(clippy::needless_range_loop)]

pub mod after;
pub mod blocks;
pub mod depthwise;
pub mod lane;
pub mod pool;
pub mod prefetch;
pub mod product;
pub mod stem;
pub mod winograd;
