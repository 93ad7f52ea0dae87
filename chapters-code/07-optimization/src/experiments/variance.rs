//! Twenty layers before the first step: how large are activations and gradients in each, and can it learn?

use anyhow::Result;
use backprop::{Activation, Batch as _, Engine, Linear, Network, Options, Real, Shape, Tensor};
use learning::bootstrap::mean;
use learning::fashion::{CLASSES, PIXELS};
use learning::{FashionMnist, Labelled};
use ndarray::{Array2, ArrayView2};
use notebook::{Recorder, Stream, stream};
use rand::RngExt as _;

use super::common::{BATCH, UNIFORM, halves, range, train};
use crate::trainer::{Mini, order};
use crate::{Garments, Initialisation, Optimizer, Recipe, Schedule};

/// Hidden layers.
const LAYERS: usize = 20;
/// Units of each.
const WIDTH: usize = 128;
/// Garments that are sent through.
const GARMENTS: usize = 128;
/// Draws of the weights.
const DRAWS: u64 = 3;
/// Steps of the trainings.
const STEPS: usize = 300;
/// Their rate.
const RATE: f64 = 0.01;

const WAYS: [(&str, Initialisation); 3] = [
    ("normal", Initialisation::Normal(0.01)),
    ("glorot", Initialisation::Glorot),
    ("he", Initialisation::He),
];

/// The deep network: hidden layers `0` to `19` and ten outputs.
fn deep<T: Real>(activation: Activation) -> backprop::Result<Network<T>> {
    let mut network = Network::new(Shape::row(PIXELS));
    for layer in 0..LAYERS {
        let inputs = if layer == 0 { PIXELS } else { WIDTH };
        network = network.then(&layer.to_string(), Linear::new(inputs, WIDTH).with(activation))?;
    }
    network.then("head", Linear::new(WIDTH, CLASSES.len()))
}

/// Activation and gradient size through depth, then the first steps of training.
pub fn variance(recorder: &mut Recorder) -> Result<()> {
    let data = FashionMnist::of(recorder)?;
    let mut rng = recorder.rng();
    let split = halves(&data.train, &mut rng);
    let seed: u64 = rng.random();
    recorder.value("layers", LAYERS);
    recorder.value("width", WIDTH);
    recorder.value("weights", deep::<f32>(Activation::Relu)?.parameters());
    let mut found = Found::new();
    for (name, activation) in [("tanh", Activation::Tanh), ("relu", Activation::Relu)] {
        let mut sizes = Vec::new();
        for (way_name, way) in WAYS {
            let of_draws: Result<Vec<_>> = (0..DRAWS)
                .map(|draw| {
                    through(recorder, activation, way, seed.wrapping_add(draw), &split.learn)
                })
                .collect();
            sizes.push((way_name, of_draws?));
        }
        record_sizes(recorder, name, &sizes, &mut found);
    }
    claims(recorder, &found);
    learning(recorder, &split.learn)
}

/// Mean squares of the activations and of the weights' gradients, by layer.
type Sizes = [Vec<f64>; 2];

/// Sends garments forward and their loss backward, once.
fn through(
    recorder: &Recorder,
    activation: Activation,
    way: Initialisation,
    seed: u64,
    data: &Labelled,
) -> Result<Sizes> {
    let threads = recorder.threads();
    let options = Options { batch: GARMENTS, threads, ..Options::default() };
    let mut engine = Engine::<f64>::new(deep(activation)?, options)?;
    way.draw(&mut engine, &mut stream(seed, Stream::Weights))?;
    let rows = &order(seed, 0, data.len())[..GARMENTS];
    let batch = Double(Mini { samples: &Garments::new(data), epoch: 0, rows });
    engine.gradients(&batch)?;
    let gradients = engine.gradient().iter().filter(|t| is_hidden(t)).map(mean_square).collect();
    let mut a = Array2::zeros((GARMENTS, PIXELS));
    for (i, mut row) in a.rows_mut().into_iter().enumerate() {
        batch.input(i, row.as_slice_mut().unwrap_or_default());
    }
    let mut activations = Vec::new();
    for w in engine.weights().iter().filter(|t| is_hidden(t)) {
        let w = ArrayView2::from_shape((w.shape[0], w.shape[1]), &w.data)?;
        a = a.dot(&w.t()).mapv(|z| match activation {
            Activation::Tanh => z.tanh(),
            _ => z.max(0.0),
        });
        activations.push(a.mapv(|a| a * a).mean().unwrap_or(0.0));
    }
    Ok([activations, gradients])
}

/// True for the weight of a hidden layer; biases begin at 0.
fn is_hidden(tensor: &Tensor<f64>) -> bool {
    tensor.name.ends_with(".weight") && !tensor.name.starts_with("head")
}

fn mean_square(tensor: &Tensor<f64>) -> f64 {
    mean(&tensor.data.iter().map(|x| x * x).collect::<Vec<_>>())
}

/// A mini-batch in double precision.
struct Double<'a>(Mini<'a>);

