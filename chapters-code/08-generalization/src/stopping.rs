//! Early stopping: training ends when a number on garments that it does not
//! learn from has not become smaller for some epochs, and the network goes
//! back to where the number was smallest.

use backprop::{Engine, Result, Tensor};

/// Watches a number that should fall, epoch by epoch.
#[derive(Clone, Debug)]
pub struct Stopping {
    patience: u64,
    best: Option<Best>,
    epoch: u64,
}

/// The best epoch so far.
#[derive(Clone, Debug)]
pub struct Best {
    /// Which it was, from 1.
    pub epoch: u64,
    /// What the number was.
    pub value: f64,
    weights: Vec<Tensor<f32>>,
}

impl Stopping {
    /// Stops after `patience` epochs, at least one, that have brought nothing.
    pub fn new(patience: u64) -> Self {
        Stopping { patience: patience.max(1), best: None, epoch: 0 }
    }

    // ANCHOR: see
    /// Takes in what the number is after the next epoch, and keeps the weights
    /// where it is the smallest so far. True when it is time to stop. What is
    /// not a number is never the smallest.
    pub fn see(&mut self, value: f64, engine: &Engine<f32>) -> bool {
        self.epoch += 1;
        let smallest = self.best.as_ref().map_or(f64::INFINITY, |best| best.value);
        if value < smallest {
            let (epoch, weights) = (self.epoch, engine.weights());
            self.best = Some(Best { epoch, value, weights });
        }
        let best = self.best.as_ref().map_or(0, |best| best.epoch);
        self.epoch - best >= self.patience
    }
    // ANCHOR_END: see

    /// The best epoch so far.
    pub fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }

    /// Gives the network the weights of the best epoch, if there was one.
    ///
    /// # Errors
    /// Where they are those of another network.
    pub fn restore(&self, engine: &mut Engine<f32>) -> Result<()> {
        match &self.best {
            Some(best) => engine.set_weights(&best.weights),
            None => Ok(()),
        }
    }
}
