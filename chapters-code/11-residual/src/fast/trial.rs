//! Weights and an image by rule, for a pass that is timed or compared: what they are does not matter, as long as the numbers keep
//! their size from layer to layer.

use ndarray::Array3;

use crate::description::{Model, Role, Tensor};
use crate::weights::Weights;

/// Weights by chance, the same on every machine.
pub fn weights(model: &Model) -> Weights {
    let mut state = 1_u64;
    let mut uniform = move || {
        // The generator of Knuth (MMIX); its high bits are what is used.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    let mut fill = |tensor: &Tensor| {
        let factor = |role| match role {
            Role::Weight { terms } => (0.0, (24.0 / terms as f32).sqrt()),
            Role::Variance => (1.0, 0.5),
            Role::Scale => (0.5, 0.25),
            Role::Mean | Role::Bias => (0.0, 0.2),
        };
        let (from, by) = factor(tensor.role);
        (0..tensor.shape.iter().product()).map(|_| from + by * uniform()).collect()
    };
    Weights::from(model, |tensor| Ok(fill(tensor))).unwrap_or_default()
}

/// A picture of rules, `(3, side, side)`.
pub fn picture(side: usize) -> Array3<f32> {
    Array3::from_shape_fn((3, side, side), |(c, i, j)| {
        let level = (c * 37 + i * 101 + j * 53 + i * j) % 255;
        (level as f32 - 127.0) / 64.0
    })
}
