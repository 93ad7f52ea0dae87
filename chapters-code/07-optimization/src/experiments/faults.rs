//! Six faults, planted one at a time, and what six readings say of each.

use anyhow::Result;
use backprop::{Activation, Engine, Error, Linear, Network};
use learning::bootstrap::mean;
use learning::{FashionMnist, Labelled};
use notebook::{Estimate, Recorder, Table};

use super::common::{BATCH, SEEDS, Split, UNIFORM, differences, each, halves, range};
use super::rates::dead;
use crate::answers::accuracy;
use crate::mlp::{WIDTHS, layers, mlp};
use crate::recipe::Make;
use crate::softmax::Softmax;
use crate::trainer::{Mini, order};
use crate::{Garments, Initialisation, Optimizer, Recipe, Samples, Schedule, unwatched};

/// The rate, a tenth of the best, so that what fails does not fail by it.
const RATE: f64 = 0.03;
/// Steps on one and the same mini-batch, and its size.
const ALONE: usize = 800;
const SMALL: usize = 32;
/// The step whose length is compared with the weights.
const AT: u64 = 10;
/// Epochs of a training to its end, and the rate from which it falls.
const END_EPOCHS: u64 = 10;
const END_RATE: f64 = 0.03;
/// Steps at the end of the epoch whose loss counts.
const LAST: usize = 50;

/// Garments, perhaps with a fault.
#[derive(Clone)]
struct Planted<'a> {
    data: &'a Labelled,
    /// What pixels are multiplied by, beyond being in [0, 1].
    scale: f32,
    /// By how many places labels have slipped against images.
    slip: usize,
}

impl Samples for Planted<'_> {
    fn name(&self) -> &str {
        "garments"
    }

    fn len(&self) -> usize {
        self.data.len()
    }

    fn input(&self, epoch: u64, i: usize, to: &mut [f32]) {
        Garments::new(self.data).input(epoch, i, to);
        to.iter_mut().for_each(|x| *x *= self.scale);
    }

    fn label(&self, i: usize, _position: usize) -> Option<usize> {
        Some(self.data.labels[(i + self.slip) % self.data.len()].into())
    }
}

/// The network with a softmax in front of a loss that has its own.
fn twice() -> backprop::Result<Network<f32>> {
    mlp()?.then("softmax", Softmax)
}

/// The network without its activations.
fn straight() -> backprop::Result<Network<f32>> {
    let [a, b, c, d] = WIDTHS;
    Network::new(backprop::Shape::row(a))
        .then("0", Linear::new(a, b).with(Activation::None))?
        .then("2", Linear::new(b, c).with(Activation::None))?
        .then("4", Linear::new(c, d))
}

/// A training with a fault, or none.
#[derive(Clone, Copy)]
struct Case {
    key: &'static str,
    name: &'static str,
    network: Make,
    initialisation: Initialisation,
    optimizer: Optimizer,
    scale: f32,
    slip: usize,
}

/// Nothing is wrong.
const SOUND: Case = Case {
    key: "sound",
    name: "no fault",
    network: mlp,
    initialisation: Initialisation::He,
    optimizer: Optimizer::Sgd,
    scale: 1.0,
    slip: 0,
};

/// The cases, that without a fault first.
// ANCHOR: cases
const CASES: [Case; 7] = [
    SOUND,
    Case { key: "slipped", name: "labels slipped by one", slip: 1, ..SOUND },
    Case { key: "scale", name: "pixels from 0 to 255", scale: 255.0, ..SOUND },
    Case {
        key: "zero",
        name: "all weights zero",
        initialisation: Initialisation::Normal(0.0),
        ..SOUND
    },
    Case { key: "twice", name: "softmax twice", network: twice, ..SOUND },
    Case {
        key: "sums",
        name: "gradients never reset",
        optimizer: Optimizer::Momentum { keep: 1.0 },
        ..SOUND
    },
    Case { key: "straight", name: "no activation", network: straight, ..SOUND },
];
// ANCHOR_END: cases

/// What is read of a training; nothing where the loss was not finite.
struct Readings {
    /// The loss before the first step.
    first: Option<f64>,
    /// The mean square root of the first matrix's gradient then.
    gradient: f64,
    /// The loss after steps on one mini-batch.
    alone: Option<f64>,
    /// The length of a step over that of the first matrix, at step [`AT`].
    ratio: Option<f64>,
    /// The loss at the end of the epoch.
    last: Option<f64>,
    /// The share of hidden units that answer zero to all.
    dead: Option<f64>,
    /// The accuracy on garments kept aside.
    right: f64,
    losses: Vec<f64>,
}

