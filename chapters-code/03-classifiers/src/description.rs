//! What a garment is described by: its pixels, what an expert sees in them, or both.

use features::batch::extract_levels;
use features::{Extractor, Hog};
use learning::fashion::{PIXELS, SIDE};
use ndarray::{Array2, ArrayView3, Axis, s};

use crate::model::Samples;

/// Pictures that are described at once.
const BLOCK: usize = 1_000;

/// A way to describe garments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Description {
    /// 784 pixels.
    Pixels,
    /// Oriented gradients of cells of 7 × 7 pixels: 324 features.
    Hog,
    /// Oriented gradients of cells of 4 × 4 pixels: 1,296 features.
    FineHog,
    /// Oriented gradients of both sizes, and pixels: 2,404 features.
    All,
}

impl Description {
    /// All of them, with the fewest ideas first.
    pub const EACH: [Description; 4] =
        [Description::Pixels, Description::Hog, Description::FineHog, Description::All];

    /// The name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Description::Pixels => "pixels",
            Description::Hog => "hog",
            Description::FineHog => "fine-hog",
            Description::All => "all",
        }
    }

    /// The name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Description::Pixels => "pixels",
            Description::Hog => "HOG",
            Description::FineHog => "HOG, small cells",
            Description::All => "HOG twice and pixels",
        }
    }

    /// The description of this name.
    pub fn find(name: &str) -> Option<Description> {
        Description::EACH.into_iter().find(|d| d.name() == name)
    }

    /// The number of features `d`.
    pub fn length(self) -> usize {
        let hogs: usize = self.hogs().iter().map(length).sum();
        hogs + if self.has_pixels() { PIXELS } else { 0 }
    }

    /// What feature `feature` is, in words.
    pub fn describe(self, mut feature: usize) -> String {
        for hog in self.hogs() {
            if feature < length(&hog) {
                let cell = hog.cell().0;
                return format!("cells of {cell}: {}", hog.describe(feature, SIDE, SIDE));
            }
            feature -= length(&hog);
        }
        format!("pixel in row {}, column {}", feature / SIDE, feature % SIDE)
    }

    fn has_pixels(self) -> bool {
        matches!(self, Description::Pixels | Description::All)
    }

    fn hogs(self) -> Vec<Hog> {
        let of = |cell| Hog::new(9, (cell, cell), (2, 2)).unwrap_or(Hog::DEFAULT);
        match self {
            Description::Pixels => Vec::new(),
            Description::Hog => vec![of(7)],
            Description::FineHog => vec![of(4)],
            Description::All => vec![of(7), of(4)],
        }
    }

    /// The features of garments `(n, 28, 28)`, `(n, d)`: gradients first, pixels, on [0, 1], behind them. `O(n d)`.
    ///
    /// # Panics
    /// If the pictures are not of 28 × 28 pixels.
    pub fn rows(self, images: ArrayView3<'_, u8>) -> Array2<f32> {
        assert_eq!(images.dim().1 * images.dim().2, PIXELS, "garments have 28 × 28 pixels");
        let images = images.as_standard_layout();
        let mut rows = Array2::zeros((images.dim().0, self.length()));
        let mut first = 0;
        for hog in self.hogs() {
            let length = length(&hog);
            let part = rows.slice_mut(s![.., first..first + length]);
            gradients(&hog, images.view(), part);
            first += length;
        }
        if self.has_pixels() {
            let mut part = rows.slice_mut(s![.., first..]);
            for (mut row, image) in part.rows_mut().into_iter().zip(images.outer_iter()) {
                row.zip_mut_with(&image.flatten(), |to, from| *to = f32::from(*from) / 255.0);
            }
        }
        rows
    }

    /// As [`rows`](Self::rows), and bytes where pixels alone are asked for.
    pub fn samples(self, images: ArrayView3<'_, u8>) -> Samples {
        match self {
            Description::Pixels => {
                let shape = (images.dim().0, images.dim().1 * images.dim().2);
                let bytes = images.as_standard_layout().into_owned();
                Samples::Bytes(bytes.into_shape_with_order(shape).unwrap_or_default())
            }
            _ => Samples::Reals(self.rows(images)),
        }
    }
}

/// Features of a garment.
fn length(hog: &Hog) -> usize {
    hog.length(SIDE, SIDE).unwrap_or(0)
}

/// Writes the gradients of each garment to its row.
fn gradients(hog: &Hog, images: ArrayView3<'_, u8>, mut to: ndarray::ArrayViewMut2<'_, f32>) {
    let length = to.ncols();
    let mut features = vec![0.0; BLOCK * length];
    let blocks = images.axis_chunks_iter(Axis(0), BLOCK);
    for (images, mut to) in blocks.zip(to.axis_chunks_iter_mut(Axis(0), BLOCK)) {
        let features = &mut features[..images.dim().0 * length];
        let levels = images.to_slice().unwrap_or_default();
        // 28 × 28 pixels are enough for every Hog of a description.
        let _ = extract_levels(hog, (SIDE, SIDE), levels, features);
        to.iter_mut().zip(features.iter()).for_each(|(to, from)| *to = *from as f32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    #[test]
    fn a_description_has_the_parts_that_it_names() {
        let images = Array3::from_shape_fn((3, SIDE, SIDE), |(i, y, x)| (50 * i + y * x) as u8);
        let rows = |d: Description| d.rows(images.view());
        let [pixels, hog, fine, all] = Description::EACH.map(rows);
        assert_eq!(
            [pixels.ncols(), hog.ncols(), fine.ncols(), all.ncols()],
            [784, 324, 1296, 2404]
        );
        let parts = ndarray::concatenate![Axis(1), hog, fine, pixels];
        assert_eq!(all, parts);
        assert!(hog.iter().any(|x| *x != 0.0));
        for description in Description::EACH {
            assert_eq!(Description::find(description.name()), Some(description));
            assert_eq!(description.length(), description.rows(images.view()).ncols());
        }
        let Samples::Bytes(bytes) = Description::Pixels.samples(images.view()) else {
            panic!("bytes")
        };
        assert_eq!(bytes.mapv(|b| f32::from(b) / 255.0), pixels);
    }
}
