//! The textbook's way to the same features, as the definitions are written down: the first rung of
//! the benchmark, and the judge of the others.

use crate::glcm::{self, DIRECTIONS};
use crate::hog::Hog;
use crate::hu::{self, Central};
use crate::image::View;
use crate::lbp;

/// Hu's moments of a greyscale on which a level counts 1, by sums over powers.
pub fn hu(image: View<'_>) -> Vec<f64> {
    let raw = |p: i32, q: i32, cy: f64, cx: f64| -> f64 {
        let width = image.width();
        let light = |i: usize| 255.0 * image.grey(i);
        (0..image.pixels())
            .map(|i| {
                light(i) * ((i / width) as f64 - cy).powi(p) * ((i % width) as f64 - cx).powi(q)
            })
            .sum()
    };
    let m00 = raw(0, 0, 0.0, 0.0);
    let (cy, cx) = (raw(1, 0, 0.0, 0.0) / m00, raw(0, 1, 0.0, 0.0) / m00);
    let about = |p, q| raw(p, q, cy, cx);
    hu::invariants(&Central {
        centroid: (cy, cx),
        m00,
        m20: about(2, 0),
        m11: about(1, 1),
        m02: about(0, 2),
        m30: about(3, 0),
        m21: about(2, 1),
        m12: about(1, 2),
        m03: about(0, 3),
    })
    .to_vec()
}

/// Local binary patterns, pixel by pixel.
pub fn lbp(image: View<'_>) -> Vec<f64> {
    let mut shares = vec![0.0; lbp::CODES];
    for row in 0..image.height() {
        for column in 0..image.width() {
            let code = lbp::code_of(lbp::pattern_at(image, row, column));
            shares[usize::from(code)] += 1.0 / image.pixels() as f64;
        }
    }
    shares
}

/// Co-occurrence, with four whole matrices.
pub fn glcm(image: View<'_>) -> Vec<f64> {
    let of_all = DIRECTIONS.map(|direction| glcm::properties(&glcm::matrix(image, direction)));
    (0..5).map(|k| of_all.iter().map(|properties| properties[k]).sum::<f64>() / 4.0).collect()
}

/// Oriented gradients, with an angle for each pixel and a vector for each block.
pub fn hog(hog: &Hog, image: View<'_>) -> Vec<f64> {
    hog.blocks_of(&hog.cell_histograms(image), image.width(), image.height())
}
