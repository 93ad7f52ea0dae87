//! Weights and pictures that a formula gives. `tests/peers/12-attention.py` computes the same ones, so that only answers are stored.

use ndarray::Array3;

use crate::vit::{Role, Tensor};

/// Numbers in [−0.5, 0.5) that only integer arithmetic decides.
pub fn numbers(seed: u64, n: usize) -> Vec<f32> {
    let one = |i: u64| {
        let mut h = ((seed * 7919 + i + 1) * 2_654_435_761) & 0xffff_ffff;
        h ^= h >> 15;
        h = (h * 2_246_822_519) & 0xffff_ffff;
        h ^= h >> 13;
        (h as f64 / 4_294_967_296.0 - 0.5) as f32
    };
    (0..n as u64).map(one).collect()
}

/// The low 16 bits of the FNV-1a hash of a name.
fn seed(name: &str) -> u64 {
    let hash = |h: u32, byte| (h ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    u64::from(name.bytes().fold(0x811c_9dc5, hash) % (1 << 16))
}

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

/// The picture of that number, `(3, side, side)`.
pub fn picture(i: usize, side: usize) -> Array3<f32> {
    let x = numbers(i as u64 + 1, 3 * side * side);
    Array3::from_shape_fn((3, side, side), |(c, u, v)| 4.0 * x[(c * side + u) * side + v])
}
