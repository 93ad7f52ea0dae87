//! What each extractor must not notice, over random images, and the fast ways against the textbook's.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use features::batch::extract_levels;
use features::image::Image;
use features::{
    ColourHistogram, EXTRACTORS, Extractor, Glcm, Hog, Hu, Lbp, View, features as extract, ladder,
};
use proptest::prelude::*;

/// A grey image of 3 to 40 pixels a side: noise, steps, or flat.
fn grey() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    (3..40_usize, 3..40_usize, 1..=8_u32).prop_flat_map(|(width, height, bits)| {
        let step = 255 / ((1_u32 << bits) - 1);
        let level = (0..1_u32 << bits).prop_map(move |v| (v * step) as u8);
        (Just(width), Just(height), proptest::collection::vec(level, width * height))
    })
}

fn of(extractor: &dyn Extractor, width: usize, height: usize, levels: &[u8]) -> Vec<f64> {
    extract(extractor, View::of_levels(width, height, levels)).unwrap()
}

fn close(a: &[f64], b: &[f64], relative: f64, absolute: f64) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= relative * b.abs() + absolute)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_histogram_forgets_the_order(bytes in proptest::collection::vec(any::<u8>(), 3 * 64), turn in 0..64_usize) {
        let mut pixels: Vec<&[u8]> = bytes.chunks(3).collect();
        pixels.rotate_left(turn);
        pixels.reverse();
        let moved = Image::from_rgb(8, 8, pixels.concat());
        let whole = Image::from_rgb(8, 8, bytes.clone());
        prop_assert_eq!(
            extract(&ColourHistogram, whole.view()).unwrap(),
            extract(&ColourHistogram, moved.view()).unwrap()
        );
    }

    #[test]
    fn hu_moments_forget_the_place_and_a_quarter_turn((width, height, levels) in grey(), down in 0..9_usize, right in 0..9_usize) {
        let plain = of(&Hu::GREYSCALE, width, height, &levels);
        let mut shifted = vec![0; (width + 9) * (height + 9)];
        for (y, row) in levels.chunks(width).enumerate() {
            shifted[(y + down) * (width + 9) + right..][..width].copy_from_slice(row);
        }
        let shifted = of(&Hu::GREYSCALE, width + 9, height + 9, &shifted);
        // Third orders are exact sums; cancellation among them is all that is left.
        prop_assert!(close(&shifted, &plain, 1e-9, 1e-14), "{shifted:?} is not {plain:?}");
        let turned: Vec<u8> = (0..width * height).map(|i| levels[(i % height) * width + (width - 1 - i / height)]).collect();
        let turned = of(&Hu::GREYSCALE, height, width, &turned);
        prop_assert!(close(&turned, &plain, 1e-9, 1e-14), "{turned:?} is not {plain:?}");
    }

    #[test]
    fn patterns_inside_forget_the_brightness((width, height, levels) in grey(), more in 1..100_u8) {
        let dim: Vec<u8> = levels.iter().map(|v| v / 2).collect();
        let bright: Vec<u8> = dim.iter().map(|v| v + more).collect();
        let inner = |pixels: &[u8]| {
            let view = View::of_levels(width, height, pixels);
            let at = |i: usize| (i / (width - 2) + 1, i % (width - 2) + 1);
            (0..(width - 2) * (height - 2))
                .map(at)
                .map(|(y, x)| features::lbp::pattern_at(view, y, x))
                .collect::<Vec<_>>()
        };
        let (a, b) = (inner(&dim), inner(&bright));
        // A tie may fall to either side by the last bit; nothing else may change.
        for (i, (p, q)) in a.iter().zip(&b).enumerate() {
            let (y, x) = (i / (width - 2) + 1, i % (width - 2) + 1);
            prop_assert_eq!(p & !tied(&dim, width, y, x), q & !tied(&dim, width, y, x));
        }
    }

    #[test]
    fn what_is_shipped_agrees_with_the_textbook((width, height, levels) in grey()) {
        let view = View::of_levels(width, height, &levels);
        prop_assert!(close(&of(&Lbp, width, height, &levels), &ladder::lbp(view), 0.0, 1e-12));
        prop_assert!(close(&of(&Glcm, width, height, &levels), &ladder::glcm(view), 1e-9, 1e-12));
        if levels.iter().any(|v| *v > 0) {
            prop_assert!(close(&of(&Hu::RAW, width, height, &levels), &ladder::hu(view), 1e-6, 1e-13));
        }
        for hog in [Hog::new(9, (4, 3), (1, 2)).unwrap(), Hog::new(6, (3, 3), (1, 1)).unwrap()] {
            if hog.length(width, height).is_ok() {
                prop_assert!(close(&of(&hog, width, height, &levels), &ladder::hog(&hog, view), 1e-5, 1e-9));
            }
        }
    }
}

/// The diagonal neighbours that are as bright as the pixel, exactly: their bits.
fn tied(levels: &[u8], width: usize, y: usize, x: usize) -> u8 {
    let pixel = |y: usize, x: usize| i64::from(levels[y * width + x]);
    let c = pixel(y, x);
    let (near, far) = (29_289_i64, 70_711_i64);
    let mut bits = 0;
    for (place, v, u) in
        [(1, y - 1, x + 1), (3, y - 1, x - 1), (5, y + 1, x - 1), (7, y + 1, x + 1)]
    {
        let sum =
            near * near * c + near * far * (pixel(v, x) + pixel(y, u)) + far * far * pixel(v, u);
        bits |= u8::from(sum == c * 10_000_000_000) << place;
    }
    bits
}

#[test]
fn one_thread_and_three_give_the_same_bits() {
    let levels: Vec<u8> =
        (0..200 * 784_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for extractor in EXTRACTORS {
        let of = |threads| {
            let mut features = vec![0.0; 200 * extractor.length(28, 28).unwrap()];
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| extract_levels(extractor, (28, 28), &levels, &mut features)).unwrap();
            features
        };
        assert_eq!(of(1), of(3), "{}", extractor.name());
    }
}
