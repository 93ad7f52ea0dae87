//! Crossings and heads against answers that are known.

use notebook::Rng;
use rand::SeedableRng as _;
use representation::crossing::{Answers, overtakes, reaches};

/// Two methods on ten sizes and a thousand cases: shares that are right of the first cases.
fn answers(shares: [[f64; 4]; 2]) -> Answers {
    let run =
        |share: f64| (0..1000).map(move |i| f64::from(u8::from(f64::from(i) < 1000.0 * share)));
    let runs = |share: f64| vec![run(share).collect::<Vec<f64>>(); 2];
    let right = shares.iter().map(|shares| shares.iter().map(|&s| runs(s)).collect()).collect();
    Answers { sizes: vec![10, 100, 1_000, 10_000], right }
}

fn crossing(answers: &Answers) -> representation::crossing::Labels {
    let mut rng = Rng::seed_from_u64(1);
    let resamples: Vec<_> = (0..400).map(|_| answers.resample(&mut rng)).collect();
    answers.crossing(&resamples, 1, 0)
}

#[test]
fn a_line_crosses_zero_where_it_does() {
    let x = [0.0, 1.0, 2.0, 3.0];
    assert_eq!(overtakes(&x, &[-1.0, -1.0, 1.0, 2.0]), 1.5);
    assert_eq!(overtakes(&x, &[-1.0, 1.0, -1.0, 3.0]), 2.25);
    assert_eq!(overtakes(&x, &[1.0, 1.0, 1.0, 1.0]), f64::NEG_INFINITY);
    assert_eq!(overtakes(&x, &[1.0, 1.0, 1.0, 0.0]), f64::INFINITY);
}

#[test]
fn a_level_is_reached_where_it_is() {
    let x = [0.0, 1.0, 2.0];
    assert_eq!(reaches(&x, &[0.5, 0.7, 0.9], 0.6), 0.5);
    assert_eq!(reaches(&x, &[0.5, 0.7, 0.9], 0.4), f64::NEG_INFINITY);
    assert_eq!(reaches(&x, &[0.5, 0.7, 0.9], 0.95), f64::INFINITY);
}

#[test]
fn the_interval_of_a_crossing_holds_it() {
    // The gaps are −0.2, −0.1, 0.1, 0.2: the curves cross in the middle between 100 and 1,000 on a logarithmic axis.
    let found = crossing(&answers([[0.6, 0.6, 0.6, 0.6], [0.4, 0.5, 0.7, 0.8]]));
    let middle = 10_f64.powf(2.5);
    assert!((found.value.unwrap() - middle).abs() < 1e-6, "{found:?}");
    assert!(found.low < middle && middle < found.high && found.is_inside(), "{found:?}");
}

#[test]
fn what_does_not_cross_is_said_to_lie_beyond() {
    let found = crossing(&answers([[0.6, 0.7, 0.8, 0.9], [0.3, 0.4, 0.5, 0.6]]));
    assert!(found.value.is_none() && !found.is_inside());
    assert_eq!(found.in_words(&[10, 10_000]), "beyond 10,000");
}

#[test]
fn means_and_gaps_are_those_of_the_cases() {
    let answers = answers([[0.6, 0.6, 0.6, 0.6], [0.4, 0.5, 0.7, 0.8]]);
    assert!((answers.means()[1][2] - 0.7).abs() < 1e-12);
    assert!((answers.gap(1, 0, 3).value - 0.2).abs() < 1e-12);
    assert!((answers.accuracy(0, 0).value - 0.6).abs() < 1e-12);
}
