//! Least squares, signals, spectra and margins against NumPy, SciPy, scikit-learn and the package `mnist1d`: problems and
//! answers by `tests/peers/08-descent.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail here")]

use backprop::Tensor;
use generalization::margins::{kendall, stretch};
use generalization::mnist1d::{self, CLASSES, Draws, LENGTH};
use generalization::ridge::LeastSquares;
use generalization::spectrum::power;
use ndarray::Array2;
use notebook::Rng;
use rand::SeedableRng as _;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    ridge: Vec<Problem>,
    templates: Vec<Vec<f64>>,
    mnist1d: Vec<Signal>,
    moments: Moments,
    spectrum: Vec<Spectrum>,
    stretch: Vec<Matrix>,
    kendall: Vec<Ranks>,
}

#[derive(Deserialize)]
struct Problem {
    x: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
    ridges: Vec<f64>,
    weights: Vec<Vec<Vec<f64>>>,
    smallest: f64,
}

#[derive(Deserialize)]
struct Signal {
    label: usize,
    padding: usize,
    scale: f64,
    shift: usize,
    correlated: Vec<f64>,
    white: Vec<f64>,
    shear: f64,
    signal: Vec<f64>,
}

#[derive(Deserialize)]
struct Moments {
    signals: usize,
    mean: f64,
    deviation: f64,
    means: Vec<Vec<f64>>,
    deviations: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
struct Spectrum {
    x: Vec<f64>,
    power: Vec<f64>,
}

#[derive(Deserialize)]
struct Matrix {
    shape: Vec<usize>,
    w: Vec<f32>,
    largest: f64,
}

#[derive(Deserialize)]
struct Ranks {
    a: Vec<f64>,
    b: Vec<f64>,
    tau: f64,
}

fn fixtures() -> Fixtures {
    serde_json::from_str(include_str!("../../../tests/peers/08-descent.json")).unwrap()
}

fn matrix(rows: &[Vec<f64>]) -> Array2<f64> {
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

#[track_caller]
fn close(ours: &[f64], theirs: &[f64], most: f64, what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= most, "{what}, {i}: {a} and {b}");
    }
}

#[test]
fn weights_of_least_norm_and_of_ridges_are_numpys_and_scikit_learns() {
    let problems = fixtures().ridge;
    assert_eq!(problems.len(), 3);
    for problem in problems {
        let (x, y) = (matrix(&problem.x), matrix(&problem.y));
        let ours = LeastSquares::new(x.view(), y.view()).unwrap();
        for (&ridge, theirs) in problem.ridges.iter().zip(&problem.weights) {
            let what = format!("{:?}, ridge {ridge}", x.dim());
            let w = ours.fit(ridge).unwrap();
            let w: Vec<f64> = w.iter().copied().collect();
            close(&w, &theirs.concat(), 1e-7, &what);
        }
        let smallest = ours.factor(0.0).unwrap().smallest(200).sqrt();
        assert!((smallest / problem.smallest - 1.0).abs() < 1e-3, "{smallest}");
    }
}

#[test]
fn a_signal_with_the_same_draws_is_that_of_the_package() {
    let Fixtures { templates, mnist1d: signals, .. } = fixtures();
    let ours = mnist1d::templates();
    close(&ours.concat(), &templates.concat(), 1e-12, "templates");
    assert_eq!(signals.len(), 5);
    for s in signals {
        let Signal { label, padding, scale, shift, correlated, white, shear, signal } = s;
        let draws = Draws { padding, scale, shift, correlated, white, shear };
        let found = mnist1d::steps(&ours[label], &draws).thinned;
        close(&found, &signal, 1e-9, &format!("a {label}"));
    }
}

#[test]
fn five_thousand_signals_are_distributed_as_those_of_the_package() {
    let theirs = fixtures().moments;
    let (x, labels) = mnist1d::drawn(theirs.signals, &mut Rng::seed_from_u64(5));
    let all = x.concat();
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let deviation = (all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / all.len() as f64).sqrt();
    assert!((mean - theirs.mean).abs() < 0.005, "{mean}");
    assert!((deviation / theirs.deviation - 1.0).abs() < 0.03, "{deviation}");
    for class in 0..CLASSES {
        let of: Vec<&Vec<f64>> = x
            .iter()
            .zip(&labels)
            .filter(|(_, l)| usize::from(**l) == class)
            .map(|(x, _)| x)
            .collect();
        let n = of.len() as f64;
        for i in 0..LENGTH {
            let mean = of.iter().map(|x| x[i]).sum::<f64>() / n;
            let square = of.iter().map(|x| (x[i] - mean).powi(2)).sum::<f64>() / n;
            // Two means of 500 differ by their deviation over √250, and rarely by five times that.
            let (m, d) = (theirs.means[class][i], theirs.deviations[class][i]);
            assert!((mean - m).abs() < 0.32 * d, "class {class}, {i}: {mean} and {m}");
            assert!((square.sqrt() / d - 1.0).abs() < 0.35, "class {class}, {i}: {square} and {d}");
        }
    }
}

#[test]
fn powers_stretches_and_rank_correlations_are_numpys_and_scipys() {
    let Fixtures { spectrum, stretch: matrices, kendall: ranks, .. } = fixtures();
    assert_eq!([spectrum.len(), matrices.len(), ranks.len()], [3, 2, 2]);
    for Spectrum { x, power: theirs } in spectrum {
        close(&power(&x), &theirs, 1e-9, "powers");
    }
    for Matrix { shape, w, largest } in matrices {
        let found = stretch(&[Tensor { name: "w".into(), shape, data: w }], 500);
        assert!((found / largest - 1.0).abs() < 1e-6, "{found} and {largest}");
    }
    for Ranks { a, b, tau } in ranks {
        assert!((kendall(&a, &b) - tau).abs() < 1e-12);
    }
}
