//! Garments to learn from: as they are, or as each might also have been photographed.

use learning::Labelled;
use learning::fashion::PIXELS;

use crate::{Augmentation, Samples};

/// Garments with pixels in [0, 1].
#[derive(Clone, Copy, Debug)]
pub struct Garments<'a> {
    /// The garments, 28 × 28.
    pub data: &'a Labelled,
    /// How they are changed, epoch by epoch; nothing to leave them as they are.
    pub augmentation: Option<Augmentation>,
}

impl<'a> Garments<'a> {
    /// Garments as they are.
    pub fn new(data: &'a Labelled) -> Self {
        Garments { data, augmentation: None }
    }

    /// The same, changed in every epoch.
    pub fn augmented(self, augmentation: Augmentation) -> Self {
        Garments { augmentation: Some(augmentation), ..self }
    }

    fn pixels(&self, i: usize) -> &[u8] {
        &self.data.images.as_slice().unwrap_or_default()[i * PIXELS..][..PIXELS]
    }
}

// ANCHOR: garments
impl Samples for Garments<'_> {
    fn name(&self) -> &str {
        "garments"
    }

    fn len(&self) -> usize {
        self.data.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        match &self.augmentation {
            Some(change) => change.write(self.pixels(i), [epoch, i as u64], to),
            None => {
                for (to, &pixel) in to.iter_mut().zip(self.pixels(i)) {
                    *to = f32::from(pixel) / 255.0;
                }
            }
        }
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.data.labels[i].into())
    }
}
// ANCHOR_END: garments
