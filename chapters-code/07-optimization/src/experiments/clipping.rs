//! A rate that diverges, and the same rate with gradients that may not be longer than 1.

use anyhow::Result;
use backprop::Error;
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Format, Recorder};

use super::common::{BATCH, SEEDS, UNIFORM, differences, halves, range, recipe};
use crate::trainer::{Mini, order};
use crate::{Optimizer, Schedule};

/// Rates, from one that is good to one that is far too high.
const RATES: [f64; 4] = [0.03, 0.1, 0.3, 1.0];
/// The rate whose steps are drawn.
const DRAWN: f64 = 0.3;
/// Steps at the end that count.
const LAST: usize = 50;
/// The longest gradient.
const LONGEST: f64 = 1.0;
/// Steps.
const STEPS: usize = 200;
/// As the gradient is, and clipped.
const WAYS: [&str; 2] = ["free", "clipped"];

/// The loss and the gradient's length at each step.
struct Steps {
    losses: Vec<f64>,
    lengths: Vec<f64>,
    finite: bool,
}

impl Steps {
    /// The mean loss of the last steps; at most that of a uniform guess.
    fn end(&self) -> f64 {
        if self.finite { last(&self.losses).min(UNIFORM) } else { UNIFORM }
    }

    /// The longest gradient, and the step at which it came, from 1.
    fn longest(&self) -> (f64, usize) {
        let steps = self.lengths.iter().copied().zip(1..);
        steps.fold((0.0, 0), |most, step| if step.0 > most.0 { step } else { most })
    }
}

/// The mean of the last of some numbers.
fn last(values: &[f64]) -> f64 {
    mean(&values[values.len().saturating_sub(LAST)..])
}

/// Both ways at each rate.
pub fn clipping(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let learn = halves(&data.train, &mut recorder.rng()).learn;
    recorder.value("longest", LONGEST);
    recorder.value("steps", STEPS);
    recorder.value("drawn", DRAWN);
    recorder.value("last", LAST);
    let (mut bands, mut drawn) = ([Vec::new(), Vec::new()], Vec::new());
    for rate in RATES {
        for (way, longest) in [f64::INFINITY, LONGEST].into_iter().enumerate() {
            let runs: Result<Vec<Steps>> =
                SEEDS.map(|seed| steps(recorder, rate, longest, seed, &learn)).collect();
            let runs = runs?;
            let ends: Vec<f64> = runs.iter().map(Steps::end).collect();
            bands[way].push(range(&ends));
            let key = format!("{}/{rate}", WAYS[way]);
            recorder.estimate(&key, range(&ends));
            recorder.value(&format!("{key}/stopped"), runs.iter().filter(|r| !r.finite).count());
            let longest = runs.iter().map(|steps| steps.longest().0).fold(0.0, f64::max);
            recorder.value(&format!("{key}/longest"), longest);
            if rate == DRAWN {
                drawn.push(runs);
            }
        }
    }
    recorder
        .series("ends", "Learning rate", RATES)
        .banded("free", bands[0].iter().copied())
        .banded("clipped", bands[1].iter().copied());
    if let [free, clipped] = &drawn[..] {
        saves(recorder, free, clipped);
        draw(recorder, free, clipped);
    }
    Ok(())
}

/// What clipping is worth at the drawn rate, seed by seed.
fn saves(recorder: &mut Recorder, free: &[Steps], clipped: &[Steps]) {
    let [free, clipped] =
        [free, clipped].map(|runs| -> Vec<f64> { runs.iter().map(Steps::end).collect() });
    let gain = Estimate::over_runs(&differences(&free, &clipped));
    recorder.estimate("gain", gain);
    recorder
        .claim("clipping-saves", "At the drawn rate the loss ends lower with clipping than without, with the whole paired interval over seeds.")
        .record(gain.low > 0.0, format!("lower by {}", gain.in_words(Format::Fixed(2))));
}

/// The seed with the longest gradient of all, step by step, both ways.
fn draw(recorder: &mut Recorder, free: &[Steps], clipped: &[Steps]) {
    let longer = |a: &usize, b: &usize| free[*a].longest().0.total_cmp(&free[*b].longest().0);
    let Some(most) = (0..free.len()).max_by(longer) else { return };
    recorder.value("drawn/seed", SEEDS.start() + most as u64);
    for (name, steps) in WAYS.into_iter().zip([&free[most], &clipped[most]]) {
        let (longest, at) = steps.longest();
        recorder.value(&format!("drawn/{name}/longest"), longest);
        recorder.value(&format!("drawn/{name}/longest-at"), at);
        recorder.value(&format!("drawn/{name}/last-lengths"), last(&steps.lengths));
        recorder.value(&format!("drawn/{name}/last-losses"), last(&steps.losses));
        let x = (1..=steps.losses.len()).map(|step| step as f64);
        recorder
            .series(&format!("drawn/{name}"), "Step", x)
            .curve("loss", steps.losses.iter().copied())
            .curve("length", steps.lengths.iter().copied());
    }
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
