//! The joint colour histogram (Swain and Ballard, 1991): how much of each colour there is.
//!
//! The cube of colours is cut into 8 × 8 × 8 boxes. With ``r = ⌊8R/256⌋`` for 8-bit red ``R``, and so
//! for green and blue, a pixel falls into box ``64 r + 8 g + b``. A feature is the share of the
//! pixels in a box; the 512 shares add up to 1. Where a pixel lies is forgotten.

use crate::error::SizeError;
use crate::extractor::{Extractor, Scratch, at_least, check_length};
use crate::image::View;

/// Parts of a channel.
pub const PARTS: usize = 8;
/// Boxes of the cube of colours.
pub const BOXES: usize = PARTS * PARTS * PARTS;

/// Shares of 512 colours.
#[derive(Clone, Copy, Debug)]
pub struct ColourHistogram;

// ANCHOR: box_of
/// The box of the cube into which an 8-bit colour falls: `⌊8v/256⌋` of each channel.
pub fn box_of(rgb: [u8; 3]) -> usize {
    let [r, g, b] = rgb.map(|v| usize::from(v >> 5));
    64 * r + 8 * g + b
}
// ANCHOR_END: box_of

/// The colour in the middle of a box.
pub fn middle(index: usize) -> [u8; 3] {
    [index / 64, index / 8 % 8, index % 8].map(|part| (32 * part + 16) as u8)
}

impl Extractor for ColourHistogram {
    fn name(&self) -> &'static str {
        "colour-histogram"
    }

    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError> {
        at_least(self.name(), (width, height), (2, 2))?;
        Ok(BOXES)
    }

    // ANCHOR: extract
    fn extract(
        &self,
        image: View<'_>,
        scratch: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError> {
        check_length(features, self.length(image.width(), image.height())?);
        let counts = &mut scratch.counts;
        counts.clear();
        counts.resize(BOXES, 0);
        for i in 0..image.pixels() {
            counts[box_of(image.rgb(i))] += 1;
        }
        let n = image.pixels() as f64;
        for (share, &count) in features.iter_mut().zip(counts.iter()) {
            *share = f64::from(count) / n;
        }
        Ok(())
    }
    // ANCHOR_END: extract

    fn describe(&self, component: usize, _: usize, _: usize) -> String {
        let [r, g, b] =
            [component / 64, component / 8 % 8, component % 8].map(|p| (32 * p, 32 * p + 31));
        format!(
            "share of pixels with red {}–{}, green {}–{}, blue {}–{}",
            r.0, r.1, g.0, g.1, b.0, b.1
        )
    }
}
