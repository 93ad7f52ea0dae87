//! What convergence of SGD means: on a loss with one lowest point, a constant rate ends at a floor above it that theory
//! names, and a falling one goes below.

use anyhow::Result;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use ndarray::{Array1, Array2, Axis, s};
use notebook::{Estimate, Recorder, Stream, Table, stream};
use rand::RngExt as _;

use super::common::each;

/// Garments of the problem.
const GARMENTS: usize = 2_000;
/// Blocks of pixels along a side; the mean of each is an input.
const BLOCKS: usize = 7;
/// Weight decay, which gives the loss one lowest point.
const DECAY: f64 = 0.1;
/// Samples of a mini-batch.
const BATCH: usize = 16;
/// Constant rates.
const RATES: [f64; 5] = [0.01, 0.02, 0.04, 0.08, 0.16];
/// The rate of the runs with other mini-batches, of the mean of weights, and the first of the falling one.
const RATE: f64 = 0.08;
/// The other sizes of the mini-batch.
const SIZES: [usize; 2] = [4, 64];
/// Steps, and every how many of them the loss over all garments is taken.
const STEPS: usize = 12_000;
const EVERY: usize = 40;
/// Seeds of each.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=5;

/// Softmax regression on few inputs: `x` is `(n, d)`, the last of whose columns is one.
struct Problem {
    x: Array2<f64>,
    labels: Vec<usize>,
}

impl Problem {
    fn new(data: &Labelled) -> Self {
        let pixels = data.x();
        let side = 28 / BLOCKS;
        let mut x = Array2::ones((GARMENTS, BLOCKS * BLOCKS + 1));
        for i in 0..GARMENTS {
            for block in 0..BLOCKS * BLOCKS {
                let (row, column) = (block / BLOCKS * side, block % BLOCKS * side);
                let pixel = |k: usize| pixels[[i, (row + k / side) * 28 + column + k % side]];
                let sum: f64 = (0..side * side).map(|k| f64::from(pixel(k))).sum();
                x[[i, block]] = sum / (side * side) as f64;
            }
        }
        let labels = data.y()[..GARMENTS].iter().map(|&label| label.into()).collect();
        Problem { x, labels }
    }

    // ANCHOR: gradient
    /// Loss and gradient of the weights `w`, `(d, k)`, over some rows.
    fn gradient(&self, w: &Array2<f64>, rows: &[usize]) -> (f64, Array2<f64>) {
        let x = self.x.select(Axis(0), rows);
        let mut p = x.dot(w);
        let mut loss = 0.0;
        for (mut z, &i) in p.rows_mut().into_iter().zip(rows) {
            let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            z.mapv_inplace(|z| (z - largest).exp());
            let sum = z.sum();
            z /= sum;
            loss -= z[self.labels[i]].ln();
            z[self.labels[i]] -= 1.0;
        }
        let n = rows.len() as f64;
        let decayed = 0.5 * DECAY * w.iter().map(|w| w * w).sum::<f64>();
        (loss / n + decayed, x.t().dot(&p) / n + w * DECAY)
    }
    // ANCHOR_END: gradient

    fn all(&self) -> Vec<usize> {
        (0..self.labels.len()).collect()
    }

    /// The lowest point, by Nesterov's rule on all rows.
    fn lowest(&self) -> (Array2<f64>, f64) {
        let (all, mut w) = (self.all(), self.zeros());
        let mut v = w.clone();
        for _ in 0..1_500 {
            let (_, g) = self.gradient(&w, &all);
            v = v * 0.9 + &g;
            w = w - (g + &v * 0.9) * 0.1;
        }
        let loss = self.gradient(&w, &all).0;
        (w, loss)
    }

    fn zeros(&self) -> Array2<f64> {
        Array2::zeros((self.x.ncols(), 10))
    }

    /// The trace of the covariance of one sample's gradient at `w`.
    fn noise(&self, w: &Array2<f64>) -> f64 {
        let mean = self.gradient(w, &self.all()).1;
        let one = |i| {
            let apart = self.gradient(w, &[i]).1 - &mean;
            apart.iter().map(|x| x * x).sum::<f64>()
        };
        (0..self.labels.len()).map(one).sum::<f64>() / self.labels.len() as f64
    }

    // ANCHOR: walk
    /// The loss above the lowest every few steps, and that of the mean weight
    /// of the second half. `rate` says the rate of a step.
    fn walk(&self, lowest: f64, how: &Walk, seed: u64) -> (Vec<f64>, f64) {
        let (mut rng, all, n) = (stream(seed, Stream::Order(0)), self.all(), self.labels.len());
        let (mut w, mut sum) = (self.zeros(), self.zeros());
        let mut above = Vec::new();
        for step in 0..STEPS {
            if step % EVERY == 0 {
                above.push(self.gradient(&w, &all).0 - lowest);
            }
            let rows: Vec<usize> = (0..how.batch).map(|_| rng.random_range(0..n)).collect();
            let rate = if how.falls {
                how.rate / (1.0 + how.rate * DECAY * step as f64)
            } else {
                how.rate
            };
            let slope = self.gradient(&w, &rows).1;
            w.scaled_add(-rate, &slope);
            if step >= STEPS / 2 {
                sum += &w;
            }
        }
        let mean = sum / (STEPS - STEPS / 2) as f64;
        (above, self.gradient(&mean, &all).0 - lowest)
    }
    // ANCHOR_END: walk
}

/// How a walk goes: its rate, whether that falls like `1/t`, and its mini-batch.
#[derive(Clone, Copy)]
struct Walk {
    rate: f64,
    falls: bool,
    batch: usize,
}

