//! A rate that diverges, and the same rate with gradients that may not be longer than 1.

use anyhow::Result;
use backprop::Error;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::Recorder;

use super::common::{BATCH, SEEDS, UNIFORM, halves, recipe};
use crate::trainer::{Mini, order};
use crate::{Optimizer, Schedule};

/// Rates, from one that is good to one that is far too high.
const RATES: [f64; 4] = [0.03, 0.1, 0.3, 1.0];
/// The rate whose steps are drawn.
const DRAWN: f64 = 0.3;
/// The longest gradient.
const LONGEST: f64 = 1.0;
/// Steps.
const STEPS: usize = 200;

/// The loss and the gradient's length at each step.
struct Steps {
    losses: Vec<f64>,
    lengths: Vec<f64>,
    finite: bool,
}

impl Steps {
    /// The mean loss of the last fifty steps; at most that of a uniform guess.
    fn end(&self) -> f64 {
        let last = &self.losses[self.losses.len().saturating_sub(50)..];
        if self.finite { mean(last).min(UNIFORM) } else { UNIFORM }
    }
}

/// Both ways at each rate.
pub fn clipping(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let learn = halves(&data.train, &mut recorder.rng()).learn;
    recorder.value("longest", LONGEST);
    recorder.value("steps", STEPS);
    recorder.value("drawn", DRAWN);
    let mut bands = [Vec::new(), Vec::new()];
    for rate in RATES {
        for (way, longest) in [f64::INFINITY, LONGEST].into_iter().enumerate() {
            let runs: Result<Vec<Steps>> =
                SEEDS.map(|seed| steps(recorder, rate, longest, seed, &learn)).collect();
            let runs = runs?;
            let ends: Vec<f64> = runs.iter().map(Steps::end).collect();
            bands[way].push(super::common::range(&ends));
            let name = ["free", "clipped"][way];
            let key = format!("{name}/{rate}");
            let [low, middle, high] = super::common::range(&ends);
            recorder.value(&key, middle).interval(low, high);
            recorder.value(&format!("{key}/stopped"), runs.iter().filter(|r| !r.finite).count());
            let longest = runs.iter().flat_map(|r| &r.lengths).copied().fold(0.0, f64::max);
            recorder.value(&format!("{key}/longest"), longest);
            if rate == DRAWN {
                draw(recorder, name, &runs[0]);
            }
        }
    }
    recorder
        .series("ends", "Learning rate", RATES)
        .banded("free", bands[0].iter().copied())
        .banded("clipped", bands[1].iter().copied());
    let [free, clipped] = bands.map(|bands| bands[2][1]);
    recorder
        .claim("clipping-saves", "At the drawn rate the loss ends above half that of a uniform guess without clipping, and below it with clipping.")
        .record(
            free > 0.5 * UNIFORM && clipped < 0.5 * UNIFORM,
            format!("{free:.3} and {clipped:.3}, half a uniform guess {:.3}", 0.5 * UNIFORM),
        );
    Ok(())
}

/// Steps with momentum 0.9; a length without end clips nothing, and tells the gradient's length.
// ANCHOR: steps
fn steps(
    recorder: &Recorder,
    rate: f64,
    longest: f64,
    seed: u64,
    data: &Labelled,
) -> Result<Steps> {
    let rule = Optimizer::Momentum { keep: 0.9 };
    let recipe = recipe(data, rule, Schedule::constant(rate), seed);
    let mut engine = recipe.begin(recorder.threads())?;
    let order = order(seed, 0, data.len());
    let mut taken = Steps { losses: Vec::new(), lengths: Vec::new(), finite: true };
    for (step, rows) in (1..).zip(order.chunks_exact(BATCH).take(STEPS)) {
        let batch = Mini { samples: &recipe.samples, epoch: 0, rows };
        match engine.step_clipped(&batch, &rule.at(step, rate), longest) {
            Ok((loss, length)) => {
                taken.losses.push(loss);
                taken.lengths.push(length);
            }
            Err(Error::NotFinite { .. }) => {
                taken.finite = false;
                break;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(taken)
}
// ANCHOR_END: steps

fn draw(recorder: &mut Recorder, name: &str, steps: &Steps) {
    let x = (1..=steps.losses.len()).map(|step| step as f64);
    recorder
        .series(&format!("drawn/{name}"), "Step", x)
        .curve("loss", steps.losses.iter().copied())
        .curve("length", steps.lengths.iter().copied());
}
