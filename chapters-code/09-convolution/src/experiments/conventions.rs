//! What a trained network is worth to a program of other conventions that reads its weights as if they were its own.

use anyhow::Result;
use backprop::{Engine, Linear, Network, Tensor};
use learning::Labelled;
use notebook::{Estimate, Format, Recorder, Table};
use optimization::answers::{accuracy, outputs};
use optimization::{Garments, Recipe};

use super::small::{SEEDS, Small, trained};
use crate::networks::{CLASSES, INPUT, normalised};
use crate::recipe::plain;
use crate::{BatchNorm, ConvolutionPool};

const SMALL: Small = Small { garments: 6_000, held: 3_000, epochs: 3 };
/// What Keras adds to the variance, where PyTorch and we add 10⁻⁵.
const EPSILON: f64 = 1e-3;

/// The chapter's network with batch normalisation, and another number under its root.
fn other_epsilon() -> backprop::Result<Network<f32>> {
    let norm = |channels| BatchNorm::new(channels).epsilon(EPSILON);
    Network::new(INPUT)
        .then("0", ConvolutionPool::new(1, 32))?
        .then("3", norm(32))?
        .then("4", ConvolutionPool::new(32, 64))?
        .then("7", norm(64))?
        .then("9", Linear::new(64 * 49, 128).with(backprop::Activation::Relu))?
        .then("11", Linear::new(128, CLASSES))
}

/// Every window turned by 180°, as convolution is in mathematics.
fn flipped(weights: &mut [Tensor<f32>]) {
    let windows = weights.iter_mut().filter(|tensor| tensor.shape.len() == 4);
    windows.flat_map(|tensor| tensor.data.chunks_exact_mut(9)).for_each(<[f32]>::reverse);
}

/// The columns of the first linear layer in the order of a program that has channels last.
fn channels_last(weights: &mut [Tensor<f32>]) {
    const PLACES: usize = 49;
    for tensor in weights.iter_mut().filter(|tensor| tensor.name == "9.weight") {
        let from = tensor.data.clone();
        let columns = tensor.shape[1];
        let channels = columns / PLACES;
        for (i, weight) in tensor.data.iter_mut().enumerate() {
            let (row, column) = (i / columns, i % columns);
            *weight = from[row * columns + column % channels * PLACES + column / channels];
        }
    }
}

/// Means over the seeds: right as it is, and after each misreading.
pub fn conventions(recorder: &mut Recorder) -> Result<()> {
    let [train, held] = SMALL.data(recorder)?;
    let held = Garments::new(&held);
    let mut found: [Vec<f64>; 6] = Default::default();
    for seed in SEEDS {
        let mut engine = trained(recorder, plain(normalised, &train, SMALL.epochs, seed))?;
        let weights = engine.weights();
        let before = outputs(&mut engine, &held)?;
        found[0].push(accuracy(&mut engine, &held)?);
        for (i, misread) in [flipped, channels_last].into_iter().enumerate() {
            let mut weights = weights.clone();
            misread(&mut weights);
            engine.set_weights(&weights)?;
            found[1 + i].push(accuracy(&mut engine, &held)?);
        }
        let mut other = with_other_epsilon(&train, &weights)?;
        found[3].push(accuracy(&mut other, &held)?);
        let after = outputs(&mut other, &held)?;
        found[4].push(relative(&before, &after));
        found[5].push(moved(&before, &after));
    }
    let keys = ["right", "flipped", "channels-last", "epsilon", "epsilon/logits", "epsilon/moved"];
    let more = |a: usize, b: usize| {
        let seeds = found[a].iter().zip(&found[b]).map(|(a, b)| a - b);
        Estimate::over_runs(&seeds.collect::<Vec<_>>())
    };
    let [turned, ordered] = [more(3, 1), more(1, 2)];
    let means = found.map(|values| Estimate::over_runs(&values));
    for (key, value) in keys.iter().zip(means) {
        recorder.estimate(key, value);
    }
    recorder.value("epsilon/theirs", EPSILON);
    let mut table = Table::new(["Weights read", "Right | percent 1"]);
    let rows = ["as they are", "with windows turned", "with channels last", "with Keras' ε"];
    for (name, value) in rows.iter().zip(means) {
        table.row([(*name).into(), value.value.into()]);
    }
    recorder.table("conventions", table);
    recorder.estimate("turned-costs-more", turned);
    recorder.estimate("order-costs-more", ordered);
    recorder
        .claim("order-matters-most", "To read the weights with channels last costs more than to turn the windows, which costs more than the other ε, each with the whole paired interval over seeds.")
        .record(
            ordered.low > 0.0 && turned.low > 0.0,
            format!(
                "by {} and by {}",
                ordered.in_words(Format::Points(1)),
                turned.in_words(Format::Points(1))
            ),
        );
    Ok(())
}

/// The weights in the network of the other `ε`.
fn with_other_epsilon(train: &Labelled, weights: &[Tensor<f32>]) -> Result<Engine<f32>> {
    let recipe: Recipe<Garments<'_>> = plain(other_epsilon, train, SMALL.epochs, 1);
    let mut engine = recipe.begin(1)?;
    engine.set_weights(weights)?;
    Ok(engine)
}

/// The root mean square of the differences over that of the numbers.
fn relative(a: &[f32], b: &[f32]) -> f64 {
    let square = |x: f32| f64::from(x).powi(2);
    let differences: f64 = a.iter().zip(b).map(|(a, b)| square(a - b)).sum();
    (differences / a.iter().map(|&a| square(a)).sum::<f64>()).sqrt()
}

/// The share of samples to which the two give different answers.
fn moved(a: &[f32], b: &[f32]) -> f64 {
    let answers = |z| optimization::answers::largest::<f32>(z, CLASSES);
    let differ = answers(a).zip(answers(b)).filter(|(a, b)| a != b).count();
    differ as f64 / (a.len() / CLASSES) as f64
}