/// Floors, against the rate and against the mini-batch.
pub fn noise(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let problem = Problem::new(&data.train);
    let (w, lowest) = problem.lowest();
    let slope = problem.gradient(&w, &problem.all()).1;
    let trace = problem.noise(&w);
    recorder.value("garments", GARMENTS);
    recorder.value("inputs", BLOCKS * BLOCKS);
    recorder.value("weights", w.len());
    recorder.value("decay", DECAY);
    recorder.value("batch", BATCH);
    recorder.value("steps", STEPS);
    recorder.value("seeds", SEEDS.count());
    recorder.value("lowest", lowest);
    recorder.value("lowest/slope", slope.iter().map(|g| g * g).sum::<f64>().sqrt());
    recorder.value("trace", trace);
    let constant = |rate, batch| Walk { rate, falls: false, batch };
    let mut walks: Vec<Walk> = RATES.map(|rate| constant(rate, BATCH)).into();
    walks.extend(SIZES.map(|size| constant(RATE, size)));
    walks.push(Walk { rate: RATE, falls: true, batch: BATCH });
    let jobs: Vec<(Walk, u64)> =
        walks.iter().flat_map(|&walk| SEEDS.map(move |seed| (walk, seed))).collect();
    let runs = each(recorder, &jobs, |(walk, seed)| Ok(problem.walk(lowest, walk, *seed)))?;
    let runs: Vec<&[(Vec<f64>, f64)]> = runs.chunks(SEEDS.count()).collect();
    curves(recorder, &runs);
    floors(recorder, &walks, &runs, trace);
    Ok(())
}

/// The mean of the last quarter of a walk.
fn floor((above, _): &(Vec<f64>, f64)) -> f64 {
    mean(&above[above.len() / 4 * 3..])
}

fn curves(recorder: &mut Recorder, runs: &[&[(Vec<f64>, f64)]]) {
    // Means of fifteen, which is the noise of a curve and not of the seeds.
    let size = 15;
    let smooth = |run: &[(Vec<f64>, f64)]| -> Vec<f64> {
        let n = run[0].0.len();
        let all = Array1::from_iter(
            (0..n).map(|i| mean(&run.iter().map(|r| r.0[i]).collect::<Vec<_>>())),
        );
        (0..n / size)
            .map(|i| all.slice(s![i * size..(i + 1) * size]).mean().unwrap_or(0.0))
            .collect()
    };
    let n = runs[0][0].0.len() / size;
    let series =
        recorder.series("above", "Step", (0..n).map(|i| ((i * size + size / 2) * EVERY) as f64));
    for i in [1, 2, 3, 4] {
        series.curve(&format!("rate {}", RATES[i]), smooth(runs[i]));
    }
    series.curve("falling rate", smooth(runs[runs.len() - 1]));
}

fn floors(recorder: &mut Recorder, walks: &[Walk], runs: &[&[(Vec<f64>, f64)]], trace: f64) {
    let mut table = Table::new([
        "Rate",
        "Mini-batch | int",
        "Loss above the lowest | sci 1",
        "Theory | sci 1",
        "Measured over theory | fixed 2",
    ]);
    let theory = |walk: &Walk| walk.rate * trace / (4.0 * walk.batch as f64);
    let found: Vec<Estimate> = runs
        .iter()
        .map(|run| Estimate::over_runs(&run.iter().map(floor).collect::<Vec<_>>()))
        .collect();
    for (walk, found) in walks.iter().zip(&found).take(RATES.len() + SIZES.len()) {
        let key = format!("{}/{}", walk.rate, walk.batch);
        recorder.estimate(&format!("floor/{key}"), *found);
        recorder.value(&format!("theory/{key}"), theory(walk));
        recorder.value(&format!("ratio/{key}"), found.value / theory(walk));
        let ratio = found.value / theory(walk);
        table.row([
            walk.rate.into(),
            walk.batch.into(),
            found.value.into(),
            theory(walk).into(),
            ratio.into(),
        ]);
    }
    recorder.table("floors", table);
    let of = |i: usize| found[i];
    recorder
        .series("floors", "Learning rate", RATES)
        .banded("measured", (0..RATES.len()).map(|i| [of(i).low, of(i).value, of(i).high]))
        .curve("theory", RATES.map(|rate| theory(&Walk { rate, falls: false, batch: BATCH })));
    let slope = (of(3).value / of(0).value).ln() / (RATES[3] / RATES[0]).ln();
    recorder.value("slope", slope);
    recorder
        .claim("floor-grows-like-the-rate", "From the lowest rate to one eight times as high the floor grows like a power of the rate between 0.9 and 1.2.")
        .close(slope, 1.05, 0.15);
    recorder
        .claim(
            "floor-is-theorys",
            "At the two lowest rates the floor is that of theory, to within a tenth.",
        )
        .all(
            (0..2).filter(|&i| (of(i).value / theory(&walks[i]) - 1.0).abs() <= 0.1).count(),
            2,
            "rates",
        );
    let end = |run: &[(Vec<f64>, f64)]| -> Vec<f64> {
        run.iter().map(|(above, _)| mean(&above[above.len() - 20..])).collect()
    };
    let falling = Estimate::over_runs(&end(runs[runs.len() - 1]));
    let averaged = Estimate::over_runs(&runs[3].iter().map(|(_, mean)| *mean).collect::<Vec<_>>());
    recorder.estimate("falling", falling);
    recorder.estimate("averaged", averaged);
    recorder
        .claim("falling-goes-below", "A rate that falls like one over the step ends lower than the floor of the constant rate from which it fell, and so does the mean of the weights of the second half.")
        .less(falling.high.max(averaged.high), of(3).low);
}
