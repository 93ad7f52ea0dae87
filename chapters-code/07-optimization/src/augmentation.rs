//! Augmentation: each garment as it might also have been photographed, mirrored and a little beside its place. What it
//! becomes depends on the seed, the epoch and its number alone, so training can stop and go on.

use learning::fashion::SIDE;
use notebook::{Stream, stream};
use rand::RngExt as _;

/// How garments are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Augmentation {
    /// Decides what becomes of each.
    pub seed: u64,
    /// By how many pixels, at most, it is shifted in each direction.
    pub shift: usize,
    /// Whether every other one is mirrored.
    pub mirror: bool,
}

impl Augmentation {
    /// Writes what becomes of a garment, 28 × 28, in an epoch, the `i`-th of all.
    pub(crate) fn write(&self, pixels: &[u8], [epoch, i]: [u64; 2], to: &mut [f32]) {
        let Augmentation { seed, shift, mirror } = *self;
        let mut rng = stream(seed, Stream::Sample(epoch, i));
        let (down, right) = (rng.random_range(0..=2 * shift), rng.random_range(0..=2 * shift));
        let mirror = mirror && rng.random();
        // Where a pixel comes from; outside the image it is black.
        let from = |to: usize, by: usize| (to + by).checked_sub(shift).filter(|&from| from < SIDE);
        for (i, row) in to.chunks_exact_mut(SIDE).enumerate() {
            for (j, to) in row.iter_mut().enumerate() {
                let j = if mirror { SIDE - 1 - j } else { j };
                *to = match (from(i, down), from(j, right)) {
                    (Some(i), Some(j)) => f32::from(pixels[i * SIDE + j]) / 255.0,
                    _ => 0.0,
                };
            }
        }
    }
}
