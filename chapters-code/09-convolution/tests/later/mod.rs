//! Operations of later chapters, each in its plainest form: loops, without kernels. They prove that the engine carries these
//! chapters as it is. Each file says where it will go; there its operation becomes fast, and is taught.

#![allow(clippy::needless_range_loop)]
#![allow(dead_code)] // the test and the example use a part each

pub mod attention;
pub mod class_token;
pub mod curve;
pub mod depthwise;
pub mod dropout;
pub mod embedding;
pub mod gate;
pub mod networks;
pub mod norm;
pub mod positions;
pub mod rotary;
pub mod scale;
pub mod token;

use backprop::{Error, Layout, Moment, Place, Result};

/// A fault of shapes.
fn bad<T>(what: &str, fault: impl Into<String>) -> Result<T> {
    Err(Error::Shape { what: what.into(), fault: fault.into(), fix: "give what it takes" })
}

/// Each pixel or token of the samples of a shard: sample, where it begins in input and output, its number.
fn each(place: &Place, rows: usize, mut f: impl FnMut(usize, usize, usize, usize)) {
    let (a, b) = (place.input(), place.output);
    for n in 0..rows {
        for h in 0..a.shape.height {
            for w in 0..a.shape.width {
                f(n, n * a.stride + a.at(h, w), n * b.stride + b.at(h, w), h * a.shape.width + w);
            }
        }
    }
}

/// The position of token `p` of sample `n`: in a sequence its place there; else samples are tokens.
fn position(layout: &Layout, m: Moment, n: usize, p: usize) -> usize {
    m.position + if layout.shape.tokens { p } else { m.first + n }
}