impl backprop::Batch<f64> for Double<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn input(&self, i: usize, to: &mut [f64]) {
        let mut single = [0.0; PIXELS];
        self.0.input(i, &mut single);
        to.iter_mut().zip(single).for_each(|(to, from)| *to = f64::from(from));
    }

    fn label(&self, i: usize, position: usize) -> Option<usize> {
        backprop::Batch::label(&self.0, i, position)
    }
}

/// What was recorded of each setting, for the claims.
type Found = std::collections::BTreeMap<String, f64>;

fn record_sizes(
    recorder: &mut Recorder,
    activation: &str,
    sizes: &[(&str, Vec<Sizes>)],
    found: &mut Found,
) {
    for (kind, key) in ["activations", "gradients"].iter().enumerate() {
        let layers = (1..=LAYERS).map(|layer| layer as f64);
        let bands: Vec<_> = sizes
            .iter()
            .map(|(name, draws)| {
                let at = |layer: usize| -> Vec<f64> {
                    draws.iter().map(|draw| draw[kind][layer]).collect()
                };
                (name, (0..LAYERS).map(|layer| range(&at(layer))).collect::<Vec<_>>())
            })
            .collect();
        let series = recorder.series(&format!("{key}/{activation}"), "Layer", layers);
        for (name, band) in &bands {
            series.banded(name, band.iter().copied());
        }
        for (name, band) in &bands {
            let (first, last) = (band[0][1], band[LAYERS - 1][1]);
            let a_layer = (last / first).powf(1.0 / (LAYERS - 1) as f64);
            for (what, number) in
                [("first", first), ("last", last), ("ends", last / first), ("a-layer", a_layer)]
            {
                let key = format!("{key}/{activation}/{name}/{what}");
                recorder.value(&key, number);
                found.insert(key, number);
            }
        }
    }
}

/// What theory says of the factor from one layer to the next, and what came out.
fn claims(recorder: &mut Recorder, found: &Found) {
    let number = |key: &str| found.get(key).copied().unwrap_or(f64::NAN);
    let predicted = [
        (
            "normal",
            0.5 * WIDTH as f64 * 0.01 * 0.01,
            "Normal weights of deviation 0.01 multiply the mean square by what theory says.",
        ),
        ("glorot", 0.5, "Under ReLU, Glorot's weights halve the mean square in every layer."),
        ("he", 1.0, "Under ReLU, He's weights keep the mean square from layer to layer."),
    ];
    for (name, theory, statement) in predicted {
        let found = number(&format!("activations/relu/{name}/a-layer"));
        recorder.value(&format!("theory/relu/{name}"), theory);
        recorder.claim(&format!("relu-{name}"), statement).close(found / theory, 1.0, 0.1);
    }
    let [tanh, relu] =
        ["tanh", "relu"].map(|name| number(&format!("gradients/{name}/normal/first")));
    let [glorot, he] = [("tanh", "glorot"), ("relu", "he")]
        .map(|(f, way)| number(&format!("gradients/{f}/{way}/first")));
    recorder.value("gradients/tanh/powers", (glorot / tanh).log10());
    recorder.value("gradients/relu/powers", (he / relu).log10());
    recorder
        .claim("small-weights-no-gradient", "With normal weights of deviation 0.01 the mean square of the first layer's gradient is smaller by more than thirty powers of ten than with weights that suit the activation.")
        .record(
            tanh < 1e-30 * glorot && relu < 1e-30 * he,
            format!("{tanh:.1e} against {glorot:.1e}, {relu:.1e} against {he:.1e}"),
        );
}

/// The first steps of training with ReLU, from each kind of first weights.
fn learning(recorder: &mut Recorder, data: &Labelled) -> Result<()> {
    recorder.value("steps", STEPS);
    recorder.value("rate", RATE);
    let few = data.select(&(0..STEPS * BATCH).collect::<Vec<_>>());
    let mut ends = Vec::new();
    let mut curves = Vec::new();
    for (name, way) in WAYS {
        let recipe = Recipe {
            optimizer: Optimizer::Momentum { keep: 0.9 },
            schedule: Schedule::constant(RATE),
            initialisation: way,
            batch: BATCH,
            ..Recipe::new(|| deep(Activation::Relu), Garments::new(&few))
        };
        let run = train(recorder, &recipe)?;
        ends.push(run.last_loss(50));
        recorder.value(&format!("trained/{name}"), run.last_loss(50));
        curves.push((name, [run.losses]));
    }
    let series = recorder.series("trained", "Step", []);
    for (name, losses) in &curves {
        series.smoothed(name, losses, 10);
    }
    recorder
        .claim("he-learns", "After the same steps the deep network has less than half the uniform guess's loss from He's weights, and still that loss from normal weights of deviation 0.01.")
        .record(
            ends[2] < 0.5 * UNIFORM && (ends[0] - UNIFORM).abs() < 0.01,
            format!("{:.3} and {:.3}; the uniform guess has {UNIFORM:.3}", ends[2], ends[0]),
        );
    Ok(())
}
