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
    pub course: Course,
    /// The rate to which the course falls, where it falls.
    pub floor: f64,
}

/// The course of a schedule after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// The same rate to the end.
    Constant,
    /// Times `factor` after every `every` steps.
    Step {
        /// Steps between two changes.
        every: u64,
        /// What the rate above the floor is multiplied by.
        factor: f64,
    },
    /// Half a cosine, from the highest rate to the floor (Loshchilov and Hutter, 2017).
    Cosine,
}

impl Schedule {
    /// The same rate from the first step to the last.
    pub fn constant(rate: f64) -> Self {
        Schedule { rate, warm_up: 0, course: Course::Constant, floor: 0.0 }
    }

    /// A cosine to 0, after a warm-up of `warm_up` steps.
    pub fn cosine(rate: f64, warm_up: u64) -> Self {
        Schedule { rate, warm_up, course: Course::Cosine, floor: 0.0 }
    }

    /// The rate of step `step` of `steps`, counted from 0.
    // ANCHOR: at
    pub fn at(&self, step: u64, steps: u64) -> f64 {
        if step < self.warm_up {
            return self.rate * (step + 1) as f64 / self.warm_up as f64;
        }
        let (step, steps) = (step - self.warm_up, steps.saturating_sub(self.warm_up));
        let share = match self.course {
            Course::Constant => 1.0,
            Course::Step { every, factor } => factor.powf((step / every.max(1)) as f64),
            Course::Cosine => {
                let done = (step as f64 / steps.max(1) as f64).min(1.0);
                0.5 * (1.0 + (PI * done).cos())
            }
        };
        self.floor + (self.rate - self.floor) * share
    }
    // ANCHOR_END: at
}