/// Every case with every seed.
pub fn faults(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let split = halves(&data.train, &mut recorder.rng());
    for (key, value) in
        [("rate", RATE), ("alone", ALONE as f64), ("at", AT as f64), ("last", LAST as f64)]
    {
        recorder.value(key, value);
    }
    recorder.value("small", SMALL);
    recorder.value("seeds", SEEDS.count());
    recorder.value("uniform", UNIFORM);
    // A softmax of numbers in [0, 1], of which one is 1, gives the true class at most e / (e + 9).
    recorder.value("twice/floor", (1.0_f64.exp() + 9.0).ln() - 1.0);
    let jobs: Vec<(Case, u64)> =
        CASES.iter().flat_map(|&case| SEEDS.map(move |seed| (case, seed))).collect();
    let found =
        each(recorder, &jobs, |&(case, seed)| read(case, seed, &split.learn, &split.choose))?;
    let cases: Vec<&[Readings]> = found.chunks(SEEDS.count()).collect();
    table(recorder, &cases);
    let series = recorder.series("losses", "Step", []);
    for (case, runs) in CASES.iter().zip(&cases) {
        let capped: Vec<Vec<f64>> = runs.iter().map(|run| filled(&run.losses)).collect();
        series.smoothed(case.name, &capped, 20);
    }
    claims(recorder, &cases);
    to_the_end(recorder, &split)
}

/// One matrix from pixels to classes: softmax regression.
fn linear() -> backprop::Result<Network<f32>> {
    layers(&[WIDTHS[0], WIDTHS[3]])
}

/// The sound network, that without activations and the linear rule, each with a rate that falls to zero.
fn to_the_end(recorder: &mut Recorder, split: &Split) -> Result<()> {
    let kinds: [(&str, Make); 3] = [("sound", mlp), ("straight", straight), ("linear", linear)];
    let jobs: Vec<(Make, u64)> =
        kinds.iter().flat_map(|&(_, make)| SEEDS.map(move |seed| (make, seed))).collect();
    let found = each(recorder, &jobs, |&(make, seed)| {
        let recipe = Recipe {
            optimizer: Optimizer::Sgd,
            schedule: Schedule::cosine(END_RATE, 0),
            batch: BATCH,
            epochs: END_EPOCHS,
            seed,
            ..Recipe::new(make, Garments::new(&split.learn))
        };
        let mut run = recipe.train(1, &mut unwatched)?.whole()?;
        Ok(accuracy(&mut run.engine, &Garments::new(&split.choose))?)
    })?;
    recorder.value("end/epochs", END_EPOCHS);
    recorder.value("end/rate", END_RATE);
    let runs: Vec<&[f64]> = found.chunks(SEEDS.count()).collect();
    for ((key, _), runs) in kinds.iter().zip(&runs) {
        recorder.estimate(&format!("end/{key}"), Estimate::over_runs(runs));
    }
    let gap = |a: usize, b: usize| Estimate::over_runs(&differences(runs[a], runs[b]));
    recorder.estimate("end/straight-over-linear", gap(1, 2));
    let sound = gap(0, 1);
    recorder.estimate("end/sound-over-straight", sound);
    recorder
        .claim("the-end-tells", "Trained to the end the sound network is better than the one without activations, with the whole paired interval over seeds.")
        .above(sound, 0.0);
    Ok(())
}

/// Losses up to twice that of a uniform guess, and that also after they ceased to be finite.
fn filled(losses: &[f64]) -> Vec<f64> {
    let most = 2.0 * UNIFORM;
    let mut losses: Vec<f64> = losses.iter().map(|loss| loss.min(most)).collect();
    losses.resize(54_000 / BATCH, most);
    losses
}

/// The network of a case with its first weights, and its recipe.
fn read(case: Case, seed: u64, learn: &Labelled, choose: &Labelled) -> Result<Readings> {
    let of = |data, slip| Planted { data, scale: case.scale, slip };
    let recipe = Recipe {
        initialisation: case.initialisation,
        optimizer: case.optimizer,
        schedule: Schedule::constant(RATE),
        batch: BATCH,
        seed,
        ..Recipe::new(case.network, of(learn, case.slip))
    };
    let (mut engine, order) = (recipe.begin(1)?, order(seed, 0, learn.len()));
    let batch = Mini { samples: &recipe.samples, epoch: 0, rows: &order[..SMALL] };
    let first = finite(engine.gradients(&batch))?;
    let gradient = size(&engine.gradient()[0].data);
    let mut alone = first;
    for step in 1..=ALONE as u64 {
        alone = finite(engine.step(&batch, &case.optimizer.at(step, RATE)))?;
        if alone.is_none() {
            break;
        }
    }
    let (mut before, mut ratio) = (Vec::new(), None);
    let mut run = recipe.train(1, &mut |step, engine| {
        if step.number == AT - 1 {
            before = engine.weights().swap_remove(0).data;
        } else if step.number == AT {
            let after = engine.weights().swap_remove(0).data;
            let moved: Vec<f32> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
            ratio = Some(size(&moved) / size(&after)).filter(|ratio| ratio.is_finite());
        }
        Ok(())
    })?;
    let kept = of(choose, 0);
    let units = case.key != "straight" && run.diverged.is_none();
    let share = if units { Some(silent(&run.engine, choose, case.scale)?) } else { None };
    let last = run.diverged.is_none().then(|| mean(&run.losses[run.losses.len() - LAST..]));
    let right = accuracy(&mut run.engine, &kept)?;
    Ok(Readings { first, gradient, alone, ratio, last, dead: share, right, losses: run.losses })
}

