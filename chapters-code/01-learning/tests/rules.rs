//! Properties of the rules, the bootstrap and the moves.

#![allow(clippy::unwrap_used)] // a test may panic

use learning::distance::{squared_distances, squared_norms};
use learning::moved::{Direction, Fate, moved};
use learning::{Bootstrap, NearestMean, NearestNeighbour, ladder};
use ndarray::{Array2, Array3};
use notebook::Rng;
use proptest::prelude::*;
use rand::SeedableRng as _;

fn rows(n: usize, d: usize, rng: &mut Rng) -> Array2<f32> {
    Array2::from_shape_fn((n, d), |_| rng.random_range(-1.0_f32..1.0))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn distances_are_as_defined(m in 1_usize..20, n in 1_usize..20, d in 1_usize..40, seed: u64) {
        let mut rng = Rng::seed_from_u64(seed);
        let (a, b) = (rows(m, d, &mut rng), rows(n, d, &mut rng));
        let mut out = Array2::zeros((m, n));
        squared_distances(a.view(), b.view(), squared_norms(b.view()).view(), out.view_mut());
        for ((i, j), &fast) in out.indexed_iter() {
            let slow: f64 = (0..d).map(|k| f64::from(a[(i, k)] - b[(j, k)]).powi(2)).sum();
            // Rounding is relative to the lengths of the two rows, each at most d.
            prop_assert!((f64::from(fast) - slow).abs() <= 1e-6 * 4.0 * d as f64, "{fast} for {slow}");
        }
    }

    #[test]
    fn every_rung_of_the_ladder_finds_a_nearest(m in 1_usize..8, n in 1_usize..300, seed: u64) {
        let mut rng = Rng::seed_from_u64(seed);
        let (train, new) = (rows(n, 16, &mut rng), rows(m, 16, &mut rng));
        let y: Vec<u8> = (0..n).map(|i| (i % 10) as u8).collect();
        let shipped = NearestNeighbour::fit(train.view(), &y).nearest(new.view());
        for rung in [ladder::loops, ladder::cut_short, ladder::product] {
            for (i, row) in rung(train.view(), new.view()).into_iter().enumerate() {
                let distance: f32 = (0..16).map(|k| (train[(row, k)] - new[(i, k)]).powi(2)).sum();
                prop_assert!((distance - shipped[i].squared_distance).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn threads_do_not_change_a_bit(n in 1_usize..3000, seed: u64) {
        let mut rng = Rng::seed_from_u64(seed);
        let (train, new) = (rows(n, 8, &mut rng), rows(300, 8, &mut rng));
        let y = vec![0; n];
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| NearestNeighbour::fit(train.view(), &y).nearest(new.view()))
        };
        prop_assert_eq!(with(1), with(3));
    }

    #[test]
    fn a_training_row_is_its_own_neighbour(n in 1_usize..200, seed: u64) {
        let x = rows(n, 12, &mut Rng::seed_from_u64(seed));
        let y: Vec<u8> = (0..n).map(|i| (i % 7) as u8).collect();
        prop_assert_eq!(NearestNeighbour::fit(x.view(), &y).predict(x.view()), y);
    }

    #[test]
    fn moves_and_cuts_keep_the_same_pixels(by in 0_usize..12, seed: u64) {
        let mut rng = Rng::seed_from_u64(seed);
        let images = Array3::from_shape_fn((5, 9, 7), |_| rng.random_range(1..=255_u8));
        let directions = Direction::draw(5, &mut rng);
        let kept = |fate| -> Vec<u8> {
            moved(images.view(), &directions, by, fate).into_iter().filter(|&p| p > 0).collect()
        };
        prop_assert_eq!(kept(Fate::Moved), kept(Fate::Cut));
        if by == 0 {
            prop_assert_eq!(moved(images.view(), &directions, by, Fate::Moved), images);
        }
    }
}

#[test]
fn the_nearest_mean_ignores_a_class_that_it_never_saw() {
    let x = ndarray::array![[0.0, 0.0], [10.0, 10.0]];
    let rule = NearestMean::fit(x.view(), &[0, 2]);
    assert_eq!(rule.predict(ndarray::array![[0.1, 0.0], [6.0, 6.0]].view()), [0, 2]);
}

#[test]
fn the_bootstrap_of_an_accuracy_is_the_binomial_interval() {
    let mut rng = Rng::seed_from_u64(3);
    let values: Vec<f64> = (0..2000).map(|i| f64::from(u8::from(i % 5 != 0))).collect();
    let found = Bootstrap { resamples: 4000, level: 0.95 }.mean(&values, &mut rng);
    let half = 1.96 * (0.8_f64 * 0.2 / 2000.0).sqrt();
    assert_eq!(found.estimate, 0.8);
    assert!(
        (found.low - (0.8 - half)).abs() < 0.002 && (found.high - (0.8 + half)).abs() < 0.002,
        "{found:?}"
    );
}

#[test]
fn the_interval_covers_the_truth_as_often_as_it_says() {
    let mut rng = Rng::seed_from_u64(5);
    let covered = (0..400).filter(|_| {
        let sample: Vec<f64> =
            (0..200).map(|_| f64::from(u8::from(rng.random_range(0.0..1.0) < 0.7))).collect();
        Bootstrap { resamples: 400, level: 0.95 }.mean(&sample, &mut rng).contains(0.7)
    });
    // 95 per cent of 400 is 380; four deviations are 17.
    let covered = covered.count();
    assert!((360..=397).contains(&covered), "{covered} of 400");
}

#[test]
fn alike_cases_are_drawn_together() {
    // Twenty blocks of fifty equal values: as witnesses they are twenty, not a thousand.
    let mut rng = Rng::seed_from_u64(8);
    let blocks: Vec<usize> = (0..1000).map(|i| i / 50).collect();
    let values: Vec<f64> = blocks.iter().map(|b| (b % 2) as f64).collect();
    let width = |i: learning::Interval| i.high - i.low;
    let apart = width(Bootstrap::default().mean(&values, &mut rng));
    let together = width(Bootstrap::default().mean_by_block(&values, &blocks, &mut rng));
    let ratio = together / apart;
    assert!((ratio / 50_f64.sqrt() - 1.0).abs() < 0.2, "{ratio}");
}
