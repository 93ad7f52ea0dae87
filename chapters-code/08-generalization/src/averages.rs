//! Averages of the weights over the steps of a training: exponential, which
//! forgets, and plain (Polyak and Juditsky, 1992; Izmailov et al., 2018).
//!
//! The average takes no part in the training. It is asked at the end in the
//! place of the last weights.

use backprop::{Engine, Result, Tensor};

/// Which average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `w̄ ← β w̄ + (1 − β) w`, from the first weights that it sees.
    Exponential {
        /// How much of the average stays, `β`.
        keep: f64,
    },
    /// The mean of all weights that it has seen.
    Plain,
}

/// An average of weights that follows a training.
#[derive(Clone, Debug)]
pub struct Average {
    kind: Kind,
    seen: u64,
    weights: Vec<Tensor<f32>>,
}

impl Average {
    /// An average that has seen nothing.
    pub fn new(kind: Kind) -> Self {
        Average { kind, seen: 0, weights: Vec::new() }
    }

    // ANCHOR: see
    /// Takes the weights of a network in, as they are after a step. What
    /// training does not change by gradients, such as running statistics, is
    /// copied. Costs a pass over the weights.
    pub fn see(&mut self, engine: &Engine<f32>) {
        let now = engine.weights();
        self.seen += 1;
        if self.seen == 1 {
            self.weights = now;
            return;
        }
        let share = match self.kind {
            Kind::Exponential { keep } => (1.0 - keep) as f32,
            Kind::Plain => 1.0 / self.seen as f32,
        };
        let trained = engine.parameters().map(|(_, weight)| weight.trained);
        for ((mean, now), trained) in self.weights.iter_mut().zip(now).zip(trained) {
            let share = if trained { share } else { 1.0 };
            for (mean, now) in mean.data.iter_mut().zip(now.data) {
                *mean += share * (now - *mean);
            }
        }
    }
    // ANCHOR_END: see

    /// How many weights it has seen.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The average; no tensors where it has seen nothing.
    pub fn weights(&self) -> &[Tensor<f32>] {
        &self.weights
    }

    /// Gives the average to a network, unless it has seen nothing.
    ///
    /// # Errors
    /// Where it is the average of another network.
    pub fn give(&self, engine: &mut Engine<f32>) -> Result<()> {
        if self.seen == 0 { Ok(()) } else { engine.set_weights(&self.weights) }
    }
}
