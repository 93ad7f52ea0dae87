//! Why scores are divided by the root of the numbers in a query.

use learning::{bootstrap::mean, normal};
use ndarray::Array2;
use notebook::{Chapter, Estimate, Experiment, Recorder};

use crate::head::{Head, Mask};

/// Numbers in a query.
pub const WIDTHS: [usize; 6] = [1, 4, 16, 64, 256, 1024];
/// Keys that a query looks at.
const KEYS: usize = 64;
/// Draws of a query with its keys.
const DRAWS: usize = 200;

/// Adds the experiments of this file.
pub fn add(chapter: Chapter) -> Chapter {
    let title = "Scores divided by the root of their terms";
    chapter.experiment(Experiment::new("scale", title, scale).seed(102))
}

/// What is counted of one query: of its scores, and of its weights with and without the division.
#[derive(Default)]
struct Counted {
    /// The mean square of its scores.
    square: f64,
    /// Divided, and as they are.
    ways: [Way; 2],
}

/// What is counted of weights.
#[derive(Clone, Copy, Default)]
struct Way {
    /// The entropy, as a share of that of equal weights.
    entropy: f64,
    /// The largest weight.
    largest: f64,
    /// The sum of `p (1 − p)`: how much a weight answers to its own score.
    slope: f64,
}

/// Queries and keys of normal numbers, by their count.
fn scale(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("keys", KEYS);
    recorder.value("draws", DRAWS);
    let mut rng = recorder.rng();
    let mut all = Vec::new();
    for d in WIDTHS {
        let found = recorder.repeat(DRAWS, &mut rng, |rng| {
            let mut draw = |rows: usize| Array2::from_shape_fn((rows, d), |_| normal(rng) as f32);
            count(&draw(1), &draw(KEYS))
        });
        all.push(found.into_iter().collect::<crate::Result<Vec<_>>>()?);
    }
    record(recorder, &all);
    claims(recorder, &all);
    Ok(())
}

fn count(q: &Array2<f32>, k: &Array2<f32>) -> crate::Result<Counted> {
    let head = Head::new(q.view(), k.view(), k.view(), &Mask::None)?;
    let scores = q.dot(&k.t());
    let square = scores.iter().map(|&z| f64::from(z).powi(2)).sum::<f64>() / KEYS as f64;
    Ok(Counted { square, ways: [way(&head.weights()), way(&head.scaled(1.0).weights())] })
}

fn way(weights: &Array2<f32>) -> Way {
    let p: Vec<f64> = weights.iter().map(|&p| f64::from(p)).collect();
    let entropy: f64 = p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
    Way {
        entropy: entropy / (KEYS as f64).ln(),
        largest: p.iter().copied().fold(0.0, f64::max),
        slope: p.iter().map(|p| p * (1.0 - p)).sum(),
    }
}

fn of(all: &[Counted], f: impl Fn(&Counted) -> f64) -> Estimate {
    Estimate::over_runs(&all.iter().map(f).collect::<Vec<_>>())
}

fn record(recorder: &mut Recorder, all: &[Vec<Counted>]) {
    for (d, found) in WIDTHS.iter().zip(all) {
        recorder.estimate(&format!("square/{d}"), of(found, |c| c.square));
        for (i, name) in ["divided", "raw"].into_iter().enumerate() {
            recorder.estimate(&format!("entropy/{name}/{d}"), of(found, |c| c.ways[i].entropy));
            recorder.estimate(&format!("largest/{name}/{d}"), of(found, |c| c.ways[i].largest));
            recorder.estimate(&format!("slope/{name}/{d}"), of(found, |c| c.ways[i].slope));
        }
    }
    let x = WIDTHS.map(|d| d as f64);
    let series = recorder.series("entropy", "Numbers in a query", x);
    for (i, name) in ["divided by the root", "as they are"].into_iter().enumerate() {
        let band = |found: &Vec<Counted>| {
            let e = of(found, |c| c.ways[i].entropy);
            [e.low, e.value, e.high]
        };
        series.banded(name, all.iter().map(band));
    }
}

fn claims(recorder: &mut Recorder, all: &[Vec<Counted>]) {
    let held = WIDTHS
        .iter()
        .zip(all)
        .filter(|(d, found)| (0.8..1.2).contains(&of(found, |c| c.square / **d as f64).value));
    let held = held.count();
    recorder
        .claim(
            "variance-is-d",
            "The mean square of a score is the count of its terms, up to a fifth of it.",
        )
        .all(held, WIDTHS.len(), "widths");
    let (few, many) = (&all[2], &all[5]);
    // Draws of different widths are not pairs: the differences are of independent ones.
    let step = |way: usize| {
        let pairs = few.iter().zip(many);
        let steps = pairs.map(|(a, b)| b.ways[way].entropy - a.ways[way].entropy);
        Estimate::over_runs(&steps.collect::<Vec<_>>())
    };
    recorder.estimate("step/raw", step(1));
    recorder.estimate("step/divided", step(0));
    recorder
        .claim("raw-falls", "Scores as they are leave less entropy at 1,024 terms than at 16.")
        .below(step(1), 0.0);
    let kept = step(0);
    recorder
        .claim(
            "divided-stays",
            "Divided scores have the same entropy at 16 terms and at 1,024, up to five points.",
        )
        .record(kept.low > -0.05 && kept.high < 0.05, kept.in_words(notebook::Format::Points(2)));
    let slope = |way: usize| mean(&many.iter().map(|c| c.ways[way].slope).collect::<Vec<_>>());
    recorder
        .claim(
            "slope-dies",
            "At 1,024 terms the slope of undivided scores is less than a fifth of that of divided ones.",
        )
        .less(slope(1), slope(0) / 5.0);
}
