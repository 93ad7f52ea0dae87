//! The network of the MNIST-1D experiments, as their authors train it: two hidden layers of one width, from PyTorch's
//! first weights, by SGD with momentum in mini-batches of a hundred.

use backprop::{Engine, Network, Options};
use notebook::{Stream, stream};
use optimization::mlp::layers;
use optimization::{Optimizer, Recipe, Samples as _, Schedule};
use rand::RngExt as _;

use crate::mnist1d::{CLASSES, LENGTH, Signals};

/// Makes a network.
pub type Make = Box<dyn Fn() -> backprop::Result<Network<f32>> + Sync>;

/// The recipe of the authors' notebook: rate 0.01, momentum 0.9, mini-batches of 100.
pub fn recipe(signals: &Signals, width: usize, epochs: u64, seed: u64) -> Recipe<&Signals, Make> {
    let widths = [LENGTH, width, width, CLASSES];
    let network: Make = Box::new(move || layers(&widths));
    Recipe {
        optimizer: Optimizer::Momentum { keep: 0.9 },
        schedule: Schedule::constant(0.01),
        batch: 100.min(signals.len()),
        // Trained on one thread each, several at a time.
        shards: 1,
        epochs,
        seed,
        ..Recipe::new(network, signals)
    }
}

/// The network with the first weights that PyTorch's `Linear` has by itself: weights and biases uniform within
/// `1 / √(fan in)`.
///
/// # Errors
/// Where a width is 0.
pub fn begin(recipe: &Recipe<&Signals, Make>) -> backprop::Result<Engine<f32>> {
    let options =
        Options { batch: recipe.batch, shards: recipe.shards, threads: 1, training: true };
    let mut engine = Engine::new((recipe.network)()?, options)?;
    let mut weights = engine.weights();
    let mut rng = stream(recipe.seed, Stream::Weights);
    // A layer's matrix stands before its bias.
    let mut fan_in = 1;
    for tensor in &mut weights {
        fan_in = tensor.shape.get(1).copied().unwrap_or(fan_in);
        let bound = 1.0 / (fan_in as f32).sqrt();
        tensor.data.iter_mut().for_each(|w| *w = rng.random_range(-bound..bound));
    }
    engine.set_weights(&weights)?;
    Ok(engine)
}
