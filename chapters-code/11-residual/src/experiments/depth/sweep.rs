//! The training loss of plain and of residual stacks by depth, and a deep plain stack that copies a shallow one.

use backprop::{Engine, Options};
use learning::Labelled;
use learning::bootstrap::mean;
use notebook::{Estimate, Recorder, Table};
use optimization::{Garments, Initialisation, Samples as _, answers};

use super::training::{
    self, SEEDS, Setting, Trained, apart, error, errors, predictor, set_by_name, train_all,
};
use crate::networks::{Stack, Way, start_as_identity};

/// Layers with weights.
pub const DEPTHS: [usize; 3] = [8, 20, 56];
/// The two ways, with the keys of what is recorded of them.
pub const WAYS: [(&str, &str, Way); 2] =
    [("plain", "plain", Way::plain()), ("residual", "residual", Way::residual())];
/// Steps that a point of a curve is the mean of.
const SMOOTH: usize = 12;
/// The shallow and the deep of the question.
const SHALLOW: usize = 1;
const DEEP: usize = 2;

/// All that is measured of one way: `[depth][seed]`.
struct Found {
    losses: Vec<Vec<f64>>,
    errors: Vec<Vec<f64>>,
}

/// Every depth, both ways, every seed.
pub fn depth(recorder: &mut Recorder) -> anyhow::Result<()> {
    let [train, test] = training::data(recorder, &SEEDS)?;
    let stack = |(_, _, way): (&str, &str, Way)| DEPTHS.map(|depth| Stack::new(depth, way).small());
    let settings: Vec<Setting> = WAYS.into_iter().flat_map(stack).map(Setting::new).collect();
    let trained = train_all(recorder, &settings, &train, &SEEDS)?;
    let errors = errors(&settings, &trained, &test)?;
    let n = DEPTHS.len();
    let found: Vec<Found> = (0..WAYS.len())
        .map(|way| Found {
            losses: trained[way * n..][..n]
                .iter()
                .map(|runs| runs.iter().map(Trained::loss).collect())
                .collect(),
            errors: errors[way * n..][..n].to_vec(),
        })
        .collect();
    parameters(recorder)?;
    by_depth(recorder, &found);
    curves(recorder, &trained);
    differences(recorder, &found);
    copied(recorder, &train, [&trained[SHALLOW], &trained[DEEP]])
}

fn parameters(recorder: &mut Recorder) -> anyhow::Result<()> {
    recorder.value("channels", crate::networks::CHANNELS);
    for depth in DEPTHS {
        let [plain, residual] =
            WAYS.map(|(_, _, way)| Stack::new(depth, way).small().network::<f32>());
        let (plain, residual) = (plain?.parameters(), residual?.parameters());
        recorder.value(&format!("parameters/{depth}"), plain);
        if depth == DEPTHS[DEEP] {
            recorder
                .claim("same-parameters", "The way around adds no parameter.")
                .equal(plain, residual);
        }
    }
    Ok(())
}

fn by_depth(recorder: &mut Recorder, found: &[Found]) {
    let mut table = Table::new([
        "Layers | int",
        "Plain, training loss | fixed 3",
        "Residual, training loss | fixed 3",
        "Plain, test error | percent 1",
        "Residual, test error | percent 1",
    ]);
    for (d, depth) in DEPTHS.into_iter().enumerate() {
        let losses = found.iter().map(|found| mean(&found.losses[d]));
        let wrong = found.iter().map(|found| mean(&found.errors[d]));
        let cells = losses.chain(wrong).map(Into::into);
        table.row(std::iter::once(depth.into()).chain(cells).collect::<Vec<_>>());
        for ((key, ..), found) in WAYS.into_iter().zip(found) {
            let of = Estimate::over_runs;
            recorder.estimate(&format!("{key}/{depth}/loss"), of(&found.losses[d]));
            recorder.estimate(&format!("{key}/{depth}/error"), of(&found.errors[d]));
        }
        let [plain, residual] = [&found[0], &found[1]];
        let key = |what: &str| format!("plain-over-residual/{depth}/{what}");
        recorder.estimate(&key("loss"), apart(&plain.losses[d], &residual.losses[d]));
        recorder.estimate(&key("error"), apart(&plain.errors[d], &residual.errors[d]));
    }
    recorder.table("by-depth", table);
}

/// The loss by step, over the seeds, of the shallow and the deep.
fn curves(recorder: &mut Recorder, trained: &[Vec<Trained>]) {
    let n = DEPTHS.len();
    let steps = trained.iter().flatten().map(|run| run.losses.len()).min().unwrap_or_default();
    let points = steps / SMOOTH;
    let x = (0..points).map(|i| (i as f64 + 0.5) * SMOOTH as f64);
    let series = recorder.series("curves", "Steps", x);
    for (way, (_, name, _)) in WAYS.into_iter().enumerate() {
        for d in [SHALLOW, DEEP] {
            let runs = &trained[way * n + d];
            let of = |i: usize, run: &Trained| mean(&run.losses[i * SMOOTH..][..SMOOTH]);
            let point = |i: usize| {
                let at: Vec<f64> = runs.iter().map(|run| of(i, run)).collect();
                let [low, high] = [f64::min, f64::max]
                    .map(|pick| at.iter().copied().fold(at[0], |a: f64, b| pick(a, b)));
                [low, mean(&at), high]
            };
            series.banded(&format!("{name}, {}", DEPTHS[d]), (0..points).map(point));
        }
    }
}

