//! Filters: those that people wrote down, and how much of a learned one they explain.
//!
//! Gabor's filters are a wave under a bell (Gabor, 1946; in two dimensions Daugman, 1985).

/// Numbers of a 3 × 3 filter, row by row.
pub type Filter = [f64; 9];

/// Differences along the rows and along the columns, as Sobel weighs them.
pub const SOBEL: [Filter; 2] = [
    [-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0],
    [-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0],
];

/// What [`shares`] tells apart.
pub const KINDS: [&str; 4] = ["mean", "gradient", "second difference", "rest"];

// ANCHOR: shares
/// Orthonormal patterns of three numbers: their mean, their difference, the difference of their differences.
fn patterns() -> [[f64; 3]; 3] {
    let (a, b, c) = (1.0 / 3f64.sqrt(), 1.0 / 2f64.sqrt(), 1.0 / 6f64.sqrt());
    [[a, a, a], [-b, 0.0, b], [c, -2.0 * c, c]]
}

/// How much of a filter's energy, the sum of its squares, is mean, gradient, second difference, and the rest. The four
/// sum to 1; of random numbers they are 1, 2, 3 and 3 ninths.
pub fn shares(filter: &Filter) -> [f64; 4] {
    let energy: f64 = filter.iter().map(|w| w * w).sum();
    let mut shares = [0.0; 4];
    for (i, down) in patterns().iter().enumerate() {
        for (j, right) in patterns().iter().enumerate() {
            let along: f64 = (0..9).map(|k| filter[k] * down[k / 3] * right[k % 3]).sum();
            shares[(i + j).min(3)] += along * along / energy;
        }
    }
    shares
}
// ANCHOR_END: shares

/// A Gabor filter of `side × side` numbers: a wave that runs in direction `angle` under a bell of width `sigma`. Its mean is taken
/// away, so that it answers nothing to an even surface.
pub fn gabor(side: usize, angle: f64, wavelength: f64, phase: f64, sigma: f64) -> Vec<f64> {
    let middle = (side as f64 - 1.0) / 2.0;
    let at = |k: usize| {
        let (down, right) = ((k / side) as f64 - middle, (k % side) as f64 - middle);
        let along = right * angle.cos() + down * angle.sin();
        let bell = (-(right * right + down * down) / (2.0 * sigma * sigma)).exp();
        bell * (std::f64::consts::TAU * along / wavelength + phase).cos()
    };
    let mut filter: Vec<f64> = (0..side * side).map(at).collect();
    let mean = filter.iter().sum::<f64>() / filter.len() as f64;
    filter.iter_mut().for_each(|w| *w -= mean);
    filter
}

/// The bank of Gabor filters of the chapter, at a size: eight directions, even and odd.
pub fn bank(side: usize) -> Vec<Vec<f64>> {
    use std::f64::consts::{FRAC_PI_2, PI};
    let of = |phase: f64| {
        (0..8).map(move |i| {
            let side = side as f64;
            gabor(side as usize, PI * f64::from(i) / 8.0, side, phase, side / 4.0)
        })
    };
    of(0.0).chain(of(FRAC_PI_2)).collect()
}

/// The largest size of the cosine between a filter and one of a bank; 1 for a multiple of one of them.
pub fn likeness(filter: &[f64], bank: &[Vec<f64>]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let cosine = |b: &Vec<f64>| dot(filter, b).abs() / (dot(filter, filter) * dot(b, b)).sqrt();
    bank.iter().map(cosine).fold(0.0, f64::max)
}

/// A 3 × 3 filter laid over every pixel of a picture of `height × width`, with zeros around it, by definition.
pub fn apply(filter: &Filter, picture: &[f64], width: usize) -> Vec<f64> {
    let height = picture.len() / width.max(1);
    let pixel = |i: usize, j: usize| match (i.checked_sub(1), j.checked_sub(1)) {
        (Some(i), Some(j)) if i < height && j < width => picture[i * width + j],
        _ => 0.0,
    };
    let at = |k: usize| {
        (0..9).map(|q| filter[q] * pixel(k / width + q / 3, k % width + q % 3)).sum::<f64>()
    };
    (0..height * width).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_shares_are_the_whole() {
        let filter = [0.3, -1.2, 0.5, 2.0, 0.1, -0.7, 0.9, 1.4, -0.2];
        assert!((shares(&filter).iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn each_kind_is_found_in_its_own_pattern() {
        let even = shares(&[1.0; 9]);
        assert!((even[0] - 1.0).abs() < 1e-12);
        let prewitt = shares(&[-1.0, 0.0, 1.0, -1.0, 0.0, 1.0, -1.0, 0.0, 1.0]);
        assert!((prewitt[1] - 1.0).abs() < 1e-12);
        // Sobel gives the middle row twice the weight, so a part of it changes from row to row.
        let sobel = shares(&SOBEL[0]);
        assert!(sobel[1] > 0.8 && sobel[1] < 1.0 && sobel[3] > 0.0, "{sobel:?}");
    }

    #[test]
    fn gabor_filters_answer_nothing_to_an_even_surface() {
        for filter in bank(3).iter().chain(&bank(9)) {
            assert!(filter.iter().sum::<f64>().abs() < 1e-12);
            assert!(filter.iter().any(|w| w.abs() > 0.1));
        }
        assert!((likeness(&bank(3)[2], &bank(3)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_shift_filter_shifts() {
        let from_the_left = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let picture: Vec<f64> = (1..=6).map(f64::from).collect();
        assert_eq!(apply(&from_the_left, &picture, 3), [0.0, 1.0, 2.0, 0.0, 4.0, 5.0]);
    }
}
