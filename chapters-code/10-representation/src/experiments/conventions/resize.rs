//! Resizing with the kernel and the antialiasing of one's choice.

/// How much a pixel at some distance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// A tent, over one pixel on each side.
    Bilinear,
    /// Keys' cubic with −½, as Pillow has it, over two pixels on each side.
    Bicubic,
}

impl Kernel {
    fn reach(self) -> f64 {
        match self {
            Kernel::Bilinear => 1.0,
            Kernel::Bicubic => 2.0,
        }
    }

    fn at(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Kernel::Bilinear => (1.0 - x).max(0.0),
            Kernel::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Kernel::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Kernel::Bicubic => 0.0,
        }
    }
}

/// The first pixel that output `i` of `to` sees of `from` pixels, and the weights from there on. With `antialias`, the kernel is
/// as wide as the output's pixels where these are the larger ones.
pub fn weights(
    i: usize,
    from: usize,
    to: usize,
    kernel: Kernel,
    antialias: bool,
) -> (usize, Vec<f64>) {
    let scale = from as f64 / to as f64;
    let wide = if antialias { scale.max(1.0) } else { 1.0 };
    let (centre, reach) = ((i as f64 + 0.5) * scale, kernel.reach() * wide);
    let first = (centre - reach + 0.5).floor().max(0.0) as usize;
    let last = ((centre + reach + 0.5).floor() as usize).clamp(first + 1, from);
    let weight = |j: usize| kernel.at((j as f64 + 0.5 - centre) / wide);
    let weights: Vec<f64> = (first..last).map(weight).collect();
    let sum: f64 = weights.iter().sum();
    (first, weights.iter().map(|w| w / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halved_without_antialiasing_reads_as_few_pixels_as_enlarged() {
        assert_eq!(weights(1, 8, 4, Kernel::Bilinear, false), (2, vec![0.5, 0.5]));
        assert_eq!(weights(1, 8, 4, Kernel::Bilinear, true), (1, vec![0.125, 0.375, 0.375, 0.125]));
    }

    #[test]
    fn the_same_size_is_the_same_picture() {
        let (first, weights) = weights(3, 8, 8, Kernel::Bicubic, true);
        let at = weights.iter().position(|&w| w == 1.0);
        assert_eq!(at.map(|at| first + at), Some(3));
        assert!(weights.iter().filter(|&&w| w != 0.0).count() == 1);
    }
}