fn differences(recorder: &mut Recorder, found: &[Found]) {
    let (shallow, deep) = (DEPTHS[SHALLOW], DEPTHS[DEEP]);
    recorder.value("shallow", shallow);
    recorder.value("deep", deep);
    for ((key, ..), found) in WAYS.into_iter().zip(found) {
        let loss = apart(&found.losses[DEEP], &found.losses[SHALLOW]);
        let error = apart(&found.errors[DEEP], &found.errors[SHALLOW]);
        recorder.estimate(&format!("{key}/deeper/loss"), loss);
        recorder.estimate(&format!("{key}/deeper/error"), error);
    }
    let change = |way: usize| apart(&found[way].losses[DEEP], &found[way].losses[SHALLOW]);
    recorder
        .claim(
            "deeper-plain-trains-worse",
            &format!("With the same steps, the plain stack of {deep} layers ends with a higher training loss than that of {shallow}."),
        )
        .record(change(0).low > 0.0, words(change(0)));
    let rises = |way: usize| -> Vec<f64> {
        let pairs = found[way].losses[DEEP].iter().zip(&found[way].losses[SHALLOW]);
        pairs.map(|(deep, shallow)| deep - shallow).collect()
    };
    let more = apart(&rises(0), &rises(1));
    recorder.estimate("plain-rises-more", more);
    recorder
        .claim(
            "plain-rises-more",
            &format!("From {shallow} to {deep} layers the training loss rises more without a way around than with one."),
        )
        .record(more.low > 0.0, words(more));
    let residual = &found[1].losses[DEEP];
    let sorted = || {
        let mut sorted = residual.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    recorder.value("residual/56/worst", sorted().last().copied().unwrap_or_default());
    let middle = sorted().get(residual.len() / 2).copied();
    recorder.value("residual/56/median", middle.unwrap_or_default());
    let gap = apart(&found[0].losses[DEEP], &found[1].losses[DEEP]);
    recorder
        .claim(
            "skip-helps-deep",
            &format!("At {deep} layers the residual stack has the lower training loss."),
        )
        .record(gap.low > 0.0, words(gap));
}

/// An estimate that is no share, in words.
pub fn words(found: Estimate) -> String {
    found.in_words(notebook::Format::Fixed(3))
}

/// A deep plain stack is built from the weights of the trained shallow one; what is left passes its input on. All three
/// losses are those of prediction, on all garments of the training.
fn copied(
    recorder: &mut Recorder,
    train: &Labelled,
    [shallow, deep]: [&Vec<Trained>; 2],
) -> anyhow::Result<()> {
    let [small, large] = [SHALLOW, DEEP].map(|d| Stack::new(DEPTHS[d], Way::plain()).small());
    let mut found = [const { Vec::new() }; 3];
    let mut moved = 0.0_f64;
    for seed in 0..SEEDS.len() {
        let mut first = predictor(&small, &shallow[seed].weights)?;
        let mut copy = copy(&large, &shallow[seed])?;
        let mut learned = predictor(&large, &deep[seed].weights)?;
        let engines = [&mut first, &mut copy, &mut learned];
        for (found, engine) in found.iter_mut().zip(engines) {
            found.push(loss(engine, train)?);
        }
        moved = moved.max((error(&mut first, train)? - error(&mut copy, train)?).abs());
    }
    for (key, found) in ["trained-shallow", "copied-deep", "trained-deep"].iter().zip(&found) {
        recorder.estimate(&format!("copy/{key}"), Estimate::over_runs(found));
    }
    let apart = apart(&found[2], &found[1]);
    recorder.estimate("copy/trained-over-copied", apart);
    let worst = found[0].iter().zip(&found[1]).fold(0.0_f64, |m, (a, b)| m.max((a - b).abs()));
    recorder.value("copy/moved", worst);
    recorder
        .claim(
            "a-copy-exists",
            "A deep plain stack made of the trained shallow one and of blocks that pass their input on has the shallow one's training loss, up to a thousandth.",
        )
        .less(worst, 1e-3);
    recorder.value("copy/answers-moved", moved);
    recorder
        .claim(
            "training-misses-the-copy",
            "The deep plain stack that was trained has a higher training loss than that copy.",
        )
        .record(apart.low > 0.0, words(apart));
    Ok(())
}

// ANCHOR: copy
/// A deep stack with the blocks of a trained shallow one; its other blocks
/// pass their input on.
fn copy(large: &Stack, shallow: &Trained) -> anyhow::Result<Engine<f32>> {
    let options = Options { batch: 125, shards: 1, threads: 1, training: false };
    let mut engine = Engine::new(large.network()?, options)?;
    Initialisation::Normal(0.0)
        .draw(&mut engine, &mut notebook::stream(1, notebook::Stream::Weights))?;
    start_as_identity(&mut engine, 0.0)?;
    set_by_name(&mut engine, &shallow.weights)?;
    Ok(engine)
}
// ANCHOR_END: copy

/// The mean cross-entropy of a network's answers.
fn loss(engine: &mut Engine<f32>, data: &Labelled) -> anyhow::Result<f64> {
    let (samples, k) = (Garments::new(data), engine.outputs());
    let logits = answers::outputs(engine, &samples)?;
    let of = |(i, z): (usize, &[f32])| {
        let largest = z.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = z.iter().map(|z| f64::from(z - largest).exp()).sum();
        let right = samples.label(i, 0).unwrap_or_default();
        sum.ln() - f64::from(z[right] - largest)
    };
    let losses: Vec<f64> = logits.chunks_exact(k).enumerate().map(of).collect();
    Ok(mean(&losses))
}