fn silent(engine: &Engine<f32>, choose: &Labelled, scale: f32) -> Result<f64> {
    dead(engine, &(choose.x() * scale))
}

/// The loss, if it is a number.
fn finite(loss: backprop::Result<f64>) -> Result<Option<f64>> {
    match loss {
        Ok(loss) => Ok(Some(loss)),
        Err(Error::NotFinite { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// Root mean square.
fn size(values: &[f32]) -> f64 {
    (values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// The mean over seeds, where all have it.
fn over(runs: &[Readings], of: impl Fn(&Readings) -> Option<f64>) -> Option<f64> {
    let values: Option<Vec<f64>> = runs.iter().map(of).collect();
    values.map(|values| mean(&values))
}

fn table(recorder: &mut Recorder, cases: &[&[Readings]]) {
    let mut table = Table::new([
        "Fault",
        "Loss at first | fixed 2",
        "First gradient | sci 0",
        "Step over weights | sci 0",
        "Loss, one mini-batch | fixed 3",
        "Loss, epoch | fixed 2",
        "Dead | percent 0",
        "Right | percent 1",
    ]);
    for (case, runs) in CASES.iter().zip(cases) {
        let readings = [
            ("first", over(runs, |r| r.first)),
            ("gradient", over(runs, |r| Some(r.gradient))),
            ("ratio", over(runs, |r| r.ratio)),
            ("alone", over(runs, |r| r.alone)),
            ("last", over(runs, |r| r.last)),
            ("dead", over(runs, |r| r.dead)),
            ("right", over(runs, |r| Some(r.right))),
        ];
        for (key, value) in readings {
            if let Some(value) = value {
                recorder.value(&format!("{}/{key}", case.key), value);
            }
        }
        let right: Vec<f64> = runs.iter().map(|r| r.right).collect();
        recorder.estimate(&format!("{}/accuracy", case.key), range(&right));
        let stopped = runs.iter().filter(|r| r.last.is_none()).count();
        recorder.value(&format!("{}/stopped", case.key), stopped);
        let mut row = vec![case.name.into()];
        row.extend(readings.map(|(_, value)| value.into()));
        table.row(row);
    }
    recorder.table("readings", table);
}

fn claims(recorder: &mut Recorder, cases: &[&[Readings]]) {
    let seeds = SEEDS.count();
    let mut every = |id: &str, statement: &str, case: usize, holds: &dyn Fn(&Readings) -> bool| {
        let right = cases[case].iter().filter(|run| holds(run)).count();
        recorder.claim(id, statement).all(right, seeds, "seeds");
    };
    every(
        "sound-learns",
        "Without a fault the loss before the first step is within a half of that of a uniform guess, one mini-batch is learned to a loss below 0.1, and after an epoch more than seven in ten garments are right.",
        0,
        &|r| {
            r.first.is_some_and(|loss| (loss - UNIFORM).abs() < 0.5)
                && r.alone.is_some_and(|loss| loss < 0.1)
                && r.right > 0.7
        },
    );
    every(
        "slipped-stays",
        "With labels that slipped the loss at the end of the epoch is that of a uniform guess, to within 0.02.",
        1,
        &|r| r.last.is_some_and(|loss| (loss - UNIFORM).abs() < 0.02),
    );
    every(
        "scale-shows-at-once",
        "With pixels up to 255 the loss before the first step is more than ten times that of a uniform guess.",
        2,
        &|r| r.first.is_none_or(|loss| loss > 10.0 * UNIFORM),
    );
    every(
        "zero-has-no-gradient",
        "With all weights zero the gradient of the first matrix is exactly zero.",
        3,
        &|r| r.gradient == 0.0,
    );
    let floor = (1.0_f64.exp() + 9.0).ln() - 1.0;
    every(
        "twice-has-a-floor",
        "With a softmax twice no loss of any step lies below ln(e + 9) − 1, and one mini-batch is not learned below it.",
        4,
        &|r| r.losses.iter().chain(&r.alone).all(|&loss| loss > floor - 1e-6),
    );
    every(
        "sums-fail-alone",
        "With gradients that are never reset one mini-batch is not learned to a loss below 0.1.",
        5,
        &|r| r.alone.is_none_or(|loss| loss > 0.1),
    );
    let most = |runs: &[Readings]| runs.iter().map(|r| r.right).fold(0.0, f64::max);
    let least = |runs: &[Readings]| runs.iter().map(|r| r.right).fold(1.0, f64::min);
    recorder
        .claim(
            "straight-looks-well",
            "Without activations more than seven in ten garments are right with every seed.",
        )
        .greater(least(cases[6]), 0.7);
    recorder.value("straight/most", most(cases[6]));
}
