//! Hu's seven moments (1962): the shape of a mass of light, whatever its place, size and angle.
//!
//! A moment is ``m_pq = Σ y^p x^q I(y, x)``; ``p`` belongs to rows and ``q`` to columns. About the centroid
//! it becomes the central moment ``μ_pq``, which no shift changes, and ``η_pq = μ_pq / μ_00^(1+(p+q)/2)``
//! stays the same when the image is enlarged. Of the ``η`` of second and third order Hu formed seven
//! polynomials that a rotation leaves alone; a reflection flips the sign of the seventh.

use crate::error::SizeError;
use crate::extractor::{Extractor, Scratch, at_least, check_length};
use crate::image::View;

/// Hu's seven moments of the greyscale image.
#[derive(Clone, Copy, Debug)]
pub struct Hu {
    /// What one grey level counts: 1/255 for a greyscale on [0, 1], 1 for raw levels. The
    /// moments depend on it.
    level: f64,
}

impl Hu {
    /// Of the greyscale on [0, 1].
    pub const GREYSCALE: Hu = Hu { level: 1.0 / 255.0 };
    /// Of raw levels from 0 to 255.
    pub const RAW: Hu = Hu { level: 1.0 };
}

/// Central moments up to the third order. The first index is the power of the row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Central {
    /// Centroid: row and column.
    pub centroid: (f64, f64),
    /// All the light there is.
    pub m00: f64,
    /// Second order.
    pub m20: f64,
    /// Second order, mixed.
    pub m11: f64,
    /// Second order.
    pub m02: f64,
    /// Third order.
    pub m30: f64,
    /// Third order, mixed.
    pub m21: f64,
    /// Third order, mixed.
    pub m12: f64,
    /// Third order.
    pub m03: f64,
}

// ANCHOR: invariants
/// Hu's seven invariants; zero for an image without light.
pub fn invariants(m: &Central) -> [f64; 7] {
    if m.m00 <= 0.0 {
        return [0.0; 7];
    }
    let (second, third) = (m.m00.powi(2), m.m00.powi(2) * m.m00.sqrt());
    let [n20, n11, n02] = [m.m20, m.m11, m.m02].map(|m| m / second);
    let [n30, n21, n12, n03] = [m.m30, m.m21, m.m12, m.m03].map(|m| m / third);
    let (sum, difference) = (n20 + n02, n20 - n02);
    let (p, q) = (n30 + n12, n21 + n03);
    let (r, s) = (n30 - 3.0 * n12, 3.0 * n21 - n03);
    let (pp, qq) = (p * p, q * q);
    let (u, v) = (p * (pp - 3.0 * qq), q * (3.0 * pp - qq));
    [
        sum,
        difference * difference + 4.0 * n11 * n11,
        r * r + s * s,
        pp + qq,
        r * u + s * v,
        difference * (pp - qq) + 4.0 * n11 * p * q,
        s * u - r * v,
    ]
}
// ANCHOR_END: invariants

/// Logarithm of the size, with the sign: Hu's moments span thirty orders of magnitude, and no
/// distance between raw ones sees more than the largest.
pub fn signed_log(moment: f64) -> f64 {
    if moment == 0.0 { 0.0 } else { moment.signum() * moment.abs().log10() }
}

/// Sides up to which the sums of an image fit the integers of [`of_levels`].
const LONGEST: usize = 1024;

impl Hu {
    /// Central moments of an image, by the faster of the two ways that its pixels allow.
    pub fn central(&self, image: View<'_>) -> Central {
        let (width, height) = (image.width(), image.height());
        match image.exact_levels() {
            Some(levels) if width.max(height) <= LONGEST => of_levels(width, levels, self.level),
            _ => of_greys(image, 255.0 * self.level),
        }
    }
}

