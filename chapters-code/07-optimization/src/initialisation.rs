//! The first weights. Sums of many terms must neither die out nor explode on their way through the network, so the
//! spread of a weight depends on how many inputs its output sums over (*fan in*) and how many outputs each
//! input reaches (*fan out*).

use backprop::{Engine, First, Real, Result, Weight};
use learning::normal;
use rand::RngExt as _;
use rand::rngs::ChaCha12Rng;

/// How weights are drawn. Biases begin at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initialisation {
    /// Uniform with variance `2 / (fan in + fan out)` (Glorot and Bengio, 2010); for tanh.
    Glorot,
    /// Normal with variance `2 / fan in` (He et al., 2015); for ReLU, which halves the variance.
    He,
    /// Normal with this standard deviation, whatever the fans are; to see what goes wrong.
    Normal(f64),
}

impl Initialisation {
    /// Draws all weights of a network. What a tensor says of its [first](First) numbers goes before.
    ///
    /// # Errors
    /// Never, for weights that the engine itself has described.
    pub fn draw<T: Real>(self, engine: &mut Engine<T>, rng: &mut ChaCha12Rng) -> Result<()> {
        let mut weights = engine.weights();
        for (tensor, (_, weight)) in weights.iter_mut().zip(engine.parameters()) {
            for w in &mut tensor.data {
                *w = T::of(match weight.first {
                    First::Zero => 0.0,
                    First::One => 1.0,
                    First::Fan => self.number(weight, rng),
                    First::Normal(deviation) => normal(rng) * deviation,
                });
            }
        }
        engine.set_weights(&weights)
    }

    fn number<T>(self, parameter: &Weight<T>, rng: &mut ChaCha12Rng) -> f64 {
        let fan_in = parameter.fan_in as f64;
        let outputs: usize =
            parameter.shape.iter().take(1).chain(parameter.shape.iter().skip(2)).product();
        // ANCHOR: draw
        match self {
            Initialisation::Glorot => {
                let bound = (6.0 / (fan_in + outputs as f64)).sqrt();
                rng.random_range(-bound..bound)
            }
            Initialisation::He => normal(rng) * (2.0 / fan_in).sqrt(),
            Initialisation::Normal(deviation) => normal(rng) * deviation,
        }
        // ANCHOR_END: draw
    }
}
