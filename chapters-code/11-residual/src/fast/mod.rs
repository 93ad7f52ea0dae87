//! The forward pass of a described network, made for the processor: sixteen channels side by side, weights in the order in which they
//! are read, windows of 3 × 3 by tiles, and everything behind a sum done where the sum is stored.
//!
//! | module | what |
//! | --- | --- |
//! | [`plan`] | the description, taken apart into steps |
//! | [`packed`] | the weights, in the order in which they are read |
//! | [`kernels`] | the loops |
//! | [`workspace`] | memory and threads |
//! | [`run`] | the steps at work |
//! | [`trial`] | weights and an image by rule |

pub mod kernels;
pub mod packed;
pub mod plan;
pub mod run;
pub mod trial;
pub mod workspace;

use ndarray::ArrayView3;

use crate::description::Model;
use crate::weights::Weights;
pub use plan::Threes;
use plan::{Plan, Work};
pub use workspace::{Way, Workspace};

/// Side of the images for which a network is planned.
pub const SIDE: usize = 224;

/// A network, ready to run.
#[derive(Clone, Debug)]
pub struct Fast {
    plan: Plan,
}

impl Fast {
    /// Takes a network apart and packs its weights, for images of about [`SIDE`] × [`SIDE`] pixels. Any other size runs as well.
    pub fn new(model: &Model, weights: &Weights) -> Fast {
        Fast::planned(model, weights, SIDE, Threes::Least)
    }

    /// The same for images of another size, or with convolutions of 3 × 3 in a way of one's choice.
    pub fn planned(model: &Model, weights: &Weights, side: usize, threes: Threes) -> Fast {
        Fast { plan: Plan::new(model, weights, side, threes) }
    }

    /// The logits of an image `(3, H, W)` of at least one pixel.
    pub fn logits(&self, space: &mut Workspace, image: ArrayView3<'_, f32>) -> Vec<f32> {
        space.maps.resize_with(space.maps.len().max(self.plan.maps), Default::default);
        for step in &self.plan.steps {
            run::step(space, step, image);
        }
        space.maps[self.plan.answer].numbers().collect()
    }

    /// What packed weights take in memory.
    pub fn bytes(&self) -> usize {
        let layers = self.plan.steps.iter().flat_map(|step| step.work.layers());
        layers.map(|dense| dense.packed.bytes()).sum()
    }

    /// Multiplications for an image of `side` × `side` pixels, by tiles where they are used; transforms are not counted.
    pub fn products(&self, side: usize) -> u64 {
        let mut sides = vec![side; self.plan.maps];
        let mut sum = 0;
        for step in &self.plan.steps {
            let (count, out) = step.work.products(sides[step.from]);
            sides[step.to] = out;
            sum += count as u64;
        }
        sum
    }

    /// Convolutions by tiles of two outputs, by tiles of four, and all others with windows of 3 × 3 that are gathered.
    pub fn ways(&self) -> [usize; 3] {
        let count =
            |is: fn(&Work) -> bool| self.plan.steps.iter().filter(|step| is(&step.work)).count();
        [
            count(|work| matches!(work, Work::Two(_))),
            count(|work| matches!(work, Work::Four(_))),
            count(|work| matches!(work, Work::Gathered(dense) if dense.window == 3)),
        ]
    }
}