/// Central moments of integer levels: exact sums of one pass, then exact differences.
///
/// The four sums of a row need no product. Walking from the right, the first sum collects the
/// levels, and each further one collects the sum before it; a level at column `x` then has gone
/// 1, x + 1, (x + 1)(x + 2)/2 and (x + 1)(x + 2)(x + 3)/6 times into them.
// ANCHOR: of_levels
fn of_levels(width: usize, levels: &[u8], level: f64) -> Central {
    let mut m = [[0_u64; 4]; 4];
    for (y, row) in levels.chunks_exact(width).enumerate() {
        let (mut s0, mut s1, mut s2, mut s3) = (0_u64, 0_u64, 0_u64, 0_u64);
        for &v in row.iter().rev() {
            s0 += u64::from(v);
            s1 += s0;
            s2 += s1;
            s3 += s2;
        }
        let x1 = s1 - s0;
        let x2 = 2 * s2 - 3 * x1 - 2 * s0;
        let x3 = 6 * s3 - 6 * x2 - 11 * x1 - 6 * s0;
        let y = y as u64;
        for (q, sum) in [s0, x1, x2, x3].into_iter().enumerate() {
            let mut term = sum;
            for row in m.iter_mut().take(4 - q) {
                row[q] += term;
                term *= y;
            }
        }
    }
    central(&m.map(|row| row.map(i128::from)), level)
}
// ANCHOR_END: of_levels

/// Central moments from exact raw ones. Multiplied by a power of `m00` each is an integer.
fn central(m: &[[i128; 4]; 4], level: f64) -> Central {
    let (n, a, b) = (m[0][0], m[1][0], m[0][1]);
    if n == 0 {
        return Central::default();
    }
    let second = |m2: i128, a: i128, b: i128| (m2 * n - a * b) as f64 / n as f64 * level;
    let nn = (n * n) as f64;
    let third = |m3: i128, rest: i128| (m3 * n * n - rest) as f64 / nn * level;
    Central {
        centroid: (a as f64 / n as f64, b as f64 / n as f64),
        m00: n as f64 * level,
        m20: second(m[2][0], a, a),
        m11: second(m[1][1], a, b),
        m02: second(m[0][2], b, b),
        m30: third(m[3][0], 3 * m[2][0] * a * n - 2 * a * a * a),
        m21: third(m[2][1], (m[2][0] * b + 2 * m[1][1] * a) * n - 2 * a * a * b),
        m12: third(m[1][2], (m[0][2] * a + 2 * m[1][1] * b) * n - 2 * a * b * b),
        m03: third(m[0][3], 3 * m[0][2] * b * n - 2 * b * b * b),
    }
}

/// Central moments of any greyscale, in two passes: the centroid, then the moments about it.
fn of_greys(image: View<'_>, scale: f64) -> Central {
    let width = image.width();
    let place = |i: usize| ((i / width) as f64, (i % width) as f64);
    let (mut m00, mut m10, mut m01) = (0.0, 0.0, 0.0);
    for i in 0..image.pixels() {
        let ((y, x), v) = (place(i), image.grey(i) * scale);
        m00 += v;
        m10 += v * y;
        m01 += v * x;
    }
    if m00 <= 0.0 {
        return Central::default();
    }
    let (cy, cx) = (m10 / m00, m01 / m00);
    let mut m = Central { centroid: (cy, cx), m00, ..Central::default() };
    for i in 0..image.pixels() {
        let ((y, x), v) = (place(i), image.grey(i) * scale);
        let (y, x) = (y - cy, x - cx);
        m.m20 += v * y * y;
        m.m11 += v * y * x;
        m.m02 += v * x * x;
        m.m30 += v * y * y * y;
        m.m21 += v * y * y * x;
        m.m12 += v * y * x * x;
        m.m03 += v * x * x * x;
    }
    m
}

impl Extractor for Hu {
    fn name(&self) -> &'static str {
        "hu"
    }

    fn length(&self, width: usize, height: usize) -> Result<usize, SizeError> {
        at_least(self.name(), (width, height), (2, 2))?;
        Ok(7)
    }

    fn extract(
        &self,
        image: View<'_>,
        _: &mut Scratch,
        features: &mut [f64],
    ) -> Result<(), SizeError> {
        check_length(features, self.length(image.width(), image.height())?);
        features.copy_from_slice(&invariants(&self.central(image)));
        Ok(())
    }

    fn describe(&self, component: usize, _: usize, _: usize) -> String {
        let meaning = [
            "spread of the light about its centroid, relative to its amount",
            "elongation: how far the spread in one direction exceeds that across",
            "lopsidedness of third order, with three-fold symmetry",
            "lopsidedness of third order, towards one side",
            "product of third orders: how the two kinds of lopsidedness are turned to each other",
            "elongation against lopsidedness",
            "handedness: a mirror image changes its sign",
        ];
        format!("Hu moment {}: {}", component + 1, meaning.get(component).unwrap_or(&"none"))
    }
}
