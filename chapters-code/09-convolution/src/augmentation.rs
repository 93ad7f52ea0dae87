//! Augmentation: each garment as it might also have been photographed, mirrored and a little beside its place. What it
//! becomes depends on the seed, the epoch and its number alone, so training can stop and go on.

use backprop::Batch;
use learning::Labelled;
use optimization::{Samples, trainer::generator};
use rand::RngExt as _;

/// Side of an image.
const SIDE: usize = 28;

/// Garments to learn from.
#[derive(Clone, Copy, Debug)]
pub struct Garments<'a> {
    /// The garments, 28 × 28.
    pub data: &'a Labelled,
    /// How they are changed; nothing to leave them as they are.
    pub augmentation: Option<Augmentation>,
}

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

impl Garments<'_> {
    fn pixels(&self, i: usize) -> &[u8] {
        let all = self.data.images.as_slice().unwrap_or_default();
        &all[i * SIDE * SIDE..][..SIDE * SIDE]
    }

    fn plain(&self, i: usize, to: &mut [f32]) {
        for (to, &from) in to.iter_mut().zip(self.pixels(i)) {
            *to = f32::from(from) / 255.0;
        }
    }
}

impl Samples for Garments<'_> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        let Some(Augmentation { seed, shift, mirror }) = self.augmentation else {
            return self.plain(i, to);
        };
        let mut rng = generator(seed, epoch * self.data.len() as u64 + i as u64);
        let (down, right) = (rng.random_range(0..=2 * shift), rng.random_range(0..=2 * shift));
        let mirror = mirror && rng.random();
        let pixels = self.pixels(i);
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

    fn label(&self, i: usize) -> usize {
        self.data.labels[i].into()
    }
}

/// Some garments, one after another, as they are.
#[derive(Clone, Debug)]
pub struct Slice<'a> {
    /// The garments.
    pub garments: Garments<'a>,
    /// Which.
    pub range: std::ops::Range<usize>,
}

impl Batch<f32> for Slice<'_> {
    fn len(&self) -> usize {
        self.range.len()
    }

    fn input(&self, i: usize, to: &mut [f32]) {
        self.garments.plain(self.range.start + i, to);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(Samples::label(&self.garments, self.range.start + i))
    }
}
