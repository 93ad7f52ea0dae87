//! Weights and pictures that a formula gives, as in Chapter 11. `tests/peers/12-attention.py` computes the same ones, so that only
//! answers are stored.

use residual::formula::seed;
pub use residual::formula::{numbers, picture};

use crate::vit::{Role, Tensor};

/// A tensor's numbers, from its name.
pub fn weights(tensor: &Tensor) -> Vec<f32> {
    let mut x = numbers(seed(&tensor.name), tensor.numbers());
    let factor = match tensor.role {
        Role::Weight { terms } => (24.0 / terms as f64).sqrt() as f32,
        Role::Bias => 0.2,
        Role::Scale => 0.5,
        Role::Embedding => 1.0,
    };
    let shift = if tensor.role == Role::Scale { 1.0 } else { 0.0 };
    x.iter_mut().for_each(|x| *x = shift + *x * factor);
    x
}
