//! The learning rate through training.

use std::f64::consts::PI;

/// How the learning rate changes from the first step to the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// The highest rate, `η`.
    pub rate: f64,
    /// Over how many steps the rate rises from nearly 0, at first.
    pub warm_up: u64,
    /// What comes then.
    pub shape: Shape,
}

/// The shape of a schedule after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// The same rate to the end.
    Constant,
    /// Times `factor` after every `every` steps.
    Step {
        /// Steps between two changes.
        every: u64,
        /// What the rate is multiplied by.
        factor: f64,
    },
    /// Half a cosine, from the highest rate to 0 (Loshchilov and Hutter, 2017).
    Cosine,
}

impl Schedule {
    /// The same rate from the first step to the last.
    pub fn constant(rate: f64) -> Self {
        Schedule { rate, warm_up: 0, shape: Shape::Constant }
    }

    /// A cosine, after a warm-up of `warm_up` steps.
    pub fn cosine(rate: f64, warm_up: u64) -> Self {
        Schedule { rate, warm_up, shape: Shape::Cosine }
    }

    /// The rate of step `step` of `steps`, counted from 0.
    // ANCHOR: at
    pub fn at(&self, step: u64, steps: u64) -> f64 {
        if step < self.warm_up {
            return self.rate * (step + 1) as f64 / self.warm_up as f64;
        }
        let (step, steps) = (step - self.warm_up, steps.saturating_sub(self.warm_up));
        self.rate
            * match self.shape {
                Shape::Constant => 1.0,
                Shape::Step { every, factor } => factor.powf((step / every.max(1)) as f64),
                Shape::Cosine => {
                    let done = (step as f64 / steps.max(1) as f64).min(1.0);
                    0.5 * (1.0 + (PI * done).cos())
                }
            }
    }
    // ANCHOR_END: at
}
